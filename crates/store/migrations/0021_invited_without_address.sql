-- History is kept for ever and goes out in exports: an invitation's line names the invitation and its role, not the
-- guest. The address stands in the invitation's own row, where the members' page shows it.

drop trigger invitation_is_recorded;
create trigger invitation_is_recorded after insert on invitation begin
    insert into event (workspace_id, at, subject, kind, actor, data)
    values (new.workspace_id, new.created_at, 'invitation:' || new.id, 'member.invited', new.created_by,
            json_object('role', new.role));
end;

drop trigger invitation_end_is_recorded;
create trigger invitation_end_is_recorded after update of revoked_at on invitation
when new.revoked_at is not null and old.revoked_at is null begin
    insert into event (workspace_id, at, subject, kind, actor, data)
    values (new.workspace_id, new.revoked_at, 'invitation:' || new.id, 'invitation.revoked',
            coalesce(new.revoked_by, 'operator'), json_object('role', new.role));
end;
