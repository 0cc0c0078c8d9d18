-- What devices took part in. Stays when a round's messages go: it is the copy of a device's account.
create table part (
    device_id varchar(64) not null,
    round_id varchar(64) not null,
    taken bigint not null,
    noise_multiplier double precision not null,
    primary key (device_id, round_id)
);
