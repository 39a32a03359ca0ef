#!/bin/sh
# `make lint`: formatting, clippy, licences, unused dependencies, spelling, scripts and extensions.
# Tools that are missing are installed with cargo, which takes minutes the first time.

set -eu
# shellcheck source=tests/setup/stage.sh
. "$(dirname "$0")/stage.sh"

# tool PROGRAM CRATE: not built in our own target folder, which it would fill and lock.
tool() {
    command -v "$1" >/dev/null || stage "install $2" env -u CARGO_TARGET_DIR cargo install --locked "$2"
}

lint_scripts() {
    find .ci tests extensions -path '*/target' -prune -o -type f -print | while read -r file; do
        case $(head -c 9 "$file") in '#!/bin/sh'*) echo "$file" ;; esac
    done | xargs shellcheck --external-sources
}

lint_dependencies() {
    cargo deny --locked check bans licenses sources
    cargo machete
}

# The plugin is loaded by the oldest Neovim that it supports.
load_plugin() {
    # shellcheck disable=SC2016 # Lua, not shell
    "$CACHE/editors/bin/nvim-0.11" --headless -u NONE \
        -c 'lua for _, file in ipairs(vim.fn.glob("extensions/neovim/**/*.lua", true, true)) do assert(loadfile(file)) end' \
        -c 'set runtimepath+=extensions/neovim' -c 'lua require("inkstone").setup {}' -c 'qa!'
}

stage "check what the linters need" tests/setup/needs.sh build lint
tool cargo-deny cargo-deny
tool cargo-machete cargo-machete
tool typos typos-cli
tool stylua stylua
stage "scripts" lint_scripts
stage "format" cargo fmt --all --check
stage "clippy" cargo clippy --release --locked --workspace --all-targets -- -D warnings
stage "dependencies" lint_dependencies
stage "spelling" typos
stage "Lua format" stylua --check extensions/neovim
stage "editors" tests/editors/fetch.sh "$CACHE/editors"
stage "Lua loads" load_plugin
stages_done
