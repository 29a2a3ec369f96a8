-- When posts of a channel usually go out: times of the week, and who says so.

-- The zone is the slot's own: campaigns of several zones share a channel.
create table weekly_slot (
    workspace_id text not null,
    channel_id   text not null,
    id           text not null,
    weekday      integer not null check (weekday between 1 and 7), -- 1 is Monday
    local_time   text not null check (local_time glob '[0-2][0-9]:[0-5][0-9]' and local_time < '24:00'),
    timezone     text not null,
    enabled      integer not null default 1 check (enabled in (0, 1)),
    revision     integer not null default 1, -- grows with every change: the ETag
    changed_by   text not null,
    created_at   integer not null,
    updated_at   integer not null,
    primary key (workspace_id, channel_id, id),
    unique (workspace_id, channel_id, weekday, local_time, timezone),
    foreign key (workspace_id, channel_id) references channel (workspace_id, id)
) strict, without rowid;

create trigger weekly_slot_is_recorded after insert on weekly_slot begin
    insert into event (workspace_id, at, subject, kind, actor, data)
    select new.workspace_id, new.created_at, 'channel:' || new.channel_id, 'channel.slot_added', new.changed_by,
           json_object('name', name, 'weekday', new.weekday, 'local_time', new.local_time, 'timezone', new.timezone)
    from channel where workspace_id = new.workspace_id and id = new.channel_id;
end;

create trigger weekly_slot_keeps_its_time before update of weekday, local_time, timezone on weekly_slot begin
    select raise(abort, 'rondo:append_only');
end;

create trigger weekly_slot_rest_is_recorded after update of enabled on weekly_slot when new.enabled <> old.enabled begin
    insert into event (workspace_id, at, subject, kind, actor, data)
    select new.workspace_id, new.updated_at, 'channel:' || new.channel_id,
           iif(new.enabled, 'channel.slot_resumed', 'channel.slot_rested'), new.changed_by,
           json_object('name', name, 'weekday', new.weekday, 'local_time', new.local_time, 'timezone', new.timezone)
    from channel where workspace_id = new.workspace_id and id = new.channel_id;
end;

-- A slot that somebody takes away: the row that does it says who.
create table weekly_slot_end (
    workspace_id text not null,
    channel_id   text not null,
    slot_id      text not null,
    weekday      integer not null,
    local_time   text not null,
    timezone     text not null,
    user_id      text not null,
    at           integer not null,
    primary key (workspace_id, channel_id, slot_id)
) strict, without rowid;

create trigger weekly_slot_ends after insert on weekly_slot_end begin
    delete from weekly_slot where workspace_id = new.workspace_id and channel_id = new.channel_id and id = new.slot_id;
    insert into event (workspace_id, at, subject, kind, actor, data)
    select new.workspace_id, new.at, 'channel:' || new.channel_id, 'channel.slot_removed', new.user_id,
           json_object('name', name, 'weekday', new.weekday, 'local_time', new.local_time, 'timezone', new.timezone)
    from channel where workspace_id = new.workspace_id and id = new.channel_id;
end;

-- What the pages of settings list: keys, and who is invited and not here yet.
create index api_token_newest on api_token (workspace_id, created_at, id);
create index invitation_waiting on invitation (workspace_id, created_at, id) where accepted_at is null and revoked_at is null;
