//! `inkstone bench idle`: what the daemon and the language server cost while nobody types, and how
//! soon they are back.
//!
//! Computing time as the scheduler of the operating system counts it, in nanoseconds, of the threads
//! of each process. Called by the command line.

mod waking;

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::cpu_time::CpuTime;
use crate::error::BenchError;
use crate::latency::text;
use crate::stage::Stage;
use crate::subject::Subject;
use crate::typist::{Stroke, Typist};
pub use waking::{Waking, Woken};

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
    /// How soon a suggestion is there after everything was given back.
    pub waking: Waking,
}

/// A number of each process.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Processes {
    /// The daemon, with a model in memory and a client.
    pub daemon: f64,
    /// The language server, with a document open.
    pub lsp: f64,
}

/// What both processes had computed before and after.
struct Watched {
    before: [CpuTime; 2],
    after: [CpuTime; 2],
    seconds: f64,
}

/// Watches both processes while nobody types, then lets the daemon wake.
pub fn run(
    subject: &Subject,
    watched: Duration,
    progress: &mut dyn FnMut(&str),
) -> Result<IdleReport, BenchError> {
    let watched = watch(subject, watched, progress)?;
    let waking = waking::measure(subject, progress)?;
    Ok(report(&watched, waking))
}

/// Types a little, stops, and watches. On return the language server ends before its home is removed:
/// otherwise it would start another daemon there, which nobody would end.
fn watch(
    subject: &Subject,
    watched: Duration,
    progress: &mut dyn FnMut(&str),
) -> Result<Watched, BenchError> {
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
    Ok(Watched {
        before,
        after,
        seconds: started.elapsed().as_secs_f64(),
    })
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
        let woken = |name: &str, woken: &Woken| {
            format!(
                "{name:<18}{:.0} ms of waking ({:.2} of a cold load, {:.0} ms), {:.0} ms where nothing is kept; \
                 {} of {} tokens read again\n",
                woken.woken_ms,
                woken.woken_over_cold,
                woken.cold_ms,
                woken.woken_unkept_ms,
                woken.tokens_read_again,
                woken.prompt_tokens,
            )
        };
        row("daemon", cpu.daemon, wakeups.daemon)
            + &row("language server", cpu.lsp, wakeups.lsp)
            + &woken("a few words", &self.waking.short)
            + &woken("a long document", &self.waking.long)
    }
}

fn open(stage: &Stage, client: &Arc<crate::lsp_client::LspClient>) -> Result<Typist, BenchError> {
    let text = text::document(DOCUMENT_TOKENS);
    Typist::open(client, &stage.uri("idle.md"), "markdown", &text)
}

fn report(watched: &Watched, waking: Waking) -> IdleReport {
    let Watched {
        ref before,
        ref after,
        seconds,
    } = *watched;
    let a_minute = |count: f64| count * 60.0 / seconds;
    let of = |value: fn(&CpuTime) -> f64| Processes {
        daemon: a_minute(value(&after[0]) - value(&before[0])),
        lsp: a_minute(value(&after[1]) - value(&before[1])),
    };
    IdleReport {
        seconds,
        idle_cpu_ms_per_min: of(|time| time.computed_ms),
        wakeups_per_min: of(|time| time.wakeups),
        waking,
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
        let woken = Woken {
            prompt_tokens: 1_000,
            cold_ms: 2_000.0,
            woken_ms: 500.0,
            woken_unkept_ms: 1_900.0,
            tokens_read_again: 1,
            woken_over_cold: 0.25,
        };
        let waking = Waking {
            short: woken,
            long: woken,
        };
        let watched = Watched {
            before,
            after,
            seconds: 30.0,
        };
        let report = report(&watched, waking);
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
        assert!(
            report
                .table()
                .contains("500 ms of waking (0.25 of a cold load, 2000 ms)")
        );
    }
}
