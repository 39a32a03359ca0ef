//! `inkstone bench idle`: what the daemon and the language server cost while nobody types.
//!
//! Computing time as the scheduler of the operating system counts it, in nanoseconds, of the threads
//! of each process. Called by the command line.

mod cpu;

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::error::BenchError;
use crate::latency::text;
use crate::stage::Stage;
use crate::subject::Subject;
use crate::typist::{Stroke, Typist};
use cpu::CpuTime;

/// How long what follows a key may still run: sockets are closed, logs written.
const SETTLE: Duration = Duration::from_secs(3);
/// Tokens of the document that is open meanwhile.
const DOCUMENT_TOKENS: usize = 300;

/// The measurements.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct IdleReport {
    /// How long was watched.
    pub seconds: f64,
    /// Milliseconds of computing in a minute.
    pub idle_cpu_ms_per_min: Processes,
    /// How often a thread woke up in a minute.
    pub wakeups_per_min: Processes,
}

/// A number of each process.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Processes {
    /// The daemon, with a model in memory and a client.
    pub daemon: f64,
    /// The language server, with a document open.
    pub lsp: f64,
}

/// Types a little, stops, and watches both processes.
pub fn run(
    subject: &Subject,
    watched: Duration,
    progress: &mut dyn FnMut(&str),
) -> Result<IdleReport, BenchError> {
    progress("a suggestion, so that everything is in memory");
    let stage = subject.stage()?;
    let client = Arc::new(stage.editor()?);
    let mut typist = open(&stage, &client)?;
    for key in " the".chars() {
        typist.stroke(Stroke::Type(key))?;
    }
    // The connection of this question is closed again before the minute begins.
    let daemon = stage.observer()?.status()?.pid;
    std::thread::sleep(SETTLE);
    progress("waiting, with nothing to do");
    let started = Instant::now();
    let before = [CpuTime::of(daemon)?, CpuTime::of(client.pid())?];
    std::thread::sleep(watched);
    let after = [CpuTime::of(daemon)?, CpuTime::of(client.pid())?];
    let seconds = started.elapsed().as_secs_f64();
    Ok(report(before, after, seconds))
}

impl IdleReport {
    /// The measurements for a person.
    pub fn table(&self) -> String {
        let row = |name: &str, cpu_ms: f64, wakeups: f64| {
            format!(
                "{name:<18}{cpu_ms:.2} ms of computing a minute ({:.3} %), {wakeups:.0} wake-ups\n",
                cpu_ms / 600.0
            )
        };
        let (cpu, wakeups) = (self.idle_cpu_ms_per_min, self.wakeups_per_min);
        row("daemon", cpu.daemon, wakeups.daemon) + &row("language server", cpu.lsp, wakeups.lsp)
    }
}

fn open(stage: &Stage, client: &Arc<crate::lsp_client::LspClient>) -> Result<Typist, BenchError> {
    let text = text::document(DOCUMENT_TOKENS);
    Typist::open(client, &stage.uri("idle.md"), "markdown", &text)
}

fn report(before: [CpuTime; 2], after: [CpuTime; 2], seconds: f64) -> IdleReport {
    let a_minute = |count: f64| count * 60.0 / seconds;
    let of = |value: fn(&CpuTime) -> f64| Processes {
        daemon: a_minute(value(&after[0]) - value(&before[0])),
        lsp: a_minute(value(&after[1]) - value(&before[1])),
    };
    IdleReport {
        seconds,
        idle_cpu_ms_per_min: of(|time| time.computed_ms),
        wakeups_per_min: of(|time| time.wakeups),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_minute_counts_twice() {
        let time = |computed_ms, wakeups| CpuTime {
            computed_ms,
            wakeups,
        };
        let before = [time(100.0, 5.0), time(7.0, 1.0)];
        let after = [time(101.0, 8.0), time(7.0, 1.0)];
        let report = report(before, after, 30.0);
        assert_eq!(
            report.idle_cpu_ms_per_min,
            Processes {
                daemon: 2.0,
                lsp: 0.0
            }
        );
        assert_eq!(
            report.wakeups_per_min,
            Processes {
                daemon: 6.0,
                lsp: 0.0
            }
        );
        assert!(
            report
                .table()
                .contains("2.00 ms of computing a minute (0.003 %), 6 wake-ups")
        );
    }
}
