#!/usr/bin/env bash
# The second Docker engine: its containers' users are none of this machine's.
DOCKER_USERNS=1 exec "$(dirname "$0")/docker.sh" "$@"
