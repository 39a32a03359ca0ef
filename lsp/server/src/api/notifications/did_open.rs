//! `textDocument/didOpen`: the text becomes ours to follow, and its model is warmed.

use inkstone_text::DocumentVersion;
use tower_lsp_server::ls_types as lsp;

use crate::session::Session;
use crate::session::warm::warm;
use crate::wire::from_wire;

pub(crate) fn handle(session: &mut Session, params: lsp::DidOpenTextDocumentParams) {
    let opened = params.text_document;
    let key = from_wire::document_key(&opened.uri);
    let version = DocumentVersion::new(opened.version);
    // A document opened again is another text: what runs for the old one is of no use.
    session.cancel_ask(&key);
    match session
        .documents
        .open(key.clone(), opened.language_id, &opened.text, version)
    {
        Ok(_) => warm(session, &key),
        Err(problem) => session.tell_document_problem(&problem),
    }
}
