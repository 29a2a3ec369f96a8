-- History that can be searched and that shows when it was tampered with.

-- What kind of thing happened: what stands before the dot in `kind`. The same expression is in store::history.
create index event_area on event (workspace_id, substr(kind, 1, instr(kind, '.') - 1), seq);
-- Most lines are workers'; nobody looks for them by that.
create index event_actor on event (workspace_id, actor, seq) where actor <> 'worker';
create index event_post on event (workspace_id, subject, seq) where substr(subject, 1, 5) = 'post:';
create index event_time on event (workspace_id, at);

-- The chain of hashes over history, one for each workspace (domain::seal says what is hashed). SQLite has no
-- SHA-256, so the tick makes them, in batches over all workspaces: every event up to the greatest `seq_to` is sealed.
create table seal (
    workspace_id text not null references workspace (id),
    number       integer not null check (number >= 1),
    previous     text not null check (length(previous) = 64),
    seq_from     integer not null,
    seq_to       integer not null check (seq_to >= seq_from),
    count        integer not null check (count >= 1),
    at           integer not null,
    hash         text not null check (length(hash) = 64),
    marks        text not null,
    primary key (workspace_id, number)
) strict, without rowid;

create unique index seal_newest on seal (seq_to);
create index seal_hash on seal (hash);

-- Two ticks at once: the second finds another seal in its place.
create trigger seal_follows before insert on seal
when new.number <> 1 + coalesce((select max(number) from seal where workspace_id = new.workspace_id), 0)
  or new.previous <> coalesce(
      (select hash from seal where workspace_id = new.workspace_id and number = new.number - 1),
      '0000000000000000000000000000000000000000000000000000000000000000')
  or new.seq_from <= coalesce(
      (select seq_to from seal where workspace_id = new.workspace_id and number = new.number - 1), 0)
begin
    select raise(abort, 'rondo:seal_out_of_order');
end;
create trigger seal_is_never_changed before update on seal begin
    select raise(abort, 'rondo:append_only');
end;
create trigger seal_is_never_deleted before delete on seal begin
    select raise(abort, 'rondo:append_only');
end;

-- In a backup alone: when it was made.
create table backup (
    id      integer primary key check (id = 1),
    made_at integer not null
) strict;

-- The same table as domain::JobState::next; a test compares them. What was due since a backup was made may be out.
drop trigger job_moves_as_drawn;
create trigger job_moves_as_drawn before update of state on job
when new.state <> old.state and old.state || '>' || new.state not in (
    'ready>leased', 'ready>needs_human', 'ready>cancelled',
    'leased>ready', 'leased>armed', 'leased>needs_human', 'leased>done', 'leased>dead', 'leased>cancelled',
    'armed>ready', 'armed>unknown', 'armed>done', 'armed>dead',
    'unknown>reconciling',
    'reconciling>ready', 'reconciling>unknown', 'reconciling>done', 'reconciling>needs_human',
    'needs_human>ready', 'needs_human>done')
begin
    select raise(abort, 'rondo:illegal_move');
end;

-- Whoever lets a restored campaign go on has read why it stood still.
create trigger restored_campaign_goes_on after update of paused on campaign
when new.paused = 0 and old.paused = 1 and new.reason like 'restored from %' begin
    update campaign set reason = null where workspace_id = new.workspace_id and id = new.id;
end;

-- What a change was, before and after.
drop trigger if exists post_change_is_recorded;
create trigger post_change_is_recorded after update of held, due_at on post
when new.held <> old.held or new.due_at <> old.due_at begin
    insert into event (workspace_id, at, campaign_id, subject, kind, actor, data)
    values (new.workspace_id, new.updated_at, new.campaign_id, 'post:' || new.id,
            case when new.due_at <> old.due_at then 'post.rescheduled' when new.held then 'post.held' else 'post.released' end,
            new.changed_by, json_object('due_at', new.due_at, 'was', old.due_at,
            'before', json_patch('{}', json_object(
                'due_at', iif(new.due_at <> old.due_at, old.due_at, null),
                'planned_local', iif(new.due_at <> old.due_at, old.planned_local, null),
                'held', iif(new.held <> old.held, old.held, null))),
            'after', json_patch('{}', json_object(
                'due_at', iif(new.due_at <> old.due_at, new.due_at, null),
                'planned_local', iif(new.due_at <> old.due_at, new.planned_local, null),
                'held', iif(new.held <> old.held, new.held, null)))));
end;

drop trigger if exists campaign_change_is_recorded;
create trigger campaign_change_is_recorded after update of name, paused, mode, budget_micro_usd on campaign
when new.name <> old.name or new.paused <> old.paused or new.mode <> old.mode
  or new.budget_micro_usd <> old.budget_micro_usd
begin
    insert into event (workspace_id, at, campaign_id, subject, kind, actor, data)
    values (new.workspace_id, new.updated_at, new.id, 'campaign:' || new.id, 'campaign.changed', new.changed_by,
            json_object('paused', new.paused, 'mode', new.mode, 'budget_micro_usd', new.budget_micro_usd,
            'reason', iif(new.reason is not old.reason, new.reason, null),
            'before', json_patch('{}', json_object(
                'name', iif(new.name <> old.name, old.name, null),
                'paused', iif(new.paused <> old.paused, old.paused, null),
                'mode', iif(new.mode <> old.mode, old.mode, null),
                'budget_micro_usd', iif(new.budget_micro_usd <> old.budget_micro_usd, old.budget_micro_usd, null))),
            'after', json_patch('{}', json_object(
                'name', iif(new.name <> old.name, new.name, null),
                'paused', iif(new.paused <> old.paused, new.paused, null),
                'mode', iif(new.mode <> old.mode, new.mode, null),
                'budget_micro_usd', iif(new.budget_micro_usd <> old.budget_micro_usd, new.budget_micro_usd, null)))));
end;
