-- The flow: what follows from what. Each effect is a trigger, so that it is committed with its cause.

-- A campaign begins with its first run and the strategist's job.
create trigger campaign_begins after insert on campaign begin
    insert into run (workspace_id, id, campaign_id, round, created_at)
    values (new.workspace_id, new.id || '-r1', new.id, 1, new.created_at);
    insert into job (workspace_id, id, step, run_id, campaign_id, version, run_at, created_at, updated_at)
    values (new.workspace_id, 'strategize:' || new.id || ':1', 'strategize', new.id || '-r1', new.id, 0,
            new.created_at, new.created_at, new.created_at);
    insert into event (workspace_id, at, campaign_id, subject, kind, actor, data)
    values (new.workspace_id, new.created_at, new.id, 'campaign:' || new.id, 'campaign.created', new.changed_by,
            json_object('name', new.name, 'mode', new.mode));
end;

-- A strategy is proposed; a person decides. `artifact`: {strategy, slots, sha256}.
create trigger strategize_is_done after insert on outcome
when new.state = 'done' and (select step from job where workspace_id = new.workspace_id and id = new.job_id) = 'strategize'
begin
    insert into strategy (workspace_id, campaign_id, version, document, slots, sha256, created_at)
    select c.workspace_id, c.id,
           1 + (select count(*) from strategy s where s.workspace_id = c.workspace_id and s.campaign_id = c.id),
           json_extract(new.artifact, '$.strategy'), json_extract(new.artifact, '$.slots'),
           json_extract(new.artifact, '$.sha256'), new.at
    from job j join campaign c on c.workspace_id = j.workspace_id and c.id = j.campaign_id
    where j.workspace_id = new.workspace_id and j.id = new.job_id and c.stage = 'planning';
    update campaign set stage = 'strategy_approval', reason = null, changed_by = 'strategist',
        revision = revision + 1, updated_at = new.at
    where workspace_id = new.workspace_id and stage = 'planning'
      and id = (select campaign_id from job where workspace_id = new.workspace_id and id = new.job_id);
end;

create trigger strategy_decision_is_allowed before update of state on strategy
when old.state <> 'proposed'
  or (select stage from campaign where workspace_id = old.workspace_id and id = old.campaign_id) <> 'strategy_approval'
begin
    select raise(abort, 'rondo:already_decided');
end;

create trigger strategy_is_never_rewritten before update of document, slots, sha256 on strategy begin
    select raise(abort, 'rondo:append_only');
end;

create trigger strategy_is_sent_back after update of state on strategy when new.state = 'sent_back' begin
    update campaign set stage = 'planning', changed_by = new.decided_by, revision = revision + 1,
        updated_at = new.decided_at
    where workspace_id = new.workspace_id and id = new.campaign_id;
    insert into job (workspace_id, id, step, run_id, campaign_id, version, run_at, created_at, updated_at)
    values (new.workspace_id, 'strategize:' || new.campaign_id || ':' || (new.version + 1), 'strategize',
            new.campaign_id || '-r1', new.campaign_id, new.version, new.decided_at, new.decided_at, new.decided_at);
end;

-- Approved: one post for each entry of the calendar, and one job to write each.
create trigger strategy_is_approved after update of state on strategy when new.state = 'approved' begin
    update campaign set stage = 'producing', changed_by = new.decided_by, revision = revision + 1,
        updated_at = new.decided_at
    where workspace_id = new.workspace_id and id = new.campaign_id;
    insert into post (workspace_id, id, campaign_id, channel_id, slot, planned_local, due_at, expires_at, language,
                      pillar, angle, changed_by, created_at, updated_at)
    select new.workspace_id, new.campaign_id || '-' || json_extract(e.value, '$.slot'), new.campaign_id, ch.id,
           json_extract(e.value, '$.slot'), json_extract(s.value, '$.local'), json_extract(s.value, '$.due_at'),
           iif(c.time_lapse, null, json_extract(s.value, '$.expires_at')), json_extract(s.value, '$.language'),
           json_extract(e.value, '$.pillar'), json_extract(e.value, '$.angle'),
           new.decided_by, new.decided_at, new.decided_at
    from campaign c
    join json_each(new.document, '$.calendar') e
    join json_each(new.slots) s on json_extract(s.value, '$.ordinal') = json_extract(e.value, '$.slot')
    join channel ch on ch.workspace_id = c.workspace_id and ch.name = json_extract(e.value, '$.channel')
    where c.workspace_id = new.workspace_id and c.id = new.campaign_id;
    insert into job (workspace_id, id, step, run_id, campaign_id, post_id, run_at, created_at, updated_at)
    select workspace_id, 'generate:' || id, 'generate', campaign_id || '-r1', campaign_id, id,
           new.decided_at, new.decided_at, new.decided_at
    from post where workspace_id = new.workspace_id and campaign_id = new.campaign_id;
end;

-- A version was written. `artifact`: {content, sha256, model}. If a person was quicker, theirs stands.
create trigger generate_is_done after insert on outcome
when new.state = 'done' and (select step from job where workspace_id = new.workspace_id and id = new.job_id) = 'generate'
begin
    insert into post_version (workspace_id, post_id, version, content, sha256, author, model, created_at)
    select p.workspace_id, p.id, p.version + 1, json_extract(new.artifact, '$.content'),
           json_extract(new.artifact, '$.sha256'), 'copywriter', json_extract(new.artifact, '$.model'), new.at
    from job j join post p on p.workspace_id = j.workspace_id and p.id = j.post_id
    where j.workspace_id = new.workspace_id and j.id = new.job_id and p.state = 'writing';
end;

-- A new version, whoever wrote it: it voids what was approved, and goes to review.
create trigger version_is_in_order before insert on post_version begin
    select case
        when p.version <> new.version - 1 then raise(abort, 'rondo:superseded')
        when exists (select 1 from job j where j.workspace_id = p.workspace_id and j.post_id = p.id
                       and j.state in ('armed', 'unknown', 'reconciling', 'needs_human')) then raise(abort, 'rondo:outcome_unknown')
        when p.state not in ('writing', 'in_review', 'awaiting_approval', 'scheduled', 'needs_person', 'missed')
            then raise(abort, 'rondo:wrong_state')
        when (select stage from campaign c where c.workspace_id = p.workspace_id and c.id = p.campaign_id) <> 'producing'
            then raise(abort, 'rondo:wrong_state')
    end
    from post p where p.workspace_id = new.workspace_id and p.id = new.post_id;
end;

create trigger version_goes_to_review after insert on post_version begin
    update approval set revoked_at = new.created_at
    where workspace_id = new.workspace_id and post_id = new.post_id and decision = 'approve' and revoked_at is null;
    update job set state = 'cancelled', lease_until = null, updated_at = new.created_at, last_error = 'a newer version'
    where workspace_id = new.workspace_id and post_id = new.post_id and step in ('publish', 'review')
      and state in ('ready', 'leased');
    update post set version = new.version, state = 'in_review', reason = null, comment = null,
        revisions = iif(new.author = 'copywriter', revisions, 0),
        revision = revision + 1, changed_by = new.author, updated_at = new.created_at
    where workspace_id = new.workspace_id and id = new.post_id;
    insert into job (workspace_id, id, step, run_id, campaign_id, post_id, version, run_at, created_at, updated_at)
    select workspace_id, 'review:' || id || ':' || new.version, 'review', campaign_id || '-r1', campaign_id, id,
           new.version, new.created_at, new.created_at, new.created_at
    from post where workspace_id = new.workspace_id and id = new.post_id;
end;

-- A version was judged. `artifact`: {verdict, reason, revisions_max, reviews: [{reviewer, verdict, scores, findings, model}]}.
create trigger review_is_done after insert on outcome
when new.state = 'done' and (select step from job where workspace_id = new.workspace_id and id = new.job_id) = 'review'
begin
    insert into review (workspace_id, post_id, version, reviewer, verdict, scores, findings, model, at)
    select j.workspace_id, j.post_id, j.version, json_extract(r.value, '$.reviewer'),
           json_extract(r.value, '$.verdict'), json_extract(r.value, '$.scores'),
           json_extract(r.value, '$.findings'), json_extract(r.value, '$.model'), new.at
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

-- A step gave up: a person must look.
create trigger step_is_dead after update of state on job when new.state = 'dead' begin
    update campaign set reason = 'planning failed: ' || coalesce(new.last_error, 'out of attempts'),
        revision = revision + 1, changed_by = 'worker', updated_at = new.updated_at
    where new.step = 'strategize' and workspace_id = new.workspace_id and id = new.campaign_id;
    update post set state = 'needs_person',
        reason = case new.step when 'generate' then 'writing failed: ' when 'review' then 'no verdict: '
                 else 'publishing failed: ' end || coalesce(new.last_error, 'out of attempts'),
        revision = revision + 1, changed_by = 'worker', updated_at = new.updated_at
    where new.step <> 'strategize' and workspace_id = new.workspace_id and id = new.post_id
      and state = case new.step when 'generate' then 'writing' when 'review' then 'in_review' else state end
      and state not in ('published', 'missed', 'rejected', 'cancelled')
      and (new.step <> 'review' or version = new.version);
    update approval set revoked_at = new.updated_at
    where new.step = 'publish' and workspace_id = new.workspace_id and id = new.approval_id and revoked_at is null;
end;

-- A person decides on a version.
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
    end
    from post p left join post_version v on v.workspace_id = p.workspace_id and v.post_id = p.id and v.version = new.version
    where p.workspace_id = new.workspace_id and p.id = new.post_id;
end;

create trigger approval_takes_effect after insert on approval begin
    update approval set revoked_at = new.at
    where new.decision <> 'approve' and workspace_id = new.workspace_id and post_id = new.post_id
      and decision = 'approve' and revoked_at is null;
    update job set state = 'cancelled', lease_until = null, updated_at = new.at, last_error = 'a person decided otherwise'
    where new.decision <> 'approve' and workspace_id = new.workspace_id and post_id = new.post_id
      and step in ('publish', 'generate') and state in ('ready', 'leased');
    update post set
        state = case new.decision when 'approve' then 'scheduled' when 'send_back' then 'writing' else 'rejected' end,
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
    from post p where new.decision = 'approve' and p.workspace_id = new.workspace_id and p.id = new.post_id;
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

-- A campaign's mode decides where its posts go, so what was approved for one mode does not stand in the other.
create trigger mode_change_is_allowed before update of mode on campaign
when new.mode <> old.mode and exists (
    select 1 from job j where j.workspace_id = old.workspace_id and j.campaign_id = old.id
      and j.state in ('armed', 'unknown', 'reconciling', 'needs_human'))
begin
    select raise(abort, 'rondo:outcome_unknown');
end;

create trigger mode_voids_approvals after update of mode on campaign when new.mode <> old.mode begin
    update approval set revoked_at = new.updated_at
    where workspace_id = new.workspace_id and decision = 'approve' and revoked_at is null
      and post_id in (select id from post where workspace_id = new.workspace_id and campaign_id = new.id);
    update job set state = 'cancelled', lease_until = null, updated_at = new.updated_at, last_error = 'another mode'
    where workspace_id = new.workspace_id and campaign_id = new.id and step = 'publish' and state in ('ready', 'leased');
    update post set state = 'awaiting_approval', revision = revision + 1, changed_by = new.changed_by,
        updated_at = new.updated_at
    where workspace_id = new.workspace_id and campaign_id = new.id and state = 'scheduled';
end;

create trigger post_change_is_allowed before update of held, due_at on post
when new.held <> old.held or new.due_at <> old.due_at begin
    select case
        when exists (select 1 from job j where j.workspace_id = old.workspace_id and j.post_id = old.id
                       and j.state in ('armed', 'unknown', 'reconciling', 'needs_human')) then raise(abort, 'rondo:outcome_unknown')
        when old.state not in ('writing', 'in_review', 'awaiting_approval', 'scheduled', 'needs_person', 'missed')
            then raise(abort, 'rondo:wrong_state')
        when (select stage from campaign c where c.workspace_id = old.workspace_id and c.id = old.campaign_id) <> 'producing'
            then raise(abort, 'rondo:wrong_state')
    end;
end;

-- Another time voids what was approved; a missed post may be given one, and goes on from where it was.
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
                  and r.version = new.version and r.reviewer = 'editor' and r.verdict = 'approve') then 'awaiting_approval'
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

-- A dead job that a person gives another chance is a new job; what waited for a person goes on.
create trigger step_is_given_another_chance after insert on job when new.id like '%:again' begin
    update campaign set reason = null, revision = revision + 1, updated_at = new.created_at
    where new.step = 'strategize' and workspace_id = new.workspace_id and id = new.campaign_id;
    update post set state = iif(new.step = 'generate', 'writing', 'in_review'), reason = null, revision = revision + 1,
        updated_at = new.created_at
    where new.step in ('generate', 'review') and workspace_id = new.workspace_id and id = new.post_id
      and state = 'needs_person';
end;

-- Sending: the post follows its job.
create trigger publish_is_armed after update of state on job when new.state = 'armed' and new.step = 'publish' begin
    update post set state = 'publishing', expires_at = null, revision = revision + 1, changed_by = 'publisher',
        updated_at = new.updated_at
    where workspace_id = new.workspace_id and id = new.post_id;
end;

create trigger publish_is_done after insert on outcome
when new.state = 'done' and (select step from job where workspace_id = new.workspace_id and id = new.job_id) = 'publish'
begin
    insert into publication (workspace_id, job_id, campaign_id, post_id, version, channel_id, content_sha256, mode,
                             ext_id, ext_url, armed_at, published_at, known_by)
    select j.workspace_id, j.id, j.campaign_id, j.post_id, j.version, j.channel_id, j.content_sha256, c.mode,
           coalesce(new.ext_id, j.ext_id), coalesce(new.ext_url, j.ext_url), j.armed_at, new.at,
           json_extract(new.artifact, '$.known_by')
    from job j join campaign c on c.workspace_id = j.workspace_id and c.id = j.campaign_id
    where j.workspace_id = new.workspace_id and j.id = new.job_id;
    update post set state = 'published', expires_at = null, reason = null, published_at = new.at,
        -- The outcome's own: whether the job has it already depends on which trigger fires first.
        ext_url = coalesce(new.ext_url, (select ext_url from job where workspace_id = new.workspace_id and id = new.job_id)),
        revision = revision + 1, changed_by = new.by, updated_at = new.at
    where workspace_id = new.workspace_id
      and id = (select post_id from job where workspace_id = new.workspace_id and id = new.job_id);
end;

-- A person says what became of a job whose outcome nobody else can find out.
create table resolution (
    workspace_id text not null,
    job_id       text not null,
    id           text not null,
    answer       text not null check (answer in ('live', 'not_live')),
    ext_url      text,
    user_id      text not null,
    at           integer not null,
    primary key (workspace_id, job_id, id)
) strict, without rowid;

create trigger resolution_is_allowed before insert on resolution
when not exists (select 1 from job where workspace_id = new.workspace_id and id = new.job_id and state = 'needs_human')
begin
    select raise(abort, 'rondo:already_decided');
end;

create trigger resolution_takes_effect after insert on resolution begin
    update job set fence = fence + 1 where workspace_id = new.workspace_id and id = new.job_id;
    insert into outcome (workspace_id, job_id, fence, state, at, run_at, ext_url, artifact, by)
    select workspace_id, id, fence, iif(new.answer = 'live', 'done', 'ready'), new.at, new.at, new.ext_url,
           json_object('known_by', 'person'), new.user_id
    from job where workspace_id = new.workspace_id and id = new.job_id;
end;

-- Surely not sent: the post waits for its time again, and may miss it. If its campaign was cancelled meanwhile,
-- it never goes out.
create trigger publish_is_ready_again after update of state on job
when new.step = 'publish' and new.state = 'ready' and old.state in ('armed', 'reconciling', 'needs_human') begin
    update post set reason = null, revision = revision + 1, changed_by = 'publisher', updated_at = new.updated_at,
        (state, expires_at) = (
            select iif(c.stage = 'cancelled', 'cancelled', 'scheduled'),
                   iif(c.stage = 'cancelled' or c.time_lapse, null, post.due_at + (select grace_ms from setting))
            from campaign c where c.workspace_id = post.workspace_id and c.id = post.campaign_id)
    where workspace_id = new.workspace_id and id = new.post_id and state in ('publishing', 'needs_person');
end;

create trigger publish_needs_a_person after update of state on job
when new.step = 'publish' and new.state = 'needs_human' begin
    update post set state = 'needs_person', reason = coalesce(new.last_error, 'nobody knows whether it went out'),
        revision = revision + 1, changed_by = 'publisher', updated_at = new.updated_at
    where workspace_id = new.workspace_id and id = new.post_id;
end;

-- What the triggers need to know of the rules; one row, written by the migration that changes it.
create table setting (
    id       integer primary key check (id = 1),
    grace_ms integer not null -- domain::calendar::GRACE_MS; a test compares them
) strict;
insert into setting (id, grace_ms) values (1, 900000);

-- A post came to an end: in time-lapse the next one is due; after the last one the campaign is finished.
create trigger post_lets_the_next_one_go after update of state on post
when new.state <> old.state and new.state in ('published', 'missed', 'rejected', 'cancelled')
begin
    update job set state = 'cancelled', lease_until = null, updated_at = new.updated_at,
        last_error = 'the post is ' || new.state
    where new.state <> 'published' and workspace_id = new.workspace_id and post_id = new.id
      and state in ('ready', 'leased');
    update approval set revoked_at = new.updated_at
    where new.state <> 'published' and workspace_id = new.workspace_id and post_id = new.id
      and decision = 'approve' and revoked_at is null;
    update job set run_at = new.updated_at
    where workspace_id = new.workspace_id and step = 'publish' and state = 'ready' and post_id = (
        select p.id from post p join campaign c on c.workspace_id = p.workspace_id and c.id = p.campaign_id
        where p.workspace_id = new.workspace_id and p.campaign_id = new.campaign_id and c.time_lapse = 1
          and p.state not in ('published', 'missed', 'rejected', 'cancelled') order by p.slot limit 1);
    update campaign set stage = 'finished', finished_at = new.updated_at, changed_by = 'conductor',
        revision = revision + 1, updated_at = new.updated_at
    where workspace_id = new.workspace_id and id = new.campaign_id and stage = 'producing'
      and not exists (select 1 from post p where p.workspace_id = new.workspace_id and p.campaign_id = new.campaign_id
                        and p.state not in ('published', 'missed', 'rejected', 'cancelled'));
end;

create trigger campaign_is_over after update of stage on campaign
when new.stage <> old.stage and new.stage in ('finished', 'cancelled') begin
    update run set finished_at = new.updated_at
    where workspace_id = new.workspace_id and campaign_id = new.id and finished_at is null;
    update job set state = 'cancelled', lease_until = null, updated_at = new.updated_at, last_error = 'the campaign is over'
    where workspace_id = new.workspace_id and campaign_id = new.id and state in ('ready', 'leased');
    update post set state = 'cancelled', expires_at = null, revision = revision + 1, changed_by = new.changed_by,
        updated_at = new.updated_at
    where new.stage = 'cancelled' and workspace_id = new.workspace_id and campaign_id = new.id
      and state in ('writing', 'in_review', 'awaiting_approval', 'scheduled', 'needs_person')
      and not exists (select 1 from job j where j.workspace_id = post.workspace_id and j.post_id = post.id
                        and j.state in ('armed', 'unknown', 'reconciling', 'needs_human'));
end;

-- History: one line for every change of state, whoever made it.
create trigger job_is_recorded after insert on job begin
    insert into event (workspace_id, at, campaign_id, subject, kind, actor)
    values (new.workspace_id, new.created_at, new.campaign_id, 'job:' || new.id, 'job.ready', 'conductor');
end;
create trigger job_move_is_recorded after update of state on job when new.state <> old.state begin
    insert into event (workspace_id, at, campaign_id, subject, kind, actor, data)
    values (new.workspace_id, new.updated_at, new.campaign_id, 'job:' || new.id, 'job.' || new.state, 'worker',
            json_object('from', old.state, 'fence', new.fence, 'attempt', new.attempt, 'reason', new.last_error));
end;
create trigger post_is_recorded after insert on post begin
    insert into event (workspace_id, at, campaign_id, subject, kind, actor)
    values (new.workspace_id, new.created_at, new.campaign_id, 'post:' || new.id, 'post.writing', new.changed_by);
end;
create trigger post_move_is_recorded after update of state on post when new.state <> old.state begin
    insert into event (workspace_id, at, campaign_id, subject, kind, actor, data)
    values (new.workspace_id, new.updated_at, new.campaign_id, 'post:' || new.id, 'post.' || new.state, new.changed_by,
            json_object('from', old.state, 'version', new.version, 'reason', new.reason));
end;
create trigger post_change_is_recorded after update of held, due_at on post
when new.held <> old.held or new.due_at <> old.due_at begin
    insert into event (workspace_id, at, campaign_id, subject, kind, actor, data)
    values (new.workspace_id, new.updated_at, new.campaign_id, 'post:' || new.id,
            case when new.due_at <> old.due_at then 'post.rescheduled' when new.held then 'post.held' else 'post.released' end,
            new.changed_by, json_object('due_at', new.due_at, 'was', old.due_at));
end;
create trigger version_is_recorded after insert on post_version begin
    insert into event (workspace_id, at, campaign_id, subject, kind, actor, data)
    select new.workspace_id, new.created_at, campaign_id, 'post:' || id, 'version.written', new.author,
           json_object('version', new.version, 'sha256', new.sha256)
    from post where workspace_id = new.workspace_id and id = new.post_id;
end;
create trigger review_is_recorded after insert on review begin
    insert into event (workspace_id, at, campaign_id, subject, kind, actor, data)
    select new.workspace_id, new.at, campaign_id, 'post:' || id, 'review.' || new.verdict, new.reviewer,
           json_object('version', new.version)
    from post where workspace_id = new.workspace_id and id = new.post_id;
end;
create trigger approval_is_recorded after insert on approval begin
    insert into event (workspace_id, at, campaign_id, subject, kind, actor, data)
    select new.workspace_id, new.at, campaign_id, 'post:' || id, 'approval.' || new.decision, new.user_id,
           json_object('version', new.version, 'sha256', new.content_sha256, 'due_at', new.due_at)
    from post where workspace_id = new.workspace_id and id = new.post_id;
end;
create trigger approval_end_is_recorded after update of revoked_at on approval begin
    insert into event (workspace_id, at, campaign_id, subject, kind, actor, data)
    select new.workspace_id, new.revoked_at, campaign_id, 'post:' || id, 'approval.void', 'conductor',
           json_object('version', new.version)
    from post where workspace_id = new.workspace_id and id = new.post_id;
end;
create trigger campaign_move_is_recorded after update of stage on campaign when new.stage <> old.stage begin
    insert into event (workspace_id, at, campaign_id, subject, kind, actor, data)
    values (new.workspace_id, new.updated_at, new.id, 'campaign:' || new.id, 'campaign.' || new.stage, new.changed_by,
            json_object('from', old.stage, 'reason', new.reason));
end;
create trigger campaign_change_is_recorded after update of paused, mode, budget_micro_usd on campaign
when new.paused <> old.paused or new.mode <> old.mode or new.budget_micro_usd <> old.budget_micro_usd begin
    insert into event (workspace_id, at, campaign_id, subject, kind, actor, data)
    values (new.workspace_id, new.updated_at, new.id, 'campaign:' || new.id, 'campaign.changed', new.changed_by,
            json_object('paused', new.paused, 'mode', new.mode, 'budget_micro_usd', new.budget_micro_usd));
end;
create trigger strategy_is_recorded after insert on strategy begin
    insert into event (workspace_id, at, campaign_id, subject, kind, actor, data)
    values (new.workspace_id, new.created_at, new.campaign_id, 'strategy:' || new.campaign_id, 'strategy.proposed',
            'strategist', json_object('version', new.version, 'sha256', new.sha256));
end;
create trigger strategy_move_is_recorded after update of state on strategy when new.state <> old.state begin
    insert into event (workspace_id, at, campaign_id, subject, kind, actor, data)
    values (new.workspace_id, new.decided_at, new.campaign_id, 'strategy:' || new.campaign_id,
            'strategy.' || new.state, new.decided_by, json_object('version', new.version, 'comment', new.comment));
end;
create trigger workspace_change_is_recorded after update of paused on workspace when new.paused <> old.paused begin
    insert into event (workspace_id, at, subject, kind, actor)
    values (new.id, cast(unixepoch('subsec') * 1000 as integer), 'workspace:' || new.id,
            iif(new.paused, 'workspace.paused', 'workspace.resumed'), 'member');
end;
