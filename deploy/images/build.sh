#!/bin/sh
# Builds one image on the Docker engine that is running. Usage: build.sh postgres|kafka|SERVICE TAG
# (SERVICE: a folder of services/, for example registry).
#
# BASE            the base image (default: xueshi/base:bookworm, which base.sh makes)
# PYTHON          a Python with this repository's packages installed (default: .venv/bin/python)
# EXTRA_PACKAGES  Debian packages that a service needs beyond Python
set -eu

what=${1:?usage: build.sh postgres|kafka|SERVICE TAG}
tag=${2:?usage: build.sh postgres|kafka|SERVICE TAG}
images=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$images/../.." && pwd)
python=${PYTHON:-$root/.venv/bin/python}
base=${BASE:-xueshi/base:bookworm}

context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT

# `--network=host`: a build step reaches the package source the way this machine does.
build() {
    dockerfile=$1
    shift
    DOCKER_BUILDKIT=0 docker build --network=host --file "$images/$dockerfile" --build-arg BASE="$base" --tag "$tag" \
        "$@" "$context"
}

case $what in
postgres)
    binaries=$("$python" -c 'from xueshi_cli.runtime.postgres import find_binaries; print(find_binaries())')
    package=$(cd "$binaries/../.." && pwd)
    mkdir "$context/packages"
    # The programs look for their libraries beside the package, so both keep their names and places.
    cp -a "$package" "$package.libs" "$context/packages"
    cp "$images/postgres-entrypoint.sh" "$context"
    build postgres.Dockerfile
    ;;
kafka)
    jars=$("$python" -c 'from xueshi_cli.runtime.kafka import DEFAULT_JARS as j, fetch_jars; fetch_jars(j); print(j)')
    cp -a "$jars" "$context/libs"
    cp "$images/kafka-entrypoint.sh" "$images/log4j2-console.yaml" "$context"
    build kafka.Dockerfile
    ;;
*)
    [ -f "$root/services/$what/pyproject.toml" ] || { echo "there is no service $what" >&2; exit 1; }
    "$python" -m pip wheel --quiet --require-hashes --no-deps --wheel-dir "$context/wheels" \
        --requirement "$root/requirements.lock"
    "$python" -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir "$context/wheels" \
        "$root"/libs/* "$root/services/$what"
    # The folder is named after the service, the package after the module that it holds.
    module=$(basename "$(dirname "$root/services/$what"/src/*/__main__.py)")
    build service.Dockerfile --build-arg DISTRIBUTION="$(printf '%s' "$module" | tr _ -)" \
        --build-arg MODULE="$module" --build-arg EXTRA_PACKAGES="${EXTRA_PACKAGES:-}"
    ;;
esac
