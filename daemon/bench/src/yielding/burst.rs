//! A few words typed after a pause, and when the training beside was last seen computing.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::Over;
use super::training::Training;
use crate::error::BenchError;
use crate::trainer_home::failed;
use crate::typist::{Stroke, Typist};

/// From an answer to the next key: who types fast.
pub(super) const KEY_EVERY: Duration = Duration::from_millis(80);
/// Between two looks at how long the training has computed.
const LOOK_EVERY: Duration = Duration::from_millis(5);
/// The part of one core above which it counts as computing between two looks: it also asks now and
/// then whether somebody still types.
const COMPUTES_SHARE: f64 = 0.5;

/// Looks at the end in which it must no longer be seen computing.
const LAST_LOOKS: usize = 10;

/// What came of them.
#[derive(Debug, Clone, Default)]
pub(super) struct Burst {
    /// From a key to its answer, of each key that the daemon decoded for.
    pub(super) elapsed_ms: Vec<f64>,
    /// The same of the key after the pause, in milliseconds; none where that needed no decoding.
    pub(super) first: Option<f64>,
    /// From that key until the training rested; 0 where it rested already.
    pub(super) rested_after_ms: f64,
}

/// A key.
#[derive(Debug, Clone, Copy)]
struct Typed {
    /// From it to its answer.
    elapsed_ms: f64,
    /// Whether the daemon decoded for it.
    was_decoded: bool,
}

/// How long the training had computed, so long after the first key.
#[derive(Debug, Clone, Copy)]
struct Look {
    at_ms: f64,
    computed_ms: f64,
}

impl Burst {
    /// Types these keys.
    pub(super) fn typed(
        typist: &mut Typist,
        training: &Training,
        keys: &mut impl Iterator<Item = char>,
        count: usize,
    ) -> Result<Self, BenchError> {
        let (begun, is_over) = (Instant::now(), AtomicBool::new(false));
        let (typed, looks) = thread::scope(|scope| {
            let watching = scope.spawn(|| watch(training, begun, &is_over));
            let typed = {
                let _over = Over(&is_over);
                type_keys(typist, keys, count)
            };
            let looks = watching.join();
            (typed, looks.unwrap_or_else(|panic| resume_unwind(panic)))
        });
        let (typed, looks) = (typed?, looks?);
        let last = &looks[looks.len().saturating_sub(LAST_LOOKS)..];
        if rested_after_ms(last) > 0.0 {
            let problem = "it computes on while somebody types, so that nothing is measured";
            return Err(failed(problem));
        }
        let decoded = typed.iter().filter(|key| key.was_decoded);
        let first = typed.first().filter(|key| key.was_decoded);
        Ok(Self {
            elapsed_ms: decoded.map(|key| key.elapsed_ms).collect(),
            first: first.map(|key| key.elapsed_ms),
            rested_after_ms: rested_after_ms(&looks),
        })
    }
}

fn type_keys(
    typist: &mut Typist,
    keys: &mut impl Iterator<Item = char>,
    count: usize,
) -> Result<Vec<Typed>, BenchError> {
    let mut typed = Vec::new();
    for key in keys.by_ref().take(count) {
        let asked = typist.stroke(Stroke::Type(key))?;
        typed.push(Typed {
            elapsed_ms: asked.elapsed_ms,
            was_decoded: typist.outcome()?.cost.is_some(),
        });
        thread::sleep(KEY_EVERY);
    }
    Ok(typed)
}

fn watch(
    training: &Training,
    begun: Instant,
    is_over: &AtomicBool,
) -> Result<Vec<Look>, BenchError> {
    let mut looks = Vec::new();
    while !is_over.load(Ordering::Relaxed) {
        looks.push(Look {
            at_ms: begun.elapsed().as_secs_f64() * 1_000.0,
            computed_ms: training.computed_ms()?,
        });
        thread::sleep(LOOK_EVERY);
    }
    Ok(looks)
}

/// The end of the last time between two looks in which it computed.
fn rested_after_ms(looks: &[Look]) -> f64 {
    let mut looks = looks.windows(2).rev();
    let computing = looks.find(|pair| {
        let (computed, passed) = (
            pair[1].computed_ms - pair[0].computed_ms,
            pair[1].at_ms - pair[0].at_ms,
        );
        computed > passed * COMPUTES_SHARE
    });
    computing.map_or(0.0, |pair| pair[1].at_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_rests_after_the_last_time_in_which_it_computed() {
        let looks: Vec<Look> = [
            (0.0, 0.0),
            (5.0, 10.0),
            (10.0, 14.0),
            (15.0, 14.1),
            (20.0, 14.2),
        ]
        .map(|(at_ms, computed_ms)| Look { at_ms, computed_ms })
        .to_vec();
        assert!((rested_after_ms(&looks) - 10.0).abs() < 1e-9);
        assert!(rested_after_ms(&looks[3..]).abs() < 1e-9);
        assert!(rested_after_ms(&[]).abs() < 1e-9);
    }
}
