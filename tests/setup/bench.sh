#!/bin/sh
# `make bench`: the measurements on the test models, into target/bench/*.json.

set -eu
# shellcheck source=tests/setup/stage.sh
. "$(dirname "$0")/stage.sh"

bin=$CARGO_TARGET_DIR/release
results=$CARGO_TARGET_DIR/bench
models=${INKSTONE_TEST_MODELS:-$CACHE/models}

stage "check what the build needs" tests/setup/needs.sh build
stage "build" cargo build --release --locked -p inkstone -p inkstoned -p inkstone-lsp
stage "models" tests/setup/models.sh "$models" "$bin/inkstone"

# A daemon of its own, so that nobody's typing is measured. In /tmp: a socket's path must be short.
INKSTONE_HOME=$(mktemp -d)
INKSTONE_MODELS=$models
export INKSTONE_HOME INKSTONE_MODELS
end_daemon() {
    stop_heartbeat
    "$bin/inkstone" stop >/dev/null 2>&1 || :
    rm -rf "$INKSTONE_HOME"
}
trap end_daemon EXIT

mkdir -p "$results"
stage "latency" "$bin/inkstone" bench latency --json "$results/latency.json"
stages_done
echo "results: $results"
