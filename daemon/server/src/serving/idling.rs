//! When idleness takes memory from a model, and what first. Pure: times in, a deadline out.

use std::time::{Duration, Instant};

use inkstone_protocol::Released;
use inkstone_settings::Settings;

/// How long a model keeps what it holds after its last use; none keeps it for ever.
#[derive(Debug, Clone, Copy)]
pub(super) struct IdleTimes {
    context: Option<Duration>,
    weights: Option<Duration>,
}

impl IdleTimes {
    pub(super) fn of(settings: &Settings) -> Self {
        let time = |seconds: u32| (seconds > 0).then(|| Duration::from_secs(seconds.into()));
        Self {
            context: time(settings.engine.idle_kv_release_s),
            weights: time(settings.engine.idle_unload_s),
        }
    }

    /// What goes next from a model that was used at `used_at`, and when.
    pub(super) fn next(&self, has_context: bool, used_at: Instant) -> Option<(Instant, Released)> {
        let context = self.context.filter(|_| has_context);
        let context = context.map(|time| (used_at + time, Released::Context));
        let weights = self.weights.map(|time| (used_at + time, Released::Weights));
        match (context, weights) {
            // In the same moment everything goes at once.
            (Some(context), Some(weights)) if weights.0 <= context.0 => Some(weights),
            (context, weights) => context.or(weights),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(context_s: u32, weights_s: u32) -> IdleTimes {
        let mut settings = Settings::default();
        settings.engine.idle_kv_release_s = context_s;
        settings.engine.idle_unload_s = weights_s;
        IdleTimes::of(&settings)
    }

    /// What goes next with and without a context, and after how many seconds.
    fn check(times: IdleTimes, with: Option<(u64, Released)>, without: Option<(u64, Released)>) {
        let used_at = Instant::now();
        let next = |has_context| {
            let next = times.next(has_context, used_at);
            next.map(|(at, what)| ((at - used_at).as_secs(), what))
        };
        assert_eq!((next(true), next(false)), (with, without), "{times:?}");
    }

    #[test]
    fn the_context_goes_before_the_weights_and_zero_keeps_them() {
        let (context, weights) = (Released::Context, Released::Weights);
        check(times(300, 900), Some((300, context)), Some((900, weights)));
        check(times(0, 900), Some((900, weights)), Some((900, weights)));
        check(times(300, 0), Some((300, context)), None);
        check(times(0, 0), None, None);
    }

    #[test]
    fn weights_that_go_first_take_the_context_with_them() {
        let weights = Some((60, Released::Weights));
        check(times(300, 60), weights, weights);
        check(times(60, 60), weights, weights);
    }
}
