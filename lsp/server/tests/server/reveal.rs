//! Suggestions that wait for a key (`completion.reveal = "on_key"`).

use crate::support::daemon::ScriptedDaemon;
use crate::support::editor::{DOCUMENT, Editor};
use crate::support::{host, units};
use serde_json::json;

/// Asks by itself at the end of `text`, lets the daemon suggest, and finds nothing shown.
async fn with_one_ready(
    home: &tempfile::TempDir,
    text: &str,
    suggestion: &str,
) -> (Editor, ScriptedDaemon) {
    let host = host(home.path());
    let mut daemon = ScriptedDaemon::listen(&host.directories);
    let mut editor = Editor::ready(host, &["utf-16"]).await;
    editor.set("reveal", json!("on_key")).await;
    editor.open(text).await;
    let id = editor.ask(0, units(text, "utf-16")).await;
    let asked = daemon.next_completion().await;
    daemon.suggest_scored(asked.id, suggestion, 0.9);
    assert!(editor.ghost_texts(id).await.is_empty());
    let decision = &editor.status().await["document"]["decision"];
    assert_eq!(decision["reason"], "held_for_key", "{decision}");
    (editor, daemon)
}

#[tokio::test]
async fn a_ready_suggestion_is_shown_by_key_without_asking_again() {
    for (text, suggestion) in [
        ("The harbour was quiet.", " Broken masts lay there."),
        ("今天早上我去公园散步，", "空气里弥漫着花香。"),
        ("我们用 React 写了 👨‍👩‍👧", " 的 app。"),
    ] {
        let home = tempfile::tempdir().expect("a home");
        let (mut editor, _daemon) = with_one_ready(&home, text, suggestion).await;
        let id = editor.ask_by_key(0, units(text, "utf-16")).await;
        // The daemon answers nothing, so it was not asked.
        assert_eq!(editor.ghost_texts(id).await, [suggestion]);
        assert_eq!(editor.status().await["suggestions"]["offered"], 1);
    }
}

#[tokio::test]
async fn it_stays_hidden_while_it_is_typed_along_and_seen_once_it_was_revealed() {
    let text = "The harbour was quiet.";
    let home = tempfile::tempdir().expect("a home");
    let (mut editor, _daemon) = with_one_ready(&home, text, " Broken masts lay there.").await;
    let end = units(text, "utf-16");
    editor.edit(0, end, end, " Bro").await;
    let hidden = editor.ask(0, end + 4).await;
    assert!(editor.ghost_texts(hidden).await.is_empty());
    let revealed = editor.ask_by_key(0, end + 4).await;
    assert_eq!(editor.ghost_texts(revealed).await, ["ken masts lay there."]);
    editor.edit(0, end + 4, end + 4, "ken").await;
    let seen = editor.ask(0, end + 7).await;
    assert_eq!(editor.ghost_texts(seen).await, [" masts lay there."]);
}

#[tokio::test]
async fn the_key_asks_anew_where_nothing_is_ready() {
    let text = "The harbour was quiet.";
    let home = tempfile::tempdir().expect("a home");
    let (mut editor, mut daemon) = with_one_ready(&home, text, " Broken masts.").await;
    let end = units(text, "utf-16");
    editor.edit(0, end, end, " The").await;
    let id = editor.ask_by_key(0, end + 4).await;
    let asked = daemon.next_completion().await;
    assert_eq!(asked.params.score_min, None);
    daemon.suggest(asked.id, " fishermen waited.");
    assert_eq!(editor.ghost_texts(id).await, [" fishermen waited."]);
}

#[tokio::test]
async fn a_client_with_a_list_has_no_such_key_and_is_shown_what_is_ready() {
    let home = tempfile::tempdir().expect("a home");
    let host = host(home.path());
    let mut daemon = ScriptedDaemon::listen(&host.directories);
    let mut editor = Editor::start(host);
    editor.initialize(json!({}), json!(null)).await;
    editor.set("reveal", json!("on_key")).await;
    editor.open("The 港口 har").await;
    let params =
        json!({"textDocument": {"uri": DOCUMENT}, "position": {"line": 0, "character": 10}});
    let id = editor.send_request("textDocument/completion", params).await;
    let asked = daemon.next_completion().await;
    daemon.suggest_scored(asked.id, "bour was quiet.", 0.9);
    let answer = editor.response(id).await.expect("succeeds");
    assert_eq!(answer["items"][0]["textEdit"]["newText"], "bour was quiet.");
}
