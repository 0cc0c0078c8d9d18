-- The repository of skill packs takes the place of single signed releases.
drop table release;

-- Every version of every role's metadata.
create table metadata (
    role varchar(64) not null,
    version bigint not null,
    file varbinary(6000000) not null,
    primary key (role, version)
);
