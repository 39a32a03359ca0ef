//! Typing what a suggestion says needs no model: the rest of it stays, and the daemon is not asked.

use inkstone_e2e::editor::{Editor, at_end};
use inkstone_e2e::home;
use inkstone_e2e::turn::together;
use inkstone_e2e::wire::Wire;
use inkstone_test_support::Home;

use crate::sensible::{HARBOUR, PARK};

fn check(home: &Home, text: &str) {
    let mut editor = Editor::open(home, &at_end(text));
    let suggestion = editor.suggestion().unwrap();
    let mut daemon = Wire::greeted(&home.socket());
    let before = daemon.status();
    let keys: Vec<char> = suggestion.chars().collect();
    assert!(keys.len() >= 3, "too short to type through: {suggestion:?}");
    let mut typed = String::new();
    // All but the last: after it nothing of the suggestion is left.
    for key in &keys[..keys.len() - 1] {
        typed.push(*key);
        editor.type_text(&key.to_string());
        assert_eq!(
            editor.suggestion().as_deref(),
            Some(&suggestion[typed.len()..]),
            "{typed:?}"
        );
    }
    let after = daemon.status();
    assert_eq!(
        (after.completions, after.cancelled),
        (before.completions, before.cancelled)
    );
}

#[test]
fn typing_an_english_suggestion_asks_the_daemon_nothing() {
    let _turn = together();
    check(&home::english(), HARBOUR);
}

#[test]
fn typing_a_chinese_suggestion_asks_the_daemon_nothing() {
    let _turn = together();
    check(&home::english_and_chinese(), PARK);
}

#[test]
fn typing_something_else_asks_the_daemon_again() {
    let _turn = together();
    let home = home::english();
    let mut editor = Editor::open(&home, &at_end(HARBOUR));
    let suggestion = editor.suggestion().unwrap();
    let mut daemon = Wire::greeted(&home.socket());
    let before = daemon.status().completions;
    let other = " while nobody";
    assert!(!suggestion.starts_with(other));
    editor.type_text(other);
    let next = editor.suggestion();
    assert_ne!(next.as_deref(), Some(suggestion.as_str()));
    assert!(daemon.status().completions > before);
}
