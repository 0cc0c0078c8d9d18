-- Whether devices of a population may train; the sequence rises by one with each change.
create table training_halt (
    population varchar(64) primary key,
    sequence bigint not null,
    halted boolean not null,
    because varchar(1000) not null
);
