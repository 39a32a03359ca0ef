//! Working only when nobody else does: what the trainer asks for at its start.

use std::io;

/// Gives this thread, and every thread and program that it starts from now on, the processor and the
/// disk only when nobody else wants them. Called first in `main`: threads that run already keep
/// what they have.
///
/// All is tried; the error is the first that came, and what worked stays. `Unsupported` where the
/// system is not asked (Windows).
pub fn yield_to_all_others() -> io::Result<()> {
    #[cfg(unix)]
    {
        let nice = rustix::process::setpriority_process(None, NICE_MAX).map_err(io::Error::from);
        #[cfg(target_os = "linux")]
        let idle = crate::system::idle_priority();
        #[cfg(not(target_os = "linux"))]
        let idle = Ok(());
        nice.and(idle)
    }
    #[cfg(not(unix))]
    Err(io::ErrorKind::Unsupported.into())
}

/// The most polite there is.
#[cfg(unix)]
const NICE_MAX: i32 = 19;

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    /// `SCHED_IDLE` of `sched.h`.
    const SCHED_IDLE: &str = "5";

    /// Fields of this thread's `/proc/…/stat` after the name in parentheses: number 3, the state, is
    /// the first.
    fn own_fields() -> Vec<String> {
        let stat = std::fs::read_to_string("/proc/thread-self/stat").unwrap();
        let rest = stat.rsplit(')').next().unwrap_or_default();
        rest.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn a_thread_that_yields_is_idle_and_nice_and_others_are_not_touched() {
        let (nice_at, policy_at) = (19 - 3, 41 - 3);
        let yielded = std::thread::spawn(|| {
            yield_to_all_others().unwrap();
            own_fields()
        })
        .join()
        .unwrap();
        assert_eq!(yielded[nice_at], "19");
        assert_eq!(yielded[policy_at], SCHED_IDLE);
        assert_ne!(own_fields()[policy_at], SCHED_IDLE);
    }
}
