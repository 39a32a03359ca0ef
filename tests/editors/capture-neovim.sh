#!/bin/sh
# Takes the picture of ghost text that the README shows: extensions/neovim/ghost-text.svg.
# Run `make test` once before it: that fetches the editors and the model.

set -eu
# shellcheck source=tests/setup/stage.sh
. "$(dirname "$0")/../setup/stage.sh"

export INKSTONE_BIN_DIR="$CARGO_TARGET_DIR/release"
export INKSTONE_TEST_MODELS="${INKSTONE_TEST_MODELS:-$CACHE/models}"

cargo build --release --locked -p inkstone -p inkstoned -p inkstone-lsp
cargo run --release --locked --quiet -p inkstone-editor-tests --example capture_neovim -- \
    "$ROOT/extensions/neovim/ghost-text.svg"
