-- Jobs, their outcomes, the ledger of publications, costs, and the append-only history.

create table job (
    workspace_id   text not null references workspace (id),
    id             text not null, -- what it does, so that doing it twice is a conflict: `generate:<post>:<version>`
    step           text not null check (step in ('strategize', 'generate', 'review', 'publish')),
    state          text not null default 'ready'
                   check (state in ('ready', 'leased', 'armed', 'unknown', 'reconciling', 'needs_human',
                                    'done', 'dead', 'cancelled')),
    run_id         text,
    campaign_id    text,
    post_id        text,
    version        integer,        -- of the post, or of the strategy that was sent back
    approval_id    text,           -- publish: what allows it
    content_sha256 text,           -- publish: what was approved
    channel_id     text,           -- publish: where to
    fence          integer not null default 0, -- grows with every claim; a result with an older one is late
    attempt        integer not null default 0,
    attempts_max   integer not null default 8,
    run_at         integer not null,
    lease_until    integer,
    armed_at       integer,
    quiet_until    integer,        -- no look-up before this: the platform may still be at it
    looks          integer not null default 0, -- how often in a row it was looked for and not found
    ext_id         text,
    ext_url        text,
    last_error     text,
    created_at     integer not null,
    updated_at     integer not null,
    primary key (workspace_id, id),
    check ((lease_until is not null) = (state in ('leased', 'armed', 'reconciling')))
) strict, without rowid;

-- One partial index a state: SQLite does not match `state = 'x'` to `state in (…)`.
create index job_ready on job (step, workspace_id, run_at) where state = 'ready';
create index job_due on job (step, run_at) where state = 'ready';
create index job_leased on job (lease_until) where state = 'leased';
create index job_armed on job (lease_until) where state = 'armed';
create index job_sending on job (workspace_id, channel_id) where state = 'armed';
create index job_unknown on job (run_at) where state = 'unknown';
create index job_reconciling on job (lease_until) where state = 'reconciling';
create index job_campaign on job (workspace_id, campaign_id, created_at);
create index job_post on job (workspace_id, post_id);
create index job_newest on job (workspace_id, created_at);
-- What a person must look at is rare among many: an index each, so that it is found at once.
create index job_needs_human on job (workspace_id, created_at) where state = 'needs_human';
create index job_dead on job (workspace_id, created_at) where state = 'dead';

-- Whose turn it was last, a row a step: workspaces are served in turn.
create table turn (
    step         text primary key check (step in ('strategize', 'generate', 'review', 'publish')),
    workspace_id text not null
) strict, without rowid;
insert into turn (step, workspace_id) values ('strategize', ''), ('generate', ''), ('review', ''), ('publish', '');

create trigger job_takes_its_turn after update of state on job when new.state = 'leased' begin
    update turn set workspace_id = new.workspace_id where step = new.step;
end;

-- The same table as domain::JobState::next; a test compares them.
create trigger job_moves_as_drawn before update of state on job
when new.state <> old.state and old.state || '>' || new.state not in (
    'ready>leased', 'ready>cancelled',
    'leased>ready', 'leased>armed', 'leased>done', 'leased>dead', 'leased>cancelled',
    'armed>ready', 'armed>unknown', 'armed>done', 'armed>dead',
    'unknown>reconciling',
    'reconciling>ready', 'reconciling>unknown', 'reconciling>done', 'reconciling>needs_human',
    'needs_human>ready', 'needs_human>done')
begin
    select raise(abort, 'rondo:illegal_move');
end;

-- What an attempt came to. Inserting a row is the only way to finish a job; it is also the attempts' log.
create table outcome (
    workspace_id  text not null,
    job_id        text not null,
    fence         integer not null,
    state         text not null check (state in ('ready', 'unknown', 'needs_human', 'done', 'dead', 'cancelled')),
    at            integer not null,
    run_at        integer,  -- when to try again
    free          integer not null default 0 check (free in (0, 1)), -- a snooze: the attempt does not count
    looks         integer not null default 0,
    blocked_until integer,  -- the platform asked us to wait
    reason        text,
    ext_id        text,
    ext_url       text,
    artifact      text check (json_valid(artifact)), -- what the step made
    by            text not null default 'worker',
    primary key (workspace_id, job_id, fence),
    foreign key (workspace_id, job_id) references job (workspace_id, id)
) strict, without rowid;

create trigger outcome_is_fenced before insert on outcome
when not exists (
    select 1 from job
    where workspace_id = new.workspace_id and id = new.job_id and fence = new.fence
      and state in ('leased', 'armed', 'reconciling', 'needs_human'))
begin
    select raise(abort, 'rondo:fenced');
end;

create trigger outcome_moves_the_job after insert on outcome begin
    update job set state = new.state, lease_until = null,
        run_at = coalesce(new.run_at, run_at), attempt = attempt - new.free, looks = new.looks,
        ext_id = coalesce(new.ext_id, ext_id), ext_url = coalesce(new.ext_url, ext_url),
        last_error = new.reason, updated_at = new.at
    where workspace_id = new.workspace_id and id = new.job_id;
end;

create trigger outcome_blocks_the_channel after insert on outcome when new.blocked_until is not null begin
    update channel set blocked_until = max(blocked_until, new.blocked_until)
    where workspace_id = new.workspace_id
      and id = (select channel_id from job where workspace_id = new.workspace_id and id = new.job_id);
end;

-- A result that came after its lease was taken over. The reconciler reads it: it may name the post.
create table late_result (
    workspace_id text not null,
    job_id       text not null,
    fence        integer not null,
    state        text not null,
    reason       text,
    ext_id       text,
    ext_url      text,
    at           integer not null,
    primary key (workspace_id, job_id, fence)
) strict, without rowid;

-- The ledger: one row for each approved version that went out, and how we know.
create table publication (
    workspace_id   text not null,
    job_id         text not null,
    campaign_id    text not null,
    post_id        text not null,
    version        integer not null,
    channel_id     text not null,
    content_sha256 text not null,
    mode           text not null check (mode in ('rehearsal', 'performance')),
    ext_id         text,
    ext_url        text,
    armed_at       integer not null,
    published_at   integer not null,
    known_by       text not null check (known_by in ('answer', 'reconciliation', 'person')),
    primary key (workspace_id, job_id)
) strict, without rowid;

-- One row for each call of a model: reserved before, settled after. A crash leaves it reserved; the sweep
-- then counts the reservation as spent.
create table cost (
    workspace_id       text not null,
    id                 text not null,
    campaign_id        text not null,
    job_id             text not null,
    step               text not null,
    provider           text not null,
    model              text not null,
    state              text not null default 'reserved' check (state in ('reserved', 'settled', 'expired')),
    reserved_micro_usd integer not null check (reserved_micro_usd >= 0),
    spent_micro_usd    integer,
    input_tokens       integer,
    cached_tokens      integer,
    output_tokens      integer,
    outcome            text,
    request_id         text,
    input_sha256       text not null,
    answer             text, -- kept so that a repeated job need not ask, and pay, again
    started_at         integer not null,
    expires_at         integer not null,
    settled_at         integer,
    primary key (workspace_id, id),
    foreign key (workspace_id, campaign_id) references campaign (workspace_id, id),
    check ((state = 'reserved') = (spent_micro_usd is null))
) strict, without rowid;

-- Holds what the sums need, so that a campaign's total never touches its answers.
create index cost_campaign on cost (workspace_id, campaign_id, step, spent_micro_usd, reserved_micro_usd);
create index cost_reserved on cost (expires_at) where state = 'reserved';
create index cost_answer on cost (workspace_id, job_id, input_sha256) where answer is not null;

create trigger cost_stays_within_budget before insert on cost
when new.reserved_micro_usd > 0 and (
    select coalesce(sum(coalesce(spent_micro_usd, reserved_micro_usd)), 0) from cost
    where workspace_id = new.workspace_id and campaign_id = new.campaign_id) + new.reserved_micro_usd
    > (select budget_micro_usd from campaign where workspace_id = new.workspace_id and id = new.campaign_id)
begin
    select raise(abort, 'rondo:budget_spent');
end;

-- History. Triggers write it, so it cannot disagree with what happened; nobody changes it.
create table event (
    seq          integer primary key autoincrement,
    workspace_id text not null,
    at           integer not null,
    campaign_id  text,
    subject      text not null, -- `post:<id>`, `job:<id>` …
    kind         text not null, -- `post.scheduled`, `job.armed` …
    actor        text not null, -- a user's id, or `worker`, `sweep`
    data         text not null default '{}' check (json_valid(data))
) strict;

create index event_workspace on event (workspace_id, seq);
create index event_campaign on event (workspace_id, campaign_id, seq);

create trigger event_is_never_changed before update on event begin
    select raise(abort, 'rondo:append_only');
end;
create trigger event_is_never_deleted before delete on event begin
    select raise(abort, 'rondo:append_only');
end;
create trigger outcome_is_never_changed before update on outcome begin
    select raise(abort, 'rondo:append_only');
end;
create trigger outcome_is_never_deleted before delete on outcome begin
    select raise(abort, 'rondo:append_only');
end;
create trigger version_is_never_changed before update on post_version begin
    select raise(abort, 'rondo:append_only');
end;
create trigger version_is_never_deleted before delete on post_version begin
    select raise(abort, 'rondo:append_only');
end;
create trigger review_is_never_changed before update on review begin
    select raise(abort, 'rondo:append_only');
end;
create trigger review_is_never_deleted before delete on review begin
    select raise(abort, 'rondo:append_only');
end;
create trigger approval_is_only_revoked before update on approval
when old.revoked_at is not null or new.revoked_at is null
  or new.decision <> old.decision or new.content_sha256 <> old.content_sha256 or new.user_id <> old.user_id
begin
    select raise(abort, 'rondo:append_only');
end;
create trigger approval_is_never_deleted before delete on approval begin
    select raise(abort, 'rondo:append_only');
end;
create trigger publication_is_never_changed before update on publication begin
    select raise(abort, 'rondo:append_only');
end;
create trigger publication_is_never_deleted before delete on publication begin
    select raise(abort, 'rondo:append_only');
end;
