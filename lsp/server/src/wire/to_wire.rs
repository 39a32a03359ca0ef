//! What we say, in the protocol's types.
//!
//! Only conversions: what to suggest is decided elsewhere. Called by `api/` and the outbox.

use inkstone_text::{Position, PositionEncoding};
use serde_json::json;
use tower_lsp_server::ls_types as lsp;

use crate::session::commands::EditorCommand;
use crate::session::features::ClientFeatures;
use crate::session::suggestion::Suggestion;

/// Typed characters after which clients without inline completion ask for the list: where a
/// writer pauses. Letters trigger it by themselves.
const LIST_TRIGGERS: [&str; 9] = [" ", ",", ";", ":", "，", "、", "；", "：", "。"];

/// Sorts after every other source's items: a sentence must not push a word aside.
const SORT_LAST: &str = "\u{7f}";

/// How much of a suggestion names it in a list; longer ones end in an ellipsis.
const LABEL_CHARS_MAX: usize = 32;

/// Ends a shortened label.
const ELLIPSIS: char = '…';

pub(crate) fn position(position: Position) -> lsp::Position {
    lsp::Position::new(position.line, position.character)
}

pub(crate) fn encoding(encoding: PositionEncoding) -> lsp::PositionEncodingKind {
    match encoding {
        PositionEncoding::Utf8 => lsp::PositionEncodingKind::UTF8,
        PositionEncoding::Utf16 => lsp::PositionEncodingKind::UTF16,
        PositionEncoding::Utf32 => lsp::PositionEncodingKind::UTF32,
    }
}

/// The answer to `initialize`.
pub(crate) fn initialize_result(features: ClientFeatures) -> lsp::InitializeResult {
    lsp::InitializeResult {
        capabilities: capabilities(features),
        server_info: Some(lsp::ServerInfo {
            name: env!("CARGO_PKG_NAME").into(),
            version: Some(env!("CARGO_PKG_VERSION").into()),
        }),
        offset_encoding: None,
    }
}

fn capabilities(features: ClientFeatures) -> lsp::ServerCapabilities {
    let sync = lsp::TextDocumentSyncOptions {
        open_close: Some(true),
        change: Some(lsp::TextDocumentSyncKind::INCREMENTAL),
        save: Some(lsp::TextDocumentSyncSaveOptions::Supported(true)),
        ..lsp::TextDocumentSyncOptions::default()
    };
    // Static: Neovim announces that it registers nothing dynamically.
    let inline = features.inline_completion.then_some(lsp::OneOf::Left(true));
    let list = (!features.inline_completion).then(|| lsp::CompletionOptions {
        trigger_characters: Some(LIST_TRIGGERS.map(str::to_owned).to_vec()),
        ..lsp::CompletionOptions::default()
    });
    lsp::ServerCapabilities {
        position_encoding: Some(encoding(features.encoding)),
        text_document_sync: Some(sync.into()),
        inline_completion_provider: inline,
        completion_provider: list,
        execute_command_provider: Some(lsp::ExecuteCommandOptions {
            commands: EditorCommand::ALL
                .map(|command| command.name().to_owned())
                .to_vec(),
            ..lsp::ExecuteCommandOptions::default()
        }),
        ..lsp::ServerCapabilities::default()
    }
}

/// No ghost text.
pub(crate) fn no_inline() -> lsp::InlineCompletionResponse {
    lsp::InlineCompletionResponse::List(lsp::InlineCompletionList { items: Vec::new() })
}

/// Ghost text at the caret, or several to choose from. No filter text: with an empty range every text
/// passes.
pub(crate) fn inline(
    suggestions: &[Suggestion],
    encoding: PositionEncoding,
    caret: Position,
) -> lsp::InlineCompletionResponse {
    let caret = position(caret);
    let item = |suggestion: &Suggestion| lsp::InlineCompletionItem {
        insert_text: suggestion.text.clone(),
        filter_text: None,
        range: Some(lsp::Range::new(caret, caret)),
        command: Some(accepted_command(suggestion, encoding)),
        insert_text_format: None,
    };
    lsp::InlineCompletionResponse::List(lsp::InlineCompletionList {
        items: suggestions.iter().map(item).collect(),
    })
}

/// No item. Incomplete, so that the client asks again at the next key.
pub(crate) fn no_list() -> lsp::CompletionResponse {
    lsp::CompletionResponse::List(lsp::CompletionList {
        is_incomplete: true,
        items: Vec::new(),
    })
}

/// List items that continue the text at the caret.
///
/// `word` is what stands before the caret: clients such as Helix match the filter text against
/// it, and would hide a continuation that does not begin with it.
pub(crate) fn list(
    suggestions: &[Suggestion],
    encoding: PositionEncoding,
    caret: Position,
    word: &str,
) -> lsp::CompletionResponse {
    let caret = position(caret);
    let item = |(index, suggestion): (usize, &Suggestion)| {
        let text = &suggestion.text;
        let edit = lsp::TextEdit {
            range: lsp::Range::new(caret, caret),
            new_text: text.clone(),
        };
        lsp::CompletionItem {
            label: label(text),
            kind: Some(lsp::CompletionItemKind::TEXT),
            detail: Some("Inkstone".into()),
            documentation: Some(lsp::Documentation::String(text.clone())),
            preselect: Some(false),
            sort_text: Some(format!("{SORT_LAST}{index}")),
            filter_text: Some(format!("{word}{text}")),
            text_edit: Some(lsp::CompletionTextEdit::Edit(edit)),
            command: Some(accepted_command(suggestion, encoding)),
            ..lsp::CompletionItem::default()
        }
    };
    lsp::CompletionResponse::List(lsp::CompletionList {
        is_incomplete: true,
        items: suggestions.iter().enumerate().map(item).collect(),
    })
}

/// The first words of a suggestion, on one line.
fn label(text: &str) -> String {
    let line = text
        .trim_start()
        .lines()
        .next()
        .unwrap_or_default()
        .trim_end();
    if line.chars().count() <= LABEL_CHARS_MAX {
        return line.to_owned();
    }
    let cut: String = line.chars().take(LABEL_CHARS_MAX).collect();
    // A cut inside a word goes back to the word's start, if the line has words at all.
    let whole = match cut.rfind(char::is_whitespace) {
        Some(space) if space > 0 => &cut[..space],
        _ => cut.as_str(),
    };
    format!("{whole}{ELLIPSIS}")
}

/// What a client executes once it has inserted a suggestion. Its first argument names the
/// suggestion; its second is for the client, and says where it may be cut (in the units of the
/// negotiated encoding, from the beginning of the text).
fn accepted_command(suggestion: &Suggestion, encoding: PositionEncoding) -> lsp::Command {
    let ends = suggestion.parts.in_units(&suggestion.text, encoding);
    lsp::Command {
        title: "Accepted an Inkstone suggestion".into(),
        command: EditorCommand::Accepted.name().into(),
        arguments: Some(vec![
            json!({ "id": suggestion.id.get() }),
            json!({ "ends": ends }),
        ]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::session::parts::Parts;
    use crate::session::suggestion::SuggestionId;

    fn suggestion(id: u64, before: &str, text: &str, word_ends: &[u32]) -> Suggestion {
        Suggestion {
            id: SuggestionId::new(id),
            text: text.to_owned(),
            parts: Parts::of(before, text, word_ends),
        }
    }

    #[test]
    fn a_client_gets_inline_completion_or_the_list_and_never_both() {
        let inline = ClientFeatures {
            inline_completion: true,
            ..ClientFeatures::default()
        };
        let with = capabilities(inline);
        assert!(with.inline_completion_provider.is_some() && with.completion_provider.is_none());
        let without = capabilities(ClientFeatures::default());
        assert!(without.inline_completion_provider.is_none());
        assert!(without.completion_provider.is_some());
    }

    #[test]
    fn an_inline_item_inserts_at_the_caret_and_replaces_nothing() {
        let suggestions = [
            suggestion(7, "", " 砚台。", &[7]),
            suggestion(8, "", "墨", &[3]),
        ];
        let wire = inline(&suggestions, PositionEncoding::Utf16, Position::new(3, 9));
        let wire = serde_json::to_value(wire).expect("serializes");
        let item = &wire["items"][0];
        assert_eq!(item["insertText"], " 砚台。");
        assert_eq!(item["range"]["start"], json!({"line": 3, "character": 9}));
        assert_eq!(item["range"]["end"], item["range"]["start"]);
        assert_eq!(item["command"]["command"], "inkstone.accepted");
        assert_eq!(
            item["command"]["arguments"],
            json!([
                {"id": 7},
                {"ends": {"words": [3, 4], "sentences": [4], "lines": [4]}},
            ])
        );
        assert!(item.get("filterText").is_none());
        assert_eq!(wire["items"][1]["insertText"], "墨");
        assert_eq!(
            wire["items"][1]["command"]["arguments"][0],
            json!({"id": 8})
        );
    }

    #[test]
    fn a_list_item_matches_the_word_before_the_caret() {
        let suggestions = [
            suggestion(1, "har", "bour was quiet.", &[4, 8, 14]),
            suggestion(2, "har", "vest", &[4]),
        ];
        let caret = Position::new(0, 7);
        let wire = list(&suggestions, PositionEncoding::Utf16, caret, "har");
        let wire = serde_json::to_value(wire).expect("serializes");
        assert_eq!(wire["isIncomplete"], true);
        let item = &wire["items"][0];
        assert_eq!(item["label"], "bour was quiet.");
        assert_eq!(item["filterText"], "harbour was quiet.");
        assert_eq!(item["textEdit"]["newText"], "bour was quiet.");
        assert_eq!(item["preselect"], false);
        let ends = &item["command"]["arguments"][1]["ends"];
        assert_eq!(ends["words"], json!([4, 8, 14, 15]));
        let other = &wire["items"][1];
        assert_eq!(other["filterText"], "harvest");
        assert!(item["sortText"].as_str() < other["sortText"].as_str());
    }

    #[test]
    fn a_label_is_the_first_words_on_one_line() {
        assert_eq!(label(" short one"), "short one");
        assert_eq!(label("first\nsecond"), "first");
        assert_eq!(
            label("the fishermen stood in small groups and waited"),
            "the fishermen stood in small…"
        );
        let chinese = "湖边的柳树已经发芽了".repeat(5);
        assert_eq!(label(&chinese).chars().count(), LABEL_CHARS_MAX + 1);
    }
}
