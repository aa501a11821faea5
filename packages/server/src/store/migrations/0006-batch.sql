-- Batch sessions: counted apart from all others, found by their array, and the text of the programs they run.

ALTER TABLE sessions
  ADD COLUMN kind text NOT NULL GENERATED ALWAYS AS (document ->> 'kind') STORED,
  ADD COLUMN array_id text GENERATED ALWAYS AS (document #>> '{batch,array,id}') STORED;

CREATE INDEX sessions_of_array ON sessions (array_id, created_at DESC, id DESC) WHERE array_id IS NOT NULL;

-- Kept apart from the session, which is written anew with each of its steps. Those of an array have it once, under the first.
CREATE TABLE scripts (
  session_id text PRIMARY KEY,
  text text NOT NULL
);

-- Makes sessions in one round trip, all or none: `new_sessions` is [{ document, event, effects, lookAt }], all of one owner and
-- kind; the first is remembered under the key. Creations of one owner wait for each other, so that they cannot pass her
-- limit together; what is counted is read after the wait. (create_session serves versions before this one.)
CREATE FUNCTION create_sessions(
  new_sessions jsonb, new_at bigint, most integer, new_key text, new_digest text, new_script text
) RETURNS TABLE (made boolean, running bigint, known_digest text, known_session text) LANGUAGE plpgsql AS $$
DECLARE
  head jsonb := new_sessions -> 0 -> 'document';
  new_owner text := head ->> 'owner';
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(new_owner, 41));
  SELECT digest, session_id INTO known_digest, known_session
    FROM idempotency_keys WHERE idempotency_keys.owner = new_owner AND key = new_key;
  SELECT count(*) INTO running FROM sessions
    WHERE sessions.owner = new_owner AND live AND (kind = 'batch') = (head ->> 'kind' = 'batch');
  made := known_session IS NULL AND running + jsonb_array_length(new_sessions) <= most;
  IF made THEN
    INSERT INTO sessions (id, document)
      SELECT one -> 'document' ->> 'id', one -> 'document' FROM jsonb_array_elements(new_sessions) one;
    INSERT INTO session_log (session_id, sequence, at, phase, event)
      SELECT one -> 'document' ->> 'id', 1, new_at, one -> 'document' ->> 'phase', one -> 'event'
      FROM jsonb_array_elements(new_sessions) one;
    INSERT INTO effects (session_id, provider, effect)
      SELECT one -> 'document' ->> 'id', one -> 'document' ->> 'provider', effect
      FROM jsonb_array_elements(new_sessions) one, jsonb_array_elements(one -> 'effects') effect;
    INSERT INTO deadlines (session_id, look_at)
      SELECT one -> 'document' ->> 'id', (one ->> 'lookAt')::bigint FROM jsonb_array_elements(new_sessions) one;
    INSERT INTO hints (resource, subject, version)
      SELECT 'session', one -> 'document' ->> 'id', 1 FROM jsonb_array_elements(new_sessions) one;
    IF new_script IS NOT NULL THEN
      INSERT INTO scripts (session_id, text) VALUES (head ->> 'id', new_script);
    END IF;
    IF new_key IS NOT NULL THEN
      INSERT INTO idempotency_keys (owner, key, digest, session_id, at)
        VALUES (new_owner, new_key, new_digest, head ->> 'id', new_at);
    END IF;
  END IF;
  RETURN NEXT;
END $$;
