#!/bin/sh
# Sourced by the scripts beside it: where things are, and how a long step is reported.
#
# Sets ROOT, CACHE and CARGO_TARGET_DIR (exported, absolute), and goes to ROOT. `stage NAME COMMAND…`
# runs a step, says how long it took and, where no terminal shows cargo's own progress, that it
# still runs. `stages_done` ends with the list of steps and their times.

ROOT=$(cd "$(dirname "$0")/../.." && pwd)
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/inkstone
cd "$ROOT" || exit 1

# `make try` and `make test` share one folder, so that llama.cpp is compiled once. On a build server
# it lies outside the checkout and survives it.
if [ -n "${CARGO_TARGET_DIR:-}" ]; then
    case $CARGO_TARGET_DIR in
    /*) ;;
    *) CARGO_TARGET_DIR=$ROOT/$CARGO_TARGET_DIR ;;
    esac
elif [ -n "${CI:-}" ]; then
    CARGO_TARGET_DIR=$CACHE/target
else
    CARGO_TARGET_DIR=$ROOT/target
fi
export CARGO_TARGET_DIR

# A toolchain that was installed in this session is not on PATH yet.
if ! command -v cargo >/dev/null && [ -x "$HOME/.cargo/bin/cargo" ]; then
    PATH=$HOME/.cargo/bin:$PATH
    export PATH
fi

# How often a step says that it still runs.
HEARTBEAT_S=60

stage_times=
heartbeat=

stop_heartbeat() {
    if [ -n "$heartbeat" ]; then
        kill "$heartbeat" 2>/dev/null || :
        wait "$heartbeat" 2>/dev/null || :
        heartbeat=
    fi
}
trap stop_heartbeat EXIT
# dash runs the trap above only when it exits by itself.
trap 'exit 130' INT

start_heartbeat() {
    if [ -t 2 ]; then return; fi
    (
        elapsed_s=0
        # The sleep must not hold the pipe that somebody reads our output from.
        # $$ is the script itself, also here: one that was killed has no step that still runs.
        while sleep "$HEARTBEAT_S" >/dev/null 2>&1 && kill -0 $$ 2>/dev/null; do
            elapsed_s=$((elapsed_s + HEARTBEAT_S))
            echo "    ... $1: $elapsed_s s so far" >&2
        done
    ) &
    heartbeat=$!
}

stage() {
    stage_name=$1
    shift
    echo "==> $stage_name"
    stage_start=$(date +%s)
    start_heartbeat "$stage_name"
    # Not `"$@" || …`: there the shell would ignore failures inside a function.
    set +e
    (
        set -e
        "$@"
    )
    stage_code=$?
    set -e
    stop_heartbeat
    stage_s=$(($(date +%s) - stage_start))
    if [ "$stage_code" -ne 0 ]; then
        echo "<== $stage_name: FAILED after $stage_s s" >&2
        exit "$stage_code"
    fi
    echo "<== $stage_name: $stage_s s"
    stage_times="$stage_times    $stage_name: $stage_s s
"
}

stages_done() {
    printf '\nTime by step:\n%s' "$stage_times"
}
