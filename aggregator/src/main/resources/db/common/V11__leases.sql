-- Who does a piece of work that any replica could do, and until when.
create table lease (
    name varchar(128) primary key,
    owner varchar(64) not null,
    expires bigint not null
);
