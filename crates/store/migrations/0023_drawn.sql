-- Pictures that were drawn of an idea: who draws, for how much, the bytes, and that what is approved is what was seen.

-- The provider's model for pictures; none: it draws none.
alter table provider add column image_model text check (length(image_model) between 1 and 120);

-- What a model for pictures costs for each, beside its tokens; null where it draws none.
alter table price add column picture_micro_usd integer check (picture_micro_usd >= 0);

drop trigger price_is_recorded;
create trigger price_is_recorded after insert on price begin
    insert into event (workspace_id, at, subject, kind, actor, data)
    values (new.workspace_id, new.at, 'provider:' || new.provider_id, 'provider.priced', new.set_by,
            json_object('model', new.model, 'since', new.since, 'input_micro_usd', new.input_micro_usd,
                        'cached_micro_usd', new.cached_micro_usd, 'output_micro_usd', new.output_micro_usd,
                        'picture_micro_usd', new.picture_micro_usd));
end;

-- A picture and what it took, in one row: whoever keeps it settles its call. The bytes come last, so that nobody reads
-- them who wants to know something else.
create table picture (
    workspace_id    text not null references workspace (id),
    cost_id         text not null, -- the call that drew it
    sha256          text not null check (length(sha256) = 64),
    media_type      text not null check (media_type in ('image/png', 'image/jpeg', 'image/webp')), -- domain::MediaType
    width           integer not null check (width between 16 and 4096),  -- pixels
    height          integer not null check (height between 16 and 4096), -- pixels
    bytes           integer not null check (bytes between 1 and 6291456), -- domain::picture::PICTURE_BYTES_MAX
    model           text not null, -- provider and model
    spent_micro_usd integer not null check (spent_micro_usd >= 0),
    input_tokens    integer,
    output_tokens   integer,
    request_id      text,
    made_at         integer not null,
    data            blob not null check (length(data) = bytes),
    primary key (workspace_id, cost_id)
) strict;

create index picture_name on picture (workspace_id, sha256);

create trigger picture_is_of_an_open_call before insert on picture
when not exists (select 1 from cost where workspace_id = new.workspace_id and id = new.cost_id
                   and state in ('reserved', 'expired'))
begin
    select raise(abort, 'rondo:fenced');
end;
create trigger picture_is_paid after insert on picture begin
    update cost set state = 'settled', spent_micro_usd = new.spent_micro_usd, input_tokens = new.input_tokens,
        output_tokens = new.output_tokens, outcome = 'answered', request_id = new.request_id, settled_at = new.made_at
    where workspace_id = new.workspace_id and id = new.cost_id;
end;
create trigger picture_is_never_changed before update on picture begin
    select raise(abort, 'rondo:append_only');
end;
create trigger picture_is_never_deleted before delete on picture begin
    select raise(abort, 'rondo:append_only');
end;

-- No version names a picture that its workspace does not have, or calls it something else than it is.
create trigger version_has_its_picture before insert on post_version
when new.content -> '$.image.drawn' is not null and not exists (
    select 1 from picture g
    where g.workspace_id = new.workspace_id and g.sha256 = new.content ->> '$.image.drawn.sha256'
      and g.media_type = new.content ->> '$.image.drawn.media_type' and g.width = new.content ->> '$.image.drawn.width'
      and g.height = new.content ->> '$.image.drawn.height' and g.bytes = new.content ->> '$.image.drawn.bytes'
      and g.model = new.content ->> '$.image.drawn.model')
begin
    select raise(abort, 'rondo:no_such_picture');
end;

-- A version was written. `artifact`: {content, sha256, author, model, no_picture}: an author where the words are those of
-- the version before, and the picture alone is another. If a person was quicker, theirs stands.
drop trigger generate_is_done;
create trigger generate_is_done after insert on outcome
when new.state = 'done' and (select step from job where workspace_id = new.workspace_id and id = new.job_id) = 'generate'
begin
    insert into post_version (workspace_id, post_id, version, content, sha256, author, model, no_picture, created_at)
    select p.workspace_id, p.id, p.version + 1, json_extract(new.artifact, '$.content'),
           json_extract(new.artifact, '$.sha256'), coalesce(json_extract(new.artifact, '$.author'), 'copywriter'),
           json_extract(new.artifact, '$.model'), json_extract(new.artifact, '$.no_picture'), new.at
    from job j join post p on p.workspace_id = j.workspace_id and p.id = j.post_id
    where j.workspace_id = new.workspace_id and j.id = new.job_id and p.state = 'writing';
end;

-- A person wants a version's idea drawn, or drawn again: the next version has its words and another picture.
create table drawing (
    workspace_id text not null,
    id           text not null,
    post_id      text not null,
    version      integer not null, -- whose idea it is
    by           text not null,
    at           integer not null,
    primary key (workspace_id, id),
    foreign key (workspace_id, post_id, version) references post_version (workspace_id, post_id, version)
) strict, without rowid;

create trigger drawing_is_allowed before insert on drawing begin
    select case
        when p.version <> new.version then raise(abort, 'rondo:superseded')
        when exists (select 1 from job j where j.workspace_id = p.workspace_id and j.post_id = p.id
                       and j.state in ('armed', 'unknown', 'reconciling', 'needs_human')) then raise(abort, 'rondo:outcome_unknown')
        when p.state not in ('in_review', 'awaiting_approval', 'scheduled', 'needs_person')
            or (select stage from campaign c where c.workspace_id = p.workspace_id and c.id = p.campaign_id) <> 'producing'
            or (select v.content -> '$.image' from post_version v where v.workspace_id = p.workspace_id and v.post_id = p.id
                  and v.version = p.version) is null
            then raise(abort, 'rondo:wrong_state')
    end
    from post p where p.workspace_id = new.workspace_id and p.id = new.post_id;
end;
create trigger drawing_takes_effect after insert on drawing begin
    insert into event (workspace_id, at, campaign_id, subject, kind, actor, data)
    select new.workspace_id, new.at, campaign_id, 'post:' || id, 'post.picture_wanted', new.by, json_object('version', new.version)
    from post where workspace_id = new.workspace_id and id = new.post_id;
    update approval set revoked_at = new.at
    where workspace_id = new.workspace_id and post_id = new.post_id and decision = 'approve' and revoked_at is null;
    update job set state = 'cancelled', lease_until = null, updated_at = new.at, last_error = 'its picture is drawn'
    where workspace_id = new.workspace_id and post_id = new.post_id and step in ('publish', 'review', 'generate')
      and state in ('ready', 'leased');
    update post set state = 'writing', reason = null,
        expires_at = (select iif(c.time_lapse, null, post.due_at + (select grace_ms from setting))
                      from campaign c where c.workspace_id = post.workspace_id and c.id = post.campaign_id),
        revision = revision + 1, changed_by = new.by, updated_at = new.at
    where workspace_id = new.workspace_id and id = new.post_id;
    insert into job (workspace_id, id, step, run_id, campaign_id, post_id, version, run_at, created_at, updated_at)
    select p.workspace_id, 'generate:draw:' || new.id, 'generate', p.campaign_id || '-r1', p.campaign_id, p.id, p.version,
           new.at, new.at, new.at
    from post p where p.workspace_id = new.workspace_id and p.id = new.post_id;
end;
create trigger drawing_is_never_changed before update on drawing begin
    select raise(abort, 'rondo:append_only');
end;
create trigger drawing_is_never_deleted before delete on drawing begin
    select raise(abort, 'rondo:append_only');
end;
