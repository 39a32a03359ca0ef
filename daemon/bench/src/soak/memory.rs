//! Memory over a run: where it is after the warm-up, and where at the end.

use crate::percentiles::percentile;
use crate::rss::rss_mb;

/// The part of a run after which everything has been in use once: models, all documents, all threads.
const WARM_AFTER: f64 = 0.4;

/// Looks at two processes.
#[derive(Debug)]
pub(super) struct MemoryWatch {
    daemon: u32,
    lsp: u32,
    /// Each with how much of the run was done.
    looks: Vec<Look>,
    done: f64,
}

#[derive(Debug, Clone, Copy)]
struct Look {
    done: f64,
    daemon_mb: Option<f64>,
    lsp_mb: Option<f64>,
}

/// Memory of one process in MiB: middles of the looks after the warm-up.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Growth {
    /// In the third quarter of the run or so.
    pub warm: f64,
    /// In its last part.
    pub end: f64,
    /// The difference.
    pub grown: f64,
}

impl MemoryWatch {
    pub(super) fn new(daemon: u32, lsp: u32) -> Self {
        Self {
            daemon,
            lsp,
            looks: Vec::new(),
            done: 0.0,
        }
    }

    /// Whether the next of so many looks is due when so much of the run is done.
    pub(super) fn looks_due(&mut self, done: f64, looks: u32) -> bool {
        self.done = done;
        done * f64::from(looks) >= self.looks.len() as f64
    }

    pub(super) fn look(&mut self) {
        self.looks.push(Look {
            done: self.done,
            daemon_mb: rss_mb(self.daemon),
            lsp_mb: rss_mb(self.lsp),
        });
    }

    pub(super) fn daemon(&self) -> Option<Growth> {
        growth(
            self.looks
                .iter()
                .filter_map(|look| Some((look.done, look.daemon_mb?))),
        )
    }

    pub(super) fn lsp(&self) -> Option<Growth> {
        growth(
            self.looks
                .iter()
                .filter_map(|look| Some((look.done, look.lsp_mb?))),
        )
    }
}

/// Compares the two halves of what comes after the warm-up; none with too few looks.
fn growth(looks: impl Iterator<Item = (f64, f64)>) -> Option<Growth> {
    let warm: Vec<f64> = looks
        .filter(|(done, _)| *done >= WARM_AFTER)
        .map(|(_, mb)| mb)
        .collect();
    let (first, second) = warm.split_at(warm.len() / 2);
    let (warm, end) = (percentile(first, 50)?, percentile(second, 50)?);
    Some(Growth {
        warm,
        end,
        grown: end - warm,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_warm_up_does_not_count_as_growth_and_a_leak_does() {
        let looks = |mb: fn(u32) -> f64| (0..=40).map(move |i| (f64::from(i) / 40.0, mb(i)));
        let steady = growth(looks(|i| if i < 10 { f64::from(i) } else { 300.0 })).unwrap();
        assert_eq!((steady.warm, steady.grown), (300.0, 0.0));
        let leaking = growth(looks(|i| 300.0 + f64::from(i))).unwrap();
        assert!(leaking.grown >= 10.0, "{leaking:?}");
        assert_eq!(growth([(0.1, 5.0)].into_iter()), None);
    }
}
