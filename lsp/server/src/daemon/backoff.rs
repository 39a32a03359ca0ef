//! How long to wait before the daemon is looked for again: longer each time, up to a bound.
//!
//! Pure: durations in, durations out. Used by `link`.

use std::time::Duration;

/// The first wait: a daemon that is being replaced is back by then.
const WAIT_MIN: Duration = Duration::from_millis(250);

/// The longest wait. Looking costs one system call while nobody listens, and a person who runs
/// `inkstone start` should not wait long for the first suggestion.
const WAIT_MAX: Duration = Duration::from_secs(8);

/// A connection that lived so long counts as good; one that breaks sooner counts as a failure, so
/// that a daemon which accepts and dies is not hammered.
pub(crate) const GOOD_AFTER: Duration = Duration::from_secs(5);

/// Grows with each failure.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The wait after one more failure.
    pub(crate) fn failed(&mut self) -> Duration {
        let wait = WAIT_MIN
            .saturating_mul(1 << self.failures.min(16))
            .min(WAIT_MAX);
        self.failures = self.failures.saturating_add(1);
        wait
    }

    /// A connection ended that had lived for `lived`; gives the wait before the next.
    pub(crate) fn ended(&mut self, lived: Duration) -> Duration {
        if lived >= GOOD_AFTER {
            self.failures = 0;
            return Duration::ZERO;
        }
        // The first early end is looked into at once: most are restarts.
        if self.failures == 0 {
            self.failures = 1;
            return Duration::ZERO;
        }
        self.failed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_stay_bounded() {
        let mut backoff = Backoff::default();
        let waits: Vec<_> = (0..40).map(|_| backoff.failed()).collect();
        assert_eq!(waits[0], WAIT_MIN);
        assert!(waits.windows(2).all(|pair| pair[0] <= pair[1]));
        assert_eq!(waits[39], WAIT_MAX);
    }

    #[test]
    fn a_good_connection_is_sought_again_at_once_and_a_flapping_one_is_not() {
        let mut backoff = Backoff::default();
        assert_eq!(backoff.ended(Duration::ZERO), Duration::ZERO);
        assert!(backoff.ended(Duration::ZERO) > Duration::ZERO);
        let longer = backoff.ended(Duration::ZERO);
        assert!(longer > WAIT_MIN);
        assert_eq!(backoff.ended(GOOD_AFTER), Duration::ZERO);
        assert_eq!(backoff.failed(), WAIT_MIN);
    }
}
