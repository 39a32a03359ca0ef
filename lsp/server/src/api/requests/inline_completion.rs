//! `textDocument/inlineCompletion` (LSP 3.18): ghost text at the caret.

use tower_lsp_server::ls_types as lsp;

use crate::event::Reply;
use crate::session::Session;
use crate::session::ask::SuggestionReply;
use crate::session::suggest::{Place, suggest};
use crate::wire::from_wire;

pub(crate) fn handle(
    session: &mut Session,
    params: &lsp::InlineCompletionParams,
    reply: Reply<lsp::InlineCompletionResponse>,
) {
    let at = &params.text_document_position;
    let caret = from_wire::position(at.position);
    let place = Place {
        key: from_wire::document_key(&at.text_document.uri),
        caret,
        trigger: from_wire::inline_trigger(params.context.trigger_kind),
        // The editor shows ghost text only if it extends the chosen item of its own list.
        list_item_selected: params.context.selected_completion_info.is_some(),
    };
    suggest(session, place, |_| SuggestionReply::Inline { caret, reply });
}
