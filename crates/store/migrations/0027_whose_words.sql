-- A version that came back for its picture alone is the copywriter's, and has the words of whoever wrote them. A rule
-- has looked at no picture, and was earned by the copywriter's words.

-- Versions whose title and text a person wrote, in an earlier version.
create view words_of_a_person as
select v.workspace_id, v.post_id, v.version, w.author
from post_version v
join post_version w on w.workspace_id = v.workspace_id and w.post_id = v.post_id and w.version < v.version
    and w.author <> 'copywriter' and w.content ->> '$.text' is v.content ->> '$.text'
    and w.content ->> '$.title' is v.content ->> '$.title'
where v.author = 'copywriter';

create trigger nobody_approves_their_own_words_beside_another_picture before insert on approval
when new.decision = 'approve' and exists (
    select 1 from words_of_a_person w
    join campaign_policy e on e.workspace_id = w.workspace_id and e.kind <> 'none' and e.author_may_approve = 0
        and e.campaign_id = (select campaign_id from post p where p.workspace_id = w.workspace_id and p.id = w.post_id)
    where w.workspace_id = new.workspace_id and w.post_id = new.post_id and w.version = new.version
      and new.person = coalesce((select t.created_by from api_token t
                                 where t.workspace_id = w.workspace_id and 'token:' || t.id = w.author), w.author)
      and exists (
        select 1 from member m join json_each(e.rounds) r on r.key + 1 = new.round
        where m.workspace_id = w.workspace_id and m.user_id <> new.person and m.role in ('owner', 'admin', 'approver')
          and (json_array_length(r.value, '$.people') = 0
               or m.user_id in (select who.value from json_each(r.value, '$.people') who))))
begin
    select raise(abort, 'rondo:own_version');
end;

create trigger rule_approves_no_picture_and_no_words_of_a_person before insert on approval
when new.person >= 'rule:' and new.person < 'rule;' and (
    exists (select 1 from words_of_a_person w
            where w.workspace_id = new.workspace_id and w.post_id = new.post_id and w.version = new.version)
    or exists (select 1 from post_version v
               where v.workspace_id = new.workspace_id and v.post_id = new.post_id and v.version = new.version
                 and v.content -> '$.image.drawn' is not null))
begin
    select raise(abort, 'rondo:not_an_approver');
end;
