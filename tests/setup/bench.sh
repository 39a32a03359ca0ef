#!/bin/sh
# `make bench`: the measurements on the test models, into target/bench/*.json. SOAK_MINUTES sets how
# long the soak goes on (60), SESSION_TEXT what the typing session is recorded in; see compare.sh for
# the server beside which it is played, CORPUS_MEGABYTES (1024) and CORPUS_FILES (100000) how much the
# trainer reads, TRAIN_CORPUS and TRAIN_STEPS (60) what it learns from and how long.

set -eu
# shellcheck source=tests/setup/stage.sh
. "$(dirname "$0")/stage.sh"

# shellcheck source=tests/setup/measured.sh
. "$ROOT/tests/setup/measured.sh"

corpora=${INKSTONE_CORPORA:-$ROOT/../shared/corpora}
text=${SESSION_TEXT:-$(find "$corpora/en/twain" -name '*.md' -size +40k 2>/dev/null | sort | head -n 1)}

stage "latency" "$bin/inkstone" bench latency --json "$results/latency.json"
stage "session" tests/setup/compare.sh "$bin" "$models" "$text" "$results"
stage "load" "$bin/inkstone" bench load --documents 1,4,16 --beside 500 --json "$results/load.json"
stage "idle" "$bin/inkstone" bench idle --json "$results/idle.json"
stage "corpus" "$bin/inkstone" bench corpus --megabytes "${CORPUS_MEGABYTES:-1024}" --files "${CORPUS_FILES:-100000}" \
    --json "$results/corpus.json"
writer=${TRAIN_CORPUS:-$corpora/en/twain}
generic=$corpora/en/harper-texts
if [ -d "$writer" ] && [ -d "$generic" ]; then
    stage "train" "$bin/inkstone" bench train --corpus "$writer" --generic "$generic" --tokens 150000 \
        --steps "${TRAIN_STEPS:-60}" --json "$results/train.json"
    stage "yield" "$bin/inkstone" bench yield --corpus "$writer" --generic "$generic" --json "$results/yield.json"
else
    echo "no training is measured: no prose at $writer and $generic; set INKSTONE_CORPORA" >&2
fi
stage "soak" "$bin/inkstone" bench soak --minutes "${SOAK_MINUTES:-60}" --json "$results/soak.json"
stages_done
echo "results: $results"
