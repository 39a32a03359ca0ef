//! Settings from the editor: at the start, later, and when asked for.

use crate::support::daemon::ScriptedDaemon;
use crate::support::editor::Editor;
use crate::support::{host, in_time};
use serde_json::json;

const TEXT: &str = "The harbour was quiet. ";

#[tokio::test]
async fn a_bad_value_is_named_with_its_remedy_and_the_rest_applies() {
    let home = tempfile::tempdir().expect("a home");
    let host = host(home.path());
    let mut daemon = ScriptedDaemon::listen(&host.directories);
    let mut editor = Editor::start(host);
    let options = json!({"completion": {"max_tokens": "many", "deadline_ms": 12_345}});
    let client = json!({"textDocument": {"inlineCompletion": {}}});
    editor.initialize(client, options).await;
    let (level, message) = editor.shown_message().await;
    assert_eq!(level, 2);
    for part in ["completion.max_tokens", "many", "1 to 256"] {
        assert!(message.contains(part), "{part} is missing in: {message}");
    }
    editor.open(TEXT).await;
    editor.ask(0, 23).await;
    assert_eq!(daemon.next_completion().await.params.max_tokens, Some(24));
}

#[tokio::test]
async fn an_editor_that_answers_questions_is_asked() {
    let home = tempfile::tempdir().expect("a home");
    let host = host(home.path());
    let mut daemon = ScriptedDaemon::listen(&host.directories);
    let mut editor = Editor::start(host);
    editor.configuration = json!({"completion": {"max_tokens": 5}});
    let client = json!({
        "textDocument": {"inlineCompletion": {}},
        "workspace": {
            "configuration": true,
            "didChangeConfiguration": {"dynamicRegistration": true},
        },
    });
    editor.initialize(client, json!(null)).await;
    editor.open(TEXT).await;
    editor
        .wait_for("a registration", |m| {
            m["method"] == "client/registerCapability"
        })
        .await;
    editor
        .wait_for("a question", |m| m["method"] == "workspace/configuration")
        .await;
    await_max_tokens(&mut editor, &mut daemon, 5).await;
    editor.configuration = json!({"completion": {"max_tokens": 9}});
    editor
        .notify(
            "workspace/didChangeConfiguration",
            json!({"settings": null}),
        )
        .await;
    editor
        .wait_for("a second question", |m| {
            m["method"] == "workspace/configuration"
        })
        .await;
    await_max_tokens(&mut editor, &mut daemon, 9).await;
}

/// Asks until the answer of the editor has arrived, as a question to the daemon shows.
async fn await_max_tokens(editor: &mut Editor, daemon: &mut ScriptedDaemon, wanted: u32) {
    in_time("the settings to apply", async {
        loop {
            let id = editor.ask(0, 23).await;
            let asked = daemon.next_completion().await;
            daemon.suggest(asked.id, "");
            assert!(editor.ghost_texts(id).await.is_empty());
            if asked.params.max_tokens == Some(wanted) {
                break;
            }
        }
    })
    .await;
}
