//! A real model continues real prose through the language server.

use inkstone_bench::lsp_client::ClientProfile;
use inkstone_e2e::editor::{Editor, at_end, start_client};
use inkstone_e2e::home;
use inkstone_e2e::turn::together;
use inkstone_e2e::wire::Wire;
use inkstone_test_support::{CHINESE_MODEL, eventually};
use inkstone_text::PositionEncoding;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

use crate::sensible::{HARBOUR, PARK, Script, assert_sensible};

#[test]
fn english_prose_is_continued() {
    let _turn = together();
    let home = home::english();
    let editor = Editor::open(&home, &at_end(HARBOUR));
    let suggestion = editor.suggestion().unwrap();
    assert_sensible(&suggestion, Script::Latin);
}

#[test]
fn chinese_prose_is_continued_by_the_model_for_chinese() {
    let _turn = together();
    let home = home::english_and_chinese();
    let editor = Editor::open(&home, &at_end(PARK));
    let suggestion = editor.suggestion().unwrap();
    assert_sensible(&suggestion, Script::Han);
    let status = Wire::greeted(&home.socket()).status();
    let loaded: Vec<_> = status
        .models
        .iter()
        .filter(|model| model.loads > 0)
        .collect();
    assert_eq!(loaded.len(), 1, "{status:?}");
    assert_eq!(loaded[0].name, CHINESE_MODEL);
}

#[test]
fn the_language_around_the_caret_chooses_the_model() {
    let _turn = together();
    let home = home::english_and_chinese();
    let editor = Editor::open(
        &home,
        &format!("{PARK}很清新。\n\n{HARBOUR}‸\n\n{PARK}很清新。\n"),
    );
    assert_sensible(&editor.suggestion().unwrap(), Script::Latin);
}

#[test]
fn the_same_caret_gets_the_same_suggestion_in_every_encoding() {
    let _turn = together();
    let home = home::english();
    // Wide characters before the caret's column: a column counted wrongly lands elsewhere.
    let text = format!("“Ça va 👩‍👩‍👧‍👦?” e\u{301}crit 砚 — {HARBOUR}‸\r\n\r\nThe end.\r\n");
    let suggestions: Vec<_> = PositionEncoding::PREFERRED
        .into_iter()
        .map(|encoding| {
            let profile = ClientProfile {
                encodings: vec![encoding],
                ..ClientProfile::default()
            };
            let editor = Editor::open_as(&home, &text, &profile);
            assert_eq!(editor.client.encoding(), encoding);
            editor.suggestion().unwrap()
        })
        .collect();
    assert_sensible(&suggestions[0], Script::Latin);
    assert_eq!(suggestions[0], suggestions[1]);
    assert_eq!(suggestions[0], suggestions[2]);
}

#[test]
fn a_suggestion_does_not_repeat_the_text_that_follows() {
    let _turn = together();
    let home = home::english();
    let client = Arc::new(start_client(&home, &ClientProfile::default()));
    let free = Editor::in_client(&home, &client, &at_end(HARBOUR))
        .suggestion()
        .unwrap();
    // The same caret, but the writer has already written the suggestion after it.
    let marked = format!("//- written.md\n{HARBOUR}‸{free}\n");
    let after = Editor::in_client(&home, &client, &marked).suggestion();
    assert_ne!(after.as_deref(), Some(free.as_str()));
    assert!(!after.unwrap_or_default().contains(free.trim()));
}

#[test]
fn suggestions_can_be_switched_off_and_on_while_the_editor_runs() {
    let _turn = together();
    let home = home::english();
    let editor = Editor::open(&home, &at_end(HARBOUR));
    assert!(editor.suggestion().is_some());
    let switch = |on: bool| {
        let settings = json!({ "settings": { "inkstone": { "completion": { "enabled": on } } } });
        editor
            .client
            .notify("workspace/didChangeConfiguration", &settings)
            .unwrap();
    };
    switch(false);
    let wait = Duration::from_secs(10);
    eventually(wait, "no suggestion when off", || {
        editor.suggestion().is_none().then_some(())
    });
    switch(true);
    eventually(wait, "a suggestion when on again", || editor.suggestion());
}

#[test]
fn a_setting_of_the_editors_start_applies() {
    let _turn = together();
    let home = home::english();
    let profile = ClientProfile {
        init_options: json!({ "completion": { "max_tokens": 2 } }),
        ..ClientProfile::default()
    };
    let suggestion = Editor::open_as(&home, &at_end(HARBOUR), &profile)
        .suggestion()
        .unwrap();
    let words = suggestion.split_whitespace().count();
    assert!(
        (1..=2).contains(&words),
        "two tokens are at most two words: {suggestion:?}"
    );
}
