-- The way into a session: a ticket, used once, becomes a visit. Of both secrets only SHA-256 is kept.
-- Moments are milliseconds since 1970 from the portal's clock.

-- `label` says which session, in which role and at which endpoint. A log-out takes the person's tickets and visits along.
create table tickets (
  digest bytea primary key,
  label text not null references origins (label),
  account text not null,
  login text references logins (id) on delete cascade,
  expires_at bigint not null
);
create index tickets_expiry on tickets (expires_at);
create index tickets_login on tickets (login);

-- A browser that is inside. It stays after the session's end, so that its page can say what happened.
create table visits (
  digest bytea primary key,
  label text not null references origins (label),
  account text not null,
  login text references logins (id) on delete cascade,
  entered_at bigint not null,
  expires_at bigint not null
);
create index visits_expiry on visits (expires_at);
create index visits_login on visits (login);
