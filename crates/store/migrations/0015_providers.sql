-- Providers of language models, a workspace's own: their keys sealed, their prices dated, a model for each agent.

create table provider (
    workspace_id    text not null references workspace (id),
    id              text not null,
    name            text not null check (length(name) between 1 and 60),
    kind            text not null check (kind in ('openai', 'anthropic', 'ollama')), -- domain::ProviderKind
    base_url        text not null check (length(base_url) between 8 and 300),
    models          text not null check (json_valid(models) and json_array_length(models) > 0), -- the first stands in
    sealed_key      blob,    -- store::envelope; nobody is shown it again
    key_at          integer, -- when it was set
    turn            integer not null default 1 check (turn between 1 and 99), -- who is asked first, and who stands in
    at_once_max     integer not null default 8 check (at_once_max between 1 and 64), -- calls at a time
    paused          integer not null default 0 check (paused in (0, 1)),
    blocked_until   integer not null default 0, -- it asked us to wait
    check_wanted_at integer, -- somebody asked whether it works; the strategist will try
    check_model     text,
    checked_at      integer,
    check_verdict   text check (check_verdict in ('reached', 'key_wrong', 'model_unknown', 'quota', 'busy', 'timed_out',
                                                  'unreachable', 'failed')), -- domain::CheckVerdict
    check_says      text,
    removed_at      integer, -- history and costs name it still
    revision        integer not null default 1, -- grows with every change of a person's: the ETag
    changed_by      text not null,
    created_at      integer not null,
    updated_at      integer not null,
    primary key (workspace_id, id),
    check ((sealed_key is null) = (key_at is null)),
    check (removed_at is null or sealed_key is null)
) strict, without rowid;

create unique index provider_name on provider (workspace_id, name) where removed_at is null;
create index provider_turn on provider (workspace_id, turn, name) where removed_at is null;
create index provider_check on provider (check_wanted_at) where check_wanted_at is not null;

create trigger provider_is_recorded after insert on provider begin
    insert into event (workspace_id, at, subject, kind, actor, data)
    values (new.workspace_id, new.created_at, 'provider:' || new.id, 'provider.connected', new.changed_by,
            json_object('name', new.name, 'kind', new.kind));
end;
create trigger provider_change_is_recorded after update of revision on provider when new.revision <> old.revision begin
    insert into event (workspace_id, at, subject, kind, actor, data)
    values (new.workspace_id, new.updated_at, 'provider:' || new.id,
            case when new.removed_at is not old.removed_at then 'provider.removed'
                 when new.paused > old.paused then 'provider.paused'
                 when new.paused < old.paused then 'provider.resumed'
                 when new.sealed_key is not old.sealed_key then 'provider.key_replaced'
                 else 'provider.changed' end,
            new.changed_by, json_object('name', new.name, 'revision', new.revision));
end;
create trigger provider_check_is_recorded after update of checked_at on provider
when new.checked_at is not null and new.checked_at is not old.checked_at begin
    insert into event (workspace_id, at, subject, kind, actor, data)
    values (new.workspace_id, new.checked_at, 'provider:' || new.id, 'provider.checked', 'strategist',
            json_object('name', new.name, 'model', new.check_model, 'verdict', new.check_verdict));
end;

-- What a model's tokens cost from a day on, as the workspace's people say; the newest that has begun counts.
create table price (
    workspace_id     text not null,
    provider_id      text not null,
    model            text not null check (length(model) between 1 and 120),
    since            integer not null, -- Unix milliseconds
    input_micro_usd  integer not null check (input_micro_usd >= 0),  -- per million tokens read
    cached_micro_usd integer not null check (cached_micro_usd >= 0), -- per million read from the provider's cache
    output_micro_usd integer not null check (output_micro_usd >= 0), -- per million written
    source           text not null check (length(source) between 1 and 300),
    set_by           text not null,
    at               integer not null,
    primary key (workspace_id, provider_id, model, since),
    foreign key (workspace_id, provider_id) references provider (workspace_id, id)
) strict, without rowid;

create trigger price_is_recorded after insert on price begin
    insert into event (workspace_id, at, subject, kind, actor, data)
    values (new.workspace_id, new.at, 'provider:' || new.provider_id, 'provider.priced', new.set_by,
            json_object('model', new.model, 'since', new.since, 'input_micro_usd', new.input_micro_usd,
                        'cached_micro_usd', new.cached_micro_usd, 'output_micro_usd', new.output_micro_usd));
end;
create trigger price_is_never_changed before update on price begin
    select raise(abort, 'rondo:append_only');
end;
create trigger price_is_never_deleted before delete on price begin
    select raise(abort, 'rondo:append_only');
end;

-- Whom an agent asks first; none: whoever's turn is first.
alter table agent add column provider_id text;
alter table agent add column model text;

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

-- A call is of a claim, and of a provider.
alter table cost add column fence integer;
alter table cost add column provider_id text;
alter table cost add column stands_in_for text; -- who was asked before, and what came of it
alter table cost add column rest_until integer; -- what the answer's headers ask for

create index cost_in_flight on cost (workspace_id, provider_id) where state = 'reserved' and provider_id is not null;

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
