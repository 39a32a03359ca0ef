//! The first exchange: what is negotiated and what is advertised.

use crate::support::editor::Editor;
use crate::support::host;
use serde_json::{Value, json};

async fn capabilities(client: Value) -> Value {
    let home = tempfile::tempdir().expect("a home");
    let mut editor = Editor::start(host(home.path()));
    let mut result = editor.initialize(client, Value::Null).await;
    result["capabilities"].take()
}

#[tokio::test]
async fn the_clients_preferred_encoding_is_taken() {
    for (offered, expected) in [
        (json!(["utf-8", "utf-16", "utf-32"]), "utf-8"),
        (json!(["utf-32", "utf-16"]), "utf-32"),
        (json!(["utf-16"]), "utf-16"),
    ] {
        let answer = capabilities(json!({"general": {"positionEncodings": offered}})).await;
        assert_eq!(answer["positionEncoding"], expected);
    }
    assert_eq!(capabilities(json!({})).await["positionEncoding"], "utf-16");
}

#[tokio::test]
async fn inline_completion_is_advertised_without_registration() {
    let neovim = json!({"textDocument": {"inlineCompletion": {"dynamicRegistration": false}}});
    let answer = capabilities(neovim).await;
    assert_eq!(answer["inlineCompletionProvider"], true);
    assert!(answer.get("completionProvider").is_none());
    assert_eq!(answer["textDocumentSync"]["change"], 2);
    let commands = answer["executeCommandProvider"]["commands"]
        .as_array()
        .expect("commands");
    assert!(commands.contains(&json!("inkstone.status")), "{commands:?}");
}

#[tokio::test]
async fn a_client_without_inline_completion_gets_the_list() {
    let answer = capabilities(json!({"textDocument": {"completion": {}}})).await;
    assert!(answer.get("inlineCompletionProvider").is_none());
    let triggers = &answer["completionProvider"]["triggerCharacters"];
    assert!(triggers.as_array().expect("triggers").contains(&json!(" ")));
}
