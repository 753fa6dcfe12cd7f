#!/usr/bin/env bash
# CI's step with containers: brings Docker and the test images up on a fresh Debian machine (ci-docker.sh), and runs
# the suites of the bus and the database once more against PostgreSQL and Kafka in containers. Needs root. Fails when a
# test fails or is skipped, or when something else than the containers has served. A dockerd that was not there before
# is stopped at the end; the images stay for the next run.
set -euo pipefail
cd "$(dirname "$0")/../.."

state=build/docker
suites=(
  tests/contract/bus
  tests/integration/kit
  tests/integration/runtime/test_runtime_provision.py
  tests/integration/runtime/test_runtime_support.py
)
# It kills the broker, which a test does only to one that it has started itself: the run without containers has it.
without=('tests/contract/bus/test_bus_faults.py::test_outage_is_told_and_the_same_consumer_goes_on[kafka]')

runs() {
  [[ -e /proc/$1/status ]] && ! grep -q '^State:[[:space:]]*[ZX]' "/proc/$1/status"
}

stop_docker() {
  local pid
  pid=$(cat "$state/dockerd.pid" 2>/dev/null) || return 0
  kill "$pid" 2>/dev/null || true
  for _ in {1..300}; do
    runs "$pid" || { rm -f "$state/dockerd.pid"; return 0; }
    sleep 0.1
  done
  echo "dockerd ($pid) does not stop" >&2
}

mkdir -p "$state"
if ! docker info >/dev/null 2>&1; then
  rm -f "$state/dockerd.pid"
  trap stop_docker EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
fi

missing=()
command -v java >/dev/null || missing+=(openjdk-17-jre-headless)
command -v mvn >/dev/null || missing+=(maven)
if ((${#missing[@]})); then
  apt-get update -qq </dev/null
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" </dev/null >/dev/null
fi
make -s env

settings=$(deploy/images/ci-docker.sh </dev/null 2>"$state/images.log") || {
  tail -n 40 "$state/images.log" >&2
  exit 1
}
eval "$settings"
unset KAFKA_BOOTSTRAP_SERVERS XUESHI_TEST_DATABASE_URL
echo "Docker and the images are there after ${SECONDS}s"

XUESHI_REQUIRE=docker,kafka .venv/bin/pytest "${suites[@]}" "${without[@]/#/--deselect=}" </dev/null |
  tee "$state/pytest.log"
for line in "PostgreSQL: container $XUESHI_POSTGRES_IMAGE" "Kafka: container $XUESHI_KAFKA_IMAGE" "Not run: nothing"; do
  grep -qxF "$line" "$state/pytest.log" || { echo "pytest does not say \"$line\"" >&2; exit 1; }
done
