#!/bin/sh
# Brings Docker and the test images up on a fresh Debian machine without an image registry; needs root. Standard output
# carries only the variables that the tests read, so: eval "$(deploy/images/ci-docker.sh)"
#
# A dockerd that this script has to start runs on; its process id stands in build/docker/dockerd.pid.
set -eu
{
    images=$(cd "$(dirname "$0")" && pwd)
    state=$(cd "$images/../.." && pwd)/build/docker
    mkdir -p "$state"

    missing=
    command -v dockerd > /dev/null || missing=docker.io
    command -v debootstrap > /dev/null || missing="$missing debootstrap"
    if [ -n "$missing" ]; then
        apt-get update
        # iptables is what dockerd needs for its bridge and Debian only recommends. Unquoted: one word per package.
        DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends $missing iptables
    fi

    if ! docker info > /dev/null 2>&1; then
        setsid dockerd > "$state/dockerd.log" 2>&1 < /dev/null &
        echo $! > "$state/dockerd.pid"
        tries=60
        until docker info > /dev/null 2>&1; do
            tries=$((tries - 1))
            [ "$tries" -gt 0 ] || { tail -n 20 "$state/dockerd.log"; exit 1; }
            sleep 1
        done
    fi

    docker image inspect xueshi/base:bookworm > /dev/null 2>&1 || "$images/base.sh" xueshi/base:bookworm
    "$images/build.sh" postgres xueshi/postgres:test
    "$images/build.sh" kafka xueshi/kafka:test
} >&2

cat <<'END'
export XUESHI_POSTGRES_IMAGE=xueshi/postgres:test
export XUESHI_KAFKA_IMAGE=xueshi/kafka:test
export TESTCONTAINERS_RYUK_DISABLED=true
END
