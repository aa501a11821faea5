-- What the owner of a session is told: once for each thing that happened, however often it is told.
-- Moments are milliseconds since 1970 from the portal's clock.
CREATE TABLE notices (
  id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  account text NOT NULL,
  session_id text NOT NULL REFERENCES sessions (id),
  message text NOT NULL,
  -- When it happened; a second warning of one session is another notice.
  at bigint NOT NULL,
  read boolean NOT NULL DEFAULT false,
  UNIQUE (session_id, message, at)
);
CREATE INDEX notices_of_account ON notices (account, id DESC);
CREATE INDEX notices_by_age ON notices (at);
