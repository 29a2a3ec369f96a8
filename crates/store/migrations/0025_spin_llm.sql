-- Spin's own `llm` is a kind of provider. SQLite changes no CHECK, so the column makes way for another one.

drop trigger provider_is_recorded;
alter table provider add column new_kind text not null default 'openai'
    check (new_kind in ('openai', 'anthropic', 'ollama', 'spin_llm')); -- domain::ProviderKind
update provider set new_kind = kind;
alter table provider drop column kind;
alter table provider rename column new_kind to kind;

create trigger provider_is_recorded after insert on provider begin
    insert into event (workspace_id, at, subject, kind, actor, data)
    values (new.workspace_id, new.created_at, 'provider:' || new.id, 'provider.connected', new.changed_by,
            json_object('name', new.name, 'kind', new.kind));
end;
