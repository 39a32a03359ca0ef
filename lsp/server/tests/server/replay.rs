//! The fuzz entry on inputs that are nearly right, where parsers and state machines break.

use inkstone_lsp::replay;
use proptest::prelude::*;
use serde_json::{Value, json};

const URI: &str = "file:///a.md";

fn frame(message: &Value) -> Vec<u8> {
    let body = message.to_string();
    format!("Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

fn open(text: &str, language: &str) -> Value {
    let document = json!({"uri": URI, "languageId": language, "version": 1, "text": text});
    json!({"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"textDocument": document}})
}

fn change(from: (u32, u32), to: (u32, u32), text: &str) -> Value {
    let range = json!({
        "start": {"line": from.0, "character": from.1},
        "end": {"line": to.0, "character": to.1},
    });
    json!({"jsonrpc": "2.0", "method": "textDocument/didChange", "params": {
        "textDocument": {"uri": URI, "version": 2},
        "contentChanges": [{"range": range, "text": text}],
    }})
}

fn ask(line: u32, character: u32) -> Value {
    json!({"jsonrpc": "2.0", "id": 1, "method": "textDocument/inlineCompletion", "params": {
        "textDocument": {"uri": URI},
        "position": {"line": line, "character": character},
        "context": {"triggerKind": 1},
    }})
}

#[test]
fn a_whole_conversation_is_answered() {
    let mut bytes = Vec::new();
    for message in [
        json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {"capabilities": {}}}),
        json!({"jsonrpc": "2.0", "method": "initialized", "params": {}}),
        open("# 砚\n\n今天早上", "markdown"),
        ask(2, 4),
        change((2, 4), (2, 4), "我"),
        ask(2, 5),
        json!({"jsonrpc": "2.0", "id": 2, "method": "workspace/executeCommand",
               "params": {"command": "inkstone.status", "arguments": []}}),
        json!({"jsonrpc": "2.0", "id": 3, "method": "shutdown"}),
    ] {
        bytes.extend(frame(&message));
    }
    replay::run(&bytes);
}

#[test]
fn extreme_numbers_and_shapes_are_survived() {
    for message in [
        ask(u32::MAX, u32::MAX),
        change((u32::MAX, 0), (u32::MAX, u32::MAX), "x"),
        change((1, 0), (0, 0), "reversed"),
        json!({"jsonrpc": "2.0", "method": "textDocument/didChange", "params": null}),
        json!({"jsonrpc": "2.0", "method": "workspace/didChangeConfiguration",
               "params": {"settings": {"inkstone": [[[1]]]}}}),
        json!({"jsonrpc": "2.0", "id": 1, "method": "workspace/executeCommand",
               "params": {"command": "inkstone.accepted", "arguments": [{"id": -1}]}}),
    ] {
        let mut bytes = frame(&open("a\r\nb", "markdown"));
        bytes.extend(frame(&message));
        bytes.extend(frame(&ask(0, 1)));
        replay::run(&bytes);
    }
}

fn any_text() -> impl Strategy<Value = String> {
    proptest::collection::vec(
        prop_oneof![
            Just("\r\n"),
            Just("\r"),
            Just("\n"),
            Just("# "),
            Just("```"),
            Just("砚"),
            Just("👨‍👩‍👧"),
            Just("e\u{301}"),
            Just("the harbour "),
            Just("- "),
            Just("$"),
            Just("\\"),
        ],
        0..20,
    )
    .prop_map(|parts| parts.concat())
}

fn any_message() -> impl Strategy<Value = Value> {
    let place = || (0u32..6, 0u32..30);
    prop_oneof![
        (
            any_text(),
            prop_oneof![Just("markdown"), Just("latex"), Just("typst"), Just("org")]
        )
            .prop_map(|(text, language)| open(&text, language)),
        (place(), place(), any_text()).prop_map(|(from, to, text)| change(from, to, &text)),
        place().prop_map(|(line, character)| ask(line, character)),
    ]
}

proptest! {
    #[test]
    fn random_conversations_are_survived(
        encoding in any::<u8>(),
        messages in proptest::collection::vec(any_message(), 1..30),
    ) {
        // One message a line; the first byte is not JSON and chooses the encoding.
        let mut bytes = vec![encoding, b'\n'];
        for message in messages {
            bytes.extend(message.to_string().into_bytes());
            bytes.push(b'\n');
        }
        replay::run(&bytes);
    }

    #[test]
    fn random_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..500)) {
        replay::run(&bytes);
    }
}
