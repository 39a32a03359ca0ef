//! The learning rate of each step: a warm-up, then a fall to nothing or none.

use crate::error::LoraError;

/// How the rate goes on after the warm-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decay {
    /// Down along half a cosine.
    Cosine,
    /// Down along a line.
    Linear,
    /// Not at all.
    Constant,
}

/// Learning rates by step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Schedule {
    /// The highest rate.
    pub peak_rate: f64,
    /// Steps until it is reached.
    pub warm_up_steps: u64,
    /// Steps in all; the rate is 0 from there on, but for [`Decay::Constant`].
    pub steps: u64,
    /// What comes after the warm-up.
    pub decay: Decay,
}

impl Schedule {
    /// Checks that it leads anywhere.
    pub fn check(&self) -> Result<(), LoraError> {
        let refuse = |what, found: String, remedy: &str| {
            Err(LoraError::Setting {
                what,
                found,
                remedy: remedy.to_owned(),
            })
        };
        if !(self.peak_rate.is_finite() && self.peak_rate > 0.0) {
            let found = self.peak_rate.to_string();
            return refuse("the learning rate", found, "choose a number above 0");
        }
        if self.warm_up_steps >= self.steps {
            let found = self.warm_up_steps.to_string();
            let remedy = format!("choose less than all {} steps", self.steps);
            return refuse("the warm-up", found, &remedy);
        }
        Ok(())
    }

    /// The rate of a step, from 0. The first is not 0, which would be a step for nothing.
    pub fn rate(&self, step: u64) -> f64 {
        if step < self.warm_up_steps {
            return self.peak_rate * (step + 1) as f64 / (self.warm_up_steps + 1) as f64;
        }
        let falling = self.steps.saturating_sub(self.warm_up_steps).max(1);
        let done = (step - self.warm_up_steps) as f64 / falling as f64;
        let done = done.min(1.0);
        self.peak_rate
            * match self.decay {
                Decay::Cosine => f64::midpoint(1.0, (std::f64::consts::PI * done).cos()),
                Decay::Linear => 1.0 - done,
                Decay::Constant => 1.0,
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(decay: Decay) -> Schedule {
        Schedule {
            peak_rate: 0.8,
            warm_up_steps: 3,
            steps: 11,
            decay,
        }
    }

    #[test]
    fn rates_rise_to_the_peak_and_fall_as_chosen() {
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} {b}");
        for decay in [Decay::Cosine, Decay::Linear, Decay::Constant] {
            let schedule = schedule(decay);
            schedule.check().unwrap();
            let rates: Vec<f64> = (0..3).map(|step| schedule.rate(step)).collect();
            for (rate, expected) in rates.into_iter().zip([0.2, 0.4, 0.6]) {
                close(rate, expected);
            }
            close(schedule.rate(3), 0.8);
            let (half, end) = match decay {
                Decay::Constant => (0.8, 0.8),
                _ => (0.4, 0.0),
            };
            close(schedule.rate(7), half);
            close(schedule.rate(11), end);
            close(schedule.rate(u64::MAX), end);
        }
        assert!(schedule(Decay::Cosine).rate(5) > schedule(Decay::Linear).rate(5));
    }

    #[test]
    fn a_schedule_that_leads_nowhere_is_refused() {
        let refused = |change: fn(&mut Schedule)| {
            let mut schedule = schedule(Decay::Linear);
            change(&mut schedule);
            schedule.check().unwrap_err().to_string()
        };
        assert!(refused(|s| s.peak_rate = 0.0).contains("above 0"));
        assert!(refused(|s| s.peak_rate = f64::INFINITY).contains("inf"));
        assert!(refused(|s| s.warm_up_steps = 11).contains("less than all 11 steps"));
    }
}
