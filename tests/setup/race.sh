#!/bin/sh
# `make race`: a training beside Hugging Face PEFT on the same model and tokens, into
# target/bench/race.json. INKSTONE_TEST_PYTHON names an interpreter with torch, Transformers, PEFT and
# gguf; without them it says so and ends well. RACE_CORPUS is the folder, RACE_STEPS how long (300),
# RACE_ARGUMENTS whatever else `race_with_peft.py --help` lists.

set -eu
# shellcheck source=tests/setup/stage.sh
. "$(dirname "$0")/stage.sh"

corpora=${INKSTONE_CORPORA:-$ROOT/../shared/corpora}
models=${INKSTONE_TEST_MODELS:-$CACHE/models}
results=$CARGO_TARGET_DIR/bench
mkdir -p "$results"
stage "build" cargo build --release --locked -p inkstone-lora --example race
status=0
# RACE_ARGUMENTS is several words.
# shellcheck disable=SC2086
"${INKSTONE_TEST_PYTHON:-python3}" tests/agreement/race_with_peft.py \
    --runner "$CARGO_TARGET_DIR/release/examples/race" \
    --model "${RACE_MODEL:-$models/smollm2-135m-instruct.gguf}" \
    --corpus "${RACE_CORPUS:-$corpora/en/twain}" \
    --steps "${RACE_STEPS:-300}" --json "$results/race.json" ${RACE_ARGUMENTS:-} || status=$?
if [ "$status" -eq 77 ]; then
    exit 0
fi
exit "$status"
