//! `textDocument/didSave`: a saved `inkstone.toml` is a change of settings.
//!
//! The text itself needs no news: it is as the edits left it.

use std::path::Path;

use tower_lsp_server::ls_types as lsp;

use crate::session::Session;
use crate::session::configuration::SETTINGS_FILE;

pub(crate) fn handle(session: &mut Session, params: &lsp::DidSaveTextDocumentParams) {
    let path = Path::new(params.text_document.uri.path().as_str());
    if path.file_name().is_some_and(|name| name == SETTINGS_FILE) {
        let problems = session.configuration.reload();
        session.tell_settings_problems(&problems);
    }
}
