-- Whether others were told of a change. Of those before this column nobody is.
alter table round_history add column told boolean default true not null;
alter table round_history alter column told set default false;
