#!/bin/sh
# `make test`: installs what the tests need and runs them all, on the real models and in real editors.
#
# Environment: INKSTONE_TEST_MODELS, INKSTONE_TEST_EDITORS and INKSTONE_CORPORA replace the folders
# with models, editors and corpora; TEST_FILTER is passed to `cargo test` to run a part.

set -eu
# shellcheck source=tests/setup/stage.sh
. "$(dirname "$0")/stage.sh"

export INKSTONE_TEST_MODELS="${INKSTONE_TEST_MODELS:-$CACHE/models}"
export INKSTONE_TEST_EDITORS="${INKSTONE_TEST_EDITORS:-$CACHE/editors/bin}"
export INKSTONE_CORPORA="${INKSTONE_CORPORA:-$ROOT/../shared/corpora}"
export INKSTONE_BIN_DIR="$CARGO_TARGET_DIR/release"

# A test that hangs must fail under its name, not use up the time of the whole run. Cargo splits
# the runner at spaces, so a checkout whose path holds one goes without.
host=$(rustc -vV | sed -n 's/^host: //p' | tr 'a-z-' 'A-Z_')
case $ROOT in
*' '*) ;;
*) export "CARGO_TARGET_${host}_RUNNER=$ROOT/tests/setup/limited.sh" ;;
esac
# Tests talk to servers of their own on this machine; a proxy is for the others.
export NO_PROXY="127.0.0.1,localhost${NO_PROXY:+,$NO_PROXY}"

stage "check what the tests need" tests/setup/needs.sh build test
# Binaries and tests in one go: their dependencies get the same features, and compile once.
stage "build" cargo build --release --locked --workspace --bins --tests
stage "models" tests/setup/models.sh "$INKSTONE_TEST_MODELS" "$INKSTONE_BIN_DIR/inkstone"
stage "editors" tests/editors/fetch.sh "$(dirname "$INKSTONE_TEST_EDITORS")"
# shellcheck disable=SC2086 # none or several words
stage "tests" cargo test --release --locked --workspace --no-fail-fast ${TEST_FILTER:-}
stages_done
