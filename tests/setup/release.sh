#!/bin/sh
# `make release`: optimised binaries with llama.cpp's libraries, and the extensions, packed into
# target/dist/. GPU=vulkan, cuda or metal builds that backend in beside the CPU's.

set -eu
# shellcheck source=tests/setup/stage.sh
. "$(dirname "$0")/stage.sh"

dist=$CARGO_TARGET_DIR/dist
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
host=$(rustc -vV | sed -n 's/^host: //p')

case ${GPU:-} in
'' | vulkan | cuda | metal) ;;
*)
    echo "GPU=$GPU is none of: vulkan cuda metal" >&2
    exit 2
    ;;
esac

build() {
    # shellcheck disable=SC2086 # nothing or two words
    cargo build --profile dist --locked -p inkstone -p inkstoned -p inkstone-lsp -p inkstone-trainer \
        ${GPU:+--features inkstoned/$GPU}
}

# pack NAME: makes dist/NAME.tar.gz of the folder dist/NAME, which is removed.
pack() {
    tar -C "$dist" -czf "$dist/$1.tar.gz" "$1"
    rm -rf "${dist:?}/$1"
    echo "$dist/$1.tar.gz"
}

# The libraries lie beside the programs, where the programs look for them first.
pack_binaries() {
    name=inkstone-$version-$host${GPU:+-$GPU}
    folder=$dist/$name
    rm -rf "$folder"
    mkdir -p "$folder"
    for program in inkstone inkstoned inkstone-lsp inkstone-trainer; do
        cp "$dist/$program" "$folder/"
    done
    cp -R "$dist/inkstone-native" "$folder/"
    # One of an earlier build may lie there.
    for backend in vulkan cuda metal; do
        if [ "$backend" != "${GPU:-}" ]; then rm -f "$folder"/inkstone-native/*ggml-"$backend".*; fi
    done
    # Debug symbols are nine tenths of llama.cpp's libraries.
    if command -v strip >/dev/null; then strip -S "$folder"/inkstone-native/*; fi
    cp README.md CHANGELOG.md LICENSE-MIT LICENSE-APACHE "$folder/"
    pack "$name"
}

pack_extension() {
    name=inkstone-$1-$version
    rm -rf "${dist:?}/$name"
    cp -R "extensions/$1" "$dist/$name"
    cp LICENSE-MIT LICENSE-APACHE "$dist/$name/"
    pack "$name"
}

# shellcheck disable=SC2086 # nothing or one word
stage "check what the build needs" tests/setup/needs.sh build ${GPU:-}
stage "build" build
stage "pack the binaries" pack_binaries
stage "pack the Neovim plugin" pack_extension neovim
stage "pack the Helix configuration" pack_extension helix
stages_done
