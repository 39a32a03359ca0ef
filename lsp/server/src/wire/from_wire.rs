//! What the editor says, in our types.
//!
//! Only conversions: nothing is decided here. Called by `api/`.

use std::borrow::Cow;
use std::path::PathBuf;

use inkstone_protocol::Trigger;
use inkstone_text::{Change, Position, PositionEncoding};
use tower_lsp_server::ls_types as lsp;

use crate::session::documents::DocumentKey;
use crate::session::features::ClientFeatures;

pub(crate) fn document_key(uri: &lsp::Uri) -> DocumentKey {
    DocumentKey::new(uri.as_str())
}

/// The local file that a URI names.
pub(crate) fn file_path(uri: &lsp::Uri) -> Option<PathBuf> {
    let is_file = uri.scheme().as_str().eq_ignore_ascii_case("file");
    is_file
        .then(|| uri.to_file_path().map(Cow::into_owned))
        .flatten()
}

pub(crate) fn position(position: lsp::Position) -> Position {
    Position::new(position.line, position.character)
}

pub(crate) fn changes(changes: Vec<lsp::TextDocumentContentChangeEvent>) -> Vec<Change> {
    changes
        .into_iter()
        .map(|change| Change {
            range: change
                .range
                .map(|range| (position(range.start), position(range.end))),
            text: change.text,
        })
        .collect()
}

/// LSP 3.18, `InlineCompletionTriggerKind`: 1 is a person's gesture, 2 is typing.
pub(crate) fn inline_trigger(kind: lsp::InlineCompletionTriggerKind) -> Trigger {
    if kind == lsp::InlineCompletionTriggerKind::INVOKED {
        Trigger::Invoked
    } else {
        Trigger::Automatic
    }
}

/// The list's `Invoked` covers typing an identifier as well as a key combination, so it says
/// nothing of intent (LSP 3.17, `CompletionTriggerKind`).
pub(crate) const LIST_TRIGGER: Trigger = Trigger::Automatic;

/// What the client can do, from its first message.
pub(crate) fn client_features(params: &lsp::InitializeParams) -> ClientFeatures {
    let text_document = params.capabilities.text_document.as_ref();
    let workspace = params.capabilities.workspace.as_ref();
    let window = params.capabilities.window.as_ref();
    ClientFeatures {
        encoding: encoding(&params.capabilities),
        inline_completion: text_document.is_some_and(|own| own.inline_completion.is_some()),
        work_done_progress: window
            .and_then(|own| own.work_done_progress)
            .unwrap_or(false),
        configuration_pull: workspace.and_then(|own| own.configuration).unwrap_or(false),
        configuration_registration: workspace
            .and_then(|own| own.did_change_configuration.as_ref())
            .and_then(|own| own.dynamic_registration)
            .unwrap_or(false),
    }
}

/// The first of the client's encodings that we know; UTF-16 when it names none (LSP 3.17,
/// `general.positionEncodings`: the order is the client's preference).
fn encoding(capabilities: &lsp::ClientCapabilities) -> PositionEncoding {
    capabilities
        .general
        .as_ref()
        .and_then(|general| general.position_encodings.as_ref())
        .into_iter()
        .flatten()
        .find_map(|kind| PositionEncoding::from_name(kind.as_str()))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn features(capabilities: &serde_json::Value) -> ClientFeatures {
        let params = json!({"processId": null, "rootUri": null, "capabilities": capabilities});
        client_features(&serde_json::from_value(params).expect("params parse"))
    }

    #[test]
    fn the_clients_first_known_encoding_wins() {
        for (offered, expected) in [
            (json!(["utf-8", "utf-16", "utf-32"]), PositionEncoding::Utf8),
            (json!(["utf-8", "utf-32", "utf-16"]), PositionEncoding::Utf8),
            (json!(["utf-32", "utf-16"]), PositionEncoding::Utf32),
            (json!(["utf-7", "utf-16", "utf-8"]), PositionEncoding::Utf16),
            (json!(["utf-7"]), PositionEncoding::Utf16),
            (json!([]), PositionEncoding::Utf16),
        ] {
            let found = features(&json!({"general": {"positionEncodings": offered}}));
            assert_eq!(found.encoding, expected, "{offered}");
        }
        assert_eq!(features(&json!({})).encoding, PositionEncoding::Utf16);
    }

    #[test]
    fn a_client_announces_inline_completion_even_without_dynamic_registration() {
        let neovim = json!({"textDocument": {"inlineCompletion": {"dynamicRegistration": false}}});
        assert!(features(&neovim).inline_completion);
        assert!(!features(&json!({"textDocument": {"completion": {}}})).inline_completion);
    }

    #[test]
    fn whole_and_ranged_changes_keep_their_order() {
        let wire = json!([
            {"text": "all"},
            {"range": {"start": {"line": 0, "character": 1}, "end": {"line": 0, "character": 2}}, "text": ""}
        ]);
        let ours = changes(serde_json::from_value(wire).expect("changes parse"));
        assert_eq!(ours.len(), 2);
        assert_eq!(ours[0].range, None);
        assert_eq!(
            ours[1].range,
            Some((Position::new(0, 1), Position::new(0, 2)))
        );
    }
}
