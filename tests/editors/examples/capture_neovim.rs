//! Takes the picture of ghost text in Neovim that the README shows: the real editor, daemon and
//! model in a terminal. `capture-neovim.sh` builds what it needs and runs it.
//!
//! Argument: the SVG file to write.

use inkstone_editor_tests::neovim::Neovim;
use inkstone_editor_tests::place::EditorProgram;
use inkstone_editor_tests::scene::Scene;
use inkstone_editor_tests::terminal::TerminalSize;
use inkstone_editor_tests::{ansi, svg};

const SIZE: TerminalSize = TerminalSize {
    columns: 94,
    rows: 6,
};

const DOCUMENT: &str = "# After the storm

The morning after the storm, the harbour was quiet. Broken masts lay across the pier, and the \
fishermen stood in small groups,
";

/// Colours on, nothing of the window but the text.
const LOOK: &str = "vim.opt.termguicolors = true
vim.opt.background = 'dark'
vim.opt.shortmess:append('I')
vim.opt.ruler = false
vim.opt.laststatus = 0
vim.opt.fillchars = { eob = ' ' }
vim.opt.showcmd = false
vim.opt.linebreak = true
vim.opt.wrap = true";

fn main() {
    let file = std::env::args().nth(1);
    let file = file.unwrap_or_else(|| panic!("usage: capture_neovim FILE.svg"));
    let scene = Scene::new(DOCUMENT);
    let neovim = Neovim::start_with(&scene, EditorProgram::Neovim, LOOK);
    let terminal = neovim.draw_in_terminal(SIZE);
    neovim.keys("GA");
    let suggestion = neovim.await_shown();
    let first_word = suggestion
        .split_whitespace()
        .next()
        .unwrap_or_default()
        .to_owned();
    let patience = std::time::Duration::from_secs(5);
    terminal.await_screen(&first_word, patience, |_| ());
    let rows = ansi::rows(&terminal.coloured_screen());
    let picture = svg::draw(&rows, terminal.caret(), "Ghost text in Neovim");
    std::fs::write(&file, picture).unwrap_or_else(|error| panic!("{file}: {error}"));
    println!("{file}: {suggestion}");
}
