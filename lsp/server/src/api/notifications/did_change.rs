//! `textDocument/didChange`: edits, in the order in which the editor made them.

use inkstone_text::{Change, DocumentVersion};
use tower_lsp_server::ls_types as lsp;

use crate::session::Session;
use crate::wire::from_wire;

pub(crate) fn handle(session: &mut Session, params: lsp::DidChangeTextDocumentParams) {
    let key = from_wire::document_key(&params.text_document.uri);
    let version = DocumentVersion::new(params.text_document.version);
    let changes = from_wire::changes(params.content_changes);
    let encoding = session.features.encoding;
    let chars = typed_chars(&changes);
    let before = session.documents.get(&key);
    let before = before.and_then(|document| document.snapshot().ok());
    if let Err(problem) = session.documents.change(&key, &changes, version, encoding) {
        session.cancel_ask(&key);
        session.tell_document_problem(&problem);
    }
    if let Some(chars) = chars {
        session.rhythm.typed(session.now, chars);
        session.tell_typed();
    }
    if let Some(before) = before {
        let file = || from_wire::file_path(&params.text_document.uri);
        session.look_at_arrival(&key, &before, &changes, file);
    }
    session.look_at_outcome(&key);
}

/// How many characters were typed; none when a text was replaced as a whole, which no key does.
fn typed_chars(changes: &[Change]) -> Option<usize> {
    let is_typing = changes.iter().all(|change| change.range.is_some());
    let chars = changes.iter().map(|change| change.text.chars().count());
    is_typing.then(|| chars.sum())
}
