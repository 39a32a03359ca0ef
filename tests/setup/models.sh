#!/bin/sh
# Puts the models that the tests run on into a folder: NAME.gguf, checked against the catalogue's
# SHA-256. A file that is there with the right hash is kept. Needs a built `inkstone`.
#
# usage: models.sh FOLDER INKSTONE

set -eu

folder=$1
inkstone=$2
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
catalogue=$ROOT/daemon/models/catalogue.toml

# The hash that the catalogue names for a model.
catalogued_sha256() {
    awk -v wanted="\"$1\"" '
        /^\[\[/ { if ($0 == "[[model]]") here = 0 }
        $1 == "name" { here = ($3 == wanted) }
        here && $1 == "sha256" { gsub(/"/, "", $3); print $3; exit }
    ' "$catalogue"
}

sha256_of() {
    if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1
}

is_there() {
    [ -f "$folder/$1.gguf" ] && [ "$(sha256_of "$folder/$1.gguf")" = "$(catalogued_sha256 "$1")" ]
}

mkdir -p "$folder"
for model in smollm2-135m-instruct gemma-3-270m; do
    if is_there "$model"; then
        echo "$model is there"
        continue
    fi
    # A home of its own: the person's models and settings stay as they are. Beside the folder, so
    # that an interrupted download goes on where it stopped and the file is moved, not copied.
    home=$folder/.pull
    env -u INKSTONE_MODELS INKSTONE_HOME="$home" "$inkstone" model pull "$model" --accept-license
    mv "$home/data/models/$model.gguf" "$folder/$model.gguf"
    rm -rf "$home"
    is_there "$model" || {
        echo "$folder/$model.gguf does not have the catalogue's SHA-256; remove it and try again" >&2
        exit 1
    }
done
