//! What a pull tells on the way: which phase, how many bytes, how fast, how long still. The command
//! line draws it; nothing here prints.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use inkstone_models::{Source, Terms};

use crate::error::FetchError;

/// How long back the rate looks: long enough to be calm, short enough to follow the network.
const RATE_WINDOW: Duration = Duration::from_secs(5);
/// Shortest time between two reports.
const REPORT_EVERY: Duration = Duration::from_millis(100);
/// Most samples in the window.
const SAMPLES_MAX: usize = 64;

/// What is being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase<'a> {
    /// Another process fetches the same model; ours waits for it.
    Waiting,
    /// A source is asked.
    Asking(&'a Source),
    /// Bytes arrive.
    Downloading,
    /// A file of this machine is copied.
    Copying,
    /// What is already here is read, to check it or go on from it.
    Checking,
    /// The file under the model's name is damaged or another version, and is fetched anew.
    Replacing,
}

/// How far and how fast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Bytes so far, those of an earlier attempt included.
    pub done_bytes: u64,
    /// Bytes in all, when known.
    pub total_bytes: Option<u64>,
    /// Over the last seconds.
    pub rate_bytes_per_s: u64,
    /// Time left at that rate, when both are known.
    pub left: Option<Duration>,
}

/// Listens to a pull.
pub trait Progress {
    /// A phase began; its bytes count from zero.
    fn phase(&mut self, phase: Phase<'_>);
    /// Bytes moved.
    fn pace(&mut self, pace: Pace);
    /// These terms, which the person has not been shown yet, count as accepted by a word given in
    /// advance; whoever listens shows them now.
    fn accepted(&mut self, terms: &Terms);
    /// A source failed, and the next one is tried. The failure of the last one is in the result.
    fn source_failed(&mut self, source: &Source, error: &FetchError);
    /// Whether the person wants it to end; asked often.
    fn is_cancelled(&mut self) -> bool {
        false
    }
}

/// Turns counts of bytes into paces.
#[derive(Debug)]
pub(crate) struct Meter {
    total_bytes: Option<u64>,
    samples: VecDeque<(Instant, u64)>,
    reported: Option<Instant>,
}

impl Meter {
    /// A meter that starts at `done_bytes`.
    pub(crate) fn new(done_bytes: u64, total_bytes: Option<u64>, now: Instant) -> Self {
        Self {
            total_bytes,
            samples: VecDeque::from([(now, done_bytes)]),
            reported: None,
        }
    }

    /// Takes the bytes done so far; a pace when it is time for one or all is done.
    pub(crate) fn advance(&mut self, done_bytes: u64, now: Instant) -> Option<Pace> {
        let is_done = self.total_bytes == Some(done_bytes);
        let is_due = self
            .reported
            .is_none_or(|last| now.duration_since(last) >= REPORT_EVERY);
        if !is_done && !is_due {
            return None;
        }
        self.reported = Some(now);
        self.samples.push_back((now, done_bytes));
        while self.samples.len() > SAMPLES_MAX
            || (self.samples.len() > 2
                && self
                    .samples
                    .front()
                    .is_some_and(|(at, _)| now.duration_since(*at) > RATE_WINDOW))
        {
            self.samples.pop_front();
        }
        let (since, from_bytes) = self.samples.front().copied().unwrap_or((now, done_bytes));
        let elapsed_ms = u64::try_from(now.duration_since(since).as_millis()).unwrap_or(u64::MAX);
        let moved = done_bytes.saturating_sub(from_bytes);
        let rate_bytes_per_s = moved.saturating_mul(1_000) / elapsed_ms.max(1);
        let left = self.total_bytes.and_then(|total| {
            let left_bytes = total.saturating_sub(done_bytes);
            (rate_bytes_per_s > 0)
                .then(|| Duration::from_secs(left_bytes.div_ceil(rate_bytes_per_s)))
        });
        Some(Pace {
            done_bytes,
            total_bytes: self.total_bytes,
            rate_bytes_per_s,
            left,
        })
    }
}

#[cfg(test)]
#[allow(clippy::expect_used, reason = "a panic is how a test fails")]
mod tests {
    use super::{Duration, Instant, Meter, Pace};

    #[test]
    fn the_rate_follows_the_last_seconds_and_the_time_left_follows_the_rate() {
        let start = Instant::now();
        let mut meter = Meter::new(1_000, Some(21_000), start);
        let at = |ms| start + Duration::from_millis(ms);
        let first = meter.advance(2_000, at(1_000)).expect("first report");
        let expected = Pace {
            done_bytes: 2_000,
            total_bytes: Some(21_000),
            rate_bytes_per_s: 1_000,
            left: Some(Duration::from_secs(19)),
        };
        assert_eq!(first, expected, "bytes of an earlier attempt are no speed");
        assert_eq!(
            meter.advance(2_100, at(1_050)),
            None,
            "not more often than asked for"
        );
        let mut last = None;
        for second in 2..=12 {
            last = meter
                .advance(2_000 + (second - 1) * 100, at(second * 1_000))
                .or(last);
        }
        assert_eq!(
            last.map(|pace| pace.rate_bytes_per_s),
            Some(100),
            "the fast start is forgotten"
        );
    }

    #[test]
    fn a_stalled_transfer_has_no_time_left_and_the_end_is_always_told() {
        let start = Instant::now();
        let mut meter = Meter::new(0, Some(10), start);
        let stalled = meter
            .advance(0, start + Duration::from_secs(1))
            .expect("report");
        assert_eq!((stalled.rate_bytes_per_s, stalled.left), (0, None));
        let end = meter
            .advance(10, start + Duration::from_millis(1_001))
            .expect("the end");
        assert_eq!(end.left, Some(Duration::ZERO));
    }
}
