-- What operators did: it only grows, and each entry vouches for the one before it.
create table audit (
    position bigint primary key,
    at bigint not null,
    actor varchar(200) not null,
    action varchar(300) not null,
    detail varchar(300) not null,
    sha256 char(64) not null
);
