# Sourced after stage.sh by the scripts that measure: builds what is measured and gives it a home.
#
# Sets bin, results and models, and exports INKSTONE_HOME, which goes when the script ends, and
# INKSTONE_MODELS. A daemon of its own, so that nobody's typing is measured, with the settings of a
# new user. In /tmp: a socket's path must be short.
# shellcheck shell=sh disable=SC2034

bin=$CARGO_TARGET_DIR/release
results=$CARGO_TARGET_DIR/bench
models=${INKSTONE_TEST_MODELS:-$CACHE/models}

stage "check what the build needs" tests/setup/needs.sh build
stage "build" cargo build --release --locked -p inkstone -p inkstoned -p inkstone-lsp -p inkstone-trainer
stage "models" tests/setup/models.sh "$models" "$bin/inkstone"

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
