#!/bin/sh
# The table of quality, tests/eval/replay.md: plays the corpora through the language server, with
# everything and without one technique at a time. Hours on two cores; INKSTONE_CORPORA names the
# folder with the corpora, and arguments go to `inkstone bench replay`, as `--without healing`.

set -eu
# shellcheck source=tests/setup/stage.sh
. "$(dirname "$0")/stage.sh"

bin=$CARGO_TARGET_DIR/release
results=$CARGO_TARGET_DIR/bench
models=${INKSTONE_TEST_MODELS:-$CACHE/models}
corpora=${INKSTONE_CORPORA:?is the folder with en/twain and zh/luxun}

stage "check what the build needs" tests/setup/needs.sh build
stage "build" cargo build --release --locked -p inkstone -p inkstoned -p inkstone-lsp
stage "models" tests/setup/models.sh "$models" "$bin/inkstone"

# The settings are those of a new user.
INKSTONE_HOME=$(mktemp -d)
INKSTONE_MODELS=$models
export INKSTONE_HOME INKSTONE_MODELS
clean_up() {
    stop_heartbeat
    rm -rf "$INKSTONE_HOME"
}
trap clean_up EXIT

mkdir -p "$results" tests/eval
stage "replay" "$bin/inkstone" bench replay \
    --corpus "$corpora/en/twain" --corpus "$corpora/zh/luxun" \
    --limit 1500 --passages 16 --preset balanced,eager,quiet \
    --json "$results/replay.json" --table tests/eval/replay.md "$@"
stages_done
echo "results: tests/eval/replay.md, $results/replay.json"
