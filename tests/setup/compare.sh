#!/bin/sh
# The typing session beside a completion server: compare.sh BIN MODELS CORPUS RESULTS, called by
# bench.sh and by hand. Needs the server of llama-cpp-python, which is built from source for this
# processor, as ours chooses its instruction set (some minutes):
#
#     CMAKE_ARGS=-DGGML_NATIVE=ON python3 -m venv VENV && VENV/bin/pip install 'llama-cpp-python[server]'
#     COMPARE_PYTHON=VENV/bin/python make bench
#
# Without it nothing is compared, and the reason is said.

set -eu

bin=$1
models=$2
corpus=$3
results=$4
python=${COMPARE_PYTHON:-python3}
model=${COMPARE_MODEL:-smollm2-135m-instruct}
threads=${COMPARE_THREADS:-$(getconf _NPROCESSORS_ONLN)}

if ! "$python" -c 'import llama_cpp.server' >/dev/null 2>&1; then
    echo "compare: skipped, since $python has no llama_cpp.server; see $0" >&2
    exit 0
fi
if [ ! -f "$corpus" ]; then
    echo "compare: skipped, since there is no text to type in: $corpus" >&2
    exit 0
fi

work=$(mktemp -d)
server=
end_server() {
    if [ -n "$server" ]; then
        kill "$server" 2>/dev/null || :
        wait "$server" 2>/dev/null || :
    fi
    rm -rf "$work"
}
trap end_server EXIT

port=$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$python" -m llama_cpp.server --model "$models/$model.gguf" --host 127.0.0.1 --port "$port" \
    --n_ctx 4096 --n_threads "$threads" --n_threads_batch "$threads" --verbose true \
    >"$work/server.log" 2>&1 &
server=$!

# It says in its log when it can be asked; it ends by itself when it cannot start.
while ! grep -q 'Uvicorn running' "$work/server.log"; do
    if ! kill -0 "$server" 2>/dev/null; then
        echo "compare: the server did not start:" >&2
        tail -n 5 "$work/server.log" >&2
        exit 1
    fi
    sleep 1
done

recording=${COMPARE_RECORDING:-$work/session.json}
"$bin/inkstone" bench session --model "$model" --corpus "$corpus" --recording "$recording" \
    --against "http://127.0.0.1:$port" --against-log "$work/server.log" --json "$results/session.json"
