#!/bin/sh
# Runs one test binary, at most for so long; then says what hung and ends it with what it started.
#
# The slowest binary takes about two minutes on two cores. Where a person watches, or without
# coreutils, there is no limit: Ctrl-C must reach the tests.
#
# usage: limited.sh PROGRAM [ARGUMENT…]      (cargo's runner, see test.sh)

LIMIT_S=${TEST_BINARY_MAX_S:-1200}

if [ -t 2 ] || ! command -v timeout >/dev/null; then
    exec "$@"
fi
timeout --kill-after=10 "$LIMIT_S" "$@"
code=$?
if [ "$code" -eq 124 ] || [ "$code" -eq 137 ]; then
    echo "$1 did not end within $LIMIT_S s; a test without a result line above hung. Processes:" >&2
    ps -eo pid,ppid,etime,stat,args >&2
fi
exit "$code"
