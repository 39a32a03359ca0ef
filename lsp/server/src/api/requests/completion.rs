//! `textDocument/completion`: the same suggestions as list items, for editors without ghost text.

use inkstone_text::Snapshot;
use tower_lsp_server::ls_types as lsp;

use crate::event::Reply;
use crate::session::Session;
use crate::session::ask::SuggestionReply;
use crate::session::suggest::{Place, suggest};
use crate::session::word::word_before;
use crate::wire::from_wire;

pub(crate) fn handle(
    session: &mut Session,
    params: &lsp::CompletionParams,
    reply: Reply<lsp::CompletionResponse>,
) {
    let at = &params.text_document_position;
    let caret = from_wire::position(at.position);
    let encoding = session.features.encoding;
    let place = Place {
        key: from_wire::document_key(&at.text_document.uri),
        caret,
        trigger: from_wire::LIST_TRIGGER,
        list_item_selected: false,
    };
    let with_word = |snapshot: Option<&Snapshot>| {
        let word = snapshot.map(|text| word_before(text, text.offset_at(caret, encoding)));
        SuggestionReply::List {
            caret,
            word: word.unwrap_or_default(),
            reply,
        }
    };
    suggest(session, place, with_word);
}
