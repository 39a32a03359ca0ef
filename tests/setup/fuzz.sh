#!/bin/sh
# `make fuzz`: fuzzes every target of tests/fuzz in turn, coverage-guided, on the stable toolchain.
#
# Environment: FUZZ_SECONDS for each target (600), FUZZ_TARGETS for some of them only. Runs start from
# tests/fuzz/seeds. What is found goes to target/fuzz/artifacts, inputs that reach new code to
# target/fuzz/corpus: make a seed of what should be replayed by `make test` from then on.

set -eu
# shellcheck source=tests/setup/stage.sh
. "$(dirname "$0")/stage.sh"

seconds=${FUZZ_SECONDS:-600}

stage "check what the build needs" tests/setup/needs.sh build
command -v cargo-fuzz >/dev/null || stage "install cargo-fuzz" env -u CARGO_TARGET_DIR cargo install --locked cargo-fuzz

# fuzz TARGET. Without sanitizer: those need a nightly toolchain.
fuzz() {
    work=$CARGO_TARGET_DIR/fuzz
    mkdir -p "$work/corpus/$1" "$work/artifacts/$1"
    set -- "$1" "$work/corpus/$1"
    if [ -d "tests/fuzz/seeds/$1" ]; then set -- "$@" "tests/fuzz/seeds/$1"; fi
    cargo fuzz run --fuzz-dir tests/fuzz --target-dir "$work" --features fuzzing -s none "$@" \
        -- -max_total_time="$seconds" -artifact_prefix="$work/artifacts/$1/"
}

for target in ${FUZZ_TARGETS:-$(cargo fuzz list --fuzz-dir tests/fuzz)}; do
    stage "fuzz $target for $seconds s" fuzz "$target"
done
stages_done
