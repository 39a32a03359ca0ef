//! What a run is told: how it trains, when it looks at held-out texts, when it ends. Where values
//! come from that nobody set is in [`super::automatic`]; the trainer maps its settings to these.

use super::guard::GuardConfig;
use crate::error::LoraError;
use crate::train::training::TrainingConfig;

/// How a run goes.
#[derive(Debug, Clone, PartialEq)]
pub struct RunConfig {
    /// How the adapter is trained.
    pub training: TrainingConfig,
    /// Steps between two looks at the held-out texts.
    pub evaluate_every: u64,
    /// Evaluations without a gain after which a run ends.
    pub patience: u64,
    /// Nats per token by which the held-out loss has to fall to count as a gain.
    pub gain_min: f64,
    /// Steps between two checkpoints; 0 for none.
    pub checkpoint_every: u64,
    /// What shows that it runs away, and what is done then.
    pub guard: GuardConfig,
}

impl RunConfig {
    /// Checks every number of it.
    pub fn check(&self) -> Result<(), LoraError> {
        self.training.check()?;
        self.guard.check()?;
        for (what, found) in [
            ("steps between evaluations", self.evaluate_every),
            ("the patience", self.patience),
        ] {
            if found == 0 {
                return Err(LoraError::Setting {
                    what,
                    found: found.to_string(),
                    remedy: "choose 1 or more".to_owned(),
                });
            }
        }
        if self.gain_min.is_finite() && self.gain_min >= 0.0 {
            return Ok(());
        }
        Err(LoraError::Setting {
            what: "the least gain",
            found: self.gain_min.to_string(),
            remedy: "choose 0 or more".to_owned(),
        })
    }
}
