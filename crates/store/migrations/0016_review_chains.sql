-- Reviewers as agents with rubrics, chains of them as data, and the verdict that counts.

-- What a reviewer's scores rest on, which prompt asked it, and whose verdict it is that counts: the director's.
alter table review add column evidence text not null default '{}' check (json_valid(evidence)); -- dimension: quote
alter table review add column notes text not null default '[]' check (json_valid(notes)); -- quotes thrown away; reasons
alter table review add column prompt text;       -- its name and version
alter table review add column counts integer not null default 0 check (counts in (0, 1));
drop trigger review_is_never_changed;
update review set counts = 1 where reviewer = 'editor';
create trigger review_is_never_changed before update on review begin
    select raise(abort, 'rondo:append_only');
end;
create unique index review_counts on review (workspace_id, post_id, version) where counts = 1;
drop index review_newest;
create index review_newest on review (workspace_id, at) where counts = 1;
create index review_reviewer on review (workspace_id, reviewer, at);

-- Which prompt a call asked by.
alter table cost add column prompt text;

-- A version was judged. `artifact`: {verdict, reason, revisions_max,
-- reviews: [{reviewer, verdict, scores, evidence, findings, notes, model, prompt, counts}]}.
drop trigger review_is_done;
create trigger review_is_done after insert on outcome
when new.state = 'done' and (select step from job where workspace_id = new.workspace_id and id = new.job_id) = 'review'
begin
    insert into review (workspace_id, post_id, version, reviewer, verdict, scores, evidence, findings, notes, model,
                        prompt, counts, at)
    select j.workspace_id, j.post_id, j.version, json_extract(r.value, '$.reviewer'),
           json_extract(r.value, '$.verdict'), json_extract(r.value, '$.scores'),
           coalesce(json_extract(r.value, '$.evidence'), '{}'), json_extract(r.value, '$.findings'),
           coalesce(json_extract(r.value, '$.notes'), '[]'), json_extract(r.value, '$.model'),
           json_extract(r.value, '$.prompt'),
           -- An editor that judged alone, before there was a director, had the last word.
           coalesce(json_extract(r.value, '$.counts'), json_extract(r.value, '$.reviewer') = 'editor'), new.at
    from job j join json_each(new.artifact, '$.reviews') r
    where j.workspace_id = new.workspace_id and j.id = new.job_id
    on conflict do nothing;
    -- The limit first: a post that is sent on to writing must not be looked at twice here.
    update post set
        state = case
            when json_extract(new.artifact, '$.verdict') = 'approve' then 'awaiting_approval'
            when json_extract(new.artifact, '$.verdict') = 'revise'
                 and revisions < json_extract(new.artifact, '$.revisions_max') then 'writing'
            else 'needs_person' end,
        reason = case
            when json_extract(new.artifact, '$.verdict') = 'approve' then null
            when json_extract(new.artifact, '$.verdict') = 'revise'
                 and revisions < json_extract(new.artifact, '$.revisions_max') then null
            when json_extract(new.artifact, '$.verdict') = 'revise'
                 then 'still not good enough after ' || revisions || ' revisions: ' || json_extract(new.artifact, '$.reason')
            else json_extract(new.artifact, '$.reason') end,
        revisions = revisions + (json_extract(new.artifact, '$.verdict') = 'revise'
                                 and revisions < json_extract(new.artifact, '$.revisions_max')),
        revision = revision + 1, changed_by = 'editor', updated_at = new.at
    where workspace_id = new.workspace_id and state = 'in_review'
      and (id, version) = (select post_id, version from job where workspace_id = new.workspace_id and id = new.job_id);
    insert into job (workspace_id, id, step, run_id, campaign_id, post_id, version, run_at, created_at, updated_at)
    select p.workspace_id, 'generate:' || p.id || ':' || p.version, 'generate', j.run_id, p.campaign_id, p.id,
           p.version, new.at, new.at, new.at
    from job j join post p on p.workspace_id = j.workspace_id and p.id = j.post_id and p.version = j.version
    where j.workspace_id = new.workspace_id and j.id = new.job_id and p.state = 'writing'
    on conflict do nothing;
end;

-- What counts is the verdict of the director, not of one reviewer.
drop trigger approval_is_allowed;
create trigger approval_is_allowed before insert on approval begin
    select case
        when p.version <> new.version or coalesce(v.sha256, '') <> new.content_sha256 then raise(abort, 'rondo:superseded')
        when p.due_at <> new.due_at or p.channel_id <> new.channel_id then raise(abort, 'rondo:rescheduled')
        when p.state = 'scheduled' and new.decision = 'approve' then raise(abort, 'rondo:already_decided')
        when p.state not in ('awaiting_approval', 'needs_person')
             and not (p.state = 'scheduled' and new.decision <> 'approve') then raise(abort, 'rondo:wrong_state')
        when exists (select 1 from job j where j.workspace_id = p.workspace_id and j.post_id = p.id
                       and j.state in ('armed', 'unknown', 'reconciling', 'needs_human')) then raise(abort, 'rondo:outcome_unknown')
        -- A version that failed review is edited or sent back, not waved through.
        when new.decision = 'approve' and p.state = 'needs_person' and not exists (
            select 1 from review r where r.workspace_id = p.workspace_id and r.post_id = p.id and r.version = p.version
              and r.counts = 1 and r.verdict = 'approve') then raise(abort, 'rondo:not_reviewed')
        when new.decision = 'approve' and p.due_at <= new.at and (
            select time_lapse from campaign c where c.workspace_id = p.workspace_id and c.id = p.campaign_id) = 0
            then raise(abort, 'rondo:past')
        when new.decision = 'approve' and exists (
            select 1 from approval a where a.workspace_id = p.workspace_id and a.post_id = p.id and a.person = new.person
              and a.decision = 'approve' and a.revoked_at is null) then raise(abort, 'rondo:already_decided')
        when new.decision = 'approve' and new.person = '' or new.person = 'policy' and (e.kind is not 'none' or new.decision <> 'approve')
            then raise(abort, 'rondo:not_an_approver')
        -- The operator has no name, so it cannot be one of several.
        when new.decision = 'approve' and new.person = 'operator' and e.kind in ('group', 'internal_then_client')
            then raise(abort, 'rondo:not_an_approver')
        when new.decision = 'approve' and e.kind <> 'none' and not exists (
            select 1 from json_each(e.rounds) r where r.key + 1 = new.round
              and (json_array_length(r.value, '$.people') = 0
                   or new.person in (select who.value from json_each(r.value, '$.people') who)))
            then raise(abort, 'rondo:not_an_approver')
        -- Nobody approves their own words while somebody else could.
        when new.decision = 'approve' and e.kind <> 'none' and e.author_may_approve = 0
             and new.person = coalesce((select t.created_by from api_token t
                                        where t.workspace_id = p.workspace_id and 'token:' || t.id = v.author), v.author)
             and exists (
                select 1 from member m join json_each(e.rounds) r on r.key + 1 = new.round
                where m.workspace_id = p.workspace_id and m.user_id <> new.person and m.role in ('owner', 'admin', 'approver')
                  and (json_array_length(r.value, '$.people') = 0
                       or m.user_id in (select who.value from json_each(r.value, '$.people') who)))
            then raise(abort, 'rondo:own_version')
    end
    from post p
    left join post_version v on v.workspace_id = p.workspace_id and v.post_id = p.id and v.version = new.version
    left join campaign_policy e on e.workspace_id = p.workspace_id and e.campaign_id = p.campaign_id
    where p.workspace_id = new.workspace_id and p.id = new.post_id;
end;

drop trigger post_is_rescheduled;
create trigger post_is_rescheduled after update of due_at on post when new.due_at <> old.due_at begin
    update approval set revoked_at = new.updated_at
    where workspace_id = new.workspace_id and post_id = new.id and decision = 'approve' and revoked_at is null;
    update job set state = 'cancelled', lease_until = null, updated_at = new.updated_at, last_error = 'rescheduled'
    where workspace_id = new.workspace_id and post_id = new.id and step = 'publish' and state in ('ready', 'leased');
    update post set
        reason = iif(old.state in ('scheduled', 'missed'), null, reason),
        expires_at = (select iif(c.time_lapse, null, new.due_at + (select grace_ms from setting))
                      from campaign c where c.workspace_id = new.workspace_id and c.id = new.campaign_id),
        state = case
            when old.state not in ('scheduled', 'missed') then old.state
            when old.state = 'scheduled' or exists (
                select 1 from review r where r.workspace_id = new.workspace_id and r.post_id = new.id
                  and r.version = new.version and r.counts = 1 and r.verdict = 'approve') then 'awaiting_approval'
            when new.version = 0 then 'writing' else 'in_review' end
    where workspace_id = new.workspace_id and id = new.id;
    -- Missing it cancelled whatever was under way.
    insert into job (workspace_id, id, step, run_id, campaign_id, post_id, version, run_at, created_at, updated_at)
    select p.workspace_id, iif(p.version = 0, 'generate:', 'review:') || p.id || ':' || p.version || ':' || new.due_at,
           iif(p.version = 0, 'generate', 'review'), p.campaign_id || '-r1', p.campaign_id, p.id,
           nullif(p.version, 0), new.updated_at, new.updated_at, new.updated_at
    from post p where old.state = 'missed' and p.workspace_id = new.workspace_id and p.id = new.id
      and p.state in ('writing', 'in_review');
end;

-- A workspace's rules of review; without a row the defaults of domain::chain::Rules hold.
create table review_rule (
    workspace_id text not null references workspace (id),
    rules        text not null check (json_valid(rules)), -- domain::chain::Rules
    revision     integer not null default 1, -- grows with every change: the ETag
    changed_by   text not null,
    updated_at   integer not null,
    primary key (workspace_id)
) strict, without rowid;

create trigger review_rule_is_recorded after insert on review_rule begin
    insert into event (workspace_id, at, subject, kind, actor, data)
    values (new.workspace_id, new.updated_at, 'workspace:' || new.workspace_id, 'review.rules_changed', new.changed_by,
            json_object('revision', new.revision));
end;
create trigger review_rule_change_is_recorded after update on review_rule begin
    insert into event (workspace_id, at, subject, kind, actor, data)
    values (new.workspace_id, new.updated_at, 'workspace:' || new.workspace_id, 'review.rules_changed', new.changed_by,
            json_object('revision', new.revision));
end;
create trigger review_rule_is_never_deleted before delete on review_rule begin
    select raise(abort, 'rondo:append_only');
end;

-- Three more agents. SQLite cannot change a check, so the table is made anew, and what refers to it with it.
drop trigger workspace_has_agents;
drop trigger renamed_channel_keeps_its_agents;
drop trigger provider_leaves_its_agents;
create table agent_next (
    workspace_id text not null references workspace (id),
    id           text not null check (id in ('strategist', 'copywriter', 'visual', 'editor', 'brand', 'compliance',
                                             'conversion', 'seo', 'publisher', 'analyst')), -- domain::AgentRole
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
    provider_id  text, -- whom it asks first; none: whoever's turn is first
    model        text,
    primary key (workspace_id, id)
) strict, without rowid;
insert into agent_next (workspace_id, id, step, name, personality, instructions, channels, colour, autonomy, threshold,
                        paused, revision, changed_by, updated_at, provider_id, model)
select workspace_id, id, step, name, personality, instructions, channels, colour, autonomy, threshold, paused, revision,
       changed_by, updated_at, provider_id, model
from agent;
create table command_next (
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
    foreign key (workspace_id, agent_id) references agent_next (workspace_id, id)
) strict, without rowid;
insert into command_next (workspace_id, id, agent_id, text, campaign_id, post_id, version, user_id, at)
select workspace_id, id, agent_id, text, campaign_id, post_id, version, user_id, at from command;
drop table command;
drop table agent;
alter table agent_next rename to agent;
alter table command_next rename to command;
create unique index agent_step on agent (workspace_id, step) where step is not null;
create index agent_paused on agent (step, workspace_id) where paused = 1;
create trigger agent_is_recorded after update on agent when new.revision <> old.revision begin
    insert into event (workspace_id, at, subject, kind, actor, data)
    values (new.workspace_id, new.updated_at, 'agent:' || new.id,
            case when new.paused > old.paused then 'agent.paused' when new.paused < old.paused then 'agent.resumed'
                 else 'agent.changed' end,
            new.changed_by, json_object('revision', new.revision));
end;
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

insert into agent (workspace_id, id, step, name, personality, colour, updated_at)
select w.id, a.value ->> 0, null, a.value ->> 1, a.value ->> 2, a.value ->> 3, w.created_at
from workspace w join json_each('[
    ["brand", "Ethel", "Knows how the brand speaks, and hears at once when it does not.", "olive"],
    ["conversion", "Cécile", "Asks of every post: and what do I do now?", "amber"],
    ["seo", "Erik", "Looks for it as somebody would who has never heard of it.", "blue"]]') a;
create trigger workspace_has_agents after insert on workspace begin
    insert into agent (workspace_id, id, step, name, personality, colour, updated_at)
    values
        (new.id, 'strategist', 'strategize', 'Clara', 'Thinks in weeks, and asks what a reader would do next.', 'blue', new.created_at),
        (new.id, 'copywriter', 'generate', 'Wolf', 'Short sentences, one idea each; would rather say less than too much.', 'rose', new.created_at),
        (new.id, 'visual', null, 'Lili', 'Sees the picture before the words.', 'violet', new.created_at),
        (new.id, 'editor', 'review', 'Hans', 'Strict about facts, kind about style; says what to do instead.', 'teal', new.created_at),
        (new.id, 'compliance', null, 'Nadia', 'Reads every claim as a lawyer would.', 'slate', new.created_at),
        (new.id, 'brand', null, 'Ethel', 'Knows how the brand speaks, and hears at once when it does not.', 'olive', new.created_at),
        (new.id, 'conversion', null, 'Cécile', 'Asks of every post: and what do I do now?', 'amber', new.created_at),
        (new.id, 'seo', null, 'Erik', 'Looks for it as somebody would who has never heard of it.', 'blue', new.created_at),
        (new.id, 'publisher', 'publish', 'Max', 'On time, once, and never on a guess.', 'amber', new.created_at),
        (new.id, 'analyst', null, 'Fanny', 'Counts before she concludes.', 'olive', new.created_at);
end;
create trigger renamed_channel_keeps_its_agents after update of name on channel when new.name <> old.name begin
    update agent set channels = (
        select json_group_array(iif(n.value = old.name, new.name, n.value)) from json_each(agent.channels) n)
    where workspace_id = new.workspace_id
      and exists (select 1 from json_each(agent.channels) n where n.value = old.name);
end;
create trigger agent_asks_a_provider_of_its_workspace before update of provider_id on agent
when new.provider_id is not null and not exists (
    select 1 from provider p join json_each(p.models) m
    where p.workspace_id = new.workspace_id and p.id = new.provider_id and p.removed_at is null and m.value = new.model)
begin
    select raise(abort, 'rondo:no_such_model');
end;
create trigger provider_leaves_its_agents after update of removed_at on provider
when new.removed_at is not null and old.removed_at is null begin
    update agent set provider_id = null, model = null, revision = revision + 1, changed_by = new.changed_by,
        updated_at = new.updated_at
    where workspace_id = new.workspace_id and provider_id = new.id;
end;
