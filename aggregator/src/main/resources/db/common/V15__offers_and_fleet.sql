-- Who was offered an open round. Goes with the round's messages.
create table round_offer (
    round_id varchar(64) not null references round (id),
    device_id varchar(64) not null,
    offered bigint not null,
    primary key (round_id, device_id)
);
-- What devices last said of themselves at a check-in, and in which hour.
create table device_seen (
    device_id varchar(64) primary key,
    population varchar(64) not null,
    seen bigint not null,
    agent_version integer not null,
    device_class varchar(64) not null,
    examples varchar(16) not null
);
create index device_seen_when on device_seen (population, seen);
