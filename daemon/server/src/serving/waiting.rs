//! Requests that wait until their model is in memory. Not the loading itself (`loading.rs`), nor
//! which model it is (`residency.rs`, which calls this).

use std::time::Instant;

use inkstone_models::ModelName;
use inkstone_protocol::{ErrorCode, WireError};
use inkstone_scheduler::RequestKey;

use super::event::ServingEvent;
use super::mail::{Stamp, Submission};
use super::refusal::superseded;
use super::report::{Ending, SharedReport};

/// Documents whose requests may wait for one model to load.
const WAITING_MAX: usize = 64;

/// The requests, in order of arrival.
#[derive(Debug, Default)]
pub(super) struct Waiting(Vec<(RequestKey, Submission)>);

impl Waiting {
    /// Requests that a model had in hand when it failed: all of them, however many, since they were
    /// taken before.
    pub(super) fn of(submissions: impl Iterator<Item = (RequestKey, Submission)>) -> Self {
        let mut waiting: Vec<_> = submissions.collect();
        waiting.sort_unstable_by_key(|&(key, _)| key);
        Self(waiting)
    }

    /// Takes a request, or tells it that too many wait already. Returns whether it was taken.
    pub(super) fn push(
        &mut self,
        key: RequestKey,
        submission: Submission,
        report: &SharedReport,
    ) -> bool {
        self.reap(Instant::now(), report);
        // An older one of the same document is about to make room.
        let document = &submission.params.document;
        let others = self.0.iter();
        let others = others.filter(|(_, waiting)| waiting.params.document != *document);
        if others.count() >= WAITING_MAX {
            let error = WireError::new(
                ErrorCode::Overloaded,
                "too many requests wait for the model",
            );
            submission.fail(error, Ending::Rejected, report);
            return false;
        }
        self.0.push((key, submission));
        true
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Ends what `newer` replaces.
    pub(super) fn supersede(&mut self, newer: &Stamp, report: &SharedReport) {
        self.end_some(report, |key, submission| {
            newer.replaces(key, submission).then(superseded)
        });
    }

    /// Whether a request waits that was made after `stamp`'s in its document.
    pub(super) fn holds_newer_than(&self, stamp: &Stamp) -> bool {
        let mut submissions = self.0.iter();
        submissions.any(|(_, submission)| stamp.is_outdated_by(submission))
    }

    /// Ends requests whose client has gone or whose deadline has passed.
    pub(super) fn reap(&mut self, now: Instant, report: &SharedReport) {
        self.end_some(report, |_, submission| submission.given_up(now));
    }

    /// Tells everyone how much of the model has been read.
    pub(super) fn tell(&self, model: &ModelName, percent: u8) {
        for (_, submission) in &self.0 {
            let event = ServingEvent::Loading {
                model: model.to_string(),
                percent,
            };
            let _ = submission.events.try_send(event);
        }
    }

    /// Ends every request with `error`.
    pub(super) fn fail_all(&mut self, error: &WireError, report: &SharedReport) {
        for (_, submission) in self.0.drain(..) {
            submission.fail(error.clone(), Ending::Rejected, report);
        }
    }

    /// Those that may go to the model now.
    pub(super) fn into_submissions(self) -> impl Iterator<Item = (RequestKey, Submission)> {
        self.0.into_iter()
    }

    fn end_some(
        &mut self,
        report: &SharedReport,
        why: impl Fn(RequestKey, &Submission) -> Option<WireError>,
    ) {
        self.0
            .retain(|(key, submission)| match why(*key, submission) {
                Some(error) => {
                    submission.fail(error, Ending::Cancelled, report);
                    false
                }
                None => true,
            });
    }
}
