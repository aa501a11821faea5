-- What the portal itself holds of its compute providers, by their names in the configuration.
-- Moments are milliseconds since 1970 from the portal's clock.
create table drains (
  provider text primary key,
  by_account text not null,
  at bigint not null
);

-- Providers that cannot be asked now; one that answers has no row.
create table outages (
  provider text primary key,
  since bigint not null
);
