//! From the settings to the numbers of one training: what they leave to us is chosen here, by what
//! there is to learn and the memory there is. Pure.
//!
//! Chosen once, when a training begins, and kept with its checkpoints: one that goes on in a day must
//! not choose otherwise because the machine has less memory then.

use std::collections::BTreeSet;

use inkstone_lora::{
    Budget, Decay, GuardConfig, Hyperparameters, Keep, LoraConfig, LoraError, OptimizerConfig,
    RunConfig, Scaling, Schedule, Target, TrainingConfig, plan,
};
use inkstone_settings::{DecayChoice, OptimizerChoice, TRAIN_TARGETS, Train};
use serde::{Deserialize, Serialize};

use super::batches::BatchMeasures;

/// The learning rate of plain descent, whose steps are as long as gradients are; AdamW's follows from
/// the model.
const SGD_RATE: f64 = 0.1;
const SGD_MOMENTUM: f64 = 0.9;
/// The share of free memory that a training takes unless it is told.
const FREE_SHARE: u64 = 2;
/// What it has where the system does not say what is free.
const MEMORY_BYTES_DEFAULT: u64 = 2 << 30;

/// What there is.
#[derive(Debug, Clone, Copy)]
pub struct Given<'a> {
    /// Tokens to learn from, generic prose not counted.
    pub own_tokens: u64,
    /// The model.
    pub model: &'a Hyperparameters,
    /// Memory that can be had; none where the system does not say.
    pub free_bytes: Option<u64>,
    /// Bytes of the model's file, which is held whole.
    pub model_bytes: u64,
}

/// The numbers of a training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Chosen {
    /// Rank of A and B.
    pub rank: usize,
    /// Strength of what the adapter adds.
    pub alpha: u32,
    /// Over the root of the rank.
    pub rslora: bool,
    /// Share of inputs left out.
    #[serde(with = "exact")]
    pub dropout: f64,
    /// Maps, by the words of the settings.
    pub targets: BTreeSet<String>,
    /// Plain descent with momentum instead of AdamW.
    pub sgd: bool,
    /// The highest learning rate.
    #[serde(with = "exact")]
    pub rate: f64,
    /// How it falls, by the words of the settings.
    pub decay: String,
    /// Steps in which it rises.
    pub warm_up_steps: u64,
    /// Steps in all.
    pub steps: u64,
    /// Tokens of a step.
    pub step_tokens: usize,
    /// Tokens that go through the model at once.
    pub pass_tokens: usize,
    /// Tokens of a passage.
    pub sequence_tokens: usize,
    /// Steps between two evaluations.
    pub evaluate_every: u64,
    /// Evaluations without a gain that are waited for.
    pub patience: u64,
    /// Steps between two checkpoints.
    pub checkpoint_every: u64,
    /// What everything random follows from.
    pub seed: u64,
    /// Per cent of a step's tokens that are generic.
    pub replay_percent: u32,
    /// Whether blocks are computed again on the way back instead of being kept.
    pub recompute: bool,
    /// Bytes that may be spent on weights as plain numbers.
    pub plain_bytes: u64,
}

impl Chosen {
    /// By the settings and what there is; an error where the memory is too little for any way to
    /// compute.
    pub fn of(settings: &Train, given: Given<'_>) -> Result<Self, LoraError> {
        let step_tokens = settings.tokens_per_step as usize;
        let sequence_tokens = (settings.sequence_tokens as usize).min(given.model.context_tokens);
        let replay = u64::from(settings.replay_percent.min(99));
        let tokens = given.own_tokens.saturating_mul(100) / (100 - replay);
        let (keep, seed) = (Keep::Everything, u64::from(settings.seed));
        let per_step = Some(u64::from(settings.tokens_per_step));
        let automatic = RunConfig::automatic(tokens, given.model, keep, per_step, seed);
        let lora = &automatic.training.lora;
        let schedule = &automatic.training.schedule;
        let sgd = settings.optimizer == OptimizerChoice::Sgd;
        let steps = or(settings.steps, schedule.steps);
        let rank = or(settings.rank, lora.rank as u64);
        let warm_up = u64::try_from(settings.warm_up_steps).unwrap_or(steps / 20);
        let mut chosen = Self {
            rank: usize::try_from(rank).unwrap_or(lora.rank),
            alpha: u32::try_from(or(settings.alpha, rank * 2)).unwrap_or(u32::MAX),
            rslora: settings.rslora,
            dropout: settings.dropout,
            targets: settings.targets.iter().cloned().collect(),
            sgd,
            rate: match settings.rate {
                rate if rate > 0.0 => rate,
                _ if sgd => SGD_RATE,
                _ => schedule.peak_rate,
            },
            decay: settings.decay.word().to_owned(),
            warm_up_steps: warm_up.min(steps.saturating_sub(1)),
            steps,
            step_tokens,
            pass_tokens: step_tokens,
            sequence_tokens,
            evaluate_every: or(settings.evaluate_every_steps, (steps / 12).max(5)),
            patience: u64::from(settings.patience),
            checkpoint_every: u64::from(settings.checkpoint_every_steps),
            seed,
            replay_percent: settings.replay_percent,
            recompute: false,
            plain_bytes: 0,
        };
        let plan = plan(given.model, &chosen.lora(), &chosen.budget(settings, given))?;
        chosen.pass_tokens = plan.micro_batch_tokens;
        chosen.sequence_tokens = sequence_tokens.min(plan.micro_batch_tokens);
        chosen.recompute = plan.keep == Keep::Inputs;
        chosen.plain_bytes = plan.plain_bytes;
        Ok(chosen)
    }

    fn budget(&self, settings: &Train, given: Given<'_>) -> Budget {
        Budget {
            bytes: match (settings.memory_mb_max, given.free_bytes) {
                (0, Some(free)) => free / FREE_SHARE,
                (0, None) => MEMORY_BYTES_DEFAULT,
                (mebibytes, _) => u64::from(mebibytes) << 20,
            },
            weight_bytes: given.model_bytes,
            // One passage goes through at once, however small a step is.
            step_tokens: self.step_tokens.max(self.sequence_tokens),
        }
    }

    /// How batches are put together.
    pub fn batch_measures(&self) -> BatchMeasures {
        BatchMeasures {
            step_tokens_max: self.step_tokens,
            pass_tokens_max: self.pass_tokens,
            replay_percent: self.replay_percent,
        }
    }

    /// The same for the one who trains.
    pub fn run_config(&self) -> RunConfig {
        let optimizer = if self.sgd {
            OptimizerConfig::Sgd {
                momentum: SGD_MOMENTUM,
                weight_decay: 0.0,
            }
        } else {
            OptimizerConfig::ADAM_W
        };
        RunConfig {
            training: TrainingConfig {
                lora: self.lora(),
                optimizer,
                schedule: Schedule {
                    peak_rate: self.rate,
                    warm_up_steps: self.warm_up_steps,
                    steps: self.steps,
                    decay: match DecayChoice::from_word(&self.decay) {
                        Some(DecayChoice::Linear) => Decay::Linear,
                        Some(DecayChoice::Constant) => Decay::Constant,
                        Some(DecayChoice::Cosine) | None => Decay::Cosine,
                    },
                },
                gradient_norm_max: 1.0,
                keep: if self.recompute {
                    Keep::Inputs
                } else {
                    Keep::Everything
                },
                seed: self.seed,
            },
            evaluate_every: self.evaluate_every,
            patience: self.patience,
            gain_min: 1e-3,
            checkpoint_every: self.checkpoint_every,
            guard: GuardConfig::default(),
        }
    }

    /// The shape of the adapter.
    pub fn lora(&self) -> LoraConfig {
        let named = TRAIN_TARGETS.iter().zip(Target::ALL);
        let named = named.filter(|(word, _)| self.targets.contains(**word));
        LoraConfig {
            rank: self.rank,
            alpha: self.alpha as f32,
            scaling: if self.rslora {
                Scaling::RankStabilized
            } else {
                Scaling::Plain
            },
            dropout: narrowed(self.dropout),
            targets: named.map(|(_, target)| target).collect(),
            ..LoraConfig::default()
        }
    }
}

#[allow(
    clippy::cast_possible_truncation,
    reason = "a share of inputs needs no more digits"
)]
fn narrowed(share: f64) -> f32 {
    share as f32
}

/// What is set, or where that is 0 what is chosen.
fn or(set: u32, chosen: u64) -> u64 {
    if set == 0 { chosen } else { u64::from(set) }
}

/// A number as its shortest exact text: what JSON's readers make of a number may differ in the last
/// bit, and a training that goes on must be the same to the bit.
mod exact {
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    #[allow(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde passes a reference"
    )]
    pub(super) fn serialize<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use inkstone_gguf::Gguf;
    use inkstone_test_support::TinyDecoder;

    use super::*;

    fn model() -> Hyperparameters {
        let bytes = TinyDecoder::new("llama").bytes();
        let gguf = Gguf::read(&mut &bytes[..], bytes.len() as u64).unwrap();
        Hyperparameters::from_gguf(&gguf).unwrap()
    }

    fn chosen(change: fn(&mut Train), own_tokens: u64, free_bytes: Option<u64>) -> Chosen {
        let mut settings = Train::default();
        change(&mut settings);
        let given = Given {
            own_tokens,
            model: &model(),
            free_bytes,
            model_bytes: 1_000,
        };
        Chosen::of(&settings, given).unwrap()
    }

    #[test]
    fn what_is_left_to_us_follows_from_what_there_is_to_learn() {
        let (small, large) = (chosen(|_| (), 5_000, None), chosen(|_| (), 2_000_000, None));
        assert!(small.steps < large.steps && small.rank < large.rank);
        assert_eq!(small.alpha as usize, small.rank * 2);
        assert!(small.run_config().check().is_ok() && large.run_config().check().is_ok());
        let without = chosen(|s| s.replay_percent = 0, 5_000, None);
        assert!(without.steps < small.steps, "generic prose takes steps too");
    }

    #[test]
    fn what_the_settings_say_is_taken() {
        let set = chosen(
            |s| {
                s.rank = 4;
                s.rate = 0.01;
                s.steps = 7;
                s.warm_up_steps = 50;
                s.optimizer = OptimizerChoice::Sgd;
                s.targets = vec!["q".to_owned(), "down".to_owned()];
                s.decay = DecayChoice::Constant;
            },
            5_000,
            None,
        );
        let config = set.run_config();
        assert_eq!((set.steps, set.warm_up_steps, set.rank), (7, 6, 4));
        assert_eq!(config.training.schedule.decay, Decay::Constant);
        assert_eq!(
            config.training.lora.targets,
            [Target::Query, Target::Down].into()
        );
        assert!(matches!(
            config.training.optimizer,
            OptimizerConfig::Sgd { .. }
        ));
        assert!(config.check().is_ok());
    }

    #[test]
    fn with_little_memory_passes_are_smaller_and_with_next_to_none_it_is_said_what_is_needed() {
        let plenty = chosen(|_| (), 5_000, Some(8 << 30));
        assert_eq!(plenty.pass_tokens, plenty.step_tokens);
        assert!(plenty.plain_bytes > 0);
        let settings = Train {
            memory_mb_max: 1,
            ..Train::default()
        };
        let given = Given {
            own_tokens: 5_000,
            model: &model(),
            free_bytes: Some(8 << 30),
            model_bytes: 1_000,
        };
        let refused = Chosen::of(&settings, given).unwrap_err().to_string();
        assert!(refused.contains("MiB"), "{refused}");
    }

    #[test]
    fn numbers_are_kept_to_the_bit() {
        let mut some = chosen(|_| (), 5_000, None);
        some.rate = 0.1 + 0.2;
        some.dropout = 1.0 / 3.0;
        let json = serde_json::to_string(&some).unwrap();
        let read: Chosen = serde_json::from_str(&json).unwrap();
        assert_eq!(read.rate.to_bits(), some.rate.to_bits());
        assert_eq!(read, some);
    }
}
