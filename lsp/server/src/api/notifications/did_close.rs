//! `textDocument/didClose`: the text is forgotten, here and in the daemon.

use tower_lsp_server::ls_types as lsp;

use crate::session::Session;
use crate::session::effect::Effect;
use crate::wire::from_wire;

pub(crate) fn handle(session: &mut Session, params: &lsp::DidCloseTextDocumentParams) {
    let key = from_wire::document_key(&params.text_document.uri);
    session.cancel_ask(&key);
    session.save_lessons();
    session.note_closing(&key);
    if let Some(document) = session.documents.close(&key) {
        session.effect(Effect::Close(document.id));
    }
}
