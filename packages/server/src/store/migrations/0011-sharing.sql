-- How others are let into a session: by links, by asking, by support; what is recorded of it; and who is inside now.
-- Moments are milliseconds since 1970 from the portal's clock; only leases use the database's own.

-- Of a link's secret only SHA-256 is kept.
CREATE TABLE links (
  id text PRIMARY KEY,
  session_id text NOT NULL REFERENCES sessions (id),
  digest bytea NOT NULL UNIQUE,
  "as" text NOT NULL,
  until bigint NOT NULL,
  most_uses integer,
  by text NOT NULL,
  at bigint NOT NULL,
  revoked_at bigint
);
CREATE INDEX links_of_session ON links (session_id);

-- Who came by a link: it stays when the share goes, so that nobody comes by it twice.
CREATE TABLE link_uses (
  link text NOT NULL REFERENCES links (id),
  account text NOT NULL,
  at bigint NOT NULL,
  PRIMARY KEY (link, account)
);

ALTER TABLE shares ADD COLUMN link text REFERENCES links (id);
CREATE INDEX shares_of_link ON shares (link) WHERE link IS NOT NULL;

-- Whom the owner let in no more: she comes back by the owner's hand, by no link.
CREATE TABLE removals (
  session_id text NOT NULL REFERENCES sessions (id),
  account text NOT NULL,
  at bigint NOT NULL,
  PRIMARY KEY (session_id, account)
);

CREATE TABLE join_requests (
  id text PRIMARY KEY,
  session_id text NOT NULL REFERENCES sessions (id),
  account text NOT NULL,
  "as" text NOT NULL,
  reason text,
  -- One that is open beyond `until` has expired.
  state text NOT NULL,
  at bigint NOT NULL,
  until bigint NOT NULL,
  answered_at bigint
);
CREATE UNIQUE INDEX join_requests_open ON join_requests (session_id, account) WHERE state = 'open';
CREATE INDEX join_requests_of_account ON join_requests (account, at);

-- What is recorded of who was let in, by whom, as what and why. Written and read, nothing else.
CREATE TABLE audit (
  id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  session_id text NOT NULL,
  at bigint NOT NULL,
  action text NOT NULL,
  account text,
  whom text,
  role text,
  until bigint,
  way text,
  reason text
);
CREATE INDEX audit_of_session ON audit (session_id, id DESC);
-- A session ends once, whatever is noted of it afterwards.
CREATE UNIQUE INDEX audit_end ON audit (session_id) WHERE action = 'ended';

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is written once and for all', TG_TABLE_NAME;
END $$;
CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Visits with somebody behind them now, each under a short lease that the process which serves it prolongs.
CREATE TABLE presences (
  digest bytea PRIMARY KEY,
  session_id text NOT NULL,
  account text NOT NULL,
  since bigint NOT NULL,
  until timestamptz NOT NULL
);
CREATE INDEX presences_of_session ON presences (session_id);
