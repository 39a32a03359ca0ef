//! `initialize`: what the editor can do, what we can do, and the first settings.

use std::path::PathBuf;

use tower_lsp_server::ls_types as lsp;

use crate::event::Reply;
use crate::session::Session;
use crate::session::effect::Effect;
use crate::wire::{from_wire, to_wire};

pub(crate) fn handle(
    session: &mut Session,
    params: lsp::InitializeParams,
    reply: Reply<lsp::InitializeResult>,
) {
    session.features = from_wire::client_features(&params);
    if let Some(process) = params.process_id {
        session.effect(Effect::WatchEditor { process });
    }
    let client = params
        .client_info
        .as_ref()
        .map_or("unnamed", |client| client.name.as_str());
    tracing::info!(client, features = ?session.features, "an editor connected");
    let folder = workspace_folder(&params);
    let options = params.initialization_options.unwrap_or_default();
    let problems = session.configuration.initialize(folder, options);
    session.tell_settings_problems(&problems);
    // A closed reply is an editor that cancelled its first request: it will not go on.
    let _ = reply.send(Ok(to_wire::initialize_result(session.features)));
}

/// The first folder that the editor opened, if it is a local one.
fn workspace_folder(params: &lsp::InitializeParams) -> Option<PathBuf> {
    let first = params
        .workspace_folders
        .as_ref()
        .and_then(|folders| folders.first());
    // Helix and older clients name the root only.
    #[expect(deprecated)]
    let uri = first
        .map(|folder| &folder.uri)
        .or(params.root_uri.as_ref())?;
    from_wire::file_path(uri)
}
