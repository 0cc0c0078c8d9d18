alter table round add column attested integer default 0 not null;
alter table round_history add column attested integer default 0 not null;
