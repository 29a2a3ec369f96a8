-- Answers of models are kept no longer than they can be needed; channels are connected, paused, renamed and tried.

-- A job that is over is not repeated, so nobody will look for its answers.
create trigger job_forgets_its_answers after update of state on job
when new.state <> old.state and new.state in ('done', 'dead', 'cancelled') begin
    update cost set answer = null
    where workspace_id = new.workspace_id and job_id = new.id and answer is not null;
end;

alter table channel add column revision integer not null default 1; -- grows with every change of a person's: the ETag
alter table channel add column changed_by text not null default 'conductor';
alter table channel add column updated_at integer not null default 0;
alter table channel add column last_error text; -- what went wrong last, until something goes out
alter table channel add column last_error_at integer;
alter table channel add column published_at integer; -- when something last went out
alter table channel add column check_wanted_at integer; -- somebody asked whether it works; the publisher will try
alter table channel add column checked_at integer;
alter table channel add column check_passed integer check (check_passed in (0, 1));
alter table channel add column check_says text;

create index channel_check on channel (check_wanted_at) where check_wanted_at is not null;

-- What a campaign is still being planned for must be found by its name when the plan is approved.
create trigger channel_name_is_not_needed before update of name on channel
when new.name <> old.name and exists (
    select 1 from campaign c join json_each(c.brief, '$.goal.channels') named
    where c.workspace_id = old.workspace_id and c.stage in ('planning', 'strategy_approval') and named.value = old.name)
begin
    select raise(abort, 'rondo:channel_in_use');
end;

create trigger channel_remembers_what_went_wrong after insert on outcome
when new.reason is not null and (new.free = 0 or new.blocked_until is not null)
  and new.state in ('ready', 'unknown', 'needs_human', 'dead') begin
    update channel set last_error = new.reason, last_error_at = new.at
    where workspace_id = new.workspace_id
      and id = (select channel_id from job where workspace_id = new.workspace_id and id = new.job_id);
end;

create trigger channel_remembers_what_went_out after insert on publication begin
    update channel set last_error = null, last_error_at = null, published_at = new.published_at
    where workspace_id = new.workspace_id and id = new.channel_id;
end;

-- The stage comes with its workspace; nobody connects it.
create trigger channel_is_recorded after insert on channel when new.platform <> 'stage' begin
    insert into event (workspace_id, at, subject, kind, actor, data)
    values (new.workspace_id, new.created_at, 'channel:' || new.id, 'channel.connected', new.changed_by,
            json_object('name', new.name, 'platform', new.platform));
end;
create trigger channel_pause_is_recorded after update of paused on channel when new.paused <> old.paused begin
    insert into event (workspace_id, at, subject, kind, actor, data)
    values (new.workspace_id, new.updated_at, 'channel:' || new.id,
            iif(new.paused, 'channel.paused', 'channel.resumed'), new.changed_by, json_object('name', new.name));
end;
create trigger channel_name_is_recorded after update of name on channel when new.name <> old.name begin
    insert into event (workspace_id, at, subject, kind, actor, data)
    values (new.workspace_id, new.updated_at, 'channel:' || new.id, 'channel.renamed', new.changed_by,
            json_object('name', new.name, 'was', old.name));
end;
create trigger channel_check_is_recorded after update of checked_at on channel
when new.checked_at is not null and new.checked_at is not old.checked_at begin
    insert into event (workspace_id, at, subject, kind, actor, data)
    values (new.workspace_id, new.checked_at, 'channel:' || new.id, 'channel.checked', 'publisher',
            json_object('name', new.name, 'passed', json(iif(new.check_passed, 'true', 'false'))));
end;
