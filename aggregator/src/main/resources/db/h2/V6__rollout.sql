-- How packs move out to devices, by skill: JSON, with a sequence that rises by one with each change.
create table rollout (
    skill varchar(64) primary key,
    sequence bigint not null,
    state varchar(100000) not null
);
