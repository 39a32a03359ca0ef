//! The one line that each finished request leaves in the log: counts, times and reasons, never the
//! user's text. `inkstone logs --why` reads these lines.

use std::time::Duration;

use inkstone_protocol::{CompleteReply, ErrorCode, Reply, RequestId, WireError};

/// A request that has been answered.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) id: RequestId,
    pub(crate) method: &'static str,
    pub(crate) elapsed: Duration,
    pub(crate) outcome: Outcome,
}

/// What it came to.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// A completion was answered, with or without a suggestion.
    Completed(Box<Numbers>),
    /// Another method was carried out.
    Done,
    /// It failed.
    Failed(WireError),
}

/// A completion's reply without its text.
#[derive(Debug)]
pub(crate) struct Numbers(CompleteReply);

impl Outcome {
    pub(crate) fn of_reply(reply: &Reply) -> Self {
        match reply {
            Reply::Complete(reply) => {
                let without_text = CompleteReply {
                    text: String::new(),
                    word_ends: Vec::new(),
                    alternatives: Vec::new(),
                    ..(**reply).clone()
                };
                Self::Completed(Box::new(Numbers(without_text)))
            }
            Reply::Score(_) | Reply::Status(_) | Reply::Done => Self::Done,
        }
    }
}

/// Writes the line.
pub(crate) fn write(client: &str, finished: &Finished) {
    match &finished.outcome {
        Outcome::Done => write_done(client, finished),
        Outcome::Failed(error) => write_failed(client, finished, error),
        Outcome::Completed(numbers) => write_completed(client, finished, &numbers.0),
    }
}

fn write_done(client: &str, finished: &Finished) {
    let (id, method) = (finished.id.0, finished.method);
    let elapsed_ms = rounded_ms(finished.elapsed);
    if method == "status" {
        // Programs poll it.
        tracing::debug!(client, id, method, outcome = "done", elapsed_ms, "request");
    } else {
        tracing::info!(client, id, method, outcome = "done", elapsed_ms, "request");
    }
}

fn write_failed(client: &str, finished: &Finished, error: &WireError) {
    macro_rules! line {
        ($level:expr) => {
            tracing::event!(
                $level,
                client,
                id = finished.id.0,
                method = finished.method,
                outcome = "failed",
                reason = code_word(error.code),
                why = error.message,
                remedy = error.remedy,
                elapsed_ms = rounded_ms(finished.elapsed),
                "request"
            )
        };
    }
    match error.code {
        // Part of ordinary typing: not worth a warning, but worth finding.
        ErrorCode::Cancelled | ErrorCode::Superseded | ErrorCode::DeadlineExceeded => {
            line!(tracing::Level::INFO);
        }
        _ => line!(tracing::Level::WARN),
    }
}

fn write_completed(client: &str, finished: &Finished, reply: &CompleteReply) {
    let silence = reply.silence.as_ref();
    tracing::info!(
        client,
        id = finished.id.0,
        method = finished.method,
        outcome = if silence.is_some() {
            "silent"
        } else {
            "offered"
        },
        reason = silence.map(|silence| silence.reason.as_str()),
        why = silence.map(|silence| silence.message.as_str()),
        remedy = silence.and_then(|silence| silence.remedy.as_deref()),
        model = reply.model.as_deref(),
        finish = reply.finish.map(tracing::field::debug),
        prompt_tokens = reply.tokens.prompt,
        reused_tokens = reply.tokens.reused,
        prefilled_tokens = reply.tokens.prefilled,
        decoded_tokens = reply.tokens.decoded,
        queue_ms = tenths(reply.timing.queue_ms),
        prefill_ms = tenths(reply.timing.prefill_ms),
        ttft_ms = tenths(reply.timing.ttft_ms),
        elapsed_ms = rounded_ms(finished.elapsed),
        "request"
    );
}

fn rounded_ms(elapsed: Duration) -> f64 {
    tenths(elapsed.as_secs_f64() * 1e3)
}

/// Tenths are as fine as anybody reads.
fn tenths(ms: f64) -> f64 {
    (ms * 10.0).round() / 10.0
}

/// The code as it is on the wire.
fn code_word(code: ErrorCode) -> String {
    match serde_json::to_value(code) {
        Ok(serde_json::Value::String(word)) => word,
        _ => format!("{code:?}"),
    }
}
