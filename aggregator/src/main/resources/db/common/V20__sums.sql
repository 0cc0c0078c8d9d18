-- Sums of masked inputs that are in a log; they go with the round's messages.
create table input_sum (
    round_id varchar(64) not null references round (id),
    in_group integer not null,
    devices integer not null,
    bits integer not null,
    packed ${bytes} not null,
    primary key (round_id, in_group)
);
