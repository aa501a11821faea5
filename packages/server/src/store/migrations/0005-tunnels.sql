-- The keys that open the tunnel of a session's attempt. Of each only SHA-256 is kept.

create table tunnels (
  session_id text not null,
  attempt integer not null,
  -- Null: revoked, for good.
  valid bytea,
  -- Becomes the valid one, and voids it, as soon as it is shown.
  offered bytea,
  primary key (session_id, attempt)
);
