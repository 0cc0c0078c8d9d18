-- What devices did wrong, as signed messages proved: who is in here is in no cohort any more.
create table fault (
    device_id varchar(64) not null,
    round_id varchar(64) not null,
    kind varchar(32) not null,
    other varchar(64) not null,
    primary key (device_id, round_id, kind, other)
);
