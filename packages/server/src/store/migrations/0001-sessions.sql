-- Sessions, their log, what is to be done for them, ways into them, and hints of what changed.
-- Times are milliseconds of the portal's clock (bigint); only leases and retention use the database's own clock.
-- Sessions are never deleted. What is written in the same statement as the session it belongs to needs no foreign key,
-- and what changes with every step of a session stands in no index of the sessions.

-- A session is kept as core has it; the columns are what queries ask for, drawn from it by the database itself.
CREATE TABLE sessions (
  id text PRIMARY KEY,
  document jsonb NOT NULL,
  version integer NOT NULL GENERATED ALWAYS AS ((document ->> 'version')::integer) STORED,
  owner text NOT NULL GENERATED ALWAYS AS (document ->> 'owner') STORED,
  proposal text GENERATED ALWAYS AS (document ->> 'proposal') STORED,
  provider text NOT NULL GENERATED ALWAYS AS (document ->> 'provider') STORED,
  phase text NOT NULL GENERATED ALWAYS AS (document ->> 'phase') STORED,
  live boolean NOT NULL GENERATED ALWAYS AS (document ->> 'phase' NOT IN ('stopped', 'failed')) STORED,
  created_at bigint NOT NULL GENERATED ALWAYS AS ((document ->> 'createdAt')::bigint) STORED,
  started_at bigint GENERATED ALWAYS AS ((document ->> 'startedAt')::bigint) STORED,
  ended_at bigint GENERATED ALWAYS AS ((document ->> 'endedAt')::bigint) STORED,
  CHECK (document ->> 'id' = id)
) WITH (fillfactor = 60);

CREATE INDEX sessions_newest ON sessions (created_at DESC, id DESC);
CREATE INDEX sessions_newest_live ON sessions (created_at DESC, id DESC) WHERE live;
CREATE INDEX sessions_of_owner ON sessions (owner, created_at DESC, id DESC);
CREATE INDEX sessions_of_owner_live ON sessions (owner, created_at DESC, id DESC) WHERE live;
CREATE INDEX sessions_of_proposal ON sessions (proposal, created_at DESC, id DESC) WHERE proposal IS NOT NULL;
CREATE INDEX sessions_of_provider_live ON sessions (provider) WHERE live;

-- What happened, in order and without a gap: the accounting.
CREATE TABLE session_log (
  session_id text NOT NULL,
  sequence integer NOT NULL,
  at bigint NOT NULL,
  phase text NOT NULL,
  event jsonb NOT NULL,
  PRIMARY KEY (session_id, sequence)
);

-- What is still to be done outside. `due` is the next try or, while somebody holds it, the end of that lease.
CREATE TABLE effects (
  id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  session_id text NOT NULL,
  provider text NOT NULL,
  effect jsonb NOT NULL,
  tries integer NOT NULL DEFAULT 0,
  holder text,
  due timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX effects_due ON effects (provider, due);

-- Who alone does what until when, by the database's clock: one runner watches each provider.
CREATE TABLE leases (
  name text PRIMARY KEY,
  holder text NOT NULL,
  until timestamptz NOT NULL
);

-- Launched sessions whose endpoints have not all answered yet: to be probed.
CREATE TABLE awaited_answers (
  session_id text PRIMARY KEY,
  provider text NOT NULL
);

-- When a live session is to be looked at next: no later than its next deadline; 0 is at once.
CREATE TABLE deadlines (
  session_id text PRIMARY KEY,
  look_at bigint NOT NULL
);
CREATE INDEX deadlines_next ON deadlines (look_at);

-- Since when the owner of a live session may not read all of its data any more: it is stopped after a warning.
CREATE TABLE right_losses (
  session_id text PRIMARY KEY,
  since bigint NOT NULL
);

-- When a person or a kernel last did something in a session; written at most once a minute.
CREATE TABLE activity (
  session_id text PRIMARY KEY,
  at bigint NOT NULL
);

CREATE TABLE shares (
  session_id text NOT NULL REFERENCES sessions (id),
  account text NOT NULL,
  "as" text NOT NULL,
  until bigint,
  by text NOT NULL,
  at bigint NOT NULL,
  PRIMARY KEY (session_id, account)
);
CREATE INDEX shares_of_account ON shares (account);

CREATE TABLE idempotency_keys (
  owner text NOT NULL,
  key text NOT NULL,
  digest text NOT NULL,
  session_id text NOT NULL,
  at bigint NOT NULL,
  PRIMARY KEY (owner, key)
);

-- The DNS label of each way into a session; it stays the session's after the way is closed.
-- `role` is 'session' (owner and members) or 'viewer:<account>'.
CREATE TABLE origins (
  label text PRIMARY KEY,
  session_id text NOT NULL,
  role text NOT NULL,
  endpoint text NOT NULL,
  UNIQUE (session_id, role, endpoint)
);

-- Ways that are open now: a row is there exactly while the session runs.
CREATE TABLE routes (
  session_id text NOT NULL,
  role text NOT NULL,
  endpoint text NOT NULL,
  label text NOT NULL UNIQUE,
  provider text NOT NULL,
  handle text,
  PRIMARY KEY (session_id, role, endpoint)
);

-- What changed, for browsers. A hint gets its number after its transaction was committed, so no number appears late.
CREATE TABLE hints (
  id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  number bigint UNIQUE,
  resource text NOT NULL,
  subject text NOT NULL,
  version bigint NOT NULL,
  made timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX hints_unnumbered ON hints (id) WHERE number IS NULL;

CREATE TABLE hint_counter (
  single boolean PRIMARY KEY DEFAULT true CHECK (single),
  latest bigint NOT NULL DEFAULT 0,
  pruned bigint NOT NULL DEFAULT 0
);
INSERT INTO hint_counter DEFAULT VALUES;

-- Numbers all committed hints that have none yet; one caller at a time.
CREATE FUNCTION number_hints() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  last bigint;
  numbered bigint;
BEGIN
  IF NOT EXISTS (SELECT FROM hints WHERE number IS NULL) THEN
    RETURN 0;
  END IF;
  SELECT latest INTO last FROM hint_counter FOR UPDATE;
  WITH fresh AS (
    SELECT id, last + row_number() OVER (ORDER BY id) AS place FROM hints WHERE number IS NULL
  )
  UPDATE hints SET number = fresh.place FROM fresh WHERE hints.id = fresh.id;
  GET DIAGNOSTICS numbered = ROW_COUNT;
  UPDATE hint_counter SET latest = last + numbered;
  RETURN numbered;
END $$;

-- Makes a session in one round trip. Creations of one owner wait for each other, so that they cannot pass her limit
-- together; what is counted is read after the wait. Nothing is made for a key that is known, or beyond the limit.
CREATE FUNCTION create_session(
  new_id text, new_document jsonb, new_at bigint, new_event jsonb, new_effects jsonb, new_look_at bigint,
  most integer, new_key text, new_digest text
) RETURNS TABLE (made boolean, running bigint, known_digest text, known_session text) LANGUAGE plpgsql AS $$
DECLARE
  new_owner text := new_document ->> 'owner';
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(new_owner, 41));
  SELECT digest, session_id INTO known_digest, known_session
    FROM idempotency_keys WHERE idempotency_keys.owner = new_owner AND key = new_key;
  SELECT count(*) INTO running FROM sessions WHERE sessions.owner = new_owner AND live;
  made := known_session IS NULL AND running < most;
  IF made THEN
    INSERT INTO sessions (id, document) VALUES (new_id, new_document);
    INSERT INTO session_log (session_id, sequence, at, phase, event)
      VALUES (new_id, 1, new_at, new_document ->> 'phase', new_event);
    INSERT INTO effects (session_id, provider, effect)
      SELECT new_id, new_document ->> 'provider', value FROM jsonb_array_elements(new_effects);
    INSERT INTO deadlines (session_id, look_at) VALUES (new_id, new_look_at);
    INSERT INTO hints (resource, subject, version) VALUES ('session', new_id, 1);
    IF new_key IS NOT NULL THEN
      INSERT INTO idempotency_keys (owner, key, digest, session_id, at)
        VALUES (new_owner, new_key, new_digest, new_id, new_at);
    END IF;
  END IF;
  RETURN NEXT;
END $$;
