-- Workspaces, the people in them, and how they prove who they are.
-- Every `_at` and `_until` is Unix time in milliseconds, UTC. Ids are text.
-- Texts of RAISE begin with `rondo:` so that ports::DbError can tell our refusals from SQLite's errors.

create table workspace (
    id         text primary key,
    name       text not null check (length(name) between 1 and 200),
    slug       text not null unique check (length(slug) between 1 and 60),
    paused     integer not null default 0 check (paused in (0, 1)), -- the stop-everything switch: nothing is armed
    created_at integer not null
) strict;

-- One row: what the install keeps for itself.
create table install (
    id          integer primary key check (id = 1),
    wake_secret text not null -- used where the variable `wake_secret` is not set
) strict;

create table user (
    id            text primary key,
    email         text not null unique collate nocase check (length(email) between 3 and 254),
    name          text not null check (length(name) between 1 and 200),
    password_hash text not null, -- Argon2id, PHC string
    created_at    integer not null
) strict;

create table member (
    workspace_id text not null references workspace (id),
    user_id      text not null references user (id),
    role         text not null check (role in ('owner', 'admin', 'editor', 'approver', 'analyst')),
    created_at   integer not null,
    primary key (workspace_id, user_id)
) strict, without rowid;

create index member_user on member (user_id);

-- The owner claims the install: once, by its key. The trigger makes the owner.
create table claim (
    id            integer primary key check (id = 1),
    user_id       text not null,
    email         text not null,
    name          text not null,
    password_hash text not null,
    workspace     text not null check (length(workspace) between 1 and 200),
    at            integer not null
) strict;

create trigger claim_makes_the_owner after insert on claim begin
    insert into user (id, email, name, password_hash, created_at)
    values (new.user_id, new.email, new.name, new.password_hash, new.at);
    update workspace set name = new.workspace where id = (select id from workspace order by created_at, id limit 1);
    insert into member (workspace_id, user_id, role, created_at)
    select id, new.user_id, 'owner', new.at from workspace order by created_at, id limit 1;
end;

-- A signed-in browser. The cookie's secret is stored as its SHA-256.
create table session (
    sha256       text primary key,
    user_id      text not null references user (id),
    workspace_id text not null references workspace (id),
    csrf         text not null,
    created_at   integer not null,
    seen_at      integer not null,
    expires_at   integer not null
) strict, without rowid;

create index session_expiry on session (expires_at);

-- A program's key to one workspace. The secret is stored as its SHA-256.
create table api_token (
    workspace_id text not null references workspace (id),
    id           text not null,
    name         text not null check (length(name) between 1 and 200),
    sha256       text not null unique,
    role         text not null check (role in ('owner', 'admin', 'editor', 'approver', 'analyst')),
    created_by   text not null,
    created_at   integer not null,
    expires_at   integer,
    revoked_at   integer,
    primary key (workspace_id, id)
) strict, without rowid;

-- Failed sign-ins by account and by address, so that guessing stays slow.
create table sign_in_failure (
    key           text primary key, -- SHA-256 of the e-mail or the address
    count         integer not null,
    blocked_until integer not null
) strict, without rowid;

-- Answers to requests that carried an Idempotency-Key, kept for two days.
create table idempotency (
    workspace_id   text not null references workspace (id),
    key            text not null check (length(key) between 1 and 255),
    request_sha256 text not null,
    status         integer, -- null while the request is under way
    headers        text,
    body           text,
    expires_at     integer not null,
    primary key (workspace_id, key)
) strict, without rowid;

create index idempotency_expiry on idempotency (expires_at);

insert into workspace (id, name, slug, created_at)
values (lower(hex(randomblob(13))), 'My workspace', 'home', cast(unixepoch('subsec') * 1000 as integer));

insert into install (id, wake_secret) values (1, lower(hex(randomblob(32))));
