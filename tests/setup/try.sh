#!/bin/sh
# `make try`: from a clean checkout to a paragraph that the model continues. Run again it takes
# seconds. Uses the person's own directories, or INKSTONE_HOME when it is set.

set -eu
# shellcheck source=tests/setup/stage.sh
. "$(dirname "$0")/stage.sh"

bin=$CARGO_TARGET_DIR/release
paragraph='The morning after the storm, the harbour was quiet. Broken masts lay across the pier, and the fishermen stood in small groups,'

complete() {
    printf '\n%s' "$paragraph"
    printf '%s' "$paragraph" | "$bin/inkstone" complete
    echo
}

stage "check what the build needs" tests/setup/needs.sh build
stage "build (the first time compiles llama.cpp, several minutes)" \
    cargo build --release --locked -p inkstone -p inkstoned -p inkstone-lsp -p inkstone-trainer
stage "set up: configuration and default model" "$bin/inkstone" setup --lang en --yes
stage "start the daemon" "$bin/inkstone" start
stage "complete a paragraph" complete
stages_done

cat <<END

Inkstone runs. Next:
  put it on your PATH    export PATH="$bin:\$PATH"
  your own words         printf 'It was late when' | inkstone complete
  Chinese as well        inkstone setup --lang en,zh --accept-license
  Neovim                 vim.opt.runtimepath:append('$ROOT/extensions/neovim')
                         require('inkstone').setup {}
  Helix                  extensions/helix/README.md
  something wrong?       inkstone doctor
END
