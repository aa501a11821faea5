#!/usr/bin/env bash
# An image registry for the engines of this machine, on loopback.
name=registry
. "$(dirname "$0")/lib.sh"
daemons=(registry)

version() { version_of docker-registry; }
address() { echo "http://$registry"; }
prepare() { packages docker-registry curl jq; }
start() {
  mkdir -p "$folder/data"
  cat >"$folder/registry.yml" <<Y
version: 0.1
log: {level: warn, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: $folder/data}, delete: {enabled: true}}
http: {addr: "$registry"}
Y
  daemon registry docker-registry serve "$folder/registry.yml"
  wait_for 10 "the registry" curl -sf "http://$registry/v2/"
}
end_sessions() { :; }
settings() { echo "{\"name\":\"registry\",\"address\":\"$registry\",\"script\":\"$script\"}"; }
if [ "${1:-}" = release ]; then
  for user in docker docker-remapped kubernetes; do [ ! -f "$engines/$user.json" ] || exit 0; done
  alive registry || exit 0
  set -- down
fi
main "$@"
