//! The first questions: to a daemon that does not run yet, and in a document it has not read.

use std::time::Instant;

use super::editor::Editor;
use crate::error::BenchError;
use crate::observer::Observer;
use crate::stage::Stage;
use crate::typist::Cost;

/// Short, so that reading it takes no time beside the load.
const FIRST_WORDS: &str = "The ferry crossed the river every morning, and";

/// What the very first question took.
#[derive(Debug, Clone, Copy)]
pub(super) struct Load {
    /// Until the daemon had its model in memory and could begin.
    pub(super) load_ms: f64,
    /// Until the suggestion came, the start of the daemon included.
    pub(super) first_suggestion_ms: f64,
}

/// What the first question in a document took.
#[derive(Debug, Clone, Copy)]
pub(super) struct FirstAsk {
    /// As the editor sees it.
    pub(super) suggestion_ms: f64,
    /// As the daemon counts.
    pub(super) cost: Cost,
}

/// Starts the daemon and asks.
pub(super) fn load(stage: &Stage) -> Result<(Observer, Load), BenchError> {
    let started = Instant::now();
    let mut observer = stage.observer()?;
    let reply = observer.complete(FIRST_WORDS)?;
    let first_suggestion_ms = started.elapsed().as_secs_f64() * 1_000.0;
    Ok((
        observer,
        Load {
            load_ms: reply.timing.queue_ms,
            first_suggestion_ms,
        },
    ))
}

/// Opens a document and asks at its end.
pub(super) fn first_ask(stage: &Stage, text: &str) -> Result<(Editor, FirstAsk), BenchError> {
    let editor = Editor::open(stage, "document.md", text)?;
    let suggestion_ms = editor.ask(stage)?.elapsed_ms;
    let cost = editor.cost(stage)?;
    Ok((
        editor,
        FirstAsk {
            suggestion_ms,
            cost,
        },
    ))
}
