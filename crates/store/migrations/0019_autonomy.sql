-- Earned autonomy: a standing rule approves in its scope what people have approved there again and again, at most so
-- many a day, until the first fault. A scope is agent, channel, kind of content (the plan's pillar) and mode: what was
-- earned in rehearsal counts for no performance. Off, until somebody turns it on.

-- What a workspace asks of a rule. No row: there are no rules, and none is offered.
create table autonomy_policy (
    workspace_id    text primary key references workspace (id),
    enabled         integer not null check (enabled in (0, 1)),
    streak_needed   integer not null check (streak_needed between 1 and 100), -- approvals in a row
    mean_tenths_min integer not null check (mean_tenths_min between 40 and 100), -- of the editor's six
    cap_max         integer not null check (cap_max between 1 and 20), -- approvals a day that one rule may have
    revision        integer not null default 1, -- grows with every change: the ETag
    changed_by      text not null,
    updated_at      integer not null
) strict, without rowid;

create table autonomy_rule (
    workspace_id text not null references workspace (id),
    id           text not null,
    agent_id     text not null default 'copywriter' check (agent_id = 'copywriter'), -- who writes; no other agent does
    channel_id   text not null,
    pillar       text not null,
    mode         text not null check (mode in ('rehearsal', 'performance')),
    cap_per_day  integer not null check (cap_per_day between 1 and 20),
    streak       integer not null check (streak >= 1), -- what it was earned by
    accepted_by  text not null,
    accepted_at  integer not null,
    revoked_at   integer,
    revoked_by   text,
    reason       text, -- what ended it: a fault's `what`, or `switched_off`
    primary key (workspace_id, id),
    foreign key (workspace_id, channel_id) references channel (workspace_id, id),
    check ((revoked_at is null) = (revoked_by is null) and (revoked_at is null) = (reason is null))
) strict, without rowid;

create unique index autonomy_rule_stands on autonomy_rule (workspace_id, agent_id, channel_id, pillar, mode)
    where revoked_at is null;
create index autonomy_rule_newest on autonomy_rule (workspace_id, accepted_at);

-- Whatever breaks a streak and ends a rule, as it happens.
create table autonomy_fault (
    workspace_id text not null,
    channel_id   text not null,
    pillar       text not null,
    mode         text not null,
    at           integer not null,
    id           text not null, -- of the decision, the version, the job and its fence, or the rule that was taken back
    what         text not null check (what in ('sent_back', 'rejected', 'edited', 'unknown', 'failed', 'taken_back')),
    post_id      text,
    by           text not null,
    primary key (workspace_id, channel_id, pillar, mode, at, id)
) strict, without rowid;

create trigger autonomy_fault_is_never_changed before update on autonomy_fault begin
    select raise(abort, 'rondo:append_only');
end;
create trigger autonomy_fault_is_never_deleted before delete on autonomy_fault begin
    select raise(abort, 'rondo:append_only');
end;

-- What was amiss before there were rules counts as well.
insert into autonomy_fault (workspace_id, channel_id, pillar, mode, at, id, what, post_id, by)
select a.workspace_id, p.channel_id, p.pillar, c.mode, a.at, a.id, iif(a.decision = 'reject', 'rejected', 'sent_back'),
       p.id, a.user_id
from approval a
join post p on p.workspace_id = a.workspace_id and p.id = a.post_id
join campaign c on c.workspace_id = p.workspace_id and c.id = p.campaign_id
where a.decision <> 'approve';
insert into autonomy_fault (workspace_id, channel_id, pillar, mode, at, id, what, post_id, by)
select v.workspace_id, p.channel_id, p.pillar, c.mode, v.created_at, v.post_id || ':' || v.version, 'edited', p.id, v.author
from post_version v
join post p on p.workspace_id = v.workspace_id and p.id = v.post_id
join campaign c on c.workspace_id = p.workspace_id and c.id = p.campaign_id
where v.author <> 'copywriter' and exists (
    select 1 from post_version e where e.workspace_id = v.workspace_id and e.post_id = v.post_id
      and e.version < v.version and e.author = 'copywriter');
insert into autonomy_fault (workspace_id, channel_id, pillar, mode, at, id, what, post_id, by)
select j.workspace_id, p.channel_id, p.pillar, c.mode, j.updated_at, j.id || ':' || j.fence,
       iif(j.state = 'dead', 'failed', 'unknown'), p.id, 'worker'
from job j
join post p on p.workspace_id = j.workspace_id and p.id = j.post_id
join campaign c on c.workspace_id = p.workspace_id and c.id = p.campaign_id
where j.step = 'publish' and j.state in ('unknown', 'reconciling', 'needs_human', 'dead');

create trigger decision_is_a_fault after insert on approval when new.decision <> 'approve' begin
    insert or ignore into autonomy_fault (workspace_id, channel_id, pillar, mode, at, id, what, post_id, by)
    select p.workspace_id, p.channel_id, p.pillar, c.mode, new.at, new.id,
           iif(new.decision = 'reject', 'rejected', 'sent_back'), p.id, new.user_id
    from post p join campaign c on c.workspace_id = p.workspace_id and c.id = p.campaign_id
    where p.workspace_id = new.workspace_id and p.id = new.post_id;
end;
create trigger edit_is_a_fault after insert on post_version
when new.author <> 'copywriter' and exists (
    select 1 from post_version e where e.workspace_id = new.workspace_id and e.post_id = new.post_id
      and e.version < new.version and e.author = 'copywriter')
begin
    insert or ignore into autonomy_fault (workspace_id, channel_id, pillar, mode, at, id, what, post_id, by)
    select p.workspace_id, p.channel_id, p.pillar, c.mode, new.created_at, new.post_id || ':' || new.version, 'edited',
           p.id, new.author
    from post p join campaign c on c.workspace_id = p.workspace_id and c.id = p.campaign_id
    where p.workspace_id = new.workspace_id and p.id = new.post_id;
end;
create trigger publication_is_a_fault after update of state on job
when new.step = 'publish' and new.state <> old.state and new.state in ('unknown', 'needs_human', 'dead') begin
    insert or ignore into autonomy_fault (workspace_id, channel_id, pillar, mode, at, id, what, post_id, by)
    select p.workspace_id, p.channel_id, p.pillar, c.mode, new.updated_at, new.id || ':' || new.fence || ':' || new.state,
           iif(new.state = 'dead', 'failed', 'unknown'), p.id, 'worker'
    from post p join campaign c on c.workspace_id = p.workspace_id and c.id = p.campaign_id
    where p.workspace_id = new.workspace_id and p.id = new.post_id;
end;

-- The first fault ends the rule of its scope.
create trigger fault_ends_the_rule after insert on autonomy_fault begin
    update autonomy_rule set revoked_at = new.at, revoked_by = iif(new.what = 'taken_back', new.by, 'conductor'),
        reason = new.what
    where workspace_id = new.workspace_id and agent_id = 'copywriter' and channel_id = new.channel_id
      and pillar = new.pillar and mode = new.mode and revoked_at is null;
end;

-- What it approved and has not left yet waits for a person again.
create trigger end_of_a_rule_voids_its_approvals after update of revoked_at on autonomy_rule
when new.revoked_at is not null and old.revoked_at is null begin
    update job set state = 'cancelled', lease_until = null, updated_at = new.revoked_at,
        last_error = 'the rule that approved it has ended'
    where workspace_id = new.workspace_id and step = 'publish' and state in ('ready', 'leased') and post_id in (
        select a.post_id from approval a where a.workspace_id = new.workspace_id and a.person = 'rule:' || new.id
          and a.person >= 'rule:' and a.person < 'rule;' and a.decision = 'approve' and a.revoked_at is null);
    update post set state = 'awaiting_approval', revision = revision + 1, changed_by = new.revoked_by,
        updated_at = new.revoked_at
    where workspace_id = new.workspace_id and state = 'scheduled' and id in (
        select a.post_id from approval a where a.workspace_id = new.workspace_id and a.person = 'rule:' || new.id
          and a.person >= 'rule:' and a.person < 'rule;' and a.decision = 'approve' and a.revoked_at is null);
    update approval set revoked_at = new.revoked_at
    where workspace_id = new.workspace_id and person = 'rule:' || new.id and person >= 'rule:' and person < 'rule;'
      and decision = 'approve' and revoked_at is null
      and (select state from post p where p.workspace_id = approval.workspace_id and p.id = approval.post_id)
          in ('awaiting_approval', 'in_review', 'writing', 'needs_person');
end;

-- Surely not sent, and its rule has ended meanwhile: a person decides again. The job that is ready is not armed any
-- more, and ends with that.
create trigger ended_rule_does_not_send_again after update of state on job
when new.step = 'publish' and new.state = 'ready' and old.state in ('armed', 'reconciling', 'needs_human') and exists (
    select 1 from approval a join autonomy_rule r on r.workspace_id = a.workspace_id and r.id = substr(a.person, 6)
    where a.workspace_id = new.workspace_id and a.id = new.approval_id and a.person >= 'rule:' and a.person < 'rule;'
      and r.revoked_at is not null)
begin
    update approval set revoked_at = new.updated_at
    where workspace_id = new.workspace_id and id = new.approval_id and revoked_at is null;
    update post set state = 'awaiting_approval', reason = null, revision = revision + 1, changed_by = 'conductor',
        updated_at = new.updated_at,
        expires_at = (select iif(c.time_lapse, null, post.due_at + (select grace_ms from setting))
                      from campaign c where c.workspace_id = post.workspace_id and c.id = post.campaign_id)
    where workspace_id = new.workspace_id and id = new.post_id and state in ('publishing', 'needs_person', 'scheduled')
      and (select stage from campaign c where c.workspace_id = post.workspace_id and c.id = post.campaign_id) = 'producing';
end;

-- Whether a version speaks of what a careless sentence could do harm with, as its review found. No row: nobody knows.
create table version_risk (
    workspace_id text not null,
    post_id      text not null,
    version      integer not null,
    delicate     integer not null check (delicate in (0, 1)),
    primary key (workspace_id, post_id, version),
    foreign key (workspace_id, post_id, version) references post_version (workspace_id, post_id, version)
) strict, without rowid;

create trigger version_risk_is_never_changed before update on version_risk begin
    select raise(abort, 'rondo:append_only');
end;
create trigger version_risk_is_never_deleted before delete on version_risk begin
    select raise(abort, 'rondo:append_only');
end;
create trigger review_says_what_is_delicate after insert on outcome
when new.state = 'done' and json_extract(new.artifact, '$.delicate') is not null
  and (select step from job where workspace_id = new.workspace_id and id = new.job_id) = 'review'
begin
    insert or ignore into version_risk (workspace_id, post_id, version, delicate)
    select j.workspace_id, j.post_id, j.version, json_extract(new.artifact, '$.delicate')
    from job j where j.workspace_id = new.workspace_id and j.id = new.job_id;
end;

create index approval_people on approval (workspace_id, at) where decision = 'approve' and revoked_at is null;
create index approval_by_rule on approval (workspace_id, person, at) where person >= 'rule:' and person < 'rule;';

-- A rule goes through the same door as people, and is let through for less: the agent's own unedited version, reviewed
-- well, about nothing delicate, assigned to nobody, where any one person would do, and within the cap.
create trigger rule_approves_within_its_bounds before insert on approval
when new.person >= 'rule:' and new.person < 'rule;' or new.user_id >= 'rule:' and new.user_id < 'rule;' begin
    select raise(abort, 'rondo:not_an_approver')
    where new.decision <> 'approve' or new.user_id <> new.person or not exists (
        select 1 from autonomy_rule r
        join autonomy_policy o on o.workspace_id = r.workspace_id and o.enabled = 1
        join post p on p.workspace_id = r.workspace_id and p.id = new.post_id and p.channel_id = r.channel_id
            and p.pillar = r.pillar and p.state = 'awaiting_approval' and p.assigned_to is null
        join campaign c on c.workspace_id = p.workspace_id and c.id = p.campaign_id and c.mode = r.mode
        join campaign_policy e on e.workspace_id = p.workspace_id and e.campaign_id = p.campaign_id and e.kind = 'one'
            and json_array_length(e.rounds, '$[0].people') = 0
        join post_version v on v.workspace_id = p.workspace_id and v.post_id = p.id and v.version = new.version
            and v.author = r.agent_id
        join review d on d.workspace_id = p.workspace_id and d.post_id = p.id and d.version = new.version
            and d.counts = 1 and d.verdict = 'approve'
        join version_risk k on k.workspace_id = p.workspace_id and k.post_id = p.id and k.version = new.version
            and k.delicate = 0
        where r.workspace_id = new.workspace_id and r.id = substr(new.person, 6) and r.revoked_at is null
          and (select avg(s.value) * 10 from json_each(d.scores) s) >= o.mean_tenths_min
          and (select count(*) from approval a where a.workspace_id = r.workspace_id and a.person = new.person
                 and a.person >= 'rule:' and a.person < 'rule;' and a.at > new.at - 86400000) < r.cap_per_day);
end;

-- That nobody need look is for owners and admins alone to say.
create trigger autonomy_rule_is_accepted_by_an_admin before insert on autonomy_rule
when new.revoked_at is not null or new.accepted_by <> 'operator'
  and not exists (select 1 from member m where m.workspace_id = new.workspace_id and m.user_id = new.accepted_by and m.role in ('owner', 'admin'))
  and not exists (select 1 from api_token t where t.workspace_id = new.workspace_id and 'token:' || t.id = new.accepted_by and t.role in ('owner', 'admin'))
begin
    select raise(abort, 'rondo:illegal_move');
end;
create trigger autonomy_rule_only_ends before update on autonomy_rule
when old.revoked_at is not null or new.revoked_at is null
  or new.workspace_id <> old.workspace_id or new.id <> old.id or new.agent_id <> old.agent_id
  or new.channel_id <> old.channel_id or new.pillar <> old.pillar or new.mode <> old.mode
  or new.cap_per_day <> old.cap_per_day or new.streak <> old.streak or new.accepted_by <> old.accepted_by
  or new.accepted_at <> old.accepted_at
begin
    select raise(abort, 'rondo:append_only');
end;
create trigger autonomy_rule_is_never_deleted before delete on autonomy_rule begin
    select raise(abort, 'rondo:append_only');
end;

create trigger autonomy_is_switched_off after update on autonomy_policy when new.enabled = 0 and old.enabled = 1 begin
    update autonomy_rule set revoked_at = new.updated_at, revoked_by = new.changed_by, reason = 'switched_off'
    where workspace_id = new.workspace_id and revoked_at is null;
end;

-- History.
create trigger autonomy_rule_is_recorded after insert on autonomy_rule begin
    insert into event (workspace_id, at, subject, kind, actor, data)
    values (new.workspace_id, new.accepted_at, 'rule:' || new.id, 'autonomy.accepted', new.accepted_by,
            json_object('agent', new.agent_id, 'channel_id', new.channel_id, 'pillar', new.pillar, 'mode', new.mode,
                        'cap_per_day', new.cap_per_day, 'streak', new.streak));
end;
create trigger autonomy_rule_end_is_recorded after update of revoked_at on autonomy_rule
when new.revoked_at is not null and old.revoked_at is null begin
    insert into event (workspace_id, at, subject, kind, actor, data)
    values (new.workspace_id, new.revoked_at, 'rule:' || new.id, 'autonomy.ended', new.revoked_by,
            json_object('channel_id', new.channel_id, 'pillar', new.pillar, 'mode', new.mode, 'reason', new.reason));
end;
create trigger autonomy_policy_is_recorded after insert on autonomy_policy begin
    insert into event (workspace_id, at, subject, kind, actor, data)
    values (new.workspace_id, new.updated_at, 'workspace:' || new.workspace_id, 'autonomy.changed', new.changed_by,
            json_object('enabled', new.enabled, 'streak_needed', new.streak_needed,
                        'mean_tenths_min', new.mean_tenths_min, 'cap_max', new.cap_max));
end;
create trigger autonomy_policy_change_is_recorded after update on autonomy_policy begin
    insert into event (workspace_id, at, subject, kind, actor, data)
    values (new.workspace_id, new.updated_at, 'workspace:' || new.workspace_id, 'autonomy.changed', new.changed_by,
            json_object('enabled', new.enabled, 'streak_needed', new.streak_needed,
                        'mean_tenths_min', new.mean_tenths_min, 'cap_max', new.cap_max));
end;
create trigger autonomy_policy_is_never_deleted before delete on autonomy_policy begin
    select raise(abort, 'rondo:append_only');
end;
