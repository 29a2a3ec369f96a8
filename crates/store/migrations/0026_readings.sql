-- Somebody else's text, read by a model for its facts: booked to the workspace, since a brand has no campaign.

-- The same table once more, with one difference: a call of a reading has no campaign. SQLite takes a NOT NULL back in no
-- other way, and renames no table that triggers of others name.
create table cost_before as select * from cost;
drop table cost;
create table cost (
    workspace_id       text not null,
    id                 text not null,
    campaign_id        text, -- whose budget pays; none: a reading's
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
    fence              integer,
    provider_id        text,
    stands_in_for      text, -- who was asked before, and what came of it
    rest_until         integer, -- what the answer's headers ask for
    prompt             text,
    primary key (workspace_id, id),
    foreign key (workspace_id, campaign_id) references campaign (workspace_id, id),
    check ((state = 'reserved') = (spent_micro_usd is null)),
    check (campaign_id is not null or substr(job_id, 1, 5) = 'read:')
) strict, without rowid;
insert into cost (workspace_id, id, campaign_id, job_id, step, provider, model, state, reserved_micro_usd,
                  spent_micro_usd, input_tokens, cached_tokens, output_tokens, outcome, request_id, input_sha256, answer,
                  started_at, expires_at, settled_at, fence, provider_id, stands_in_for, rest_until, prompt)
select workspace_id, id, campaign_id, job_id, step, provider, model, state, reserved_micro_usd,
       spent_micro_usd, input_tokens, cached_tokens, output_tokens, outcome, request_id, input_sha256, answer,
       started_at, expires_at, settled_at, fence, provider_id, stands_in_for, rest_until, prompt
from cost_before;
drop table cost_before;

create index cost_campaign on cost (workspace_id, campaign_id, step, spent_micro_usd, reserved_micro_usd);
create index cost_reserved on cost (expires_at) where state = 'reserved';
create index cost_answer on cost (workspace_id, job_id, input_sha256) where answer is not null;
create index cost_job on cost (workspace_id, job_id, spent_micro_usd);
create index cost_in_flight on cost (workspace_id, provider_id) where state = 'reserved' and provider_id is not null;

create trigger cost_stays_within_budget before insert on cost
when new.reserved_micro_usd > 0 and (
    select coalesce(sum(coalesce(spent_micro_usd, reserved_micro_usd)), 0) from cost
    where workspace_id = new.workspace_id and campaign_id = new.campaign_id) + new.reserved_micro_usd
    > (select budget_micro_usd from campaign where workspace_id = new.workspace_id and id = new.campaign_id)
begin
    select raise(abort, 'rondo:budget_spent');
end;
-- Whoever lost the job pays for nothing more.
create trigger cost_is_fenced before insert on cost
when not exists (
    select 1 from job
    where workspace_id = new.workspace_id and id = new.job_id and fence = new.fence and state = 'leased'
      and lease_until > new.started_at)
begin
    select raise(abort, 'rondo:fenced');
end;
create trigger cost_waits_for_the_provider before insert on cost when new.provider_id is not null begin
    select raise(abort, 'rondo:provider_gone') where not exists (
        select 1 from provider where workspace_id = new.workspace_id and id = new.provider_id
          and removed_at is null and paused = 0);
    select raise(abort, 'rondo:provider_blocked') where exists (
        select 1 from provider where workspace_id = new.workspace_id and id = new.provider_id
          and blocked_until > new.started_at);
    select raise(abort, 'rondo:provider_busy') where (
        select count(*) from cost where workspace_id = new.workspace_id and provider_id = new.provider_id
          and state = 'reserved' and provider_id is not null) >= (
        select at_once_max from provider where workspace_id = new.workspace_id and id = new.provider_id);
end;
create trigger cost_stand_in_is_recorded after insert on cost when new.stands_in_for is not null begin
    insert into event (workspace_id, at, campaign_id, subject, kind, actor, data)
    values (new.workspace_id, new.started_at, new.campaign_id, 'job:' || new.job_id, 'model.stood_in', 'worker',
            json_object('provider_id', new.provider_id, 'model', new.provider || '/' || new.model,
                        'for', new.stands_in_for));
end;
create trigger cost_lets_the_provider_rest after update of rest_until on cost
when new.rest_until is not null and new.provider_id is not null begin
    update provider set blocked_until = max(blocked_until, new.rest_until)
    where workspace_id = new.workspace_id and id = new.provider_id;
end;
create trigger cost_of_trials_stays_within_the_day before insert on cost
when new.reserved_micro_usd > 0 and substr(new.job_id, 1, 6) = 'trial:' and (
    select coalesce(sum(coalesce(k.spent_micro_usd, k.reserved_micro_usd)), 0)
    from learning_trial t join cost k on k.workspace_id = t.workspace_id and k.job_id = t.id
    where t.workspace_id = new.workspace_id and t.started_at > new.started_at - 86400000) + new.reserved_micro_usd
    > coalesce((select micro_usd_a_day from learning_limit where workspace_id = new.workspace_id), 0)
begin
    select raise(abort, 'rondo:trial_budget_spent');
end;

-- Begun by inserting a row, which makes its job; the job's outcome completes it, once.
create table reading (
    workspace_id    text not null references workspace (id),
    id              text not null, -- its job is `read:<id>`
    copied_from     text not null check (length(copied_from) between 1 and 200), -- as domain::source::Source has it
    text            text not null, -- of strangers: data, never a prompt but to the reader, and never a version
    micro_usd_a_day integer not null check (micro_usd_a_day >= 0), -- what 24 hours' readings may cost by then
    state           text not null default 'waiting' check (state in ('waiting', 'done', 'failed')), -- domain::ReadingState
    facts           text check (json_valid(facts)), -- [domain::source::TypedFact]: each stands in the text
    left_out        integer, -- how many did not, or led elsewhere
    model           text,    -- provider/model
    reason          text,
    asked_by        text not null,
    asked_at        integer not null,
    ended_at        integer,
    primary key (workspace_id, id),
    check ((state = 'waiting') = (ended_at is null)),
    check ((state = 'done') = (facts is not null))
) strict, without rowid;

create index reading_asked on reading (workspace_id, asked_at);

create trigger reading_begins before insert on reading when new.state <> 'waiting' begin
    select raise(abort, 'rondo:illegal_move');
end;
create trigger reading_makes_its_job after insert on reading begin
    insert into job (workspace_id, id, step, run_at, created_at, updated_at)
    values (new.workspace_id, 'read:' || new.id, 'strategize', new.asked_at, new.asked_at, new.asked_at);
    insert into event (workspace_id, at, subject, kind, actor, data)
    values (new.workspace_id, new.asked_at, 'reading:' || new.id, 'reading.asked', new.asked_by,
            json_object('bytes', length(cast(new.text as blob))));
end;

-- `artifact`: {facts, left_out, model}, or {failed: why}.
create trigger reading_is_done after insert on outcome
when new.state = 'done' and substr(new.job_id, 1, 5) = 'read:' begin
    update reading set state = iif(json_extract(new.artifact, '$.failed') is null, 'done', 'failed'),
        facts = json_extract(new.artifact, '$.facts'), left_out = json_extract(new.artifact, '$.left_out'),
        model = json_extract(new.artifact, '$.model'), reason = json_extract(new.artifact, '$.failed'), ended_at = new.at
    where workspace_id = new.workspace_id and id = substr(new.job_id, 6) and state = 'waiting';
end;
create trigger reading_has_failed after update of state on job
when new.state in ('dead', 'cancelled') and substr(new.id, 1, 5) = 'read:' begin
    update reading set state = 'failed', reason = coalesce(new.last_error, new.state), ended_at = new.updated_at
    where workspace_id = new.workspace_id and id = substr(new.id, 6) and state = 'waiting';
end;
create trigger reading_is_completed_once before update on reading
when old.state <> 'waiting' or new.state = 'waiting'
  or (new.copied_from, new.text, new.micro_usd_a_day, new.asked_by, new.asked_at) is not
     (old.copied_from, old.text, old.micro_usd_a_day, old.asked_by, old.asked_at)
begin
    select raise(abort, 'rondo:append_only');
end;
create trigger reading_is_never_deleted before delete on reading begin
    select raise(abort, 'rondo:append_only');
end;
create trigger reading_is_recorded after update of state on reading begin
    insert into event (workspace_id, at, subject, kind, actor, data)
    values (new.workspace_id, new.ended_at, 'reading:' || new.id, 'reading.' || new.state, 'strategist',
            json_object('facts', json_array_length(new.facts), 'left_out', new.left_out, 'model', new.model));
end;

-- What readings of 24 hours may cost together, as the newest of them says.
create trigger cost_of_readings_stays_within_the_day before insert on cost
when new.reserved_micro_usd > 0 and substr(new.job_id, 1, 5) = 'read:' and (
    select coalesce(sum(coalesce(k.spent_micro_usd, k.reserved_micro_usd)), 0)
    from reading r join cost k on k.workspace_id = r.workspace_id and k.job_id = 'read:' || r.id
    where r.workspace_id = new.workspace_id and r.asked_at > new.started_at - 86400000) + new.reserved_micro_usd
    > coalesce((select micro_usd_a_day from reading
                where workspace_id = new.workspace_id and id = substr(new.job_id, 6)), 0)
begin
    select raise(abort, 'rondo:reading_budget_spent');
end;
