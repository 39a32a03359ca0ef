//! `textDocument/didChange`: edits, in the order in which the editor made them.

use inkstone_text::DocumentVersion;
use tower_lsp_server::ls_types as lsp;

use crate::session::Session;
use crate::wire::from_wire;

pub(crate) fn handle(session: &mut Session, params: lsp::DidChangeTextDocumentParams) {
    let key = from_wire::document_key(&params.text_document.uri);
    let version = DocumentVersion::new(params.text_document.version);
    let changes = from_wire::changes(params.content_changes);
    let encoding = session.features.encoding;
    if let Err(problem) = session.documents.change(&key, &changes, version, encoding) {
        session.cancel_ask(&key);
        session.tell_document_problem(&problem);
    }
}
