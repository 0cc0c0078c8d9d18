-- H2 looks several devices up only by an index that begins with them: by the other order it read what all of a round had done.
drop index step_of_device;
create index step_of_device on step (device_id, round_id);
