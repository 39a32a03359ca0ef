//! What an adapter looks like: the choices that its files carry.

use std::collections::BTreeSet;

use super::place::{Place, Target};
use crate::error::LoraError;
use crate::model::hyperparameters::Hyperparameters;

/// Ranks above give a small model more to learn by heart than a writer's corpus has.
pub const RANK_MAX: usize = 256;

/// How what an adapter adds is scaled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scaling {
    /// `alpha / rank`.
    Plain,
    /// `alpha / √rank`, which learns alike at every rank (rsLoRA, Kalajdzievski 2023).
    RankStabilized,
}

/// The shape of an adapter.
#[derive(Debug, Clone, PartialEq)]
pub struct LoraConfig {
    /// Rank of A and B.
    pub rank: usize,
    /// Strength of what it adds.
    pub alpha: f32,
    /// How the strength counts.
    pub scaling: Scaling,
    /// Whether the norm of each row is trained apart from its direction (DoRA, Liu et al. 2024):
    /// said to learn more at low ranks, for up to half as long again; only PEFT loads it.
    pub has_magnitudes: bool,
    /// Share of inputs that are left out while training.
    pub dropout: f32,
    /// Maps that have an adapter.
    pub targets: BTreeSet<Target>,
    /// The first block that has one; those before stay as they are and cost no backward pass.
    pub first_block: usize,
}

impl LoraConfig {
    /// Checks that it can be trained.
    pub fn check(&self) -> Result<(), LoraError> {
        let setting = |what, found: String, remedy: &str| {
            Err(LoraError::Setting {
                what,
                found,
                remedy: remedy.to_owned(),
            })
        };
        if self.rank == 0 || self.rank > RANK_MAX {
            let remedy = format!("choose 1 to {RANK_MAX}");
            return setting("the rank", self.rank.to_string(), &remedy);
        }
        if !(self.alpha.is_finite() && self.alpha > 0.0) {
            return setting("alpha", self.alpha.to_string(), "choose a number above 0");
        }
        if !(0.0..1.0).contains(&self.dropout) {
            return setting(
                "dropout",
                self.dropout.to_string(),
                "choose at least 0 and less than 1",
            );
        }
        if self.targets.is_empty() {
            return setting("the list of maps", "empty".to_owned(), "name at least one");
        }
        Ok(())
    }

    /// Checks that it can be trained on this model.
    pub fn check_in(&self, model: &Hyperparameters) -> Result<(), LoraError> {
        self.check()?;
        if self.first_block < model.layers.len() {
            return Ok(());
        }
        Err(LoraError::Setting {
            what: "the first block",
            found: self.first_block.to_string(),
            remedy: format!("choose 0 to {}", model.layers.len().saturating_sub(1)),
        })
    }

    /// The maps of a model that have an adapter, in order.
    pub(crate) fn places(&self, model: &Hyperparameters) -> impl Iterator<Item = Place> {
        let blocks = self.first_block..model.layers.len();
        blocks.flat_map(|block| {
            let targets = self.targets.iter();
            targets.map(move |&target| Place { block, target })
        })
    }

    /// What the product of A and B is multiplied with.
    pub fn scale(&self) -> f32 {
        match self.scaling {
            Scaling::Plain => self.alpha / self.rank as f32,
            Scaling::RankStabilized => self.alpha / (self.rank as f32).sqrt(),
        }
    }
}

impl Default for LoraConfig {
    /// Rank 8 with alpha 16 on every map of every block.
    fn default() -> Self {
        Self {
            rank: 8,
            alpha: 16.0,
            scaling: Scaling::Plain,
            has_magnitudes: false,
            dropout: 0.0,
            targets: Target::ALL.into(),
            first_block: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_trained_is_refused_with_what_can() {
        let good = LoraConfig::default();
        good.check().unwrap();
        let refused = |change: fn(&mut LoraConfig)| {
            let mut config = good.clone();
            change(&mut config);
            config.check().unwrap_err().to_string()
        };
        assert!(refused(|c| c.rank = 0).contains("choose 1 to 256"));
        assert!(refused(|c| c.rank = 1_000).contains("1000"));
        assert!(refused(|c| c.alpha = f32::NAN).contains("NaN"));
        assert!(refused(|c| c.dropout = 1.0).contains("less than 1"));
        assert!(refused(|c| c.targets.clear()).contains("at least one"));
    }

    #[test]
    fn the_scale_counts_the_rank_or_its_root() {
        let mut config = LoraConfig {
            rank: 16,
            ..LoraConfig::default()
        };
        assert_eq!(config.scale(), 1.0);
        config.scaling = Scaling::RankStabilized;
        assert_eq!(config.scale(), 4.0);
    }
}
