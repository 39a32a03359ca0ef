#!/bin/sh
# The table of quality, tests/eval/replay.md: plays the corpora through the language server, with
# everything and without one technique at a time. Hours on two cores; INKSTONE_CORPORA names the
# folder with the corpora, and arguments go to `inkstone bench replay`, as `--without healing`.

set -eu
# shellcheck source=tests/setup/stage.sh
. "$(dirname "$0")/stage.sh"

corpora=${INKSTONE_CORPORA:?is the folder with en/twain and zh/luxun}
# shellcheck source=tests/setup/measured.sh
. "$ROOT/tests/setup/measured.sh"

mkdir -p tests/eval
stage "replay" "$bin/inkstone" bench replay \
    --corpus "$corpora/en/twain" --corpus "$corpora/zh/luxun" \
    --limit 1500 --passages 16 --preset balanced,eager,quiet \
    --json "$results/replay.json" --table tests/eval/replay.md "$@"
stages_done
echo "results: tests/eval/replay.md, $results/replay.json"
