//! After a storm of edits the server has the client's text, byte for byte, whatever the encoding.

use inkstone_bench::lsp_client::error::{
    CODE_CONTENT_MODIFIED, CODE_REQUEST_CANCELLED, CODE_SERVER_CANCELLED,
};
use inkstone_bench::lsp_client::requests::InlineTrigger;
use inkstone_bench::lsp_client::{ClientProfile, LspClient, PendingReply, file_uri};
use inkstone_e2e::editor::{Editor, start_client};
use inkstone_e2e::home;
use inkstone_e2e::mirror::Mirror;
use inkstone_e2e::storm::Storm;
use inkstone_e2e::turn::together;
use inkstone_text::PositionEncoding;
use serde_json::json;

/// Edits of one storm.
const CHANGES: usize = 2_000;
/// A suggestion is asked for after every so many notifications, and not waited for.
const ASK_EVERY: i32 = 20;
/// The texts are compared after every so many notifications, and at the end.
const COMPARE_EVERY: i32 = 250;
/// What the document holds before the first edit.
const OPENING: &str = "# 砚台 and ink\r\n\r\nThe storm begins here 👩‍👩‍👧‍👦, e\u{301}.\n";

fn weather(encoding: PositionEncoding, seed: u64) {
    let _turn = together();
    let home = home::english();
    let profile = ClientProfile {
        encodings: vec![encoding],
        ..ClientProfile::default()
    };
    let client = start_client(&home, &profile);
    assert_eq!(
        client.encoding(),
        encoding,
        "the server takes the only encoding on offer"
    );
    let uri = file_uri(&home.scratch().join("storm.md"));
    client.did_open(&uri, "markdown", OPENING).unwrap();
    let mut mirror = Mirror::new(OPENING, encoding);
    let mut storm = Storm::new(seed);
    let mut pending = Vec::new();
    let (mut changes, mut version) = (0, 1);
    while changes < CHANGES {
        // One to three changes in a notification: each applies to what the one before it left.
        let batch = 1 + storm.below(3);
        let batch: Vec<_> = (0..batch).map(|_| storm.next_change(&mut mirror)).collect();
        changes += batch.len();
        version += 1;
        client.did_change(&uri, version, &batch).unwrap();
        if version % ASK_EVERY == 0 {
            let caret = mirror.position(mirror.text().len());
            pending.push(
                client
                    .begin_inline(&uri, caret, InlineTrigger::Automatic)
                    .unwrap(),
            );
        }
        if version % COMPARE_EVERY == 0 {
            assert_same_text(&client, &uri, &mirror, version);
        }
    }
    assert_same_text(&client, &uri, &mirror, version);
    assert!(
        pending.len() >= 10,
        "suggestions were asked for during the storm"
    );
    for request in pending {
        assert_answered(request);
    }
}

fn assert_same_text(client: &LspClient, uri: &str, mirror: &Mirror, version: i32) {
    let text = client
        .request("inkstone/documentText", &json!({ "uri": uri }))
        .unwrap();
    assert_eq!(text["version"], version);
    assert!(text["text"] == mirror.text(), "version {version}: {text}");
}

/// With a suggestion, with nothing or with a refusal, though the text has changed since.
fn assert_answered(request: PendingReply) {
    if let Err(error) = Editor::taken(request) {
        let allowed = [
            CODE_CONTENT_MODIFIED,
            CODE_REQUEST_CANCELLED,
            CODE_SERVER_CANCELLED,
        ];
        let code = error.refusal_code();
        assert!(code.is_some_and(|code| allowed.contains(&code)), "{error}");
    }
}

#[test]
fn two_thousand_edits_leave_both_sides_equal_in_utf_8() {
    weather(PositionEncoding::Utf8, 0x5eed_0008);
}

#[test]
fn two_thousand_edits_leave_both_sides_equal_in_utf_16() {
    weather(PositionEncoding::Utf16, 0x5eed_0016);
}

#[test]
fn two_thousand_edits_leave_both_sides_equal_in_utf_32() {
    weather(PositionEncoding::Utf32, 0x5eed_0032);
}
