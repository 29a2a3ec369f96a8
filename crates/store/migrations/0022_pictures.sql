-- Why a version has no picture although it was to have one.
alter table post_version add column no_picture text check (length(no_picture) between 1 and 500);

-- An import knows a version by the hash of its words alone, which one with a picture does not have: by its words.
create index post_version_pictured on post_version (workspace_id, content ->> '$.title')
    where content ->> '$.image' is not null;

-- A version was written. `artifact`: {content, sha256, model, no_picture}. If a person was quicker, theirs stands.
drop trigger generate_is_done;
create trigger generate_is_done after insert on outcome
when new.state = 'done' and (select step from job where workspace_id = new.workspace_id and id = new.job_id) = 'generate'
begin
    insert into post_version (workspace_id, post_id, version, content, sha256, author, model, no_picture, created_at)
    select p.workspace_id, p.id, p.version + 1, json_extract(new.artifact, '$.content'),
           json_extract(new.artifact, '$.sha256'), 'copywriter', json_extract(new.artifact, '$.model'),
           json_extract(new.artifact, '$.no_picture'), new.at
    from job j join post p on p.workspace_id = j.workspace_id and p.id = j.post_id
    where j.workspace_id = new.workspace_id and j.id = new.job_id and p.state = 'writing';
end;

-- What a person made of the copywriter's words. Who changes the picture alone changed none of them.
drop trigger edit_is_remembered;
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
    where p.workspace_id = new.workspace_id and p.id = new.post_id and b.author = 'copywriter'
      and (json_extract(b.content, '$.title') <> json_extract(new.content, '$.title')
           or json_extract(b.content, '$.text') <> json_extract(new.content, '$.text'))
    on conflict do nothing;
end;
