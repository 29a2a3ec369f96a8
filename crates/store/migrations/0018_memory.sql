-- Memory: what people decided with words, what they changed, the brand's examples, and what went out. Triggers fill it
-- from what is recorded anyway; agents are reminded of it; a person may have an entry forgotten.

create table memory (
    number       integer primary key autoincrement, -- what the index of words calls it
    workspace_id text not null references workspace (id),
    id           text not null, -- where it comes from, so that it is remembered once: `approval:<id>`
    kind         text not null check (kind in ('sent_back', 'rejected', 'approved', 'edited', 'good_example',
                                               'bad_example', 'published')), -- domain::MemoryKind
    campaign_id  text,
    post_id      text,
    version      integer,
    mode         text check (mode in ('rehearsal', 'performance')), -- of its campaign
    about        text not null default '', -- channel, pillar and angle: found by these as well
    text         text not null check (length(text) <= 4000),
    before       text check (length(before) <= 4000), -- edited: what it said before
    mean_tenths  integer check (mean_tenths between 10 and 100), -- published: the mean of its scores, in tenths
    by           text not null, -- a user's id, or `brand`, `publisher`
    at           integer not null,
    forgotten_at integer,
    forgotten_by text,
    unique (workspace_id, id),
    check ((forgotten_at is null) = (forgotten_by is null)),
    check (forgotten_at is null or (text = '' and before is null))
) strict;

create index memory_newest on memory (workspace_id, at, id) where forgotten_at is null;
create index memory_kind on memory (workspace_id, kind, at, id) where forgotten_at is null;
create index memory_post on memory (workspace_id, post_id, at) where post_id is not null;

-- Which words are where. The workspace is one of its columns, so that only its own entries are gone through; what is
-- found is held against the table's own workspace_id all the same.
create virtual table memory_words using fts5 (
    workspace_id, about, text, content='memory', content_rowid='number', tokenize='unicode61 remove_diacritics 2');

create trigger memory_is_indexed after insert on memory begin
    insert into memory_words (rowid, workspace_id, about, text)
    values (new.number, new.workspace_id, new.about, new.text);
end;

-- Forgetting is the only change, and it takes the words with it.
create trigger memory_is_only_forgotten before update on memory
when old.forgotten_at is not null or new.forgotten_at is null or new.number <> old.number
  or new.workspace_id <> old.workspace_id or new.id <> old.id or new.kind <> old.kind or new.about <> old.about
  or new.by <> old.by or new.at <> old.at
begin
    select raise(abort, 'rondo:append_only');
end;
create trigger memory_is_forgotten after update on memory begin
    insert into memory_words (memory_words, rowid, workspace_id, about, text)
    values ('delete', old.number, old.workspace_id, old.about, old.text);
    -- What the brand no longer says is in the history of the brand.
    insert into event (workspace_id, at, campaign_id, subject, kind, actor, data)
    select new.workspace_id, new.forgotten_at, new.campaign_id,
           iif(new.post_id is null, 'memory:' || new.id, 'post:' || new.post_id), 'memory.forgotten', new.forgotten_by,
           json_object('id', new.id, 'kind', new.kind)
    where new.forgotten_by <> 'brand';
end;
create trigger memory_is_never_deleted before delete on memory begin
    select raise(abort, 'rondo:append_only');
end;

-- What a person said when deciding on a post.
create trigger decision_is_remembered after insert on approval when trim(coalesce(new.comment, '')) <> '' begin
    insert into memory (workspace_id, id, kind, campaign_id, post_id, version, mode, about, text, by, at)
    select p.workspace_id, 'approval:' || new.id,
           case new.decision when 'approve' then 'approved' when 'send_back' then 'sent_back' else 'rejected' end,
           p.campaign_id, p.id, new.version, c.mode, substr(ch.name || ' / ' || p.pillar || ' / ' || p.angle, 1, 1000),
           substr(trim(new.comment), 1, 4000), new.user_id, new.at
    from post p
    join campaign c on c.workspace_id = p.workspace_id and c.id = p.campaign_id
    join channel ch on ch.workspace_id = p.workspace_id and ch.id = p.channel_id
    where p.workspace_id = new.workspace_id and p.id = new.post_id
    on conflict do nothing;
end;

-- And on a plan.
create trigger plan_decision_is_remembered after update of state on strategy
when new.state in ('approved', 'sent_back') and trim(coalesce(new.comment, '')) <> '' begin
    insert into memory (workspace_id, id, kind, campaign_id, version, mode, about, text, by, at)
    select c.workspace_id, 'strategy:' || c.id || ':' || new.version, new.state, c.id, new.version, c.mode,
           substr('plan / ' || coalesce(json_extract(c.brief, '$.goal.text'), c.name), 1, 1000),
           substr(trim(new.comment), 1, 4000), new.decided_by, new.decided_at
    from campaign c where c.workspace_id = new.workspace_id and c.id = new.campaign_id
    on conflict do nothing;
end;

-- What a person made of the copywriter's words.
create trigger edit_is_remembered after insert on post_version when new.author <> 'copywriter' and new.version > 1 begin
    insert into memory (workspace_id, id, kind, campaign_id, post_id, version, mode, about, text, before, by, at)
    select p.workspace_id, 'version:' || p.id || ':' || new.version, 'edited', p.campaign_id, p.id, new.version, c.mode,
           substr(ch.name || ' / ' || p.pillar || ' / ' || p.angle, 1, 1000),
           substr(json_extract(new.content, '$.title') || char(10) || json_extract(new.content, '$.text'), 1, 4000),
           substr(json_extract(b.content, '$.title') || char(10) || json_extract(b.content, '$.text'), 1, 4000),
           new.author, new.created_at
    from post p
    join post_version b on b.workspace_id = p.workspace_id and b.post_id = p.id and b.version = new.version - 1
    join campaign c on c.workspace_id = p.workspace_id and c.id = p.campaign_id
    join channel ch on ch.workspace_id = p.workspace_id and ch.id = p.channel_id
    where p.workspace_id = new.workspace_id and p.id = new.post_id and b.author = 'copywriter' and b.sha256 <> new.sha256
    on conflict do nothing;
end;

-- The brand's examples, as its newest version has them.
create trigger examples_are_remembered after insert on brand_version begin
    update memory set forgotten_at = new.created_at, forgotten_by = 'brand', text = ''
    where workspace_id = new.workspace_id and kind in ('good_example', 'bad_example') and forgotten_at is null
      and text not in (select substr(trim(e.value), 1, 4000) from json_each(new.document,
          iif(memory.kind = 'good_example', '$.style.good', '$.style.bad')) e);
    insert into memory (workspace_id, id, kind, text, by, at)
    select new.workspace_id, 'brand:' || new.version || ':' || e.kind || ':' || e.key, e.kind,
           substr(trim(e.value), 1, 4000), 'brand', new.created_at
    from (select 'good_example' as kind, key, value from json_each(new.document, '$.style.good')
          union all select 'bad_example', key, value from json_each(new.document, '$.style.bad')) e
    where trim(e.value) <> '' and not exists (
        select 1 from memory m where m.workspace_id = new.workspace_id and m.kind = e.kind and m.forgotten_at is null
          and m.text = substr(trim(e.value), 1, 4000));
end;

-- What went out, and how its reviewers scored it.
create trigger publication_is_remembered after insert on publication begin
    insert into memory (workspace_id, id, kind, campaign_id, post_id, version, mode, about, text, mean_tenths, by, at)
    select p.workspace_id, 'publication:' || new.job_id, 'published', p.campaign_id, p.id, new.version, new.mode,
           substr(ch.name || ' / ' || p.pillar || ' / ' || p.angle, 1, 1000),
           substr(json_extract(v.content, '$.title') || char(10) || json_extract(v.content, '$.text'), 1, 4000),
           (select cast(round(avg(s.value) * 10) as integer) from review r join json_each(r.scores) s
            where r.workspace_id = p.workspace_id and r.post_id = p.id and r.version = new.version and r.counts = 1),
           'publisher', new.published_at
    from post p
    join post_version v on v.workspace_id = p.workspace_id and v.post_id = p.id and v.version = new.version
    join channel ch on ch.workspace_id = p.workspace_id and ch.id = p.channel_id
    where p.workspace_id = new.workspace_id and p.id = new.post_id
    on conflict do nothing;
end;

-- What an entry means, as a provider's model sees it: numbers of single precision, the smallest byte first.
create table memory_vector (
    workspace_id text not null,
    memory_id    text not null,
    model        text not null, -- provider and model: vectors of two models are not alike
    vector       blob not null check (length(vector) between 4 and 16384 and length(vector) % 4 = 0),
    at           integer not null,
    primary key (workspace_id, memory_id, model),
    foreign key (workspace_id, memory_id) references memory (workspace_id, id)
) strict, without rowid;

-- Forgotten while it was being looked at: its meaning is not kept either.
create trigger vector_is_of_what_is_remembered before insert on memory_vector
when not exists (select 1 from memory where workspace_id = new.workspace_id and id = new.memory_id and forgotten_at is null)
begin
    select raise(ignore);
end;
create trigger meaning_is_forgotten after update on memory begin
    delete from memory_vector where workspace_id = old.workspace_id and memory_id = old.id;
end;

-- What was decided before there was a memory.
insert into memory (workspace_id, id, kind, campaign_id, post_id, version, mode, about, text, by, at)
select p.workspace_id, 'approval:' || a.id,
       case a.decision when 'approve' then 'approved' when 'send_back' then 'sent_back' else 'rejected' end,
       p.campaign_id, p.id, a.version, c.mode, substr(ch.name || ' / ' || p.pillar || ' / ' || p.angle, 1, 1000),
       substr(trim(a.comment), 1, 4000), a.user_id, a.at
from approval a
join post p on p.workspace_id = a.workspace_id and p.id = a.post_id
join campaign c on c.workspace_id = p.workspace_id and c.id = p.campaign_id
join channel ch on ch.workspace_id = p.workspace_id and ch.id = p.channel_id
where trim(coalesce(a.comment, '')) <> ''
order by a.at, a.id;
insert into memory (workspace_id, id, kind, text, by, at)
select v.workspace_id, 'brand:' || v.version || ':' || e.kind || ':' || e.key, e.kind, substr(trim(e.value), 1, 4000),
       'brand', v.created_at
from (select v.workspace_id, v.version, 'good_example' as kind, j.key, j.value
      from brand_version v join json_each(v.document, '$.style.good') j
      union all select v.workspace_id, v.version, 'bad_example', j.key, j.value
      from brand_version v join json_each(v.document, '$.style.bad') j) e
join brand b on b.workspace_id = e.workspace_id and b.version = e.version
join brand_version v on v.workspace_id = b.workspace_id and v.version = b.version
where trim(e.value) <> '';

-- What a job was reminded of, once for all its attempts: a repeated job asks what it asked before. Written by whoever
-- holds the job, before the model is asked.
create table recall (
    workspace_id text not null,
    job_id       text not null,
    fence        integer not null,
    query        text not null,    -- the words that were looked for
    tokens_max   integer not null, -- what the entries had to fit into
    entries      text not null check (json_valid(entries)), -- [{id, score, tokens}], the first one counts most
    meaning      text,             -- which model looked for meanings as well; none: words and age alone
    at           integer not null,
    primary key (workspace_id, job_id),
    foreign key (workspace_id, job_id) references job (workspace_id, id)
) strict, without rowid;

create index recall_newest on recall (workspace_id, at);

create table recalled (
    workspace_id text not null,
    job_id       text not null,
    rank         integer not null check (rank >= 1),
    memory_id    text not null,
    score        integer not null, -- in millionths
    tokens       integer not null check (tokens >= 0),
    at           integer not null,
    primary key (workspace_id, job_id, rank),
    foreign key (workspace_id, job_id) references recall (workspace_id, job_id),
    foreign key (workspace_id, memory_id) references memory (workspace_id, id)
) strict, without rowid;

create index recalled_memory on recalled (workspace_id, memory_id, at);

create trigger recall_is_fenced before insert on recall
when not exists (
    select 1 from job
    where workspace_id = new.workspace_id and id = new.job_id and fence = new.fence and state = 'leased'
      and lease_until > new.at)
begin
    select raise(abort, 'rondo:fenced');
end;

create trigger recall_is_spread after insert on recall begin
    insert into recalled (workspace_id, job_id, rank, memory_id, score, tokens, at)
    select new.workspace_id, new.job_id, e.key + 1, json_extract(e.value, '$.id'), json_extract(e.value, '$.score'),
           json_extract(e.value, '$.tokens'), new.at
    from json_each(new.entries) e;
end;

create trigger recall_is_never_changed before update on recall begin
    select raise(abort, 'rondo:append_only');
end;
create trigger recall_is_never_deleted before delete on recall begin
    select raise(abort, 'rondo:append_only');
end;
create trigger recalled_is_never_changed before update on recalled begin
    select raise(abort, 'rondo:append_only');
end;
create trigger recalled_is_never_deleted before delete on recalled begin
    select raise(abort, 'rondo:append_only');
end;
