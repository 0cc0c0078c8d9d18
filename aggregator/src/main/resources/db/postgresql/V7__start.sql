-- What the embedded database came to by its first seven migrations.
create table task (
    id varchar(64) primary key,
    created bigint generated always as identity,
    population varchar(64) not null,
    base_model char(64) not null,
    definition varchar(100000) not null,
    template bytea not null,
    finished boolean not null,
    candidate char(64) not null,
    optimizer_state bytea not null,
    version bigint not null
);

create table round (
    id varchar(64) primary key,
    task_id varchar(64) not null references task (id),
    number integer not null,
    phase varchar(16) not null,
    version bigint not null,
    terms bytea not null,
    deadline bigint not null,
    advertised integer not null,
    opened integer default 0 not null,
    shared integer not null,
    masked integer not null,
    attested integer default 0 not null,
    unmasked integer not null,
    survivors bytea not null,
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
    message bytea,
    primary key (round_id, name, device_id)
);
-- Masked values do not compress: no time is spent on trying.
alter table step alter column message set storage external;

create table round_history (
    round_id varchar(64) not null references round (id),
    version bigint not null,
    phase varchar(16) not null,
    reason varchar(32) not null,
    advertised integer not null,
    opened integer default 0 not null,
    shared integer not null,
    masked integer not null,
    attested integer default 0 not null,
    unmasked integer not null,
    primary key (round_id, version)
);

create table device (
    id varchar(64) primary key,
    signing_key bytea not null unique,
    population varchar(64) not null,
    certificate bytea not null
);

create table enrolment_token (
    sha256 char(64) primary key,
    population varchar(64) not null,
    device_id varchar(64) not null
);

create table nonce (
    device_id varchar(64) not null,
    nonce bytea not null,
    sent bigint not null,
    primary key (device_id, nonce)
);
create index nonce_sent on nonce (sent);

-- What devices took part in. Stays when a round's messages go: it is the copy of a device's account.
create table part (
    device_id varchar(64) not null,
    round_id varchar(64) not null,
    taken bigint not null,
    noise_multiplier double precision not null,
    primary key (device_id, round_id)
);

-- Every version of every role's metadata.
create table metadata (
    role varchar(64) not null,
    version bigint not null,
    file bytea not null,
    primary key (role, version)
);

-- The transparency log of skill packs: it only grows.
create table log_entry (
    position bigint primary key,
    entry varchar(4096) not null
);

-- How packs move out to devices, by skill: JSON, with a sequence that rises by one with each change.
create table rollout (
    skill varchar(64) primary key,
    sequence bigint not null,
    state varchar(100000) not null
);

-- What devices did wrong, as signed messages proved: who is in here is in no cohort any more.
create table fault (
    device_id varchar(64) not null,
    round_id varchar(64) not null,
    kind varchar(32) not null,
    other varchar(64) not null,
    primary key (device_id, round_id, kind, other)
);
