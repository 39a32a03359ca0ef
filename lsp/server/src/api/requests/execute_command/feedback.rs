//! `inkstone.accepted` and `inkstone.rejected`: what became of a suggestion.
//!
//! Argument: `{"id": N}`, when taken with `"part"`: `all` (which is also meant without it), `word`,
//! `sentence` or `line`. A suggestion of which a part was taken goes on with its rest.

use inkstone_policy::Outcome;
use serde::Deserialize;
use serde_json::Value;
use tower_lsp_server::jsonrpc::{Error, Result};

use crate::session::Session;
use crate::session::suggestion::SuggestionId;

#[derive(Debug, Deserialize)]
struct Argument {
    id: u64,
    #[serde(default)]
    part: Part,
}

/// How much of a suggestion a key took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Part {
    #[default]
    All,
    Word,
    Sentence,
    Line,
}

pub(crate) fn accepted(session: &mut Session, argument: Option<&Value>) -> Result<()> {
    let Argument { id, part } = read(argument)?;
    let id = SuggestionId::new(id);
    session.counts.accept(id);
    session.arrival_told(id);
    session.outcome_told(id, Outcome::Accepted);
    if part == Part::All {
        session.documents.forget_shown(id);
    }
    tracing::debug!(id = id.get(), ?part, "a suggestion was accepted");
    Ok(())
}

pub(crate) fn rejected(session: &mut Session, argument: Option<&Value>) -> Result<()> {
    let id = SuggestionId::new(read(argument)?.id);
    session.counts.rejected += 1;
    session.outcome_told(id, Outcome::Rejected);
    session.documents.forget_shown(id);
    tracing::debug!(id = id.get(), "a suggestion was rejected");
    Ok(())
}

fn read(argument: Option<&Value>) -> Result<Argument> {
    let argument = argument
        .ok_or_else(|| Error::invalid_params("the command takes one argument: {\"id\": NUMBER}"))?;
    Argument::deserialize(argument).map_err(|error| {
        let form = "{\"id\": NUMBER, \"part\": \"all\", \"word\", \"sentence\" or \"line\"}";
        Error::invalid_params(format!("the argument is {form}: {error}"))
    })
}
