-- The index of all harvested catalogues. Times in milliseconds; `digest` tells whether a row changed, `version` counts it.

CREATE TABLE catalogue_accounts (
  catalogue text NOT NULL,
  account text NOT NULL,
  name text NOT NULL,
  email text,
  roles text[] NOT NULL,
  PRIMARY KEY (catalogue, account)
);
CREATE INDEX catalogue_accounts_by_account ON catalogue_accounts (account);

CREATE TABLE proposals (
  id text PRIMARY KEY,
  catalogue text NOT NULL,
  instrument text NOT NULL,
  release_at bigint,
  listed boolean NOT NULL,
  sort_at bigint NOT NULL,
  body jsonb NOT NULL,
  digest text NOT NULL,
  version bigint NOT NULL
);
CREATE INDEX proposals_by_time ON proposals (sort_at DESC, id DESC);

CREATE TABLE proposal_members (
  proposal text NOT NULL REFERENCES proposals ON DELETE CASCADE,
  account text NOT NULL,
  role text NOT NULL,
  PRIMARY KEY (proposal, account)
);
CREATE INDEX proposal_members_by_account ON proposal_members (account);

CREATE TABLE datasets (
  id text PRIMARY KEY,
  catalogue text NOT NULL,
  proposal text NOT NULL REFERENCES proposals ON DELETE CASCADE,
  instrument text NOT NULL,
  techniques text[] NOT NULL,
  created_at bigint,
  release_at bigint,
  sort_at bigint NOT NULL,
  body jsonb NOT NULL,
  words tsvector NOT NULL,
  digest text NOT NULL,
  version bigint NOT NULL
);
CREATE INDEX datasets_by_time ON datasets (sort_at DESC, id DESC);
CREATE INDEX datasets_by_proposal ON datasets (proposal);
CREATE INDEX datasets_by_technique ON datasets USING gin (techniques);
CREATE INDEX datasets_by_words ON datasets USING gin (words);
