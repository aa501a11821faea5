#!/usr/bin/env bash
# A private Docker engine, beside whatever else runs on this machine: own socket, data and bridge; no firewall rule is
# touched. DOCKER_USERNS=1 is a second one, named docker-remapped, whose containers' users are none of this machine's.
name=docker${DOCKER_USERNS:+-remapped}
. "$(dirname "$0")/lib.sh"
daemons=(dockerd)
socket=$folder/run/docker.sock
if [ -z "${DOCKER_USERNS:-}" ]; then bridge=endstation0 network=172.31.77; else bridge=endstation1 network=172.31.78; fi
export DOCKER_HOST=unix://$socket
unset DOCKER_CONTEXT DOCKER_TLS_VERIFY
remapped_user=esremap first=500000 count=65536

version() { version_of docker.io; }
address() { echo "$DOCKER_HOST"; }
prepare() {
  packages docker.io busybox-static mmdebstrap iproute2 curl jq
  "$here/registry.sh" up >/dev/null
  images=$(node "$here/../../bootstrap/run.mjs" tools/images/environments.ts "$registry" nexus)
}
start() {
  "$here/registry.sh" revive >/dev/null
  mkdir -p "$folder/run"
  echo '{}' >"$folder/run/daemon.json" # or it reads the machine's own
  if ! ip link show "$bridge" >/dev/null 2>&1; then
    ip link add "$bridge" type bridge
    ip addr add "$network.1/25" dev "$bridge"
    ip link set "$bridge" up
  fi
  local remap=()
  if [ -n "${DOCKER_USERNS:-}" ]; then
    remapped_ids
    remap=(--userns-remap="$remapped_user")
  fi
  # Containers outlive the engine; what it leaves in its own files ends with it.
  daemon dockerd dockerd -H "$DOCKER_HOST" --config-file "$folder/run/daemon.json" --pidfile "$folder/run/dockerd.pid" \
    --data-root "$folder/data" --exec-root "$folder/exec" --storage-driver overlay2 --live-restore \
    --bridge "$bridge" --default-address-pool "base=$network.128/25,size=28" --userland-proxy=true \
    --iptables=false --ip6tables=false --ip-forward=false --ip-masq=false \
    --cgroup-parent "/engine-$name" --exec-opt native.cgroupdriver=cgroupfs --oom-score-adjust 0 \
    --default-ulimit nofile=4096:4096 --insecure-registry "$registry" "${remap[@]}"
  wait_for 20 "the Docker engine" answers
}
answers() { [ "$(curl -sf --max-time 2 --unix-socket "$socket" http://docker/_ping)" = OK ]; }
remapped_ids() {
  id "$remapped_user" >/dev/null 2>&1 || useradd -M -r -s /usr/sbin/nologin "$remapped_user"
  local file
  for file in /etc/subuid /etc/subgid; do
    grep -q "^$remapped_user:" "$file" || echo "$remapped_user:$first:$count" >>"$file"
  done
}
settings() {
  local image missing=()
  for image in $(jq -r '.images[], .tiny' <<<"$images"); do
    docker image inspect "$image" >/dev/null 2>&1 || missing+=("$image")
  done
  if [ ${#missing[@]} -gt 0 ]; then step "Pulling images" pull "${missing[@]}"; fi
  jq --arg name "$name" --arg socket "$socket" --arg registry "$registry" --arg script "$script" \
    --argjson first "$first" --argjson count "$count" \
    '{name: $name, socket: $socket, registry: $registry, images, tiny, script: $script}
     + if $name == "docker" then {} else {remap: {first: $first, count: $count}} end' <<<"$images"
}
pull() { local image; for image in "$@"; do docker pull -q "$image" >/dev/null; done; }
end_sessions() { if answers; then docker ps -aq | xargs -r docker rm -fv >/dev/null; docker network prune -f >/dev/null; fi; }
forget() {
  local process
  for process in $(pgrep -x containerd || true); do # the engine's own, where it could not end it
    if tr '\0' ' ' <"/proc/$process/cmdline" | grep -qF " $folder/exec/"; then kill -9 "$process"; fi
  done
  awk -v below="$folder/" 'index($2, below) == 1 {print $2}' /proc/mounts | sort -r | xargs -r -n1 umount -l
  if ip link show "$bridge" >/dev/null 2>&1; then ip link del "$bridge"; fi
  "$here/registry.sh" release
}
erase() {
  find /sys/fs/cgroup -depth -type d -path "*/engine-$name*" -exec rmdir {} + 2>/dev/null || true
  if [ -n "${DOCKER_USERNS:-}" ] && id "$remapped_user" >/dev/null 2>&1; then
    userdel "$remapped_user"
    sed -i "/^$remapped_user:/d" /etc/subuid /etc/subgid
  fi
}
main "$@"
