//! How soon a daemon that has given everything back is there again, beside one that has just started.
//!
//! Idle times are seconds here instead of minutes; what happens when they pass is the same.

use std::time::{Duration, Instant};

use inkstone_protocol::{CompleteReply, ModelState};
use serde::Serialize;

use crate::error::BenchError;
use crate::latency::text;
use crate::observer::Observer;
use crate::percentiles::percentile;
use crate::subject::Subject;

/// Seconds without a request after which the daemon gives all memory back.
const UNLOAD_S: u32 = 1;
/// How long that may take to be seen.
const RELEASE_WAIT: Duration = Duration::from_secs(60);
/// Between two looks at the daemon's state; each wakes it, but counts as no use of a model.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// Each number is the middle of so many.
const ROUNDS: usize = 5;
/// Short, so that reading it takes no time beside the load.
const SHORT_TEXT: &str = "The ferry crossed the river every morning, and";
/// Tokens of the long text, roughly: as much as a model reads of a document without being told.
const LONG_TOKENS: usize = 1_900;

/// From the question to the suggestion, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Waking {
    /// After a few words.
    pub short: Woken,
    /// At the end of a long document.
    pub long: Woken,
}

/// One text.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Woken {
    /// Tokens of the prompt.
    pub prompt_tokens: u32,
    /// By a daemon that has loaded nothing yet.
    pub cold_ms: f64,
    /// By one that has given everything back.
    pub woken_ms: f64,
    /// The same where nothing is kept of documents.
    pub woken_unkept_ms: f64,
    /// Of the prompt's tokens, read again by the one that kept them.
    pub tokens_read_again: u32,
    /// `woken_ms` over `cold_ms`.
    pub woken_over_cold: f64,
}

/// Measures both texts.
pub(super) fn measure(
    subject: &Subject,
    progress: &mut dyn FnMut(&str),
) -> Result<Waking, BenchError> {
    progress("waking for a few words");
    let short = of_text(subject, SHORT_TEXT)?;
    progress("waking at the end of a long document");
    let long = of_text(subject, &text::document(LONG_TOKENS))?;
    Ok(Waking { short, long })
}

/// What was measured in one round.
struct Round {
    cold_ms: f64,
    woken_ms: f64,
    reply: CompleteReply,
}

fn of_text(subject: &Subject, text: &str) -> Result<Woken, BenchError> {
    let mut kept = Vec::new();
    let mut unkept_ms = Vec::new();
    // In turns, so that a machine that grows slower does so for both.
    for _ in 0..ROUNDS {
        kept.push(round(subject, "", text)?);
        unkept_ms.push(round(subject, "saved_context_mb_max = 0\n", text)?.woken_ms);
    }
    let cold_ms = median(kept.iter().map(|round| round.cold_ms));
    let woken_ms = median(kept.iter().map(|round| round.woken_ms));
    let tokens = kept.last().map(|round| round.reply.tokens);
    let tokens = tokens.unwrap_or_default();
    Ok(Woken {
        prompt_tokens: tokens.prompt,
        cold_ms,
        woken_ms,
        woken_unkept_ms: median(unkept_ms.into_iter()),
        tokens_read_again: tokens.prefilled,
        woken_over_cold: woken_ms / cold_ms,
    })
}

fn round(subject: &Subject, engine: &str, text: &str) -> Result<Round, BenchError> {
    let stage = subject.stage_with(&format!("idle_unload_s = {UNLOAD_S}\n{engine}"))?;
    let mut observer = stage.observer()?;
    let (cold_ms, _) = ask(&mut observer, text)?;
    until_unloaded(&observer, &subject.model)?;
    let (woken_ms, reply) = ask(&mut observer, text)?;
    Ok(Round {
        cold_ms,
        woken_ms,
        reply,
    })
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    percentile(&values.collect::<Vec<_>>(), 50).unwrap_or(f64::NAN)
}

fn ask(observer: &mut Observer, text: &str) -> Result<(f64, CompleteReply), BenchError> {
    let asked_at = Instant::now();
    let reply = observer.complete(text)?;
    Ok((asked_at.elapsed().as_secs_f64() * 1_000.0, reply))
}

fn until_unloaded(observer: &Observer, model: &str) -> Result<(), BenchError> {
    let since = Instant::now();
    while observer.engine(model)?.state != ModelState::Unloaded {
        if since.elapsed() > RELEASE_WAIT {
            return Err(BenchError::Numbers {
                problem: format!("the daemon does not give memory back within {RELEASE_WAIT:?}"),
            });
        }
        std::thread::sleep(LOOK_EVERY);
    }
    Ok(())
}
