-- The brand, post templates, posts added to a running campaign, campaigns put away, and posts from elsewhere.

-- The current version of a workspace's brand. No row: none was written yet.
create table brand (
    workspace_id text primary key references workspace (id),
    version      integer not null check (version >= 1)
) strict, without rowid;

create table brand_version (
    workspace_id text not null references workspace (id),
    version      integer not null check (version >= 1),
    document     text not null check (json_valid(document)), -- domain::BrandBook
    sha256       text not null check (length(sha256) = 64),
    author       text not null,
    created_at   integer not null,
    primary key (workspace_id, version)
) strict, without rowid;

create trigger brand_is_in_order before insert on brand_version
when new.version <> 1 + coalesce((select version from brand where workspace_id = new.workspace_id), 0)
begin
    select raise(abort, 'rondo:superseded');
end;

create trigger brand_is_current after insert on brand_version begin
    insert into brand (workspace_id, version) values (new.workspace_id, new.version)
    on conflict (workspace_id) do update set version = excluded.version;
    insert into event (workspace_id, at, subject, kind, actor, data)
    values (new.workspace_id, new.created_at, 'brand:' || new.workspace_id, 'brand.written', new.author,
            json_object('version', new.version, 'sha256', new.sha256));
end;

create trigger brand_is_never_changed before update on brand_version begin
    select raise(abort, 'rondo:append_only');
end;
create trigger brand_is_never_deleted before delete on brand_version begin
    select raise(abort, 'rondo:append_only');
end;

-- A campaign that is put away: hidden, and nothing of it runs.
alter table campaign add column archived_at integer;

create trigger archiving_is_allowed before update of archived_at on campaign
when new.archived_at is not null and old.archived_at is null and exists (
    select 1 from job j where j.workspace_id = old.workspace_id and j.campaign_id = old.id
      and j.state in ('armed', 'unknown', 'reconciling', 'needs_human'))
begin
    select raise(abort, 'rondo:outcome_unknown');
end;

create trigger what_is_put_away_stays_paused before update of paused on campaign
when new.paused = 0 and old.paused = 1 and new.archived_at is not null
begin
    select raise(abort, 'rondo:wrong_state');
end;

create trigger archiving_is_recorded after update of archived_at on campaign
when (new.archived_at is null) <> (old.archived_at is null) begin
    insert into event (workspace_id, at, campaign_id, subject, kind, actor)
    values (new.workspace_id, new.updated_at, new.id, 'campaign:' || new.id,
            iif(new.archived_at is null, 'campaign.unarchived', 'campaign.archived'), new.changed_by);
end;

-- What a person writes often: a post with variables.
create table template (
    workspace_id text not null references workspace (id),
    id           text not null,
    name         text not null check (length(name) between 1 and 60),
    title        text not null,
    text         text not null,
    revision     integer not null default 1, -- grows with every change: the ETag
    changed_by   text not null,
    created_at   integer not null,
    updated_at   integer not null,
    primary key (workspace_id, id),
    unique (workspace_id, name)
) strict, without rowid;

create trigger template_is_recorded after insert on template begin
    insert into event (workspace_id, at, subject, kind, actor, data)
    values (new.workspace_id, new.created_at, 'template:' || new.id, 'template.created', new.changed_by,
            json_object('name', new.name));
end;
create trigger template_change_is_recorded after update on template begin
    insert into event (workspace_id, at, subject, kind, actor, data)
    values (new.workspace_id, new.updated_at, 'template:' || new.id, 'template.changed', new.changed_by,
            json_object('name', new.name, 'was', old.name));
end;

-- A template that somebody deletes: the row that does it says who.
create table template_end (
    workspace_id text not null,
    template_id  text not null,
    name         text not null,
    user_id      text not null,
    at           integer not null,
    primary key (workspace_id, template_id)
) strict, without rowid;

create trigger template_ends after insert on template_end begin
    delete from template where workspace_id = new.workspace_id and id = new.template_id;
    insert into event (workspace_id, at, subject, kind, actor, data)
    values (new.workspace_id, new.at, 'template:' || new.template_id, 'template.deleted', new.user_id,
            json_object('name', new.name));
end;

-- A post that a person adds to a running campaign: with their own words, or for the copywriter to write.
create table added_post (
    workspace_id  text not null,
    post_id       text not null,
    campaign_id   text not null,
    slot          integer not null check (slot >= 1),
    channel_id    text not null,
    planned_local text not null,
    due_at        integer not null,
    language      text not null,
    pillar        text not null,
    angle         text not null,
    from_post_id  text, -- it says the same, elsewhere
    content       text check (json_valid(content)),
    sha256        text check (length(sha256) = 64),
    user_id       text not null,
    at            integer not null,
    primary key (workspace_id, post_id),
    foreign key (workspace_id, campaign_id) references campaign (workspace_id, id),
    check ((content is null) = (sha256 is null))
) strict, without rowid;

create trigger adding_is_allowed before insert on added_post begin
    select case
        when c.stage <> 'producing' or c.archived_at is not null then raise(abort, 'rondo:wrong_state')
        when new.due_at <= new.at and c.time_lapse = 0 then raise(abort, 'rondo:past')
        when new.from_post_id is not null and not exists (
            select 1 from post p where p.workspace_id = new.workspace_id and p.id = new.from_post_id
              and p.campaign_id = new.campaign_id) then raise(abort, 'rondo:wrong_state')
    end
    from campaign c where c.workspace_id = new.workspace_id and c.id = new.campaign_id;
end;

create trigger post_is_added after insert on added_post begin
    insert into post (workspace_id, id, campaign_id, channel_id, slot, planned_local, due_at, expires_at, language,
                      pillar, angle, changed_by, created_at, updated_at)
    select new.workspace_id, new.post_id, new.campaign_id, new.channel_id, new.slot, new.planned_local, new.due_at,
           iif(c.time_lapse, null, new.due_at + (select grace_ms from setting)), new.language, new.pillar, new.angle,
           new.user_id, new.at, new.at
    from campaign c where c.workspace_id = new.workspace_id and c.id = new.campaign_id;
    insert into post_version (workspace_id, post_id, version, content, sha256, author, created_at)
    select new.workspace_id, new.post_id, 1, new.content, new.sha256, new.user_id, new.at where new.content is not null;
    insert into job (workspace_id, id, step, run_id, campaign_id, post_id, run_at, created_at, updated_at)
    select new.workspace_id, 'generate:' || new.post_id, 'generate', new.campaign_id || '-r1', new.campaign_id,
           new.post_id, new.at, new.at, new.at where new.content is null;
end;

create trigger added_post_is_never_changed before update on added_post begin
    select raise(abort, 'rondo:append_only');
end;
create trigger added_post_is_never_deleted before delete on added_post begin
    select raise(abort, 'rondo:append_only');
end;

-- A file of posts from elsewhere. Inserting the row is the import; the same file twice is a conflict.
create table import (
    workspace_id text not null references workspace (id),
    id           text not null,
    sha256       text not null check (length(sha256) = 64), -- of the file
    name         text not null check (length(name) between 1 and 200), -- as it was called; never a path of ours
    kind         text not null check (kind in ('csv', 'json')),
    rows_read    integer not null check (rows_read >= 1),
    posts        text check (json_valid(posts)), -- gone once they are rows of their own
    user_id      text not null,
    at           integer not null,
    primary key (workspace_id, id),
    unique (workspace_id, sha256)
) strict, without rowid;

-- What was said before Rondo. No job, approval or publication can name such a row, so it cannot go out.
create table imported_post (
    workspace_id text not null,
    id           text not null, -- the import's id, '-', the row
    import_id    text not null,
    row          integer not null check (row >= 1),
    channel      text not null check (length(channel) between 1 and 60),
    language     text not null,
    title        text not null,
    text         text not null,
    sha256       text not null check (length(sha256) = 64), -- as a post's version has it
    published_at integer,
    url          text,
    campaign     text,
    sorted_at    integer not null, -- when it was published, else when it was brought here
    primary key (workspace_id, id),
    unique (workspace_id, channel, sha256),
    foreign key (workspace_id, import_id) references import (workspace_id, id)
) strict, without rowid;

create index imported_newest on imported_post (workspace_id, sorted_at desc, id desc);
create index imported_of on imported_post (workspace_id, import_id);
create index version_words on post_version (workspace_id, sha256);

create trigger import_takes_effect after insert on import begin
    insert into imported_post (workspace_id, id, import_id, row, channel, language, title, text, sha256, published_at,
                               url, campaign, sorted_at)
    select new.workspace_id, new.id || '-' || json_extract(e.value, '$.row'), new.id, json_extract(e.value, '$.row'),
           json_extract(e.value, '$.channel'), json_extract(e.value, '$.language'), json_extract(e.value, '$.title'),
           json_extract(e.value, '$.text'), json_extract(e.value, '$.sha256'), json_extract(e.value, '$.published_at'),
           json_extract(e.value, '$.url'), json_extract(e.value, '$.campaign'),
           coalesce(json_extract(e.value, '$.published_at'), new.at)
    from json_each(new.posts) e where true
    on conflict do nothing;
    update import set posts = null where workspace_id = new.workspace_id and id = new.id;
    insert into event (workspace_id, at, subject, kind, actor, data)
    values (new.workspace_id, new.at, 'import:' || new.id, 'import.done', new.user_id,
            json_object('name', new.name, 'rows', new.rows_read, 'posts', json_array_length(new.posts)));
end;

create trigger import_is_never_changed before update on import
when old.posts is null or new.posts is not null or new.sha256 <> old.sha256 or new.name <> old.name
begin
    select raise(abort, 'rondo:append_only');
end;
create trigger import_is_never_deleted before delete on import begin
    select raise(abort, 'rondo:append_only');
end;
create trigger imported_post_is_never_changed before update on imported_post begin
    select raise(abort, 'rondo:append_only');
end;
