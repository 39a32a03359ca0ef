//! What one model is doing, and the requests in its hands. Which models there are, and when they
//! come and go, is `residency.rs`, which owns these.

use std::sync::Arc;
use std::time::Instant;

use inkstone_engine::Model;
use inkstone_protocol::{Release, ReleaseReason, Released, WireError};

use super::idling::IdleTimes;
use super::lane::Lane;
use super::mail::Stamp;
use super::memory::Holding;
use super::report::SharedReport;
use super::room::Wish;
use super::scoring::{Scorer, not_now};
use super::waiting::Waiting;

/// A model that a role or a request has named.
#[derive(Debug, Default)]
pub(super) struct Resident {
    pub(super) state: State,
    /// How often it was read into memory.
    pub(super) loads: u64,
    /// Settings or file have changed since it was loaded: it goes when its requests have ended.
    pub(super) is_stale: bool,
    /// Why its weights are not on the graphics card that was wished for.
    pub(super) notice: Option<String>,
    /// What it may hold under the ceiling, while it is in memory.
    pub(super) granted: Holding,
    /// The ceiling leaves it a smaller context than it would have.
    pub(super) is_made_smaller: bool,
    /// What it gave back last, until it serves again.
    pub(super) released: Option<Release>,
    /// Texts that it is to score.
    pub(super) scorer: Scorer,
    /// An adapter that is being read since requests named it, and these.
    pub(super) trying: Option<(String, Waiting)>,
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
        /// It waits for room for its context, since then.
        wish: Option<(Wish, Instant)>,
    },
    Loaded(Box<Lane>),
    /// Its weights wait for the next request; a context is made for it then.
    Resting {
        model: Arc<Model>,
        used_at: Instant,
    },
    Failed {
        problem: String,
        at: Instant,
    },
}

impl Resident {
    /// Ends every request that `newer` replaces.
    pub(super) fn supersede(&mut self, newer: &Stamp, report: &SharedReport) {
        if let Some((_, waiting)) = &mut self.trying {
            waiting.supersede(newer, report);
        }
        match &mut self.state {
            State::Loaded(lane) => lane.supersede(newer, report),
            State::Loading { waiting, .. } => waiting.supersede(newer, report),
            State::Unloaded | State::Resting { .. } | State::Failed { .. } => {}
        }
    }

    /// Whether it has a request of a later version of `stamp`'s document.
    pub(super) fn holds_newer_than(&self, stamp: &Stamp) -> bool {
        let mut trying = self.trying.iter();
        if trying.any(|(_, waiting)| waiting.holds_newer_than(stamp)) {
            return true;
        }
        match &self.state {
            State::Loaded(lane) => lane.holds_newer_than(stamp),
            State::Loading { waiting, .. } => waiting.holds_newer_than(stamp),
            State::Unloaded | State::Resting { .. } | State::Failed { .. } => false,
        }
    }

    /// Ends requests whose client has gone or whose deadline has passed.
    pub(super) fn reap(&mut self, now: Instant, report: &SharedReport) {
        self.scorer.reap(now);
        if let Some((_, waiting)) = &mut self.trying {
            waiting.reap(now, report);
        }
        match &mut self.state {
            State::Loaded(lane) => lane.reap(now, report),
            State::Loading { waiting, .. } => waiting.reap(now, report),
            State::Unloaded | State::Resting { .. } | State::Failed { .. } => {}
        }
    }

    /// Ends every request with `error`.
    pub(super) fn end_all(&mut self, error: &WireError, report: &SharedReport) {
        self.scorer.end_all(error);
        if let Some((_, waiting)) = &mut self.trying {
            waiting.fail_all(error, report);
        }
        match &mut self.state {
            State::Loaded(lane) => lane.end_all(error, report),
            State::Loading { waiting, .. } => waiting.fail_all(error, report),
            State::Unloaded | State::Resting { .. } | State::Failed { .. } => {}
        }
    }

    /// What it holds under the ceiling.
    pub(super) fn holding(&self) -> Holding {
        match &self.state {
            State::Loaded(lane) => Holding {
                adapters_bytes: lane.adapters_bytes(),
                ..self.granted
            },
            State::Loading { .. } => self.granted,
            State::Resting { .. } => self.granted.without_context(),
            State::Unloaded | State::Failed { .. } => Holding::default(),
        }
    }

    /// When it was last used; none when it is not in memory yet.
    pub(super) fn used_at(&self) -> Option<Instant> {
        match &self.state {
            State::Loaded(lane) => Some(lane.used_at()),
            State::Resting { used_at, .. } => Some(*used_at),
            State::Unloaded | State::Loading { .. } | State::Failed { .. } => None,
        }
    }

    /// Since when its loader waits for room; none when it does not.
    pub(super) fn waits_for_room_since(&self) -> Option<Instant> {
        match &self.state {
            State::Loading {
                wish: Some((_, since)),
                ..
            } => Some(*since),
            _ => None,
        }
    }

    /// The model in memory; none when there is none, or none yet.
    pub(super) fn model_in_memory(&self) -> Option<&Arc<Model>> {
        match &self.state {
            State::Loaded(lane) => Some(lane.model()),
            State::Resting { model, .. } => Some(model),
            State::Unloaded | State::Loading { .. } | State::Failed { .. } => None,
        }
    }

    /// What it gives back next, if no request comes, and when. A changed model goes at once.
    ///
    /// Scoring keeps nothing in memory for longer than the calls that are in hand.
    pub(super) fn next_release(&self, times: &IdleTimes) -> Option<(Instant, Release)> {
        if self.requests() > 0 || self.scorer.calls() > 0 {
            return None;
        }
        let (has_context, used_at) = match &self.state {
            State::Loaded(lane) => (true, lane.used_at()),
            State::Resting { used_at, .. } => (false, *used_at),
            State::Unloaded | State::Loading { .. } | State::Failed { .. } => return None,
        };
        let release = |what, why| Release { what, why };
        if self.is_stale {
            return Some((used_at, release(Released::Weights, ReleaseReason::Changed)));
        }
        let (at, what) = times.next(has_context, used_at)?;
        Some((at, release(what, ReleaseReason::Idle)))
    }

    /// Gives memory back.
    pub(super) fn release(&mut self, release: Release) {
        if release.what == Released::Weights {
            // They are freed with the last context.
            self.scorer.end_all(&not_now("the model has left memory"));
        }
        let state = std::mem::take(&mut self.state);
        self.state = match (state, release.what) {
            (State::Loaded(lane), Released::Context) => {
                let used_at = lane.used_at();
                let model = lane.into_model();
                State::Resting { model, used_at }
            }
            (_, Released::Weights) => State::Unloaded,
            (state, Released::Context) => state,
        };
        self.released = Some(release);
    }

    /// Requests without an answer.
    pub(super) fn requests(&self) -> usize {
        let trying = self.trying.as_ref().map_or(0, |(_, waiting)| waiting.len());
        trying
            + match &self.state {
                State::Loaded(lane) => lane.requests(),
                State::Loading { waiting, .. } => waiting.len(),
                State::Unloaded | State::Resting { .. } | State::Failed { .. } => 0,
            }
    }
}
