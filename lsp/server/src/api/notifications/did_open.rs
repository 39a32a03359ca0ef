//! `textDocument/didOpen`: the text becomes ours to follow, and its model is warmed.

use inkstone_prose::DocumentKind;
use inkstone_text::DocumentVersion;
use tower_lsp_server::ls_types as lsp;

use crate::session::Session;
use crate::session::effect::Effect;
use crate::session::warm::warm_sample;
use crate::wire::from_wire;

pub(crate) fn handle(session: &mut Session, params: lsp::DidOpenTextDocumentParams) {
    let opened = params.text_document;
    let key = from_wire::document_key(&opened.uri);
    let version = DocumentVersion::new(opened.version);
    let kind = DocumentKind::from_language_id(&opened.language_id);
    let wants_model = session.configuration.is_on() && session.serves(&opened.language_id, kind);
    // A document opened again is another text: what runs for the old one is of no use.
    session.cancel_ask(&key);
    match session
        .documents
        .open(key, opened.language_id, &opened.text, version)
    {
        Ok(document) => {
            let Ok(snapshot) = document.snapshot() else {
                return;
            };
            if wants_model && !snapshot.is_empty() {
                let sample = warm_sample(&snapshot);
                session.effect(Effect::Warm { sample });
            }
        }
        Err(problem) => session.tell_document_problem(&problem),
    }
}
