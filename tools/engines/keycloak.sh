#!/usr/bin/env bash
# A real identity provider with the realm beside this file: an OpenID Connect issuer on loopback. Each account's
# password is its name.
name=keycloak
. "$(dirname "$0")/lib.sh"
daemons=(keycloak)
version=26.7.3
programs=$folder/keycloak-$version
port=18080 management_port=19000
issuer=http://127.0.0.1:$port/realms/facility

version() { echo "$version"; }
address() { echo "$issuer"; }
prepare() {
  packages openjdk-17-jre-headless maven curl jq
  if [ ! -d "$programs" ]; then step "Keycloak $version" fetch; fi
  (umask 077; jq -r '.clients[] | select(.clientId == "endstation").secret' "$here/keycloak/realm.json" >"$folder/client-secret")
}
fetch() {
  mkdir -p "$folder/download"
  # Its home is ours, so that what it downloads goes with the folder.
  HOME=$folder/download mvn -q -B -Dstyle.color=never -Dmaven.repo.local="$folder/download/repository" dependency:copy \
    -Dartifact="org.keycloak:keycloak-quarkus-dist:$version:tar.gz" -DoutputDirectory="$folder/download"
  tar -xzf "$folder/download/keycloak-quarkus-dist-$version.tar.gz" -C "$folder"
  rm -rf "$folder/download"
}
start() {
  if [ ! -d "$programs/data/import" ]; then
    mkdir -p "$programs/data/import"
    cp "$here/keycloak/realm.json" "$programs/data/import/facility-realm.json"
  fi
  JAVA_HOME=/usr/lib/jvm/java-17-openjdk-amd64 JAVA_OPTS_KC_HEAP="-Xms64m -Xmx512m" \
    KC_BOOTSTRAP_ADMIN_USERNAME=admin KC_BOOTSTRAP_ADMIN_PASSWORD=admin \
    daemon keycloak "$programs/bin/kc.sh" start-dev --import-realm --http-host=127.0.0.1 --http-port="$port" \
    --http-management-port="$management_port"
  wait_for 240 "Keycloak" curl -sf "$issuer/.well-known/openid-configuration"
}
settings() {
  cat <<J
{
  "name": "keycloak",
  "issuer": "$issuer",
  "clientId": "endstation",
  "clientSecretFile": "$folder/client-secret",
  "accounts": $(jq -c '[.users[].username]' "$here/keycloak/realm.json"),
  "script": "$script"
}
J
}
end_sessions() { :; }
forget() { rm -rf "$programs/data"; } # a realm that is there is not read again
main "$@"
