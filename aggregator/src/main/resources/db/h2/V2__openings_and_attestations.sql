alter table round add column opened integer default 0 not null;
alter table round add column attested integer default 0 not null;
alter table round_history add column opened integer default 0 not null;
alter table round_history add column attested integer default 0 not null;
