//! While a training runs the editor shows how far it is.

use std::path::Path;
use std::time::Duration;

use inkstone_lsp::host::Host;
use inkstone_platform::private;
use serde_json::{Value, json};

use crate::support::editor::Editor;
use crate::support::{directories, host};

fn looking_often(home: &Path) -> Host {
    Host {
        training_check_every: Duration::from_millis(20),
        ..host(home)
    }
}

/// Says what a training says of itself.
fn say(home: &Path, phase: &str, step: u64) {
    let file = directories(home).training_report();
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    let report = json!({
        "pid": std::process::id(), "phase": phase, "language": "zh", "model": "gemma-3-270m",
        "step": step, "steps": 60, "loss": 3.5, "left_s": 40
    });
    private::replace(&file, report.to_string().as_bytes()).unwrap();
}

#[tokio::test]
async fn a_training_is_shown_from_its_beginning_to_its_end() {
    let home = tempfile::tempdir().unwrap();
    say(home.path(), "preparing", 0);
    let mut editor = Editor::ready(looking_often(home.path()), &["utf-16"]).await;
    let begun = editor.progress().await;
    assert_eq!(begun["kind"], "begin");
    assert_eq!(begun["title"], "Inkstone learns your voice");
    assert_eq!(begun["cancellable"], false);
    say(home.path(), "training", 15);
    let told = editor.progress().await;
    assert_eq!(
        (&told["kind"], &told["percentage"]),
        (&json!("report"), &json!(25))
    );
    let message = told["message"].as_str().unwrap();
    assert!(
        message.contains("step 15 of 60, loss 3.50, 40 s left"),
        "{message}"
    );
    std::fs::remove_file(directories(home.path()).training_report()).unwrap();
    assert_eq!(editor.progress().await["kind"], "end");
}

#[tokio::test]
async fn an_editor_that_shows_no_progress_is_not_told_of_a_training() {
    let home = tempfile::tempdir().unwrap();
    say(home.path(), "training", 1);
    let mut editor = Editor::start(looking_often(home.path()));
    editor.initialize(json!({}), Value::Null).await;
    editor.open("text").await;
    // What was to be said before the answer has come with it.
    editor.status().await;
    assert!(!editor.has_unseen(|message| message["method"] == "$/progress"));
}
