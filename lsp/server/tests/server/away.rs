//! The daemon away: said once, survived, and mended without anybody's help.

use crate::support::daemon::ScriptedDaemon;
use crate::support::editor::Editor;
use crate::support::{host, in_time};
use inkstone_protocol::{ErrorCode, WireError};

const TEXT: &str = "The harbour was quiet. ";
const END: u32 = 23;

fn is_shown(message: &serde_json::Value) -> bool {
    message["method"] == "window/showMessage"
}

#[tokio::test]
async fn an_absent_daemon_is_told_once_and_its_arrival_once() {
    let home = tempfile::tempdir().expect("a home");
    let host = host(home.path());
    let directories = host.directories.clone();
    let mut editor = Editor::ready(host, &["utf-16"]).await;
    editor.open(TEXT).await;
    let (level, message) = editor.shown_message().await;
    assert_eq!(level, 2, "{message}");

    for _ in 0..3 {
        let id = editor.ask(0, END).await;
        assert_eq!(editor.ghost_texts(id).await, Vec::<String>::new());
        assert_eq!(
            editor.status().await["document"]["decision"]["reason"],
            "daemon_away"
        );
    }
    editor.edit(0, END, END, "B").await;
    assert_eq!(editor.server_text().await.0, "The harbour was quiet. B");
    assert!(!editor.has_unseen(is_shown), "told more than once");

    let mut daemon = ScriptedDaemon::listen(&directories);
    let (level, message) = editor.shown_message().await;
    assert_eq!(level, 3);
    assert!(message.contains("back"), "{message}");
    let id = editor.ask(0, END + 1).await;
    let asked = daemon.next_completion().await;
    daemon.suggest(asked.id, "roken masts.");
    assert_eq!(editor.ghost_texts(id).await, ["roken masts."]);
    assert!(!editor.has_unseen(is_shown));
}

#[tokio::test]
async fn a_daemon_killed_in_a_request_costs_that_request_only() {
    let home = tempfile::tempdir().expect("a home");
    let host = host(home.path());
    let directories = host.directories.clone();
    let mut daemon = ScriptedDaemon::listen(&directories);
    let mut editor = Editor::ready(host, &["utf-16"]).await;
    editor.open(TEXT).await;
    let id = editor.ask(0, END).await;
    daemon.next_completion().await;
    daemon.kill().await;
    assert_eq!(editor.ghost_texts(id).await, Vec::<String>::new());
    assert_eq!(
        editor.status().await["document"]["decision"]["reason"],
        "daemon_lost"
    );

    let mut daemon = ScriptedDaemon::listen(&directories);
    // The new daemon is found by itself, within the backoff.
    let mut id = editor.ask(0, END).await;
    let asked = in_time("the new daemon to be found", async {
        loop {
            tokio::select! {
                asked = daemon.next_completion() => break asked,
                texts = editor.ghost_texts(id) => {
                    assert_eq!(texts, Vec::<String>::new());
                    id = editor.ask(0, END).await;
                }
            }
        }
    })
    .await;
    daemon.suggest(asked.id, "Broken masts.");
    assert_eq!(editor.ghost_texts(id).await, ["Broken masts."]);
}

#[tokio::test]
async fn a_refusal_of_the_daemon_is_a_silence_with_its_reason() {
    let home = tempfile::tempdir().expect("a home");
    let host = host(home.path());
    let mut daemon = ScriptedDaemon::listen(&host.directories);
    let mut editor = Editor::ready(host, &["utf-16"]).await;
    editor.open(TEXT).await;
    let id = editor.ask(0, END).await;
    let asked = daemon.next_completion().await;
    let error = WireError::new(ErrorCode::ModelUnavailable, "the model file is gone")
        .with_remedy("inkstone setup");
    daemon.refuse(asked.id, error);
    assert_eq!(editor.ghost_texts(id).await, Vec::<String>::new());
    let decision = &editor.status().await["document"]["decision"];
    assert_eq!(decision["reason"], "daemon_refused");
    let message = decision["message"].as_str().expect("a message");
    assert!(message.contains("inkstone setup"), "{message}");
}

#[tokio::test]
async fn a_missed_deadline_names_the_setting_that_raises_it() {
    let home = tempfile::tempdir().expect("a home");
    let host = host(home.path());
    let mut daemon = ScriptedDaemon::listen(&host.directories);
    let mut editor = Editor::ready(host, &["utf-16"]).await;
    editor.open(TEXT).await;
    let id = editor.ask(0, END).await;
    let asked = daemon.next_completion().await;
    daemon.refuse(
        asked.id,
        WireError::new(ErrorCode::DeadlineExceeded, "not ready"),
    );
    assert_eq!(editor.ghost_texts(id).await, Vec::<String>::new());
    let decision = &editor.status().await["document"]["decision"];
    assert_eq!(decision["reason"], "too_late");
    let message = decision["message"].as_str().expect("a message");
    assert!(
        message.contains("inkstone.completion.deadline_ms"),
        "{message}"
    );
}
