create table task (
    id varchar(64) primary key,
    created bigint generated always as identity,
    population varchar(64) not null,
    base_model char(64) not null,
    definition varchar(100000) not null,
    template varbinary(100000) not null,
    finished boolean not null,
    candidate char(64) not null,
    optimizer_state blob not null,
    version bigint not null
);

create table round (
    id varchar(64) primary key,
    task_id varchar(64) not null references task (id),
    number integer not null,
    phase varchar(16) not null,
    version bigint not null,
    terms varbinary(100000) not null,
    deadline bigint not null,
    advertised integer not null,
    shared integer not null,
    masked integer not null,
    unmasked integer not null,
    survivors varbinary(100000) not null,
    result varchar(64) not null,
    reason varchar(32) not null,
    unique (task_id, number)
);

-- A message is null once the round is over: who took part is kept, what was sent is not.
create table step (
    round_id varchar(64) not null references round (id),
    name varchar(16) not null,
    device_id varchar(64) not null,
    sha256 char(64) not null,
    message blob,
    primary key (round_id, name, device_id)
);

create table round_history (
    round_id varchar(64) not null references round (id),
    version bigint not null,
    phase varchar(16) not null,
    reason varchar(32) not null,
    advertised integer not null,
    shared integer not null,
    masked integer not null,
    unmasked integer not null,
    primary key (round_id, version)
);

create table device (
    id varchar(64) primary key,
    signing_key binary(32) not null unique,
    population varchar(64) not null,
    certificate varbinary(4096) not null
);

create table enrolment_token (
    sha256 char(64) primary key,
    population varchar(64) not null,
    device_id varchar(64) not null
);

create table nonce (
    device_id varchar(64) not null,
    nonce varbinary(64) not null,
    sent bigint not null,
    primary key (device_id, nonce)
);
create index nonce_sent on nonce (sent);

create table release (
    skill varchar(64) primary key,
    version bigint not null,
    signed varbinary(1000000) not null
);
