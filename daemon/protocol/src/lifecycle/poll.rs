//! Waiting for what announces itself to nobody: a lock that another process lets go, a socket that
//! another process opens. The one place here that looks again and again.

use std::time::Duration;

use tokio::time::Instant;

/// Between two looks: short against a start, long enough to leave the processor to it.
const LOOK_EVERY: Duration = Duration::from_millis(15);

/// Looks at something until a deadline: `while looks.again().await { … }`.
pub(super) struct Looks {
    until: Instant,
    is_first: bool,
}

impl Looks {
    pub(super) fn for_at_most(wait: Duration) -> Self {
        Self {
            until: Instant::now() + wait,
            is_first: true,
        }
    }

    /// Waits for the next look. True at least once; false when the deadline has passed.
    pub(super) async fn again(&mut self) -> bool {
        if std::mem::take(&mut self.is_first) {
            return true;
        }
        if Instant::now() >= self.until {
            return false;
        }
        tokio::time::sleep(LOOK_EVERY).await;
        true
    }
}
