-- What operators were answered to requests with a key, so that who asks again is answered the same. A status of 0: not yet.
create table answer (
    actor varchar(200) not null,
    key_sha256 char(64) not null,
    request_sha256 char(64) not null,
    at bigint not null,
    status integer not null,
    content_type varchar(100) not null,
    sealed bytea not null,
    primary key (actor, key_sha256)
);
create index answer_at on answer (at);
