-- Campaigns, strategies, posts and their versions, reviews, approvals, channels.

create table channel (
    workspace_id  text not null references workspace (id),
    id            text not null,
    name          text not null check (length(name) between 1 and 60), -- as briefs name it
    platform      text not null,
    config        text not null default '{}' check (json_valid(config)), -- never a secret
    paused        integer not null default 0 check (paused in (0, 1)),
    blocked_until integer not null default 0, -- the platform asked us to wait
    created_at    integer not null,
    primary key (workspace_id, id),
    unique (workspace_id, name)
) strict, without rowid;

-- Every workspace has a stage: it needs no account.
create trigger workspace_has_a_stage after insert on workspace begin
    insert into channel (workspace_id, id, name, platform, created_at)
    values (new.id, 'stage', 'stage', 'stage', new.created_at);
end;

insert into channel (workspace_id, id, name, platform, created_at)
select id, 'stage', 'stage', 'stage', created_at from workspace;

-- One row per campaign. `stage` is the only truth about its progress (domain::Stage).
create table campaign (
    workspace_id     text not null references workspace (id),
    id               text not null,
    name             text not null check (length(name) between 1 and 200),
    mode             text not null check (mode in ('rehearsal', 'performance')),
    stage            text not null default 'planning'
                     check (stage in ('planning', 'strategy_approval', 'producing', 'finished', 'cancelled')),
    time_lapse       integer not null default 0 check (time_lapse in (0, 1)),
    paused           integer not null default 0 check (paused in (0, 1)),
    timezone         text not null,
    budget_micro_usd integer not null check (budget_micro_usd >= 0),
    brief            text not null check (json_valid(brief)),
    reason           text,             -- why it needs a person, if it does
    revision         integer not null default 1, -- grows with every change: the ETag
    changed_by       text not null,
    created_at       integer not null,
    updated_at       integer not null,
    finished_at      integer,
    primary key (workspace_id, id),
    check ((finished_at is not null) = (stage in ('finished', 'cancelled'))),
    check (time_lapse = 0 or mode = 'rehearsal') -- only a rehearsal may be played in time-lapse
) strict, without rowid;

create index campaign_newest on campaign (workspace_id, created_at desc, id desc);

-- One execution of the workflow for a campaign.
create table run (
    workspace_id text not null,
    id           text not null,
    campaign_id  text not null,
    round        integer not null check (round >= 1),
    created_at   integer not null,
    finished_at  integer,
    primary key (workspace_id, id),
    unique (workspace_id, campaign_id, round),
    foreign key (workspace_id, campaign_id) references campaign (workspace_id, id)
) strict, without rowid;

create table strategy (
    workspace_id text not null,
    campaign_id  text not null,
    version      integer not null check (version >= 1),
    state        text not null default 'proposed' check (state in ('proposed', 'approved', 'sent_back')),
    document     text not null check (json_valid(document)), -- domain::Strategy
    slots        text not null check (json_valid(slots)),    -- [{ordinal, local, due_at}], Rondo's own
    sha256       text not null,
    comment      text,
    decided_by   text,
    decided_at   integer,
    created_at   integer not null,
    primary key (workspace_id, campaign_id, version),
    foreign key (workspace_id, campaign_id) references campaign (workspace_id, id),
    check ((decided_at is null) = (state = 'proposed'))
) strict, without rowid;

create index strategy_waiting on strategy (workspace_id, created_at) where state = 'proposed';

-- One row per post. `state` is the only truth about its progress (domain::PostState).
create table post (
    workspace_id  text not null,
    id            text not null, -- campaign id, '-', slot
    campaign_id   text not null,
    channel_id    text not null,
    slot          integer not null check (slot >= 1),
    planned_local text not null, -- wall time in the campaign's zone
    due_at        integer not null,
    expires_at    integer,       -- still unsent after this: missed. Null in time-lapse, while sending and at the end
    language      text not null,
    pillar        text not null,
    angle         text not null,
    state         text not null default 'writing'
                  check (state in ('writing', 'in_review', 'awaiting_approval', 'scheduled', 'publishing',
                                   'published', 'missed', 'needs_person', 'rejected', 'cancelled')),
    held          integer not null default 0 check (held in (0, 1)),
    version       integer not null default 0, -- the current one; 0 before the first
    revisions     integer not null default 0 check (revisions >= 0), -- sent back by review since a person last decided
    comment       text,    -- what a person said when sending it back
    reason        text,    -- why it needs a person, was missed or failed
    ext_url       text,
    published_at  integer,
    revision      integer not null default 1, -- grows with every change: the ETag
    changed_by    text not null,
    created_at    integer not null,
    updated_at    integer not null,
    primary key (workspace_id, id),
    unique (workspace_id, campaign_id, slot),
    foreign key (workspace_id, campaign_id) references campaign (workspace_id, id),
    foreign key (workspace_id, channel_id) references channel (workspace_id, id),
    check ((published_at is not null) = (state = 'published')),
    check (expires_at is null or state not in ('publishing', 'published', 'missed', 'rejected', 'cancelled'))
) strict, without rowid;

create index post_expiry on post (expires_at) where expires_at is not null;
create index post_waiting on post (workspace_id, updated_at) where state = 'awaiting_approval';
create index post_stuck on post (workspace_id, updated_at) where state = 'needs_person';
create index post_states on post (workspace_id, campaign_id, state); -- counts by state without touching the rows

create table post_version (
    workspace_id text not null,
    post_id      text not null,
    version      integer not null check (version >= 1),
    content      text not null check (json_valid(content)), -- domain::Content, canonical
    sha256       text not null check (length(sha256) = 64),
    author       text not null, -- `copywriter`, or a user's id
    model        text,          -- provider and model, when a model wrote it
    created_at   integer not null,
    primary key (workspace_id, post_id, version),
    foreign key (workspace_id, post_id) references post (workspace_id, id)
) strict, without rowid;

create table review (
    workspace_id text not null,
    post_id      text not null,
    version      integer not null,
    reviewer     text not null, -- `structure`, `editor`
    verdict      text not null check (verdict in ('approve', 'revise', 'reject')),
    scores       text check (json_valid(scores)), -- domain::Scores; null where the reviewer gives none
    findings     text not null check (json_valid(findings)),
    model        text,
    at           integer not null,
    primary key (workspace_id, post_id, version, reviewer),
    foreign key (workspace_id, post_id, version) references post_version (workspace_id, post_id, version)
) strict, without rowid;

-- A person's decision on one version, for one channel and one time. An edit or another time voids it.
create table approval (
    workspace_id   text not null,
    id             text not null,
    post_id        text not null,
    version        integer not null, -- 0: sent back before there was one
    content_sha256 text not null,    -- empty then
    channel_id     text not null,
    due_at         integer not null,
    decision       text not null check (decision in ('approve', 'send_back', 'reject')),
    comment        text,
    user_id        text not null,
    at             integer not null,
    revoked_at     integer,
    primary key (workspace_id, id),
    foreign key (workspace_id, post_id) references post (workspace_id, id)
) strict, without rowid;

create unique index approval_stands on approval (workspace_id, post_id)
    where decision = 'approve' and revoked_at is null;
create index approval_post on approval (workspace_id, post_id, at);

-- What the stage shows. The key is the publication's, so a second put changes nothing.
create table stage_entry (
    workspace_id   text not null references workspace (id),
    key            text not null,
    mode           text not null check (mode in ('rehearsal', 'performance')),
    campaign_id    text not null,
    post_id        text not null,
    channel_id     text not null,
    language       text not null,
    title          text not null,
    text           text not null,
    content_sha256 text not null, -- what was approved: a look-up compares it
    planned_at     integer not null,
    published_at   integer not null,
    primary key (workspace_id, key)
) strict, without rowid;

create index stage_newest on stage_entry (workspace_id, mode, planned_at desc, key desc);
