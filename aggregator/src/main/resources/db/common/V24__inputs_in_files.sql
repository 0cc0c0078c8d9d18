-- Where a masked input begins in its round's file; null if its bytes are in the row.
alter table step add column place bigint;
-- What a device did in a round is looked up with each of its messages: not by reading those of all others.
create index step_of_device on step (round_id, device_id);
