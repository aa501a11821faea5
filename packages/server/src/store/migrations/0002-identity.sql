-- People, how they log in, and their accounts on the machines.
-- Moments are milliseconds since 1970 from the portal's clock. Of secrets only SHA-256 is kept.

create table people (
  account text primary key,
  id text not null unique,
  name text not null,
  email text,
  -- What the identity provider said at the last log-in, and what the catalogue declares: both count.
  roles text[] not null default '{}',
  declared_roles text[] not null default '{}',
  created_at bigint not null,
  last_login_at bigint
);

-- Issuer and subject are a person's for ever; her account name at the provider may change.
create table identities (
  issuer text not null,
  subject text not null,
  account text not null references people (account),
  linked_at bigint not null,
  primary key (issuer, subject)
);
create index identities_account on identities (account);

-- Log-ins that were begun and not completed: taken once, by the browser that began.
create table pending_logins (
  browser_hash bytea not null,
  state text not null,
  kept jsonb not null,
  return_to text not null,
  expires_at bigint not null,
  primary key (browser_hash, state)
);
create index pending_logins_expiry on pending_logins (expires_at);

create table logins (
  id text primary key,
  secret_hash bytea not null unique,
  account text not null references people (account),
  created_at bigint not null,
  last_seen_at bigint not null,
  expires_at bigint not null
);
create index logins_account on logins (account);
create index logins_expiry on logins (expires_at);

create table tokens (
  id text primary key,
  secret_hash bytea not null unique,
  account text not null references people (account),
  name text not null,
  scopes text[] not null,
  created_at bigint not null,
  expires_at bigint not null,
  last_used_at bigint
);
create index tokens_account on tokens (account, created_at);

-- Command lines that wait for a person's approval.
create table device_logins (
  device_hash bytea primary key,
  user_code text not null unique,
  name text not null,
  scopes text[] not null,
  lifetime_ms bigint not null,
  state text not null check (state in ('waiting', 'approved', 'refused')),
  account text references people (account),
  last_polled_at bigint,
  expires_at bigint not null
);
create index device_logins_expiry on device_logins (expires_at);

-- Numbers on the machines, from one range, handed out once and never again. A person's own group has her uid's number.
create table posix_accounts (
  account text primary key,
  uid integer not null unique
);
create table posix_groups (
  proposal text primary key,
  gid integer not null unique
);
