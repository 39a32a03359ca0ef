//! What a soak gave, and whether all is well.

use std::fmt::Write as _;
use std::time::Duration;

use serde::Serialize;

use super::SoakOptions;
use super::memory::{Growth, MemoryWatch};
use super::tally::Tally;

/// Memory that a process may gain between the two halves after the warm-up, in MiB: what an
/// allocator keeps by chance. A leak of a kilobyte a key shows within an hour.
pub const GROWTH_MB_MAX: f64 = 16.0;

/// The counts and measurements.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SoakReport {
    /// Of every choice.
    pub seed: u64,
    /// How long it took.
    pub seconds: f64,
    /// Things done.
    pub actions: u64,
    /// Suggestions asked for.
    pub asked: u64,
    /// Answered, with a suggestion, with none or with a refusal of the protocol.
    pub answered: u64,
    /// Answered with a suggestion.
    pub offered: u64,
    /// Taken back before the answer.
    pub cancelled: u64,
    /// Asked for by an editor that went away before the answer.
    pub abandoned: u64,
    /// Suggestions taken.
    pub accepted: u64,
    /// Suggestions refused.
    pub rejected: u64,
    /// Editors that went away.
    pub disconnects: u64,
    /// Questions without an answer.
    pub lost_replies: u64,
    /// Requests still busy after the end.
    pub busy_at_end: u32,
    /// Whether every document was served after the end.
    pub serves_after_end: bool,
    /// Memory of the processes that last; none where the system does not tell, or with too few
    /// actions.
    pub rss_mb: RssGrowth,
    /// What went wrong, in words.
    pub problems: Vec<String>,
}

/// Memory of two processes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RssGrowth {
    /// The daemon.
    pub daemon: Option<Growth>,
    /// The language server of the window that lasts.
    pub lsp: Option<Growth>,
}

/// How it ended.
#[derive(Debug, Clone)]
pub(super) struct End {
    pub(super) elapsed: Duration,
    pub(super) busy: u32,
    pub(super) unserved: Vec<String>,
}

impl SoakReport {
    pub(super) fn of(options: &SoakOptions, tally: Tally, end: &End, memory: &MemoryWatch) -> Self {
        let rss_mb = RssGrowth {
            daemon: memory.daemon(),
            lsp: memory.lsp(),
        };
        let mut report = Self {
            seed: options.seed,
            seconds: end.elapsed.as_secs_f64(),
            actions: tally.actions,
            asked: tally.asked,
            answered: tally.answered,
            offered: tally.offered,
            cancelled: tally.cancelled,
            abandoned: tally.abandoned,
            accepted: tally.accepted,
            rejected: tally.rejected,
            disconnects: tally.disconnects,
            lost_replies: tally.lost,
            busy_at_end: end.busy,
            serves_after_end: end.unserved.is_empty(),
            rss_mb,
            problems: tally.problems,
        };
        let unserved = end.unserved.iter();
        let unserved = unserved.map(|reason| format!("not served after the end: {reason}"));
        report.problems.extend(unserved);
        report.problems.extend(report.judge());
        report
    }

    /// Whether nothing was lost, nothing is stuck and nothing grew.
    pub fn is_clean(&self) -> bool {
        self.problems.is_empty()
    }

    fn judge(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let unaccounted = self.asked - self.answered - self.abandoned - self.lost_replies;
        if self.lost_replies + unaccounted > 0 {
            let lost = self.lost_replies + unaccounted;
            problems.push(format!("{lost} questions were not answered"));
        }
        if self.busy_at_end > 0 {
            problems.push(format!("{} requests are still busy", self.busy_at_end));
        }
        let RssGrowth { daemon, lsp } = self.rss_mb;
        for (name, growth) in [("daemon", daemon), ("language server", lsp)] {
            if let Some(growth) = growth.filter(|growth| growth.grown > GROWTH_MB_MAX) {
                let Growth { warm, end, .. } = growth;
                problems.push(format!("the {name} grew from {warm:.0} to {end:.0} MiB"));
            }
        }
        problems
    }

    /// The result for a person.
    pub fn table(&self) -> String {
        let memory = |growth: Option<Growth>| {
            growth.map_or_else(
                || "unknown".to_owned(),
                |growth| format!("{:.0} → {:.0} MiB", growth.warm, growth.end),
            )
        };
        let mut table = format!(
            "{} actions in {:.0} s, seed {:#x}\n\
             asked {}, answered {} ({} with a suggestion), given up with their editor {}, lost {}\n\
             taken {}, refused {}, cancelled {}, editors gone {}\n\
             memory: daemon {}, language server {}\n",
            self.actions,
            self.seconds,
            self.seed,
            self.asked,
            self.answered,
            self.offered,
            self.abandoned,
            self.lost_replies,
            self.accepted,
            self.rejected,
            self.cancelled,
            self.disconnects,
            memory(self.rss_mb.daemon),
            memory(self.rss_mb.lsp),
        );
        for problem in &self.problems {
            // Writing to a string cannot fail.
            let _infallible = writeln!(table, "problem: {problem}");
        }
        if self.is_clean() {
            table.push_str("nothing lost, nothing stuck, no growth\n");
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(tally: Tally, busy: u32) -> SoakReport {
        let options = SoakOptions {
            binaries: "bin".into(),
            models: Vec::new(),
            threads: 1,
            length: super::super::Length::Actions(1),
            seed: 1,
        };
        let end = End {
            elapsed: Duration::from_secs(1),
            busy,
            unserved: Vec::new(),
        };
        SoakReport::of(&options, tally, &end, &MemoryWatch::new(0, 0))
    }

    #[test]
    fn a_question_that_nobody_answered_is_a_problem_and_one_of_a_gone_editor_is_not() {
        let tally = Tally {
            asked: 10,
            answered: 8,
            abandoned: 2,
            ..Tally::default()
        };
        assert!(report(tally.clone(), 0).is_clean());
        assert!(!report(tally.clone(), 1).is_clean());
        let lost = Tally {
            answered: 7,
            ..tally
        };
        assert_eq!(
            report(lost, 0).problems,
            ["1 questions were not answered".to_owned()]
        );
    }
}
