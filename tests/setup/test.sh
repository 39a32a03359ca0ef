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

# The Vulkan backend is built and tested where what it needs is there or can be installed, on Mesa's
# driver in software if it is there: every machine computes the same. The rest needs neither.
vulkan_needs() {
    tests/setup/needs.sh vulkan vulkan-driver ||
        echo "the Vulkan backend is not built, and nothing is tested on it: see above"
}

# As on a machine without a driver, where the backend must do no harm.
all_tests() {
    export VK_DRIVER_FILES=/nonexistent VK_ICD_FILENAMES=/nonexistent
    # shellcheck disable=SC2086 # none or several words
    cargo test --release --locked --workspace $features --no-fail-fast ${TEST_FILTER:-}
}

vulkan_tests() {
    for driver in /usr/share/vulkan/icd.d/lvp_icd*.json; do
        # By its new name and its old one.
        if [ -e "$driver" ]; then export VK_DRIVER_FILES="$driver" VK_ICD_FILENAMES="$driver"; fi
    done
    # Drivers in software are only used when one says so.
    export GGML_VK_VISIBLE_DEVICES=0 INKSTONE_TEST_DEVICE=gpu
    # One at a time, and without those of adapters: in them Mesa 22.3's driver in software, Debian
    # 12's, ends now and then with a segmentation fault in a thread of its own.
    # shellcheck disable=SC2086 # none or several words
    cargo test --release --locked --workspace $features --no-fail-fast \
        --test on_the_card --test real_model --test gpu ${TEST_FILTER:-} -- --test-threads=1
}

stage "check what the tests need" tests/setup/needs.sh build test
stage "check what the tests on Vulkan need" vulkan_needs
features=
if NEEDS_ONLY_CHECK=1 tests/setup/needs.sh vulkan vulkan-driver 2>/dev/null; then
    features="--features inkstone-engine/vulkan"
fi
# Binaries and tests in one go: their dependencies get the same features, and compile once.
# shellcheck disable=SC2086 # none or two words
stage "build" cargo build --release --locked --workspace $features --bins --tests
stage "models" tests/setup/models.sh "$INKSTONE_TEST_MODELS" "$INKSTONE_BIN_DIR/inkstone"
stage "editors" tests/editors/fetch.sh "$(dirname "$INKSTONE_TEST_EDITORS")"
stage "tests" all_tests
if [ -n "$features" ]; then stage "tests on the Vulkan backend" vulkan_tests; fi
stages_done
