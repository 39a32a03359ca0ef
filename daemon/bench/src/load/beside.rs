//! A long text that is written in the same daemon while people type: what a rewrite will be.
//!
//! Asked for again as soon as it ends, on a connection of its own, until the typists are done.

use std::sync::atomic::{AtomicBool, Ordering};

use inkstone_protocol::{CompleteParams, StopRule};

use super::report::Beside;
use crate::error::BenchError;
use crate::latency::text::document_from;
use crate::observer::Observer;

/// Documents of the typists begin with other paragraphs of the same text.
const FIRST_PARAGRAPH: usize = 3;
/// Not the typists' caret.
const BEGINS: &str = "\n\nThis is the story of the harbour, from its beginning.";

/// Begins another paragraph.
const NEXT: &str = "\n\nThen";

/// Writes until `is_over`, each text of at most so many tokens.
pub(super) fn write_along(
    mut observer: Observer,
    tokens: u32,
    document_tokens: usize,
    is_over: &AtomicBool,
) -> Result<Beside, BenchError> {
    let mut text = document_from(document_tokens, FIRST_PARAGRAPH);
    text.push_str(BEGINS);
    let mut beside = Beside::default();
    while !is_over.load(Ordering::Relaxed) {
        let reply = observer.ask(|document, version| CompleteParams {
            stop: Some(StopRule::Paragraph),
            max_tokens: Some(tokens),
            ..CompleteParams::new(document, version, text.as_str())
        })?;
        beside.texts += 1;
        beside.tokens += reply.tokens.decoded;
        beside.prefilled += reply.tokens.prefilled;
        beside.decoding_ms += reply.timing.total_ms - reply.timing.ttft_ms;
        // A small model soon ends by itself. It goes on after what it wrote, which it need not read
        // again, so that all of it is like one long text.
        text.push_str(&reply.text);
        text.push_str(if reply.text.is_empty() { BEGINS } else { NEXT });
    }
    Ok(beside)
}
