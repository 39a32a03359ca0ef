//! Early stopping (Prechelt 1998): a run ends when its held-out loss has not fallen for some
//! evaluations.
//!
//! A loss that creeps down by less than the least gain is not waited for, yet the best weights are
//! those of the least loss, whatever it was waited for.

/// How long nothing was gained.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Stopping {
    /// The loss that the next gain is counted from.
    pub(crate) from: f64,
    /// Evaluations since.
    pub(crate) waited: u64,
}

impl Stopping {
    /// Begins at this loss.
    pub(crate) fn at(loss: f64) -> Self {
        Self {
            from: loss,
            waited: 0,
        }
    }

    /// Takes one evaluation into account.
    pub(crate) fn see(&mut self, loss: f64, gain_min: f64) {
        if loss < self.from - gain_min {
            *self = Self::at(loss);
        } else {
            self.waited = self.waited.saturating_add(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_a_gain_is_waited_for() {
        let mut stopping = Stopping::at(3.0);
        let waited = [2.9, 2.895, 2.892, 2.88, 2.95, 2.879].map(|loss| {
            stopping.see(loss, 0.01);
            stopping.waited
        });
        assert_eq!(waited, [0, 1, 2, 0, 1, 2]);
        stopping.see(f64::NAN, 0.01);
        assert_eq!(stopping.waited, 3, "what is no number is no gain");
    }
}
