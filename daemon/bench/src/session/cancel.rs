//! How soon each side is free again when nobody wants the answer any more.
//!
//! A request that must read the document anew is given up while it reads. Of ours it is known when
//! the daemon is idle; the server tells nothing, so it is asked for one token of a short text and the
//! time that this takes on an idle server is taken off.

use std::time::{Duration, Instant};

use super::server::Server;
use crate::error::BenchError;
use crate::lsp_client::PendingReply;
use crate::observer::Observer;
use crate::percentiles::percentile;
use crate::typist::Typist;

/// Requests given up on our side, and attempts for them: one may be over before it is seen.
const OURS: usize = 8;
const OURS_ATTEMPTS_MAX: usize = 30;
/// Requests given up on the server: each may take as long as it takes to read the document.
const SERVERS: usize = 3;
/// How far the server may be when its request is given up.
const SERVER_BEGINS_MS: u64 = 50;
/// Questions to the daemon while a request should start or end.
const LOOKS_MAX: usize = 20_000;
/// Between two of them: who asks without a break takes a processor from what is measured.
const LOOK_EVERY: Duration = Duration::from_millis(1);
/// Typed at the start, so that everything must be read again.
const PREPENDED: &str = "Well. ";
/// A text that takes no time to read.
const SHORT: &str = "One";

/// Milliseconds of each request.
#[derive(Debug, Clone)]
pub(super) struct Cancels {
    pub(super) ours_ms: Vec<f64>,
    pub(super) server_ms: Vec<f64>,
}

pub(super) fn measure(
    observer: &Observer,
    typist: &mut Typist,
    server: &Server,
) -> Result<Cancels, BenchError> {
    let mut cancels = Cancels {
        ours_ms: Vec::new(),
        server_ms: Vec::new(),
    };
    for _ in 0..OURS_ATTEMPTS_MAX {
        typist.insert_at_start(PREPENDED)?;
        let pending = typist.begin()?;
        cancels
            .ours_ms
            .extend(cancel_ours(observer, typist, &pending)?);
        if cancels.ours_ms.len() >= OURS {
            break;
        }
    }
    let idle: Vec<f64> = (0..SERVERS)
        .map(|_| server.one_token(SHORT))
        .collect::<Result<_, _>>()?;
    let idle_ms = percentile(&idle, 50).unwrap_or_default();
    for round in 1..=SERVERS {
        let prompt = server.prompt(typist.text());
        let text = format!("{}{prompt}", PREPENDED.repeat(round));
        cancels
            .server_ms
            .push(cancel_server(server, &text, idle_ms)?);
    }
    Ok(cancels)
}

/// None when the request was over before it was seen running.
fn cancel_ours(
    observer: &Observer,
    typist: &Typist,
    pending: &PendingReply,
) -> Result<Option<f64>, BenchError> {
    let was_seen = look_until(observer, |active| active > 0)?;
    let started = Instant::now();
    typist.cancel(pending)?;
    let is_idle = look_until(observer, |active| active == 0)?;
    let elapsed_ms = started.elapsed().as_secs_f64() * 1_000.0;
    Ok((was_seen && is_idle).then_some(elapsed_ms))
}

fn look_until(observer: &Observer, is_wanted: impl Fn(u32) -> bool) -> Result<bool, BenchError> {
    for _ in 0..LOOKS_MAX {
        if is_wanted(observer.status()?.requests_active) {
            return Ok(true);
        }
        std::thread::sleep(LOOK_EVERY);
    }
    Ok(false)
}

fn cancel_server(server: &Server, text: &str, idle_ms: f64) -> Result<f64, BenchError> {
    server.abandon(text, Duration::from_millis(SERVER_BEGINS_MS))?;
    Ok((server.one_token(SHORT)? - idle_ms).max(0.0))
}
