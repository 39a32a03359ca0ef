//! Single carets: is a suggestion shown there, and is its first word the next one?

use serde::Serialize;

use super::carets::{Caret, Place};
use super::corpus::Document;
use super::desk::{Confidence, Desk, after_paragraph};
use super::words::begins_alike;
use crate::error::BenchError;
use crate::stage::Stage;

/// Points between two words of progress.
const PROGRESS_POINTS: usize = 50;

/// What came of one caret.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Point {
    pub(super) place: Place,
    /// Whether something was shown, and if so, whether its first word was right.
    pub(super) shown: Option<Correctness>,
    /// How sure the daemon was; none when the language server did not ask it.
    pub(super) confidence: Option<Confidence>,
    /// Why nothing was shown.
    pub(super) silence: Option<String>,
}

/// Whether the first word shown is the text's next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Correctness {
    Right,
    Wrong,
}

/// Asks at each caret, in the order of the documents.
pub(super) fn measure(
    stage: &Stage,
    documents: &[&Document],
    carets: &[Caret],
    progress: &mut dyn FnMut(&str),
) -> Result<Vec<Point>, BenchError> {
    let mut points = Vec::new();
    for of_document in carets.chunk_by(|a, b| a.document == b.document) {
        let index = of_document[0].document;
        let document = documents[index];
        let mut desk = Desk::open(stage, &format!("points-{index}"), document)?;
        for caret in of_document {
            points.push(ask_at(&mut desk, document, *caret)?);
            if points.len().is_multiple_of(PROGRESS_POINTS) {
                progress(&format!("{} of {} points", points.len(), carets.len()));
            }
        }
        desk.close()?;
    }
    Ok(points)
}

fn ask_at(desk: &mut Desk<'_>, document: &Document, caret: Caret) -> Result<Point, BenchError> {
    let (before, rest) = document.text.split_at(caret.byte);
    desk.set(before, after_paragraph(&document.text, caret.byte))?;
    let asked = desk.ask()?;
    let shown = asked.suggestion.map(|suggestion| {
        if begins_alike(&suggestion, rest) {
            Correctness::Right
        } else {
            Correctness::Wrong
        }
    });
    Ok(Point {
        place: caret.place,
        shown,
        confidence: asked.confidence,
        silence: asked.reason,
    })
}
