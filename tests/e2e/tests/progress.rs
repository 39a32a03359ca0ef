//! While a model is read into memory the editor shows that something happens.

use std::time::Duration;

use inkstone_bench::lsp_client::{ClientProfile, ServerMessage};
use inkstone_e2e::editor::{Editor, at_end};
use inkstone_e2e::home;
use inkstone_e2e::turn::together;

use crate::sensible::PARK;

fn kind(message: &ServerMessage) -> Option<&str> {
    (message.method == "$/progress").then(|| message.params["value"]["kind"].as_str())?
}

#[test]
fn loading_a_model_shows_progress_from_its_beginning_to_its_end() {
    let _turn = together();
    let home = home::english_and_chinese();
    // The larger of the two models: its load is long enough to be worth showing.
    let editor = Editor::open(&home, &at_end(PARK));
    assert!(editor.suggestion().is_some());
    let wait = Duration::from_secs(10);
    let end = editor
        .client
        .wait_for_message(wait, |message| kind(message) == Some("end"));
    let token = end.expect("the progress ends").params["token"].clone();
    let messages = editor.client.messages();
    let created = messages.iter().position(|message| {
        message.method == "window/workDoneProgress/create" && message.params["token"] == token
    });
    let begun = messages
        .iter()
        .position(|message| kind(message) == Some("begin") && message.params["token"] == token);
    let (created, begun) = (created.unwrap(), begun.unwrap());
    assert!(created < begun, "a progress begins after it was created");
    assert!(messages[begun].params["value"]["title"].is_string());
}

#[test]
fn an_editor_that_shows_no_progress_is_not_sent_any() {
    let _turn = together();
    let home = home::english_and_chinese();
    let profile = ClientProfile {
        progress: false,
        ..ClientProfile::default()
    };
    let editor = Editor::open_as(&home, &at_end(PARK), &profile);
    assert!(editor.suggestion().is_some());
    let messages = editor.client.messages();
    assert!(
        !messages
            .iter()
            .any(|message| message.method.contains("rogress")),
        "{messages:?}"
    );
}
