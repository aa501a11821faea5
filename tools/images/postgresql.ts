import { baseLayer, debianCommand } from "./layers.ts";
import { Registry } from "./oci.ts";

/**
 * `postgresql.ts REGISTRY`: Debian's PostgreSQL as an image that starts as the public one does, which cannot be had on a
 * machine that reaches package registries alone. For trying the chart, not for a facility. Prints `name@sha256:…`.
 */
const [address = ""] = process.argv.slice(2);
const registry = new Registry(address);
const repository = "endstation/postgresql";
const user = "postgres:x:999:999::/:/bin/sh";
const program = "/usr/lib/postgresql/15/bin";

const start = `set -eu
[ -s "$PGDATA/PG_VERSION" ] || {
  initdb --username="$POSTGRES_USER" --pwfile="$POSTGRES_PASSWORD_FILE" --auth=scram-sha-256 --encoding=UTF8
  echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
  pg_ctl -w -o '-c listen_addresses= -k /tmp' start
  PGPASSWORD=$(cat "$POSTGRES_PASSWORD_FILE") createdb -h /tmp --username="$POSTGRES_USER" "$POSTGRES_DB"
  pg_ctl -w stop
}
exec postgres -c 'listen_addresses=*' -k /tmp`;

const base = [
  ...debianCommand(["postgresql-15"]).slice(0, -2),
  `--customize-hook=sed -i /^postgres:/d "$1/etc/passwd" && echo ${user} >>"$1/etc/passwd"`,
  ...debianCommand([]).slice(-2),
];
const layer = await baseLayer(registry, base);
const image = await registry.pushImage(repository, "15", [layer], {
  Env: [`PATH=${program}:/usr/bin:/bin`, "LANG=C.UTF-8", "PGHOST=/tmp"],
  Entrypoint: ["/bin/sh", "-c", start],
});
console.log(image);
