//! One key on both sides.

use std::time::Duration;

use super::recording::Key;
use super::server::{Served, Server};
use crate::error::BenchError;
use crate::typist::{Asked, Cost, Outcome, Typist};

/// How long the server may go on after its client has left at the end of a sentence: it notices
/// between two tokens, and our turn must not pay for these.
const SERVER_SETTLES: Duration = Duration::from_millis(80);

/// The document read for the first time.
#[derive(Debug, Clone, Copy)]
pub(super) struct FirstReading {
    pub(super) ours: Cost,
    pub(super) server_prompt_tokens: usize,
}

/// One key and what came of it.
#[derive(Debug, Clone)]
pub(super) struct Played {
    pub(super) ours: Asked,
    pub(super) outcome: Outcome,
    pub(super) server: Served,
    /// Whether both sides would show the same.
    pub(super) is_same_text: bool,
}

/// Both sides read the document, the server as much of it as the daemon does.
pub(super) fn read_document(
    typist: &mut Typist,
    server: &mut Server,
) -> Result<FirstReading, BenchError> {
    crate::typist::taken(typist.begin()?)?;
    let cost = typist.outcome()?.cost.ok_or_else(|| BenchError::Numbers {
        problem: "the daemon was not asked at the end of the document".to_owned(),
    })?;
    let tokens = usize::try_from(cost.tokens.prompt).unwrap_or(usize::MAX);
    let server_prompt_tokens = server.fit(typist.text(), tokens)?;
    Ok(FirstReading {
        ours: cost,
        server_prompt_tokens,
    })
}

/// Presses a key on both sides, one after the other; each is waited for.
pub(super) fn key(
    typist: &mut Typist,
    server: &mut Server,
    pressed: &Key,
    ours_first: bool,
) -> Result<Played, BenchError> {
    // The writer thinks. What a side makes of the time is its merit.
    std::thread::sleep(Duration::from_millis(pressed.pause_ms));
    let (ours, outcome, theirs);
    if ours_first {
        ours = typist.stroke(pressed.stroke)?;
        outcome = typist.outcome()?;
        theirs = server.complete(typist.text())?;
        std::thread::sleep(SERVER_SETTLES);
    } else {
        // The text after the key is the same for both; ours gets the key after the server's turn.
        theirs = server.complete(&typist.text_after(pressed.stroke))?;
        std::thread::sleep(SERVER_SETTLES);
        ours = typist.stroke(pressed.stroke)?;
        outcome = typist.outcome()?;
    }
    let suggestion = ours.suggestion.as_deref().unwrap_or_default();
    let is_same_text = suggestion.trim() == theirs.text.trim();
    Ok(Played {
        ours,
        outcome,
        server: theirs,
        is_same_text,
    })
}
