//! Waiting for a condition of another process, with a deadline.
//!
//! The one place in the tests that polls: the state of another process (a file that appears, a
//! process that ends) announces itself to nobody. Whatever sends a message is awaited by that.

use std::time::{Duration, Instant};

/// Between two looks: short against anything waited for, long enough to leave the processor to it.
const POLL_INTERVAL_MS: u64 = 10;

/// Looks until `look` finds something, at most for `deadline`.
///
/// # Panics
/// When the deadline passes, naming `what` was waited for.
pub fn eventually<T>(deadline: Duration, what: &str, look: impl FnMut() -> Option<T>) -> T {
    eventually_or(deadline, look).unwrap_or_else(|| panic!("waited {deadline:?} in vain: {what}"))
}

/// Looks until `look` finds something; none when the deadline passes first.
pub fn eventually_or<T>(deadline: Duration, mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return Some(found);
        }
        if start.elapsed() >= deadline {
            return None;
        }
        std::thread::sleep(Duration::from_millis(POLL_INTERVAL_MS));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_that_comes_true_is_returned() {
        let mut looks = 0;
        let found = eventually(Duration::from_secs(5), "the third look", || {
            looks += 1;
            (looks == 3).then_some("here")
        });
        assert_eq!(found, "here");
    }

    #[test]
    fn a_condition_that_never_comes_true_ends_at_the_deadline() {
        let start = Instant::now();
        let found: Option<()> = eventually_or(Duration::from_millis(30), || None);
        assert_eq!(found, None);
        assert!(start.elapsed() >= Duration::from_millis(30));
    }

    #[test]
    #[should_panic(expected = "the impossible")]
    fn a_wait_in_vain_says_what_for() {
        eventually::<()>(Duration::from_millis(1), "the impossible", || None);
    }
}
