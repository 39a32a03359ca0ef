//! `inkstone.accepted` and `inkstone.rejected`: what became of a suggestion. Argument: `{"id": N}`.

use serde::Deserialize;
use serde_json::Value;
use tower_lsp_server::jsonrpc::{Error, Result};

use crate::session::Session;
use crate::session::suggestion::SuggestionId;

#[derive(Debug, Deserialize)]
struct Argument {
    id: u64,
}

pub(crate) fn accepted(session: &mut Session, argument: Option<&Value>) -> Result<()> {
    let id = id_of(argument)?;
    session.counts.accepted += 1;
    session.documents.forget_shown(id);
    tracing::debug!(id = id.get(), "a suggestion was accepted");
    Ok(())
}

pub(crate) fn rejected(session: &mut Session, argument: Option<&Value>) -> Result<()> {
    let id = id_of(argument)?;
    session.counts.rejected += 1;
    session.documents.forget_shown(id);
    tracing::debug!(id = id.get(), "a suggestion was rejected");
    Ok(())
}

fn id_of(argument: Option<&Value>) -> Result<SuggestionId> {
    let argument = argument
        .ok_or_else(|| Error::invalid_params("the command takes one argument: {\"id\": NUMBER}"))?;
    let argument = Argument::deserialize(argument).map_err(|error| {
        Error::invalid_params(format!("the argument is {{\"id\": NUMBER}}: {error}"))
    })?;
    Ok(SuggestionId::new(argument.id))
}
