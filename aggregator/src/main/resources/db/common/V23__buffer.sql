-- Sums of rounds that wait to be merged together.
alter table task add column buffer ${bytes};
