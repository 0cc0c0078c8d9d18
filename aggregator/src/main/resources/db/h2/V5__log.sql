-- The transparency log of skill packs: it only grows.
create table log_entry (
    position bigint primary key,
    entry varchar(4096) not null
);
