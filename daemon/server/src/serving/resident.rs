//! What one model is doing, and the requests in its hands. Which models there are, and when they
//! come and go, is `residency.rs`, which owns these.

use std::time::Instant;

use inkstone_protocol::WireError;

use super::lane::Lane;
use super::mail::Stamp;
use super::report::SharedReport;
use super::waiting::Waiting;

/// A model that a role or a request has named.
#[derive(Debug, Default)]
pub(super) struct Resident {
    pub(super) state: State,
    /// How often it was read into memory.
    pub(super) loads: u64,
    /// Settings or file have changed since it was loaded: it goes when its requests have ended.
    pub(super) is_stale: bool,
}

#[derive(Debug, Default)]
pub(super) enum State {
    #[default]
    Unloaded,
    Loading {
        /// Which of the loads: a letter about an earlier one counts for nothing.
        generation: u64,
        percent: u8,
        waiting: Waiting,
    },
    Loaded(Box<Lane>),
    Failed {
        problem: String,
        at: Instant,
    },
}

impl Resident {
    /// Ends every request that `newer` replaces.
    pub(super) fn supersede(&mut self, newer: &Stamp, report: &SharedReport) {
        match &mut self.state {
            State::Loaded(lane) => lane.supersede(newer, report),
            State::Loading { waiting, .. } => waiting.supersede(newer, report),
            State::Unloaded | State::Failed { .. } => {}
        }
    }

    /// Whether it has a request of a later version of `stamp`'s document.
    pub(super) fn holds_newer_than(&self, stamp: &Stamp) -> bool {
        match &self.state {
            State::Loaded(lane) => lane.holds_newer_than(stamp),
            State::Loading { waiting, .. } => waiting.holds_newer_than(stamp),
            State::Unloaded | State::Failed { .. } => false,
        }
    }

    /// Ends requests whose client has gone or whose deadline has passed.
    pub(super) fn reap(&mut self, now: Instant, report: &SharedReport) {
        match &mut self.state {
            State::Loaded(lane) => lane.reap(now, report),
            State::Loading { waiting, .. } => waiting.reap(now, report),
            State::Unloaded | State::Failed { .. } => {}
        }
    }

    /// Ends every request with `error`.
    pub(super) fn end_all(&mut self, error: &WireError, report: &SharedReport) {
        match &mut self.state {
            State::Loaded(lane) => lane.end_all(error, report),
            State::Loading { waiting, .. } => waiting.fail_all(error, report),
            State::Unloaded | State::Failed { .. } => {}
        }
    }

    /// Requests without an answer.
    pub(super) fn requests(&self) -> usize {
        match &self.state {
            State::Loaded(lane) => lane.requests(),
            State::Loading { waiting, .. } => waiting.len(),
            State::Unloaded | State::Failed { .. } => 0,
        }
    }
}
