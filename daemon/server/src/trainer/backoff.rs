//! How long to wait before the trainer is started again. Pure.

use std::time::Duration;

/// A process that lived so long did not fail at its start.
const LIVED_LONG: Duration = Duration::from_secs(600);

/// The longest wait: what fails for a reason that lasts is not tried all the time.
const WAIT_MAX: Duration = Duration::from_secs(300);

/// Doubles with each failure in a row.
#[derive(Debug)]
pub(super) struct Backoff {
    first: Duration,
    next: Duration,
}

impl Backoff {
    pub(super) fn new(first: Duration) -> Self {
        Self { first, next: first }
    }

    /// The wait after a process that lived for so long.
    pub(super) fn after(&mut self, lived: Duration) -> Duration {
        if lived >= LIVED_LONG {
            self.next = self.first;
        }
        let wait = self.next;
        self.next = (wait * 2).min(WAIT_MAX);
        wait
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_to_a_limit_and_begin_anew_after_a_long_life() {
        let mut backoff = Backoff::new(Duration::from_secs(1));
        let waits: Vec<u64> = (0..10)
            .map(|_| backoff.after(Duration::ZERO).as_secs())
            .collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300]);
        assert_eq!(backoff.after(LIVED_LONG).as_secs(), 1);
        assert_eq!(backoff.after(Duration::ZERO).as_secs(), 2);
    }
}
