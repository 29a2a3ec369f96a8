-- Learnings: statements that must prove in paired trials that posts are better with them.

create table learning (
    workspace_id text not null references workspace (id),
    id           text not null,
    key          text not null, -- domain::learning::key: what makes two the same
    statement    text not null check (length(statement) between 8 and 240),
    channel_id   text,          -- for posts on this one alone; none: for all
    origin       text not null check (origin in ('edits', 'comments', 'reviews', 'person')), -- domain::learning::Origin
    sources      text not null default '[]' check (json_valid(sources)), -- [{post_id, version, approval_id}]
    state        text not null default 'proposed'
                 check (state in ('proposed', 'trying', 'adopted', 'dropped', 'retired')), -- domain::LearningState
    by_hand      integer not null default 0 check (by_hand in (0, 1)), -- a person adopted it, whatever its pairs say
    edition      integer not null default 1, -- grows when the evidence begins anew
    wins         integer not null default 0 check (wins >= 0),   -- of this edition's pairs: triggers keep them
    losses       integer not null default 0 check (losses >= 0),
    ties         integer not null default 0 check (ties >= 0),
    uses         integer not null default 0, -- versions that were written with it
    uses_tried   integer not null default 0, -- as many were when its last trial began
    reason       text,                       -- why it is in its state
    revision     integer not null default 1, -- grows with every change of a person's or of its state: the ETag
    changed_by   text not null,
    created_at   integer not null,
    updated_at   integer not null,
    primary key (workspace_id, id),
    foreign key (workspace_id, channel_id) references channel (workspace_id, id),
    check (by_hand = 0 or state = 'adopted')
) strict, without rowid;

create unique index learning_key on learning (workspace_id, key, coalesce(channel_id, ''));
create index learning_newest on learning (workspace_id, created_at desc, id desc);
create index learning_proposed on learning (workspace_id, id) where state = 'proposed';
create index learning_trying on learning (workspace_id, id) where state = 'trying';
create index learning_adopted on learning (workspace_id, id) where state = 'adopted';
-- domain::learning::USES_BETWEEN_TRIALS; a test compares them.
create index learning_rests on learning (workspace_id, id) where state = 'adopted' and uses >= uses_tried + 10;

-- One pair: the same task written with and without the learning, and what the judge said in both orders. It is begun by
-- inserting a row, which makes its job; the job's outcome completes it, once.
create table learning_trial (
    workspace_id    text not null,
    id              text not null, -- the job's: `trial:<learning>:<n>`
    learning_id     text not null,
    edition         integer not null,
    n               integer not null check (n >= 1),
    campaign_id     text not null, -- whose task is repeated, and whose budget pays
    post_id         text not null,
    started_at      integer not null,
    result          text check (result in ('win', 'loss', 'tie', 'failed')), -- domain::learning::TrialResult
    with_first      text check (with_first in ('first', 'second', 'neither')),  -- the judge's word, with it read first
    with_second     text check (with_second in ('first', 'second', 'neither')), -- and with it read second
    with_content    text check (json_valid(with_content)),    -- domain::Content; never a version of a post
    without_content text check (json_valid(without_content)),
    writer          text, -- provider/model
    judge           text, -- provider/model, or `structure`
    reason          text,
    ended_at        integer,
    primary key (workspace_id, id),
    unique (workspace_id, learning_id, n),
    foreign key (workspace_id, learning_id) references learning (workspace_id, id),
    check ((result is null) = (ended_at is null))
) strict, without rowid;

create unique index learning_trial_open on learning_trial (workspace_id, learning_id) where result is null;
create index learning_trial_started on learning_trial (workspace_id, started_at);

-- What was written with a learning.
create table learning_use (
    workspace_id text not null,
    learning_id  text not null,
    job_id       text not null,
    edition      integer not null,
    at           integer not null,
    primary key (workspace_id, learning_id, job_id)
) strict, without rowid;

-- How much a workspace may try in 24 hours; without a row: as many as the default says, of what costs nothing.
create table learning_limit (
    workspace_id    text not null references workspace (id),
    trials_a_day    integer not null check (trials_a_day between 0 and 500), -- 0: nothing is tried
    micro_usd_a_day integer not null check (micro_usd_a_day >= 0),
    revision        integer not null default 1, -- grows with every change: the ETag
    changed_by      text not null,
    updated_at      integer not null,
    primary key (workspace_id)
) strict, without rowid;

-- Workspaces in which something was seen that may be worth a try.
create table learning_wanted (
    workspace_id text primary key,
    since        integer not null
) strict, without rowid;

-- With so many pairs decided, so many wins prove that a learning helps, and so many losses that it harms:
-- domain::learning::proof::wins_to_adopt; a test compares them.
create table learning_proof (
    decided integer primary key,
    wins    integer not null
) strict;
insert into learning_proof (decided, wins) values
    (7, 7), (8, 8), (9, 9), (10, 10), (11, 10), (12, 11), (13, 12), (14, 12), (15, 13), (16, 14), (17, 14), (18, 15),
    (19, 16), (20, 16), (21, 17), (22, 18), (23, 18), (24, 19), (25, 20), (26, 20), (27, 21), (28, 22), (29, 22),
    (30, 23), (31, 24), (32, 24), (33, 25), (34, 26), (35, 26), (36, 27), (37, 27), (38, 28), (39, 29), (40, 29),
    (41, 30), (42, 31), (43, 31), (44, 32), (45, 32), (46, 33), (47, 34), (48, 34), (49, 35), (50, 36), (51, 36),
    (52, 37), (53, 37), (54, 38), (55, 39), (56, 39), (57, 40), (58, 40), (59, 41), (60, 42);

-- A learning begins as a proposal, and moves as drawn: the same table as domain::LearningState::next.
create trigger learning_begins_as_a_proposal before insert on learning
when new.state <> 'proposed' or new.wins + new.losses + new.ties + new.uses <> 0 begin
    select raise(abort, 'rondo:illegal_move');
end;
create trigger learning_moves_as_drawn before update of state on learning
when new.state <> old.state and old.state || '>' || new.state not in (
    'proposed>trying', 'proposed>adopted', 'proposed>retired',
    'trying>proposed', 'trying>adopted', 'trying>dropped', 'trying>retired',
    'adopted>proposed', 'adopted>dropped', 'adopted>retired',
    'dropped>proposed', 'dropped>adopted', 'dropped>retired',
    'retired>proposed', 'retired>adopted')
begin
    select raise(abort, 'rondo:illegal_move');
end;
-- Without a person's word nothing is adopted that did not prove itself.
create trigger learning_is_adopted_by_proof before update of state on learning
when new.state = 'adopted' and old.state <> 'adopted' and new.by_hand = 0
  and new.wins < coalesce((select wins from learning_proof where decided = new.wins + new.losses), 1000)
begin
    select raise(abort, 'rondo:unproved');
end;
-- What is said of the pairs is what the pairs say.
create trigger learning_counts_its_trials before update of wins, losses, ties, edition on learning
when (new.wins, new.losses, new.ties) is not (
    select coalesce(sum(result = 'win'), 0), coalesce(sum(result = 'loss'), 0), coalesce(sum(result = 'tie'), 0)
    from learning_trial where workspace_id = new.workspace_id and learning_id = new.id and edition = new.edition)
begin
    select raise(abort, 'rondo:illegal_move');
end;
create trigger learning_is_never_deleted before delete on learning begin
    select raise(abort, 'rondo:append_only');
end;

-- A trial begins: its job, and the state of what is tried.
create trigger learning_trial_is_allowed before insert on learning_trial
when new.result is not null or not exists (
    select 1 from learning where workspace_id = new.workspace_id and id = new.learning_id and edition = new.edition
      and state in ('proposed', 'trying', 'adopted'))
begin
    select raise(abort, 'rondo:wrong_state');
end;
create trigger learning_trial_begins after insert on learning_trial begin
    insert into job (workspace_id, id, step, campaign_id, run_at, created_at, updated_at)
    values (new.workspace_id, new.id, 'review', new.campaign_id, new.started_at, new.started_at, new.started_at);
    update learning set uses_tried = uses where workspace_id = new.workspace_id and id = new.learning_id;
    update learning set state = 'trying', reason = null, changed_by = 'analyst', revision = revision + 1,
        updated_at = new.started_at
    where workspace_id = new.workspace_id and id = new.learning_id and state = 'proposed';
end;

-- It ends with its job. `artifact`: {result, with_first, with_second, with, without, writer, judge, reason}.
create trigger learning_trial_is_done after insert on outcome
when new.state = 'done' and substr(new.job_id, 1, 6) = 'trial:' begin
    update learning_trial set result = json_extract(new.artifact, '$.result'),
        with_first = json_extract(new.artifact, '$.with_first'), with_second = json_extract(new.artifact, '$.with_second'),
        with_content = json_extract(new.artifact, '$.with'), without_content = json_extract(new.artifact, '$.without'),
        writer = json_extract(new.artifact, '$.writer'), judge = json_extract(new.artifact, '$.judge'),
        reason = json_extract(new.artifact, '$.reason'), ended_at = new.at
    where workspace_id = new.workspace_id and id = new.job_id and result is null;
end;
create trigger learning_trial_has_failed after update of state on job
when new.state in ('dead', 'cancelled') and substr(new.id, 1, 6) = 'trial:' begin
    update learning_trial set result = 'failed', reason = coalesce(new.last_error, new.state), ended_at = new.updated_at
    where workspace_id = new.workspace_id and id = new.id and result is null;
end;
create trigger learning_trial_is_completed_once before update on learning_trial
when old.result is not null or new.result is null
  or (new.learning_id, new.edition, new.n, new.post_id, new.started_at) is not
     (old.learning_id, old.edition, old.n, old.post_id, old.started_at)
begin
    select raise(abort, 'rondo:append_only');
end;
create trigger learning_trial_is_never_deleted before delete on learning_trial begin
    select raise(abort, 'rondo:append_only');
end;

-- A pair counts, and decides where it can. What was edited meanwhile has another edition, and this pair says nothing of it.
create trigger learning_trial_counts after update of result on learning_trial when new.result <> 'failed' begin
    update learning set wins = wins + (new.result = 'win'), losses = losses + (new.result = 'loss'),
        ties = ties + (new.result = 'tie'), updated_at = new.ended_at
    where workspace_id = new.workspace_id and id = new.learning_id and edition = new.edition;
end;
create trigger learning_proves_itself after update of wins, losses, ties on learning when new.state = 'trying' begin
    update learning set
        state = iif(wins >= (select p.wins from learning_proof p where p.decided = new.wins + new.losses), 'adopted', 'dropped'),
        reason = case
            when wins >= (select p.wins from learning_proof p where p.decided = new.wins + new.losses) then 'it proved itself'
            when losses >= (select p.wins from learning_proof p where p.decided = new.wins + new.losses) then 'posts are worse with it'
            else 'no proof that it helps' end,
        changed_by = 'analyst', revision = revision + 1
    where workspace_id = new.workspace_id and id = new.id and (
        max(wins, losses) >= (select p.wins from learning_proof p where p.decided = new.wins + new.losses)
        -- What the pairs that are left could still come to: domain::learning::proof::PAIRS_MAX.
        or wins + 60 - wins - losses - ties
            < coalesce((select p.wins from learning_proof p where p.decided = 60 - new.ties), 1000));
end;
-- An adopted one is dropped when it lost more than half of the last 24 decided pairs, once there are twelve:
-- domain::learning::proof::still_helps.
create trigger learning_stops_helping after update of wins, losses on learning
when new.state = 'adopted' and (
    select count(*) >= 12 and 2 * sum(result = 'win') < count(*) from (
        select result from learning_trial where workspace_id = new.workspace_id and learning_id = new.id
          and edition = new.edition and result in ('win', 'loss') order by n desc limit 24))
begin
    update learning set state = 'dropped', by_hand = 0, reason = 'it stopped helping', changed_by = 'analyst',
        revision = revision + 1
    where workspace_id = new.workspace_id and id = new.id;
end;

-- What a trial costs is within the day's limit, as it is within the campaign's budget.
create trigger cost_of_trials_stays_within_the_day before insert on cost
when new.reserved_micro_usd > 0 and substr(new.job_id, 1, 6) = 'trial:' and (
    select coalesce(sum(coalesce(k.spent_micro_usd, k.reserved_micro_usd)), 0)
    from learning_trial t join cost k on k.workspace_id = t.workspace_id and k.job_id = t.id
    where t.workspace_id = new.workspace_id and t.started_at > new.started_at - 86400000) + new.reserved_micro_usd
    > coalesce((select micro_usd_a_day from learning_limit where workspace_id = new.workspace_id), 0)
begin
    select raise(abort, 'rondo:trial_budget_spent');
end;

-- `artifact` of the copywriter's outcome: {…, learnings: [id]}.
create trigger learning_is_used after insert on outcome
when new.state = 'done' and (select step from job where workspace_id = new.workspace_id and id = new.job_id) = 'generate'
begin
    insert into learning_use (workspace_id, learning_id, job_id, edition, at)
    select l.workspace_id, l.id, new.job_id, l.edition, new.at
    from json_each(new.artifact, '$.learnings') used
    join learning l on l.workspace_id = new.workspace_id and l.id = used.value
    where true on conflict do nothing;
end;
create trigger learning_use_is_counted after insert on learning_use begin
    update learning set uses = uses + 1 where workspace_id = new.workspace_id and id = new.learning_id;
end;
create trigger learning_use_is_never_changed before update on learning_use begin
    select raise(abort, 'rondo:append_only');
end;
create trigger learning_use_is_never_deleted before delete on learning_use begin
    select raise(abort, 'rondo:append_only');
end;

-- What may be worth a try: what a person wrote over the copywriter's words, what they said, what reviewers scored.
create index version_by_a_person on post_version (workspace_id, created_at) where author <> 'copywriter';
create index approval_sent_back on approval (workspace_id, at) where decision = 'send_back';
create trigger edit_may_be_worth_a_try after insert on post_version
when new.author <> 'copywriter' and new.version > 1 begin
    insert into learning_wanted (workspace_id, since) values (new.workspace_id, new.created_at) on conflict do nothing;
end;
create trigger comment_may_be_worth_a_try after insert on approval
when new.decision = 'send_back' and new.comment is not null begin
    insert into learning_wanted (workspace_id, since) values (new.workspace_id, new.at) on conflict do nothing;
end;
create trigger review_may_be_worth_a_try after insert on review
when new.verdict = 'revise' and new.counts = 1 and new.version = 1 begin
    insert into learning_wanted (workspace_id, since) values (new.workspace_id, new.at) on conflict do nothing;
end;

-- History.
create trigger learning_is_recorded after insert on learning begin
    insert into event (workspace_id, at, subject, kind, actor, data)
    values (new.workspace_id, new.created_at, 'learning:' || new.id, 'learning.proposed', new.changed_by,
            json_object('statement', new.statement, 'origin', new.origin));
end;
create trigger learning_move_is_recorded after update of state on learning when new.state <> old.state begin
    insert into event (workspace_id, at, subject, kind, actor, data)
    values (new.workspace_id, new.updated_at, 'learning:' || new.id, 'learning.' || new.state, new.changed_by,
            json_object('from', old.state, 'statement', new.statement, 'edition', new.edition, 'wins', new.wins,
                        'losses', new.losses, 'ties', new.ties, 'by_hand', new.by_hand, 'reason', new.reason));
end;
create trigger learning_change_is_recorded after update of statement, channel_id on learning
when new.statement <> old.statement or new.channel_id is not old.channel_id begin
    insert into event (workspace_id, at, subject, kind, actor, data)
    values (new.workspace_id, new.updated_at, 'learning:' || new.id, 'learning.changed', new.changed_by,
            json_object('statement', new.statement, 'was', old.statement, 'edition', new.edition));
end;
create trigger learning_trial_is_recorded after update of result on learning_trial begin
    insert into event (workspace_id, at, subject, kind, actor, data)
    values (new.workspace_id, new.ended_at, 'learning:' || new.learning_id, 'learning.tried', 'analyst',
            json_object('trial', new.id, 'post_id', new.post_id, 'result', new.result, 'judge', new.judge,
                        'reason', new.reason));
end;
create trigger learning_limit_is_recorded after insert on learning_limit begin
    insert into event (workspace_id, at, subject, kind, actor, data)
    values (new.workspace_id, new.updated_at, 'workspace:' || new.workspace_id, 'learning.limits_changed', new.changed_by,
            json_object('trials_a_day', new.trials_a_day, 'micro_usd_a_day', new.micro_usd_a_day));
end;
create trigger learning_limit_change_is_recorded after update on learning_limit begin
    insert into event (workspace_id, at, subject, kind, actor, data)
    values (new.workspace_id, new.updated_at, 'workspace:' || new.workspace_id, 'learning.limits_changed', new.changed_by,
            json_object('trials_a_day', new.trials_a_day, 'micro_usd_a_day', new.micro_usd_a_day));
end;
