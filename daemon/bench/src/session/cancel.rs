//! How soon each side is free again when nobody wants the answer any more.
//!
//! A request that must read the document anew is given up while it reads. Of ours it is known when
//! the daemon is idle; the server tells nothing, so it is asked for one token of a short text and the
//! time that this takes on an idle server is taken off.

use std::time::Duration;

use super::server::Server;
use crate::error::BenchError;
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
        let cancelled = observer.idle_after(|| typist.cancel(&pending))?;
        cancels.ours_ms.extend(cancelled);
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

fn cancel_server(server: &Server, text: &str, idle_ms: f64) -> Result<f64, BenchError> {
    server.abandon(text, Duration::from_millis(SERVER_BEGINS_MS))?;
    Ok((server.one_token(SHORT)? - idle_ms).max(0.0))
}
