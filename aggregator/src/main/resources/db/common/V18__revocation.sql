-- A device that was revoked is let in nowhere any more; it may be enrolled anew, as another one.
alter table device add column revoked boolean default false not null;
