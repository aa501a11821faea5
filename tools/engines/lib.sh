# What the engines' scripts share; each sets `name` before it reads this file.
# shellcheck shell=bash disable=SC2034,SC2154 # some names are set or used by the script alone
set -Eeuo pipefail
export PATH="$PATH:/usr/local/go/bin:/usr/sbin:/usr/bin:/sbin:/bin" LC_ALL=C.UTF-8
umask 022

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
engines=${ENDSTATION_ENGINES:-/var/lib/endstation/engines}
folder=$engines/$name
script=$here/$name.sh
registry=127.0.0.1:15001

fail() { echo "$name: $*" >&2; exit 1; }

# Steps are told on stderr, as they are everywhere in this house.
step() { # TEXT COMMAND…
  local text=$1 start=$SECONDS; shift
  echo "… $text" >&2
  "$@"
  echo "✔ $text ($((SECONDS - start)) s)" >&2
}

# Polls; says what it waits for once that takes more than a second.
wait_for() { # SECONDS TEXT COMMAND…
  local start=$SECONDS seconds=$1 text=$2 told=; shift 2
  until "$@" >/dev/null 2>&1; do
    if ((SECONDS - start > seconds)); then echo "$name: waited $seconds s for $text" >&2; return 1; fi
    if [ -z "$told" ] && ((SECONDS - start > 1)); then told=1; echo "… $text" >&2; fi
    sleep 0.05
  done
}

packages() { # installs those of Debian that are missing
  local package missing=()
  for package in "$@"; do
    dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] || step "Debian packages: ${missing[*]}" install_packages "${missing[@]}"
}
install_packages() {
  local install=(apt-get install -y -qq --no-install-recommends "$@") log
  export DEBIAN_FRONTEND=noninteractive
  log=$(mktemp)
  "${install[@]}" >"$log" 2>&1 || { apt-get update -qq && "${install[@]}"; } >>"$log" 2>&1 || { tail -n 20 "$log" >&2; return 1; }
  rm "$log"
}
version_of() { dpkg-query -W -f '${Version}' "$1" 2>/dev/null; } # PACKAGE

# A daemon is ours by its process id and by a mark in its environment. Processes that have ended and wait for a slow
# process 1 to collect them have no program any more, and count as gone.
pid_of() { cat "$folder/pid/$1" 2>/dev/null; }
gone() { [ -z "$(readlink "/proc/$1/exe" 2>/dev/null)" ]; }
alive() {
  local pid
  pid=$(pid_of "$1") && ! gone "$pid" && grep -qzxF "ENDSTATION_DAEMON=$folder/$1" "/proc/$pid/environ" 2>/dev/null
}
daemon() { # NAME COMMAND…: starts it unless it runs
  local daemon=$1; shift
  if alive "$daemon"; then return; fi
  mkdir -p "$folder/pid" "$folder/log"
  local log=$folder/log/$daemon.log
  if [ -f "$log" ] && [ "$(stat -c %s "$log")" -gt 10000000 ]; then : >"$log"; fi
  ENDSTATION_DAEMON=$folder/$daemon setsid "$@" >>"$log" 2>&1 </dev/null 9>&- &
  echo $! >"$folder/pid/$daemon"
}
stop_daemon() { # NAME [SIGNAL]
  if alive "$1"; then
    local pid
    pid=$(pid_of "$1")
    kill -s "${2:-TERM}" "$pid" 2>/dev/null || true # it may just have ended
    wait_for 15 "the end of $1" gone "$pid" || kill -9 "$pid"
  fi
  rm -f "$folder/pid/$1"
}
dead_daemons() { local each; for each in "${daemons[@]}"; do alive "$each" || echo -n " $each"; done; }

write_settings() { # JSON on standard input
  cat >"$engines/$name.json.new"
  chmod 644 "$engines/$name.json.new"
  mv "$engines/$name.json.new" "$engines/$name.json"
}

# One line: name, up, down or what is dead, version, address.
report() { # VERSION ADDRESS
  local state=up dead
  dead=$(dead_daemons)
  if [ ! -f "$engines/$name.json" ]; then state=down; elif [ -n "$dead" ]; then state="dead:$dead"; fi
  if [ "$state" = down ]; then set -- - -; fi
  printf '%s\t%s\t%s\t%s\n' "$name" "$state" "$1" "$2"
  [ "$state" = up ]
}

told_failure() {
  trap - ERR
  find "$folder/log" -name '*.log' -size +0 -mmin -2 -exec tail -v -n 5 {} + >&2 2>/dev/null
  echo "$name: failed" >&2
  exit 1
}

# Each script gives: daemons, prepare, start, end_sessions (ends what people run there), version, address, settings, and where
# it has more to do: forget (after down), erase (before wipe).
main() {
  local verb=${1:-} part=${2:-}
  case $verb in
    up | down | restart | revive | wipe | kill) ;;
    status) report "$(version)" "$(address)"; return ;;
    *) echo "usage: $(basename "$0") up|down|status|restart|wipe|revive|kill PART (${daemons[*]})" >&2; exit 2 ;;
  esac
  [ "$(id -u)" = 0 ] || fail "needs root"
  mkdir -p "$engines"
  exec 9>"$engines/.$name.lock"
  flock 9
  trap told_failure ERR
  case $verb in
    up) prepare; start; settings | write_settings; echo "$name is up: $(version), $(address)" ;;
    down) down; echo "$name is down" ;;
    restart) halt; start; echo "$name is up again: $(version), $(address)" ;;
    revive) start; echo "$name is up: $(version), $(address)" ;;
    kill)
      [[ " ${daemons[*]} " == *" $part "* ]] || fail "there is no $part; there are ${daemons[*]}"
      stop_daemon "$part" KILL; echo "$part is dead" ;;
    wipe) down; erase; rm -rf "$folder"; echo "$name is gone from this machine" ;;
  esac
}
halt() { local each; for each in "${daemons[@]}"; do stop_daemon "$each"; done; }
down() { rm -f "$engines/$name.json"; end_sessions; halt; forget; }
forget() { :; }
erase() { :; }
