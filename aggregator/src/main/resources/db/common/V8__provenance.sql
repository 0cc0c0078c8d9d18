-- What a completed round is remembered by when its messages are gone: how many devices are in its sums, and the hash of its
-- terms, roster and survivors. Rounds of earlier versions have none.
alter table round add column devices integer default 0 not null;
alter table round add column transcript varchar(64) default '' not null;
