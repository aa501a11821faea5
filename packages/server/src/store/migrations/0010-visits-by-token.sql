-- Who came by an access token is inside no longer than the token is good: its revocation takes her tickets and visits along.
alter table tickets add column token text references tokens (id) on delete cascade;
create index tickets_token on tickets (token);
alter table visits add column token text references tokens (id) on delete cascade;
create index visits_token on visits (token);
