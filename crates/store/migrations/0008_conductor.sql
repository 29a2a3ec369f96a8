-- The workspace's mode, its agents, and what people tell them to do.

-- In rehearsal nothing of a performance is armed: `job::arm` asks. An install in which a performance was begun before
-- there was this switch goes on as it was.
alter table workspace add column mode text not null default 'rehearsal' check (mode in ('rehearsal', 'performance'));
alter table workspace add column mode_by text;    -- who switched it last
alter table workspace add column mode_at integer;
update workspace set mode = 'performance'
where exists (select 1 from campaign c where c.workspace_id = workspace.id and c.mode = 'performance');

create trigger workspace_mode_is_recorded after update of mode on workspace when new.mode <> old.mode begin
    insert into event (workspace_id, at, subject, kind, actor)
    values (new.id, coalesce(new.mode_at, cast(unixepoch('subsec') * 1000 as integer)), 'workspace:' || new.id,
            'workspace.' || new.mode, coalesce(new.mode_by, 'operator'));
end;

-- The seven agents of a workspace. `step` is the one that an agent does; those without have no work yet.
create table agent (
    workspace_id text not null references workspace (id),
    id           text not null check (id in ('strategist', 'copywriter', 'visual', 'editor', 'compliance', 'publisher',
                                             'analyst')), -- domain::AgentRole
    step         text check (step in ('strategize', 'generate', 'review', 'publish')),
    name         text not null check (length(name) between 1 and 60),
    personality  text not null default '' check (length(personality) <= 1000),
    instructions text not null default '' check (length(instructions) <= 4000),
    channels     text not null default '[]' check (json_valid(channels)), -- names of channels; none named: all
    colour       text not null check (colour in ('blue', 'rose', 'violet', 'teal', 'slate', 'amber', 'olive')),
    autonomy     text not null default 'act' check (autonomy in ('ask', 'threshold', 'act')),
    threshold    integer not null default 1 check (threshold between 1 and 3), -- revisions without asking
    paused       integer not null default 0 check (paused in (0, 1)), -- nothing of its step is claimed
    revision     integer not null default 1, -- grows with every change: the ETag
    changed_by   text not null default 'conductor',
    updated_at   integer not null,
    primary key (workspace_id, id)
) strict, without rowid;

create unique index agent_step on agent (workspace_id, step) where step is not null;
create index agent_paused on agent (step, workspace_id) where paused = 1;

create trigger workspace_has_agents after insert on workspace begin
    insert into agent (workspace_id, id, step, name, personality, colour, updated_at)
    values
        (new.id, 'strategist', 'strategize', 'Clara', 'Thinks in weeks, and asks what a reader would do next.', 'blue', new.created_at),
        (new.id, 'copywriter', 'generate', 'Wolf', 'Short sentences, one idea each; would rather say less than too much.', 'rose', new.created_at),
        (new.id, 'visual', null, 'Lili', 'Sees the picture before the words.', 'violet', new.created_at),
        (new.id, 'editor', 'review', 'Hans', 'Strict about facts, kind about style; says what to do instead.', 'teal', new.created_at),
        (new.id, 'compliance', null, 'Nadia', 'Reads every claim as a lawyer would.', 'slate', new.created_at),
        (new.id, 'publisher', 'publish', 'Max', 'On time, once, and never on a guess.', 'amber', new.created_at),
        (new.id, 'analyst', null, 'Fanny', 'Counts before she concludes.', 'olive', new.created_at);
end;

insert into agent (workspace_id, id, step, name, personality, colour, updated_at)
select w.id, a.value ->> 0, a.value ->> 1, a.value ->> 2, a.value ->> 3, a.value ->> 4, w.created_at
from workspace w join json_each('[
    ["strategist", "strategize", "Clara", "Thinks in weeks, and asks what a reader would do next.", "blue"],
    ["copywriter", "generate", "Wolf", "Short sentences, one idea each; would rather say less than too much.", "rose"],
    ["visual", null, "Lili", "Sees the picture before the words.", "violet"],
    ["editor", "review", "Hans", "Strict about facts, kind about style; says what to do instead.", "teal"],
    ["compliance", null, "Nadia", "Reads every claim as a lawyer would.", "slate"],
    ["publisher", "publish", "Max", "On time, once, and never on a guess.", "amber"],
    ["analyst", null, "Fanny", "Counts before she concludes.", "olive"]]') a;

create trigger agent_is_recorded after update on agent when new.revision <> old.revision begin
    insert into event (workspace_id, at, subject, kind, actor, data)
    values (new.workspace_id, new.updated_at, 'agent:' || new.id,
            case when new.paused > old.paused then 'agent.paused' when new.paused < old.paused then 'agent.resumed'
                 else 'agent.changed' end,
            new.changed_by, json_object('revision', new.revision));
end;

-- What a person told an agent to do. Inserting a row does it, or is refused; it is also the record.
create table command (
    workspace_id text not null,
    id           text not null,
    agent_id     text not null,
    text         text not null check (length(text) between 1 and 4000),
    campaign_id  text not null,
    post_id      text,    -- copywriter: which post
    version      integer not null, -- of the post or of the strategy, as the person saw it
    user_id      text not null,
    at           integer not null,
    primary key (workspace_id, id),
    foreign key (workspace_id, agent_id) references agent (workspace_id, id)
) strict, without rowid;

create index command_newest on command (workspace_id, agent_id, at);

create trigger command_is_allowed before insert on command begin
    select raise(abort, 'rondo:wrong_state') where new.agent_id not in ('copywriter', 'strategist');
    select raise(abort, 'rondo:superseded') where new.agent_id = 'copywriter' and not exists (
        select 1 from post where workspace_id = new.workspace_id and id = new.post_id
          and campaign_id = new.campaign_id and version = new.version);
    select raise(abort, 'rondo:superseded') where new.agent_id = 'strategist' and not exists (
        select 1 from strategy where workspace_id = new.workspace_id and campaign_id = new.campaign_id
          and version = new.version);
end;

-- The copywriter's: the post goes back with the words as its comment, by the same guarded row as any decision.
create trigger command_to_the_copywriter after insert on command when new.agent_id = 'copywriter' begin
    insert into approval (workspace_id, id, post_id, version, content_sha256, channel_id, due_at, decision, comment,
                          user_id, at)
    select p.workspace_id, new.id, p.id, p.version, coalesce(v.sha256, ''), p.channel_id, p.due_at, 'send_back',
           new.text, new.user_id, new.at
    from post p left join post_version v
        on v.workspace_id = p.workspace_id and v.post_id = p.id and v.version = p.version
    where p.workspace_id = new.workspace_id and p.id = new.post_id;
end;

create trigger command_to_the_strategist after insert on command when new.agent_id = 'strategist' begin
    update strategy set state = 'sent_back', comment = new.text, decided_by = new.user_id, decided_at = new.at
    where workspace_id = new.workspace_id and campaign_id = new.campaign_id and version = new.version;
end;

create trigger command_is_recorded after insert on command begin
    insert into event (workspace_id, at, campaign_id, subject, kind, actor, data)
    values (new.workspace_id, new.at, new.campaign_id, 'agent:' || new.agent_id, 'agent.commanded', new.user_id,
            json_object('text', new.text, 'post_id', new.post_id, 'version', new.version));
end;
create trigger command_is_never_changed before update on command begin
    select raise(abort, 'rondo:append_only');
end;
create trigger command_is_never_deleted before delete on command begin
    select raise(abort, 'rondo:append_only');
end;

-- What the conductor's page asks: who is at work, what was and is due, what came of it.
create index job_at_work on job (workspace_id, step, updated_at) where state in ('leased', 'armed', 'reconciling');
create index job_step on job (workspace_id, step, created_at);
create index cost_job on cost (workspace_id, job_id, spent_micro_usd);
create index post_timeline on post (workspace_id, due_at);
create index publication_newest on publication (workspace_id, published_at);
create index review_newest on review (workspace_id, at) where reviewer = 'editor';
