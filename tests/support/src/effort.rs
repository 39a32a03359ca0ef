//! Processor time of the thread, for tests of how work grows: what else the machine does is not in it.

use std::time::Duration;

/// The least that this thread computed for one of three runs.
///
/// # Panics
/// Where the system has no such clock.
pub fn least_of_three(run: impl Fn()) -> Duration {
    let times = (0..3).map(|_| {
        let before = computed();
        run();
        computed().saturating_sub(before)
    });
    times.min().unwrap_or_default()
}

#[cfg(unix)]
fn computed() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::try_from(time).unwrap_or_else(|error| panic!("no clock of the thread: {error}"))
}

/// The clock on the wall, which knows the rest of the machine, too.
#[cfg(not(unix))]
fn computed() -> Duration {
    static START: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    START.get_or_init(std::time::Instant::now).elapsed()
}
