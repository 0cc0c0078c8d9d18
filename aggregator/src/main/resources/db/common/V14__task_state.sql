-- Tasks can be paused and cancelled, besides having used up their rounds.
alter table task add column state varchar(16) default 'OPEN' not null;
update task set state = 'COMPLETED' where finished = true;
alter table task drop column finished;
