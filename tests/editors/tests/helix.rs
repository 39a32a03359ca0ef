//! Helix, which has no ghost text: a suggestion is an item of the completion menu.

use std::time::Duration;

use inkstone_editor_tests::place::{EditorProgram, extension};
use inkstone_editor_tests::scene::Scene;
use inkstone_editor_tests::terminal::{Terminal, TerminalSize};
use inkstone_test_support::eventually;

/// How long a person waits for the menu before they ask for it.
const PATIENCE_S: u64 = 5;
/// How long Helix may take to save.
const SAVE_WAIT_S: u64 = 20;

const SIZE: TerminalSize = TerminalSize {
    columns: 110,
    rows: 24,
};

#[test]
fn helix_offers_a_suggestion_in_its_menu_and_inserts_it() {
    let before = "The morning after the storm, the harbour was quiet. Broken masts lay across the pier, and the fishermen stood in small";
    let scene = Scene::new(&format!("# 日记\n\n{before}\n"));
    let languages = std::fs::read_to_string(extension("helix").join("languages.toml")).unwrap();
    scene.write_config("helix/languages.toml", &languages);
    scene.write_config("helix/config.toml", "[editor]\ncompletion-timeout = 50\n");
    let hx = EditorProgram::Helix.path();
    let command = format!("'{}' '{}'", hx.display(), scene.document().display());
    let terminal = Terminal::run(&scene, SIZE, &command);
    let patience = Duration::from_secs(PATIENCE_S);

    terminal.await_screen("harbour", patience, |_| ());
    // To the last line's end, in insert mode.
    terminal.keys(&["g", "e", "A"]);
    terminal.type_text(" groups,");
    // The menu names the item by its beginning and its kind; asked for by key once the model is there.
    let menu = terminal.await_screen(" text", patience, |terminal| terminal.keys(&["C-x"]));
    terminal.keys(&["C-n"]);
    // Beside the menu stands where the selected item comes from.
    terminal.await_screen("Inkstone", patience, |_| ());
    terminal.keys(&["Enter"]);
    terminal.await_screen(" INS ", patience, |_| ());
    terminal.keys(&["Escape"]);
    terminal.await_screen(" NOR ", patience, |_| ());
    terminal.type_text(":w");
    terminal.keys(&["Enter"]);

    let deadline = Duration::from_secs(SAVE_WAIT_S);
    let start = format!("# 日记\n\n{before} groups,");
    let text = eventually(deadline, "the saved suggestion", || {
        let text = scene.saved_text()?;
        (text.len() > start.len() + 1).then_some(text)
    });
    let inserted = text.strip_prefix(&start);
    let inserted = inserted
        .unwrap_or_else(|| panic!("{text:?}, after the menu\n{menu}"))
        .trim_end();
    assert!(inserted.starts_with(' '), "{inserted:?}");
    let first_word = inserted.split_whitespace().next().unwrap();
    assert!(
        menu.contains(first_word),
        "{first_word} was inserted and not shown:\n{menu}"
    );
}
