//! How long the threads of a process have computed, and how often they woke up.

use std::fs;
use std::io;
use std::path::Path;

use crate::error::BenchError;

/// Counts since the threads began; a thread that ends takes its part along.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct CpuTime {
    pub(crate) computed_ms: f64,
    pub(crate) wakeups: f64,
}

impl CpuTime {
    /// Of a process; an error where there is no `/proc`, whose nanoseconds other systems' tools do
    /// not give.
    pub(crate) fn of(pid: u32) -> Result<Self, BenchError> {
        let folder = Path::new("/proc").join(pid.to_string()).join("task");
        threads(&folder).map_err(|error| BenchError::Numbers {
            problem: format!("computing time from {}: {error}", folder.display()),
        })
    }
}

fn threads(folder: &Path) -> io::Result<CpuTime> {
    let mut sum = CpuTime::default();
    for thread in fs::read_dir(folder)? {
        let thread = thread?.path();
        // A thread may end while the folder is read.
        let Ok(schedule) = fs::read_to_string(thread.join("schedstat")) else {
            continue;
        };
        let computed_ns: f64 = first_number(&schedule);
        sum.computed_ms += computed_ns / 1e6;
        let status = fs::read_to_string(thread.join("status")).unwrap_or_default();
        let switches = status
            .lines()
            .find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
        sum.wakeups += first_number(switches.unwrap_or_default());
    }
    Ok(sum)
}

fn first_number(text: &str) -> f64 {
    let first = text.split_whitespace().next();
    first.and_then(|number| number.parse().ok()).unwrap_or(0.0)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_computes_is_seen_computing_and_one_that_never_was_is_an_error() {
        let own = std::process::id();
        let before = CpuTime::of(own).unwrap();
        let mut sum = 0_u64;
        let after = loop {
            sum = (0..1_000_000_u64).fold(sum, |sum, n| std::hint::black_box(sum ^ n));
            let now = CpuTime::of(own).unwrap();
            if now.computed_ms > before.computed_ms {
                break now;
            }
        };
        assert!(after.computed_ms > 0.0);
        assert!(CpuTime::of(u32::MAX).is_err());
    }
}
