-- Teams: invitations, who changed what, sessions by device, second factors, sign-in by a provider, lost passwords.
-- Who acts is written with the change (`changed_by`, `removed_by`, `ended_by` …), so that history names the person.

alter table workspace add column created_by text; -- null: the one that every install begins with
alter table workspace add column revision integer not null default 1;
alter table workspace add column changed_by text;
alter table workspace add column changed_at integer;

alter table member add column invited_by text;
alter table member add column changed_by text;
alter table member add column changed_at integer;
alter table member add column removed_by text; -- set for a moment: the trigger takes the row away

-- Names of those who left, so that history can still say who it was.
create table former_member (
    workspace_id text not null references workspace (id),
    user_id      text not null,
    name         text not null,
    removed_at   integer not null,
    primary key (workspace_id, user_id)
) strict, without rowid;

alter table session add column id text; -- what a list shows; the hash stays inside
alter table session add column user_agent text not null default '';
alter table session add column address text not null default '';
alter table session add column ended_at integer;
alter table session add column ended_by text; -- set for a moment: the trigger takes the row away

update session set id = lower(hex(randomblob(10)));

create unique index session_id on session (id);
create index session_user on session (user_id);

alter table api_token add column person text; -- the user who answers for it, however it was made; null: the operator
alter table api_token add column scopes text check (scopes is null or json_valid(scopes)); -- null: all that its role may
alter table api_token add column used_at integer;
alter table api_token add column revoked_by text;

update api_token set person = created_by where exists (select 1 from user where user.id = api_token.created_by);

-- A one-time link into a workspace. Its secret is stored as its SHA-256.
create table invitation (
    workspace_id text not null references workspace (id),
    id           text not null,
    sha256       text not null unique,
    role         text not null check (role in ('owner', 'admin', 'editor', 'approver', 'analyst')),
    email        text collate nocase check (length(email) between 3 and 254), -- null: whoever holds the link
    created_by   text not null,
    created_at   integer not null,
    expires_at   integer not null,
    revoked_at   integer,
    revoked_by   text,
    accepted_at  integer,
    accepted_by  text,
    primary key (workspace_id, id),
    check ((accepted_at is null) = (accepted_by is null)),
    check (accepted_at is null or revoked_at is null)
) strict, without rowid;

create index invitation_open on invitation (email) where email is not null and accepted_at is null and revoked_at is null;

-- Who a person is at a provider of sign-in.
create table identity (
    issuer     text not null,
    subject    text not null,
    user_id    text not null references user (id),
    created_at integer not null,
    primary key (issuer, subject)
) strict, without rowid;

create index identity_user on identity (user_id);

-- Somebody accepts an invitation. The trigger makes the account, where it is new, and the member; the row goes.
create table acceptance (
    workspace_id  text not null,
    invitation_id text not null,
    user_id       text not null,
    email         text, -- set: the account is new
    name          text,
    password_hash text,
    issuer        text, -- set: it is known to this provider
    subject       text,
    at            integer not null,
    primary key (workspace_id, invitation_id)
) strict, without rowid;

create trigger acceptance_makes_a_member after insert on acceptance begin
    insert into user (id, email, name, password_hash, created_at)
    select new.user_id, new.email, new.name, new.password_hash, new.at where new.email is not null;
    insert into identity (issuer, subject, user_id, created_at)
    select new.issuer, new.subject, new.user_id, new.at where new.issuer is not null;
    update invitation set accepted_at = new.at, accepted_by = new.user_id
    where workspace_id = new.workspace_id and id = new.invitation_id;
    insert into member (workspace_id, user_id, role, created_at, invited_by)
    select workspace_id, new.user_id, role, new.at, created_by from invitation
    where workspace_id = new.workspace_id and id = new.invitation_id;
    delete from acceptance where workspace_id = new.workspace_id and invitation_id = new.invitation_id;
end;

-- A person's second factor (RFC 6238). It counts once a code has confirmed it.
create table totp (
    user_id      text primary key references user (id),
    sealed       blob not null, -- the secret, as store::envelope makes it
    last_step    integer not null default 0, -- the newest period whose code was taken: each is taken once
    code_sha256s text check (code_sha256s is null or json_valid(code_sha256s)), -- of the recovery codes, when confirmed
    created_at   integer not null,
    confirmed_at integer,
    removed_at   integer,
    removed_by   text -- set for a moment: the trigger takes the row away
) strict, without rowid;

-- What stands in for a code when the device is lost. Each works once.
create table recovery_code (
    user_id text not null references user (id),
    sha256  text not null,
    used_at integer,
    primary key (user_id, sha256)
) strict, without rowid;

-- A sign-in whose password was right and whose second step is to come. The cookie's secret is stored as its SHA-256.
create table half_sign_in (
    sha256     text primary key,
    user_id    text not null references user (id),
    expires_at integer not null
) strict, without rowid;

create index half_sign_in_expiry on half_sign_in (expires_at);

-- A browser that was sent to the provider of sign-in. Taken once; the state and the cookie are stored as hashes.
create table oidc_attempt (
    state_sha256      text primary key,
    browser_sha256    text not null,
    user_id           text references user (id), -- set: connects this signed-in person's account
    invitation_sha256 text,                      -- set: accepts this invitation
    next              text not null,
    expires_at        integer not null
) strict, without rowid;

create index oidc_attempt_expiry on oidc_attempt (expires_at);

-- A one-time link to choose a new password. Its secret is stored as its SHA-256.
create table password_reset (
    sha256        text primary key,
    user_id       text not null references user (id),
    workspace_id  text, -- where it was made; null: by the operator
    clears_totp   integer not null check (clears_totp in (0, 1)),
    created_by    text not null,
    created_at    integer not null,
    expires_at    integer not null,
    password_hash text -- set for a moment: the trigger changes the password and takes the row away
) strict, without rowid;

create index password_reset_user on password_reset (user_id);
create index password_reset_expiry on password_reset (expires_at);

-- What follows from a change, and its line of history.

create trigger workspace_founder_is_owner after insert on workspace when new.created_by is not null begin
    insert into event (workspace_id, at, subject, kind, actor, data)
    values (new.id, new.created_at, 'workspace:' || new.id, 'workspace.created', new.created_by, json_object('name', new.name));
    insert into member (workspace_id, user_id, role, created_at) values (new.id, new.created_by, 'owner', new.created_at);
end;

drop trigger workspace_change_is_recorded;
create trigger workspace_pause_is_recorded after update of paused on workspace when new.paused <> old.paused begin
    insert into event (workspace_id, at, subject, kind, actor)
    values (new.id, coalesce(new.changed_at, cast(unixepoch('subsec') * 1000 as integer)), 'workspace:' || new.id,
            iif(new.paused, 'workspace.paused', 'workspace.resumed'), coalesce(new.changed_by, 'operator'));
end;
create trigger workspace_name_is_recorded after update of name on workspace when new.name <> old.name and new.changed_by is not null begin
    insert into event (workspace_id, at, subject, kind, actor, data)
    values (new.id, new.changed_at, 'workspace:' || new.id, 'workspace.renamed', new.changed_by,
            json_object('from', old.name, 'to', new.name));
end;

create trigger member_is_recorded after insert on member begin
    insert into event (workspace_id, at, subject, kind, actor, data)
    values (new.workspace_id, new.created_at, 'member:' || new.user_id, 'member.joined', new.user_id,
            json_object('role', new.role, 'invited_by', new.invited_by));
    delete from former_member where workspace_id = new.workspace_id and user_id = new.user_id;
end;

-- Another role ends the member's sessions here (not of who changed it themself: the role of a session is looked up
-- every time), and the tokens and invitations that it could no longer make.
create trigger member_role_is_recorded after update of role on member when new.role <> old.role begin
    insert into event (workspace_id, at, subject, kind, actor, data)
    values (new.workspace_id, coalesce(new.changed_at, cast(unixepoch('subsec') * 1000 as integer)),
            'member:' || new.user_id, 'member.role_changed', coalesce(new.changed_by, 'operator'),
            json_object('from', old.role, 'to', new.role));
    delete from session
    where workspace_id = new.workspace_id and user_id = new.user_id and new.changed_by is not new.user_id;
    update api_token set revoked_at = new.changed_at, revoked_by = new.changed_by
    where workspace_id = new.workspace_id and person = new.user_id and revoked_at is null
        and (new.role not in ('owner', 'admin') or (new.role <> 'owner' and role = 'owner'));
    update invitation set revoked_at = new.changed_at, revoked_by = new.changed_by
    where workspace_id = new.workspace_id and created_by = new.user_id and revoked_at is null and accepted_at is null
        and (new.role not in ('owner', 'admin') or (new.role <> 'owner' and role = 'owner'));
    delete from password_reset where workspace_id = new.workspace_id and created_by = new.user_id and new.role <> 'owner';
end;

-- Who leaves takes nothing along: no session, no token, no link that would let them in again.
create trigger member_removal_is_recorded after update of removed_by on member when new.removed_by is not null begin
    insert into event (workspace_id, at, subject, kind, actor, data)
    values (new.workspace_id, new.changed_at, 'member:' || new.user_id,
            iif(new.removed_by = new.user_id, 'member.left', 'member.removed'), new.removed_by,
            json_object('role', new.role));
    insert into former_member (workspace_id, user_id, name, removed_at)
    select new.workspace_id, id, name, new.changed_at from user where id = new.user_id;
    delete from session where workspace_id = new.workspace_id and user_id = new.user_id;
    update api_token set revoked_at = new.changed_at, revoked_by = new.removed_by
    where workspace_id = new.workspace_id and person = new.user_id and revoked_at is null;
    update invitation set revoked_at = new.changed_at, revoked_by = new.removed_by
    where workspace_id = new.workspace_id and created_by = new.user_id and revoked_at is null and accepted_at is null;
    delete from password_reset where workspace_id = new.workspace_id and (created_by = new.user_id or user_id = new.user_id);
    delete from member where workspace_id = new.workspace_id and user_id = new.user_id;
end;

create trigger invitation_is_recorded after insert on invitation begin
    insert into event (workspace_id, at, subject, kind, actor, data)
    values (new.workspace_id, new.created_at, 'invitation:' || new.id, 'member.invited', new.created_by,
            json_object('role', new.role, 'email', new.email));
end;
create trigger invitation_end_is_recorded after update of revoked_at on invitation
when new.revoked_at is not null and old.revoked_at is null begin
    insert into event (workspace_id, at, subject, kind, actor, data)
    values (new.workspace_id, new.revoked_at, 'invitation:' || new.id, 'invitation.revoked',
            coalesce(new.revoked_by, 'operator'), json_object('role', new.role, 'email', new.email));
end;

create trigger token_is_recorded after insert on api_token begin
    insert into event (workspace_id, at, subject, kind, actor, data)
    values (new.workspace_id, new.created_at, 'token:' || new.id, 'token.made', new.created_by,
            json_object('name', new.name, 'role', new.role, 'scopes', json(new.scopes)));
end;
create trigger token_end_is_recorded after update of revoked_at on api_token
when new.revoked_at is not null and old.revoked_at is null begin
    insert into event (workspace_id, at, subject, kind, actor, data)
    values (new.workspace_id, new.revoked_at, 'token:' || new.id, 'token.revoked', coalesce(new.revoked_by, 'operator'),
            json_object('name', new.name));
end;

create trigger session_end_is_recorded after update of ended_by on session when new.ended_by is not null begin
    insert into event (workspace_id, at, subject, kind, actor, data)
    values (new.workspace_id, new.ended_at, 'session:' || new.id, 'session.revoked', new.ended_by,
            json_object('user_id', new.user_id));
    delete from session where sha256 = new.sha256;
end;

-- Another password signs out everywhere; whoever changed it begins anew.
create trigger password_change_is_recorded after update of password_hash on user when new.password_hash <> old.password_hash begin
    insert into event (workspace_id, at, subject, kind, actor)
    select workspace_id, cast(unixepoch('subsec') * 1000 as integer), 'member:' || new.id, 'member.password_changed', new.id
    from member where user_id = new.id;
    delete from session where user_id = new.id;
    delete from half_sign_in where user_id = new.id;
    delete from password_reset where user_id = new.id and password_hash is null;
end;

create trigger totp_begins after update of confirmed_at on totp when new.confirmed_at is not null and old.confirmed_at is null begin
    delete from recovery_code where user_id = new.user_id;
    insert into recovery_code (user_id, sha256) select new.user_id, value from json_each(new.code_sha256s);
    update totp set code_sha256s = null where user_id = new.user_id;
    insert into event (workspace_id, at, subject, kind, actor)
    select workspace_id, new.confirmed_at, 'member:' || new.user_id, 'member.second_factor_on', new.user_id
    from member where user_id = new.user_id;
end;
create trigger totp_ends after update of removed_by on totp when new.removed_by is not null begin
    insert into event (workspace_id, at, subject, kind, actor)
    select workspace_id, new.removed_at, 'member:' || new.user_id, 'member.second_factor_off', new.removed_by
    from member where user_id = new.user_id and old.confirmed_at is not null;
    delete from recovery_code where user_id = new.user_id;
    delete from totp where user_id = new.user_id;
end;

-- The newest link is the one that works.
create trigger password_reset_is_recorded after insert on password_reset begin
    delete from password_reset where user_id = new.user_id and sha256 <> new.sha256;
    insert into event (workspace_id, at, subject, kind, actor)
    select workspace_id, new.created_at, 'member:' || new.user_id, 'member.reset_link_made', new.created_by
    from member where user_id = new.user_id and (new.workspace_id is null or workspace_id = new.workspace_id);
end;
create trigger password_reset_is_done after update of password_hash on password_reset when new.password_hash is not null begin
    update user set password_hash = new.password_hash where id = new.user_id;
    update totp set removed_at = cast(unixepoch('subsec') * 1000 as integer), removed_by = new.created_by
    where user_id = new.user_id and new.clears_totp = 1;
    delete from password_reset where sha256 = new.sha256;
end;

-- What `store::envelope` seals with where the variable `seal_key` is not set.
alter table install add column seal_key text;

update install set seal_key = lower(hex(randomblob(32)));
