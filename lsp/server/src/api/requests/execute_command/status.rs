//! `inkstone.status`: what is going on and why, as data and as a sentence a person sees.
//!
//! Argument: `{"uri": URI, "quiet": BOOL}`, both optional. Without a URI the document that was
//! asked about last is meant; when quiet nothing is shown, for editors that draw it themselves.

use inkstone_policy::Threshold;
use serde::Deserialize;
use serde_json::{Value, json};
use tower_lsp_server::jsonrpc::{Error, Result};
use tower_lsp_server::ls_types::MessageType;

use crate::outbox::Outgoing;
use crate::session::Session;
use crate::session::daemon_view::DaemonState;
use crate::session::decision::Decision;
use crate::session::documents::{DocumentKey, OpenDocument};
use crate::session::effect::Effect;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Argument {
    uri: Option<String>,
    quiet: bool,
}

pub(crate) fn execute(session: &mut Session, argument: Option<&Value>) -> Result<Value> {
    let argument = match argument {
        None | Some(Value::Null) => Argument::default(),
        Some(value) => Argument::deserialize(value).map_err(|error| {
            let message = format!("the argument is {{\"uri\": URI, \"quiet\": BOOL}}: {error}");
            Error::invalid_params(message)
        })?,
    };
    let asked = argument.uri.map(DocumentKey::new);
    let key = asked.or_else(|| session.last_asked.clone());
    let document = key
        .as_ref()
        .and_then(|key| Some((key, session.documents.get(key)?)));
    let sentence = sentence(session, document.map(|(_, document)| document));
    let status = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "enabled": session.configuration.is_on(),
        "position_encoding": session.features.encoding.name(),
        "documents": session.documents.count(),
        "daemon": daemon(session.daemon.state()),
        "notices": session.daemon.notices(),
        "document": document.map(|(key, document)| describe(key, document)),
        "suggestions": {
            "offered": session.counts.offered,
            "accepted": session.counts.accepted,
            "rejected": session.counts.rejected,
        },
        "text": sentence,
    });
    if !argument.quiet {
        session.effect(Effect::Tell(Outgoing::Show(MessageType::INFO, sentence)));
    }
    Ok(status)
}

fn daemon(state: &DaemonState) -> Value {
    match state {
        DaemonState::Unknown => json!({ "state": "unknown" }),
        DaemonState::Up => json!({ "state": "up" }),
        DaemonState::Away(problem) => json!({ "state": "away", "problem": problem.to_string() }),
    }
}

fn describe(key: &DocumentKey, document: &OpenDocument) -> Value {
    json!({
        "uri": key.as_str(),
        "language": document.language_id,
        "out_of_sync": document.snapshot().err().map(ToString::to_string),
        "decision": document.decision.as_ref().map(decision),
        "cost": document.cost,
        "confidence": document.confidence,
        "threshold": document.threshold.as_ref().map(threshold),
    })
}

fn threshold(threshold: &Threshold) -> Value {
    json!({
        "value": threshold.value,
        "preset": threshold.preset,
        "explanation": threshold.explanation(),
    })
}

fn decision(decision: &Decision) -> Value {
    json!({
        "outcome": decision.outcome(),
        "reason": decision.reason_code(),
        "message": decision.to_string(),
    })
}

fn sentence(session: &Session, document: Option<&OpenDocument>) -> String {
    let switch = if session.configuration.is_on() {
        "on"
    } else {
        "off"
    };
    let daemon = match session.daemon.state() {
        DaemonState::Unknown => "the daemon is being looked for".to_owned(),
        DaemonState::Up => match session.daemon.notices().last() {
            None => "the daemon is there".to_owned(),
            Some(notice) => format!("the daemon is there, but {notice}"),
        },
        DaemonState::Away(problem) => problem.to_string(),
    };
    let last = match document.map(|document| (document.snapshot(), &document.decision)) {
        Some((Err(why), _)) => format!(" This document: {why}."),
        Some((Ok(_), Some(decision))) => {
            let decision = decision.to_string();
            format!(" Last request here: {}.", decision.trim_end_matches('.'))
        }
        Some((Ok(_), None)) | None => String::new(),
    };
    let moved = document
        .and_then(|document| document.threshold?.explanation())
        .map_or_else(String::new, |why| format!(" Gate: {why}."));
    format!("Inkstone: suggestions are {switch}; {daemon}.{last}{moved}")
}
