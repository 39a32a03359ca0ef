//! `textDocument/didSave`: a saved `inkstone.toml` is a change of settings; of any file the daemon
//! is told, for whoever watches its folder.
//!
//! The text itself needs no news: it is as the edits left it.

use std::path::Path;

use tower_lsp_server::ls_types as lsp;

use crate::session::Session;
use crate::session::configuration::SETTINGS_FILE;
use crate::session::effect::Effect;
use crate::wire::from_wire;

pub(crate) fn handle(session: &mut Session, params: &lsp::DidSaveTextDocumentParams) {
    let path = Path::new(params.text_document.uri.path().as_str());
    if path.file_name().is_some_and(|name| name == SETTINGS_FILE) {
        let problems = session.configuration.reload();
        session.tell_settings_problems(&problems);
    }
    session.remember_taken(&from_wire::document_key(&params.text_document.uri));
    if session.configuration.settings().corpus.watch
        && let Some(path) = from_wire::file_path(&params.text_document.uri)
    {
        session.effect(Effect::Saved(path));
    }
}
