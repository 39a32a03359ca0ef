//! Documents: the server's text is the client's, edit for edit, or suggestions stop with a reason.

use crate::support::daemon::ScriptedDaemon;
use crate::support::editor::{DOCUMENT, Editor};
use crate::support::{host, units};
use serde_json::json;

const MIXED: &str = "The harbour 港口 was quiet.\r\n👨‍👩‍👧 e\u{301}tude 砚台\r\n\r\nEnd";

#[tokio::test]
async fn edits_mean_the_same_place_in_every_encoding() {
    for encoding in ["utf-8", "utf-16", "utf-32"] {
        let home = tempfile::tempdir().expect("a home");
        let mut editor = Editor::ready(host(home.path()), &[encoding]).await;
        editor.open(MIXED).await;
        // Replace the combining word, insert before the emoji, delete the Chinese word.
        let word = units("👨‍👩‍👧 ", encoding);
        let word_end = units("👨‍👩‍👧 e\u{301}tude", encoding);
        editor.edit(1, word, word_end, "写").await;
        editor.edit(1, 0, 0, "🖋").await;
        let from = units("🖋👨‍👩‍👧 写", encoding);
        editor
            .edit(1, from, from + units(" 砚台", encoding), "")
            .await;
        let (text, version) = editor.server_text().await;
        assert_eq!(
            text, "The harbour 港口 was quiet.\r\n🖋👨‍👩‍👧 写\r\n\r\nEnd",
            "{encoding}"
        );
        assert_eq!(version, 4, "{encoding}");
    }
}

#[tokio::test]
async fn edits_apply_in_order_while_requests_wait() {
    let home = tempfile::tempdir().expect("a home");
    let host = host(home.path());
    let mut daemon = ScriptedDaemon::listen(&host.directories);
    let mut editor = Editor::ready(host, &["utf-16"]).await;
    editor.open("The harbour was quiet.\n\n").await;
    let slow = editor.ask(2, 0).await;
    let waiting = daemon.next_completion().await;
    let mut expected = "The harbour was quiet.\n\n".to_owned();
    for column in 0..200 {
        let letter = char::from(b'a' + u8::try_from(column % 26).expect("a letter"));
        editor.edit(2, column, column, &letter.to_string()).await;
        expected.push(letter);
    }
    assert_eq!(editor.server_text().await.0, expected);
    // The slow answer was for a text that is gone.
    daemon.suggest(waiting.id, "Too late.");
    assert_eq!(editor.ghost_texts(slow).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_change_of_an_unknown_document_is_told_and_harms_nothing() {
    let home = tempfile::tempdir().expect("a home");
    let mut editor = Editor::ready(host(home.path()), &["utf-16"]).await;
    editor.edit(0, 0, 0, "x").await;
    let (level, message) = editor.shown_message().await;
    assert_eq!(level, 1);
    assert!(message.contains("not opened"), "{message}");
    editor.open("fine").await;
    assert_eq!(editor.server_text().await.0, "fine");
}

#[tokio::test]
async fn a_bad_range_ends_the_trust_in_a_text_until_it_is_sent_again() {
    let home = tempfile::tempdir().expect("a home");
    let mut editor = Editor::ready(host(home.path()), &["utf-16"]).await;
    editor.open("one\ntwo\n").await;
    let reversed =
        json!({"start": {"line": 1, "character": 2}, "end": {"line": 0, "character": 1}});
    editor
        .change(json!([{"range": reversed, "text": "x"}]))
        .await;
    let (level, message) = editor.shown_message().await;
    assert_eq!(level, 1);
    assert!(message.contains("reversed range"), "{message}");

    let id = editor.ask(0, 3).await;
    assert_eq!(editor.ghost_texts(id).await, Vec::<String>::new());
    let status = editor.status().await;
    assert_eq!(status["document"]["decision"]["reason"], "out_of_sync");
    assert!(
        editor
            .request("inkstone/documentText", json!({"uri": DOCUMENT}))
            .await
            .is_err()
    );

    editor.change(json!([{"text": "whole"}])).await;
    assert_eq!(editor.server_text().await.0, "whole");
}

#[tokio::test]
async fn a_malformed_change_is_told_and_marks_its_document() {
    let home = tempfile::tempdir().expect("a home");
    let mut editor = Editor::ready(host(home.path()), &["utf-16"]).await;
    editor.open("text").await;
    editor
        .notify(
            "textDocument/didChange",
            json!({"textDocument": {"uri": DOCUMENT, "version": 2}, "contentChanges": [{"range": 1}]}),
        )
        .await;
    let (_, message) = editor.shown_message().await;
    assert!(message.contains("cannot be read"), "{message}");
    assert!(
        editor
            .request("inkstone/documentText", json!({"uri": DOCUMENT}))
            .await
            .is_err()
    );
    editor.open("again").await;
    assert_eq!(editor.server_text().await.0, "again");
}

#[tokio::test]
async fn an_unreadable_message_ends_no_connection() {
    let home = tempfile::tempdir().expect("a home");
    let mut editor = Editor::ready(host(home.path()), &["utf-16"]).await;
    editor.send_body(b"{not json").await;
    let (level, message) = editor.shown_message().await;
    assert_eq!(level, 1);
    assert!(message.contains("not JSON"), "{message}");
    editor.open("still here").await;
    assert_eq!(editor.server_text().await.0, "still here");
}

#[tokio::test]
async fn half_an_emoji_keeps_utf16_positions_in_step() {
    let home = tempfile::tempdir().expect("a home");
    let mut editor = Editor::ready(host(home.path()), &["utf-16"]).await;
    editor.open("ab").await;
    let body = format!(
        r#"{{"jsonrpc":"2.0","method":"textDocument/didChange","params":{{"textDocument":{{"uri":"{DOCUMENT}","version":2}},"contentChanges":[{{"range":{{"start":{{"line":0,"character":1}},"end":{{"line":0,"character":1}}}},"text":"\ud83d"}}]}}}}"#
    );
    editor.send_body(body.as_bytes()).await;
    editor.edit(0, 2, 3, "c").await;
    assert_eq!(editor.server_text().await.0, "a\u{fffd}c");
}

#[tokio::test]
async fn an_unreadable_message_keeps_its_place_among_the_others() {
    let home = tempfile::tempdir().expect("a home");
    let mut editor = Editor::ready(host(home.path()), &["utf-16"]).await;
    // Sent before anything is answered: the opened text may have lost an edit, the one opened
    // after the damage has not.
    editor.open("砚 before").await;
    editor.send_body(b"{not json").await;
    let lost = editor
        .request("inkstone/documentText", json!({"uri": DOCUMENT}))
        .await;
    assert!(lost.is_err(), "{lost:?}");
    editor.send_body(b"{not json either").await;
    editor.open("砚 after").await;
    assert_eq!(editor.server_text().await.0, "砚 after");
}
