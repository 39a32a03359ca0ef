//! How a connection ends, and what the process exits with.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::support::editor::Editor;
use crate::support::host;
use inkstone_lsp::host::Host;
use inkstone_lsp::serve::Ending;
use serde_json::{Value, json};

#[tokio::test]
async fn shutdown_and_exit_end_in_order_while_the_input_stays_open() {
    let home = tempfile::tempdir().expect("a home");
    let mut editor = Editor::ready(host(home.path()), &["utf-16"]).await;
    assert_eq!(
        editor.request("shutdown", Value::Null).await,
        Ok(Value::Null)
    );
    editor.notify("exit", json!({})).await;
    let ending = editor.ended().await;
    assert_eq!((ending, ending.exit_code()), (Ending::Ordered, 0));
}

#[tokio::test]
async fn exit_without_shutdown_is_a_failure() {
    let home = tempfile::tempdir().expect("a home");
    let mut editor = Editor::ready(host(home.path()), &["utf-16"]).await;
    editor.notify("exit", json!({})).await;
    let ending = editor.ended().await;
    assert_eq!(
        (ending, ending.exit_code()),
        (Ending::ExitWithoutShutdown, 1)
    );
}

#[tokio::test]
async fn the_end_of_the_input_ends_the_server() {
    let home = tempfile::tempdir().expect("a home");
    let mut editor = Editor::ready(host(home.path()), &["utf-16"]).await;
    editor.open("text").await;
    assert_eq!(editor.hang_up().await, Ending::EditorGone);
}

#[tokio::test]
async fn the_end_of_the_editors_process_ends_the_server() {
    static ALIVE: AtomicBool = AtomicBool::new(true);
    let home = tempfile::tempdir().expect("a home");
    let host = Host {
        is_alive: |_| ALIVE.load(Ordering::Acquire),
        editor_check_every: Duration::from_millis(20),
        ..host(home.path())
    };
    let mut editor = Editor::ready(host, &["utf-16"]).await;
    editor.open("text").await;
    assert_eq!(editor.server_text().await.0, "text");
    ALIVE.store(false, Ordering::Release);
    assert_eq!(editor.ended().await, Ending::EditorGone);
}
