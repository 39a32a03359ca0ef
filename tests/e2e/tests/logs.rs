//! What is logged at the default level says what happened, and none of what was written.

use std::time::Duration;

use inkstone_e2e::editor::{Editor, at_end};
use inkstone_e2e::home;
use inkstone_e2e::shell::{inkstone, inkstone_with_input};
use inkstone_e2e::turn::together;
use inkstone_test_support::eventually;

use crate::sensible::HARBOUR;

/// Words that no program would log by itself.
const SECRET: &str = "Quaxelburga";
const SECRET_CHINESE: &str = "砚池墨痕";

#[test]
fn no_text_of_the_writer_is_logged() {
    let _turn = together();
    let home = home::english();
    let text = format!("# {SECRET}\n\n{SECRET_CHINESE} {SECRET} spoke first. {HARBOUR}");
    let mut editor = Editor::open(&home, &format!("//- {SECRET}.md\n{}", at_end(&text)));
    let suggestion = editor.suggestion().unwrap();
    editor.type_text(" while");
    editor.suggestion();
    inkstone_with_input(&home, &["complete"], text.as_bytes()).ok();
    // Also what cannot be read must not end up there.
    editor
        .client
        .notify(
            "textDocument/didChange",
            &serde_json::json!({ "text": SECRET }),
        )
        .unwrap();
    editor.status();
    let logs = home.logs();
    assert!(logs.lines().count() >= 3, "something is logged: {logs}");
    for secret in [SECRET, SECRET_CHINESE, "fishermen", "harbour"] {
        let line = logs.lines().find(|line| line.contains(secret));
        assert_eq!(line, None);
    }
    assert!(
        !logs.contains(suggestion.trim()),
        "a suggestion is text too"
    );
    let shown = inkstone(&home, &["logs"]).ok();
    assert!(!shown.stdout.trim().is_empty());
    assert!(!shown.stdout.contains(SECRET));
}

#[test]
fn the_log_says_why_nothing_came_once_for_each_reason() {
    let _turn = together();
    let home = home::english();
    let mut in_code = Editor::open(&home, "# Code\n\n```rust\nlet harbour = ‸\n```\n");
    for key in ["1", "2", "3"] {
        in_code.type_text(key);
        assert_eq!(in_code.suggestion(), None);
    }
    let in_prose = Editor::open(&home, &at_end(HARBOUR));
    assert!(in_prose.suggestion().is_some());
    in_code.type_text("4");
    assert_eq!(in_code.suggestion(), None);
    let (reason, _) = in_code.decision();
    let told = eventually(Duration::from_secs(30), "the reason in the log", || {
        let told = inkstone(&home, &["logs", "--why"]).ok().stdout;
        told.contains(&reason).then_some(told)
    });
    let lines = told.lines().filter(|line| line.contains(&reason));
    assert_eq!(lines.count(), 1, "{told}");
    assert!(!told.contains("superseded"), "{told}");
}
