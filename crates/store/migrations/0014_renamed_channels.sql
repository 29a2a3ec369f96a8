-- Who works for a channel goes on working for it under its new name.
create trigger renamed_channel_keeps_its_agents after update of name on channel when new.name <> old.name begin
    update agent set channels = (
        select json_group_array(iif(n.value = old.name, new.name, n.value)) from json_each(agent.channels) n)
    where workspace_id = new.workspace_id
      and exists (select 1 from json_each(agent.channels) n where n.value = old.name);
end;
