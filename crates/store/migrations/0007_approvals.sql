-- Who must approve; comments; who is told what; reminders.

-- One row for each workspace (`campaign_id` is empty) and one for each campaign that has a policy of its own.
create table approval_policy (
    workspace_id       text not null references workspace (id),
    campaign_id        text not null default '',
    kind               text not null check (kind in ('inherit', 'none', 'one', 'group', 'internal_then_client')),
    -- [{needed, people}], one after the other; nobody named: everyone who may approve.
    rounds             text not null check (json_valid(rounds)),
    author_may_approve integer not null default 0 check (author_may_approve in (0, 1)),
    remind_after_h     integer check (remind_after_h between 1 and 720),
    escalate_after_h   integer check (escalate_after_h between 2 and 1440),
    revision           integer not null default 1, -- grows with every change: the ETag
    changed_by         text not null,
    updated_at         integer not null,
    primary key (workspace_id, campaign_id),
    check (json_array_length(rounds) = case kind when 'inherit' then 0 when 'none' then 0 when 'internal_then_client' then 2 else 1 end),
    check (kind <> 'inherit' or campaign_id <> ''),
    check (escalate_after_h is null or escalate_after_h > remind_after_h)
) strict, without rowid;

insert into approval_policy (workspace_id, kind, rounds, remind_after_h, escalate_after_h, changed_by, updated_at)
select id, 'one', '[{"needed":1,"people":[]}]', 24, 48, 'rondo', created_at from workspace;

create trigger workspace_has_a_policy after insert on workspace begin
    insert into approval_policy (workspace_id, kind, rounds, remind_after_h, escalate_after_h, changed_by, updated_at)
    values (new.id, 'one', '[{"needed":1,"people":[]}]', 24, 48, 'rondo', new.created_at);
end;

-- The policy that counts for a campaign: its own, else its workspace's.
create view campaign_policy as
select c.workspace_id, c.id as campaign_id, p.campaign_id as set_for, p.kind, p.rounds, p.author_may_approve,
       p.remind_after_h, p.escalate_after_h
from campaign c
left join approval_policy own on own.workspace_id = c.workspace_id and own.campaign_id = c.id and own.kind <> 'inherit'
join approval_policy p on p.workspace_id = c.workspace_id and p.campaign_id = coalesce(own.campaign_id, '');

-- A program decides for whoever made it: `person` is that user, so that nobody counts twice.
drop trigger approval_is_only_revoked;
alter table approval add column person text not null default '';
alter table approval add column round integer not null default 1;
update approval set person = coalesce(
    (select t.created_by from api_token t where t.workspace_id = approval.workspace_id and 'token:' || t.id = approval.user_id),
    user_id);
create trigger approval_is_only_revoked before update on approval
when old.revoked_at is not null or new.revoked_at is null
  or new.workspace_id <> old.workspace_id or new.id <> old.id or new.post_id <> old.post_id or new.version <> old.version
  or new.content_sha256 <> old.content_sha256 or new.channel_id <> old.channel_id or new.due_at <> old.due_at
  or new.decision <> old.decision or new.comment is not old.comment or new.user_id <> old.user_id
  or new.person <> old.person or new.round <> old.round or new.at <> old.at
begin
    select raise(abort, 'rondo:append_only');
end;

drop index approval_stands;
create unique index approval_stands on approval (workspace_id, post_id, person)
    where decision = 'approve' and revoked_at is null;

-- How far the approval of a post is, a row for each round of its policy. Only what stands for exactly the current
-- version, channel and time counts, and each person once.
create view approval_round as
select p.workspace_id, p.id as post_id, r.key + 1 as round, r.value ->> '$.needed' as needed, r.value -> '$.people' as people,
    (select count(distinct a.person) from approval a
        join post_version v on v.workspace_id = a.workspace_id and v.post_id = a.post_id and v.version = a.version
            and v.sha256 = a.content_sha256
        where a.workspace_id = p.workspace_id and a.post_id = p.id and a.decision = 'approve' and a.revoked_at is null
          and a.version = p.version and a.channel_id = p.channel_id and a.due_at = p.due_at and a.round = r.key + 1
          and (json_array_length(r.value, '$.people') = 0
               or a.person in (select who.value from json_each(r.value, '$.people') who))) as given
from post p
join campaign_policy e on e.workspace_id = p.workspace_id and e.campaign_id = p.campaign_id
join json_each(e.rounds) r;

-- The posts that are approved as their policy asks. Where a policy asks for nobody, its standing rule has to have approved.
create view approved_post as
select p.workspace_id, p.id as post_id
from post p
join campaign_policy e on e.workspace_id = p.workspace_id and e.campaign_id = p.campaign_id
where exists (select 1 from approval a where a.workspace_id = p.workspace_id and a.post_id = p.id
                and a.decision = 'approve' and a.revoked_at is null and a.version = p.version
                and a.channel_id = p.channel_id and a.due_at = p.due_at)
  and not exists (select 1 from approval_round r where r.workspace_id = p.workspace_id and r.post_id = p.id
                    and r.given < r.needed);

-- A person decides on a version; or, where the policy asks for nobody, its standing rule does.
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
              and r.reviewer = 'editor' and r.verdict = 'approve') then raise(abort, 'rondo:not_reviewed')
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

-- The post is scheduled when the last approval that its policy asks for is there; until then it waits on.
drop trigger approval_takes_effect;
create trigger approval_takes_effect after insert on approval begin
    update approval set revoked_at = new.at
    where new.decision <> 'approve' and workspace_id = new.workspace_id and post_id = new.post_id
      and decision = 'approve' and revoked_at is null;
    update job set state = 'cancelled', lease_until = null, updated_at = new.at, last_error = 'a person decided otherwise'
    where new.decision <> 'approve' and workspace_id = new.workspace_id and post_id = new.post_id
      and step in ('publish', 'generate') and state in ('ready', 'leased');
    update post set
        state = case new.decision
            when 'approve' then iif(exists (select 1 from approved_post a where a.workspace_id = new.workspace_id
                                              and a.post_id = new.post_id), 'scheduled', 'awaiting_approval')
            when 'send_back' then 'writing' else 'rejected' end,
        comment = new.comment, reason = null, revisions = iif(new.decision = 'send_back', 0, revisions),
        expires_at = (select iif(c.time_lapse or new.decision = 'reject', null, post.due_at + (select grace_ms from setting))
                      from campaign c where c.workspace_id = post.workspace_id and c.id = post.campaign_id),
        revision = revision + 1, changed_by = new.user_id, updated_at = new.at
    where workspace_id = new.workspace_id and id = new.post_id;
    -- Publishing is not due in time-lapse until every earlier slot is done: see post_lets_the_next_one_go.
    insert into job (workspace_id, id, step, run_id, campaign_id, post_id, version, approval_id, content_sha256,
                     channel_id, run_at, created_at, updated_at)
    select p.workspace_id, 'publish:' || new.id, 'publish', p.campaign_id || '-r1', p.campaign_id, p.id, new.version,
           new.id, new.content_sha256, new.channel_id, p.due_at, new.at, new.at
    from post p where new.decision = 'approve' and p.state = 'scheduled' and p.workspace_id = new.workspace_id and p.id = new.post_id;
    insert into job (workspace_id, id, step, run_id, campaign_id, post_id, version, run_at, created_at, updated_at)
    select p.workspace_id, 'generate:' || new.id, 'generate', p.campaign_id || '-r1', p.campaign_id, p.id, p.version,
           new.at, new.at, new.at
    from post p where new.decision = 'send_back' and p.workspace_id = new.workspace_id and p.id = new.post_id;
    -- In time-lapse the earliest unfinished slot is due now.
    update job set run_at = new.at
    where workspace_id = new.workspace_id and step = 'publish' and state = 'ready' and post_id = (
        select p.id from post p join campaign c on c.workspace_id = p.workspace_id and c.id = p.campaign_id
        where p.workspace_id = new.workspace_id and c.time_lapse = 1
          and p.campaign_id = (select campaign_id from post where workspace_id = new.workspace_id and id = new.post_id)
          and p.state not in ('published', 'missed', 'rejected', 'cancelled') order by p.slot limit 1);
end;

-- Said first, then what follows from it: the trigger that was made last fires first.
drop trigger approval_is_recorded;
create trigger approval_is_recorded after insert on approval begin
    insert into event (workspace_id, at, campaign_id, subject, kind, actor, data)
    select new.workspace_id, new.at, campaign_id, 'post:' || id, 'approval.' || new.decision, new.user_id,
           json_object('version', new.version, 'sha256', new.content_sha256, 'due_at', new.due_at, 'round', new.round)
    from post where workspace_id = new.workspace_id and id = new.post_id;
end;

-- Publishing failed for good: none of its approvals stands any more, not only the one that completed them.
create trigger dead_publication_voids_approvals after update of state on job when new.state = 'dead' and new.step = 'publish' begin
    update approval set revoked_at = new.updated_at
    where workspace_id = new.workspace_id and post_id = new.post_id and decision = 'approve' and revoked_at is null;
end;

-- Which campaigns a policy's row counts for.
create view policy_campaign as
select p.workspace_id, p.campaign_id as set_for, c.id as campaign_id
from approval_policy p
join campaign c on c.workspace_id = p.workspace_id
where c.id = p.campaign_id
   or (p.campaign_id = '' and not exists (
        select 1 from approval_policy own where own.workspace_id = c.workspace_id and own.campaign_id = c.id and own.kind <> 'inherit'));

-- Another policy needs other approvals: what was approved under the old one waits again.
create trigger policy_change_is_allowed before update of kind, rounds, author_may_approve on approval_policy
when (new.kind <> old.kind or new.rounds <> old.rounds or new.author_may_approve <> old.author_may_approve) and exists (
    select 1 from policy_campaign s join job j on j.workspace_id = s.workspace_id and j.campaign_id = s.campaign_id
    where s.workspace_id = new.workspace_id and s.set_for = new.campaign_id
      and j.state in ('armed', 'unknown', 'reconciling', 'needs_human'))
begin
    select raise(abort, 'rondo:outcome_unknown');
end;
create trigger own_policy_is_allowed before insert on approval_policy
when new.campaign_id <> '' and exists (
    select 1 from job j where j.workspace_id = new.workspace_id and j.campaign_id = new.campaign_id
      and j.state in ('armed', 'unknown', 'reconciling', 'needs_human'))
begin
    select raise(abort, 'rondo:outcome_unknown');
end;

create trigger policy_is_sound before insert on approval_policy
when exists (select 1 from json_each(new.rounds) r
             where coalesce(r.value ->> '$.needed', 0) not between 1 and 20 or json_type(r.value, '$.people') is not 'array')
begin
    select raise(abort, 'rondo:illegal_move');
end;
create trigger policy_stays_sound before update on approval_policy
when exists (select 1 from json_each(new.rounds) r
             where coalesce(r.value ->> '$.needed', 0) not between 1 and 20 or json_type(r.value, '$.people') is not 'array')
begin
    select raise(abort, 'rondo:illegal_move');
end;

-- That nobody need look is for owners and admins alone to say.
create trigger standing_rule_is_set_by_an_admin before insert on approval_policy
when new.kind = 'none' and new.changed_by <> 'operator'
  and not exists (select 1 from member m where m.workspace_id = new.workspace_id and m.user_id = new.changed_by and m.role in ('owner', 'admin'))
  and not exists (select 1 from api_token t where t.workspace_id = new.workspace_id and 'token:' || t.id = new.changed_by and t.role in ('owner', 'admin'))
begin
    select raise(abort, 'rondo:illegal_move');
end;
create trigger standing_rule_is_made_by_an_admin before update on approval_policy
when new.kind = 'none' and new.changed_by <> 'operator'
  and not exists (select 1 from member m where m.workspace_id = new.workspace_id and m.user_id = new.changed_by and m.role in ('owner', 'admin'))
  and not exists (select 1 from api_token t where t.workspace_id = new.workspace_id and 'token:' || t.id = new.changed_by and t.role in ('owner', 'admin'))
begin
    select raise(abort, 'rondo:illegal_move');
end;

create trigger policy_voids_approvals after update of kind, rounds, author_may_approve on approval_policy
when new.kind <> old.kind or new.rounds <> old.rounds or new.author_may_approve <> old.author_may_approve
begin
    update approval set revoked_at = new.updated_at
    where workspace_id = new.workspace_id and decision = 'approve' and revoked_at is null and post_id in (
        select p.id from policy_campaign s join post p on p.workspace_id = s.workspace_id and p.campaign_id = s.campaign_id
        where s.workspace_id = new.workspace_id and s.set_for = new.campaign_id
          and p.state in ('awaiting_approval', 'scheduled', 'needs_person'));
    update job set state = 'cancelled', lease_until = null, updated_at = new.updated_at, last_error = 'another approval policy'
    where workspace_id = new.workspace_id and step = 'publish' and state in ('ready', 'leased') and campaign_id in (
        select s.campaign_id from policy_campaign s where s.workspace_id = new.workspace_id and s.set_for = new.campaign_id);
    update post set state = 'awaiting_approval', revision = revision + 1, changed_by = new.changed_by, updated_at = new.updated_at
    where workspace_id = new.workspace_id and state = 'scheduled' and campaign_id in (
        select s.campaign_id from policy_campaign s where s.workspace_id = new.workspace_id and s.set_for = new.campaign_id);
end;
create trigger own_policy_voids_approvals after insert on approval_policy when new.campaign_id <> '' begin
    update approval set revoked_at = new.updated_at
    where workspace_id = new.workspace_id and decision = 'approve' and revoked_at is null and post_id in (
        select p.id from post p where p.workspace_id = new.workspace_id and p.campaign_id = new.campaign_id
          and p.state in ('awaiting_approval', 'scheduled', 'needs_person'));
    update job set state = 'cancelled', lease_until = null, updated_at = new.updated_at, last_error = 'another approval policy'
    where workspace_id = new.workspace_id and campaign_id = new.campaign_id and step = 'publish' and state in ('ready', 'leased');
    update post set state = 'awaiting_approval', revision = revision + 1, changed_by = new.changed_by, updated_at = new.updated_at
    where workspace_id = new.workspace_id and campaign_id = new.campaign_id and state = 'scheduled';
end;
create trigger policy_is_recorded after insert on approval_policy when new.changed_by <> 'rondo' begin
    insert into event (workspace_id, at, campaign_id, subject, kind, actor, data)
    values (new.workspace_id, new.updated_at, nullif(new.campaign_id, ''), 'policy:' || new.campaign_id, 'policy.changed', new.changed_by,
            json_object('kind', new.kind, 'rounds', json(new.rounds), 'author_may_approve', new.author_may_approve,
                        'remind_after_h', new.remind_after_h, 'escalate_after_h', new.escalate_after_h));
end;
create trigger policy_change_is_recorded after update on approval_policy begin
    insert into event (workspace_id, at, campaign_id, subject, kind, actor, data)
    values (new.workspace_id, new.updated_at, nullif(new.campaign_id, ''), 'policy:' || new.campaign_id, 'policy.changed', new.changed_by,
            json_object('kind', new.kind, 'rounds', json(new.rounds), 'author_may_approve', new.author_may_approve,
                        'remind_after_h', new.remind_after_h, 'escalate_after_h', new.escalate_after_h, 'was', old.kind));
end;
create trigger policy_is_never_deleted before delete on approval_policy begin
    select raise(abort, 'rondo:append_only');
end;

-- Since when it waits, for whom, and whether somebody was reminded.
alter table post add column waits_since integer;
alter table post add column assigned_to text;
alter table post add column reminded_at integer;
alter table post add column escalated_at integer;
alter table strategy add column assigned_to text;
alter table strategy add column reminded_at integer;
alter table strategy add column escalated_at integer;
update post set waits_since = updated_at where state in ('awaiting_approval', 'needs_person');

drop index post_waiting;
drop index post_stuck;
create index post_waiting on post (workspace_id, waits_since) where state = 'awaiting_approval';
create index post_stuck on post (workspace_id, waits_since) where state = 'needs_person';
create index post_unreminded on post (waits_since) where state = 'awaiting_approval' and reminded_at is null;
create index post_unescalated on post (waits_since) where state = 'awaiting_approval' and escalated_at is null;
create index strategy_unreminded on strategy (created_at) where state = 'proposed' and reminded_at is null;
create index strategy_unescalated on strategy (created_at) where state = 'proposed' and escalated_at is null;
create index post_due on post (workspace_id, due_at);
create index post_missed on post (workspace_id, due_at) where state = 'missed';

create trigger post_begins_to_wait after update of state on post
when new.state <> old.state and new.state in ('awaiting_approval', 'needs_person')
begin
    update post set waits_since = new.updated_at, reminded_at = null, escalated_at = null
    where workspace_id = new.workspace_id and id = new.id;
end;

-- What a person is told, until they have read it or it no longer matters.
create table notification (
    workspace_id text not null references workspace (id),
    user_id      text not null,
    id           text not null, -- what it tells, so that it is told once
    kind         text not null check (kind in ('mention', 'assigned', 'overdue', 'escalated')),
    subject      text not null, -- `post:<id>`, `strategy:<campaign>:<version>`
    campaign_id  text not null,
    actor        text not null,
    at           integer not null,
    read_at      integer,
    primary key (workspace_id, user_id, id)
) strict, without rowid;

create index notification_unread on notification (workspace_id, user_id, at) where read_at is null;
create index notification_subject on notification (workspace_id, subject) where read_at is null;

-- Said about a post. Nobody changes it.
create table comment (
    workspace_id text not null,
    id           text not null,
    post_id      text not null,
    version      integer not null, -- the one that was current
    text         text not null check (length(text) between 1 and 4000), -- domain::comment::CHARS_MAX
    mentions     text not null default '[]' check (json_valid(mentions)), -- users' ids
    author       text not null,
    at           integer not null,
    primary key (workspace_id, id),
    foreign key (workspace_id, post_id) references post (workspace_id, id)
) strict, without rowid;

create index comment_post on comment (workspace_id, post_id, at);

create trigger comment_is_never_changed before update on comment begin
    select raise(abort, 'rondo:append_only');
end;
create trigger comment_is_never_deleted before delete on comment begin
    select raise(abort, 'rondo:append_only');
end;
create trigger comment_is_recorded after insert on comment begin
    insert into event (workspace_id, at, campaign_id, subject, kind, actor, data)
    select new.workspace_id, new.at, campaign_id, 'post:' || id, 'comment.written', new.author,
           json_object('comment', new.id, 'version', new.version)
    from post where workspace_id = new.workspace_id and id = new.post_id;
end;
create trigger comment_tells_whom_it_mentions after insert on comment begin
    insert into notification (workspace_id, user_id, id, kind, subject, campaign_id, actor, at)
    select new.workspace_id, m.user_id, 'mention:' || new.id, 'mention', 'post:' || p.id, p.campaign_id, new.author, new.at
    from json_each(new.mentions) who
    join member m on m.workspace_id = new.workspace_id and m.user_id = who.value
    join post p on p.workspace_id = new.workspace_id and p.id = new.post_id
    where m.user_id <> new.author
    on conflict do nothing;
end;

create trigger post_is_assigned after update of assigned_to on post when new.assigned_to is not old.assigned_to begin
    insert into event (workspace_id, at, campaign_id, subject, kind, actor, data)
    values (new.workspace_id, new.updated_at, new.campaign_id, 'post:' || new.id, 'post.assigned', new.changed_by,
            json_object('to', new.assigned_to, 'was', old.assigned_to));
    insert into notification (workspace_id, user_id, id, kind, subject, campaign_id, actor, at)
    select new.workspace_id, new.assigned_to, 'assigned:post:' || new.id || ':' || new.revision, 'assigned', 'post:' || new.id,
           new.campaign_id, new.changed_by, new.updated_at
    where new.assigned_to is not null and new.assigned_to <> new.changed_by
    on conflict do nothing;
end;

create trigger post_is_overdue after update of reminded_at on post
when new.reminded_at is not null and old.reminded_at is null
begin
    insert into event (workspace_id, at, campaign_id, subject, kind, actor, data)
    values (new.workspace_id, new.reminded_at, new.campaign_id, 'post:' || new.id, 'post.overdue', 'conductor',
            json_object('waits_since', new.waits_since));
    insert into notification (workspace_id, user_id, id, kind, subject, campaign_id, actor, at)
    select m.workspace_id, m.user_id, 'overdue:post:' || new.id || ':' || new.waits_since, 'overdue', 'post:' || new.id,
           new.campaign_id, 'conductor', new.reminded_at
    from member m
    where m.workspace_id = new.workspace_id and iif(new.assigned_to is not null, m.user_id = new.assigned_to,
        m.role in ('owner', 'admin', 'approver') and exists (
            select 1 from approval_round r where r.workspace_id = new.workspace_id and r.post_id = new.id and r.given < r.needed
              and (json_array_length(r.people) = 0 or m.user_id in (select who.value from json_each(r.people) who))))
    on conflict do nothing;
end;

create trigger post_is_escalated after update of escalated_at on post
when new.escalated_at is not null and old.escalated_at is null
begin
    insert into event (workspace_id, at, campaign_id, subject, kind, actor, data)
    values (new.workspace_id, new.escalated_at, new.campaign_id, 'post:' || new.id, 'post.escalated', 'conductor',
            json_object('waits_since', new.waits_since));
    insert into notification (workspace_id, user_id, id, kind, subject, campaign_id, actor, at)
    select m.workspace_id, m.user_id, 'escalated:post:' || new.id || ':' || new.waits_since, 'escalated', 'post:' || new.id,
           new.campaign_id, 'conductor', new.escalated_at
    from member m where m.workspace_id = new.workspace_id and m.role in ('owner', 'admin')
    on conflict do nothing;
end;

create trigger strategy_is_assigned after update of assigned_to on strategy
when new.assigned_to is not null and new.assigned_to is not old.assigned_to
begin
    insert into notification (workspace_id, user_id, id, kind, subject, campaign_id, actor, at)
    values (new.workspace_id, new.assigned_to, 'assigned:strategy:' || new.campaign_id || ':' || new.version, 'assigned',
            'strategy:' || new.campaign_id || ':' || new.version, new.campaign_id, 'member', new.created_at)
    on conflict do nothing;
end;

create trigger strategy_is_overdue after update of reminded_at on strategy
when new.reminded_at is not null and old.reminded_at is null
begin
    insert into event (workspace_id, at, campaign_id, subject, kind, actor, data)
    values (new.workspace_id, new.reminded_at, new.campaign_id, 'strategy:' || new.campaign_id, 'strategy.overdue', 'conductor',
            json_object('version', new.version));
    insert into notification (workspace_id, user_id, id, kind, subject, campaign_id, actor, at)
    select m.workspace_id, m.user_id, 'overdue:strategy:' || new.campaign_id || ':' || new.version, 'overdue',
           'strategy:' || new.campaign_id || ':' || new.version, new.campaign_id, 'conductor', new.reminded_at
    from member m
    where m.workspace_id = new.workspace_id
      and iif(new.assigned_to is not null, m.user_id = new.assigned_to, m.role in ('owner', 'admin', 'approver'))
    on conflict do nothing;
end;

create trigger strategy_is_escalated after update of escalated_at on strategy
when new.escalated_at is not null and old.escalated_at is null
begin
    insert into event (workspace_id, at, campaign_id, subject, kind, actor, data)
    values (new.workspace_id, new.escalated_at, new.campaign_id, 'strategy:' || new.campaign_id, 'strategy.escalated', 'conductor',
            json_object('version', new.version));
    insert into notification (workspace_id, user_id, id, kind, subject, campaign_id, actor, at)
    select m.workspace_id, m.user_id, 'escalated:strategy:' || new.campaign_id || ':' || new.version, 'escalated',
           'strategy:' || new.campaign_id || ':' || new.version, new.campaign_id, 'conductor', new.escalated_at
    from member m where m.workspace_id = new.workspace_id and m.role in ('owner', 'admin')
    on conflict do nothing;
end;

-- What no longer waits is no longer anybody's reminder; what was said stays unread.
create trigger post_waits_no_longer after update of state on post
when old.state in ('awaiting_approval', 'needs_person') and new.state not in ('awaiting_approval', 'needs_person')
begin
    update notification set read_at = new.updated_at
    where workspace_id = new.workspace_id and subject = 'post:' || new.id and read_at is null and kind <> 'mention';
end;
create trigger strategy_waits_no_longer after update of state on strategy when new.state <> 'proposed' begin
    update notification set read_at = new.decided_at
    where workspace_id = new.workspace_id and subject = 'strategy:' || new.campaign_id || ':' || new.version
      and read_at is null and kind <> 'mention';
end;
