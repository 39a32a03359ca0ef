//! From the settings to the numbers of one training: what they leave to us is chosen here, by what
//! there is to learn and the memory there is. Pure.
//!
//! Chosen once, when a training begins, and kept with its checkpoints: one that goes on in a day must
//! not choose otherwise because the machine has less memory then.

use std::collections::BTreeSet;

use inkstone_lora::{
    Decay, GuardConfig, Hyperparameters, Keep, LoraConfig, OptimizerConfig, RunConfig, Scaling,
    Schedule, Target, TrainingConfig,
};
use inkstone_settings::{DecayChoice, OptimizerChoice, TRAIN_TARGETS, Train};
use serde::{Deserialize, Serialize};

use super::batches::BatchMeasures;

/// Tokens of a dataset from which on a rank of 16 has something to learn that one of 8 cannot hold.
const LARGE_TOKENS_MIN: u64 = 500_000;
/// How often a training goes through the dataset. Early stopping ends it before where that is too
/// often.
const EPOCHS: u64 = 3;
/// Fewer steps teach nothing, and more are seldom worth the hours.
const STEPS_MIN: u64 = 60;
const STEPS_MAX: u64 = 600;
/// A warm-up is this part of all steps, and not longer than the steps after it.
const WARM_UP_PART: u64 = 15;
const WARM_UP_STEPS_MAX: u64 = 20;
/// Evaluations in a training.
const EVALUATIONS: u64 = 12;
/// Learning rates that suit adapters of small models: AdamW moves each number by about the rate, plain
/// descent by the gradient times the rate.
const ADAM_W_RATE: f64 = 4e-4;
const SGD_RATE: f64 = 0.1;
const SGD_MOMENTUM: f64 = 0.9;
/// The norm to which gradients are cut.
const GRADIENT_NORM_MAX: f64 = 1.0;
/// Nats for each token by which the held-out loss must fall to be waited for.
const GAIN_MIN: f64 = 1e-3;
/// The share of free memory that a training takes unless it is told.
const FREE_SHARE: u64 = 2;
/// What it has where the system does not say what is free.
const MEMORY_BYTES_DEFAULT: u64 = 2 << 30;
/// Numbers of 32 bits that a block keeps for each token, in units of the model's width: what
/// [`Keep::Everything`] says of itself.
const KEPT_WIDTHS: u64 = 20;

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
    /// By the settings and what there is.
    pub fn of(settings: &Train, given: Given<'_>) -> Self {
        let steps = steps(settings, given.own_tokens);
        let rank = match settings.rank {
            0 if given.own_tokens >= LARGE_TOKENS_MIN => 16,
            0 => 8,
            rank => rank,
        };
        let sgd = settings.optimizer == OptimizerChoice::Sgd;
        let rate = match settings.rate {
            rate if rate > 0.0 => rate,
            _ if sgd => SGD_RATE,
            _ => ADAM_W_RATE,
        };
        let warm_up = u64::try_from(settings.warm_up_steps);
        let warm_up = warm_up.unwrap_or((steps / WARM_UP_PART).min(WARM_UP_STEPS_MAX));
        let every = match settings.evaluate_every_steps {
            0 => (steps / EVALUATIONS).max(1),
            every => u64::from(every),
        };
        let step_tokens = settings.tokens_per_step as usize;
        let sequence_tokens = (settings.sequence_tokens as usize).min(given.model.context_tokens);
        let room = Room::of(settings, given, step_tokens, sequence_tokens);
        Self {
            rank: rank as usize,
            alpha: if settings.alpha == 0 { rank * 2 } else { settings.alpha },
            rslora: settings.rslora,
            dropout: settings.dropout,
            targets: settings.targets.iter().cloned().collect(),
            sgd,
            rate,
            decay: settings.decay.word().to_owned(),
            warm_up_steps: warm_up.min(steps.saturating_sub(1)),
            steps,
            step_tokens,
            pass_tokens: room.pass_tokens,
            sequence_tokens,
            evaluate_every: every,
            patience: u64::from(settings.patience),
            checkpoint_every: u64::from(settings.checkpoint_every_steps),
            seed: u64::from(settings.seed),
            replay_percent: settings.replay_percent,
            recompute: room.recompute,
            plain_bytes: room.plain_bytes,
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
                gradient_norm_max: GRADIENT_NORM_MAX,
                keep: if self.recompute { Keep::Inputs } else { Keep::Everything },
                seed: self.seed,
            },
            evaluate_every: self.evaluate_every,
            patience: self.patience,
            gain_min: GAIN_MIN,
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
            scaling: if self.rslora { Scaling::RankStabilized } else { Scaling::Plain },
            dropout: self.dropout as f32,
            targets: named.map(|(_, target)| target).collect(),
            ..LoraConfig::default()
        }
    }
}

fn steps(settings: &Train, own_tokens: u64) -> u64 {
    if settings.steps > 0 {
        return u64::from(settings.steps);
    }
    let replay = u64::from(settings.replay_percent.min(99));
    let tokens = own_tokens * EPOCHS * 100 / (100 - replay);
    (tokens / u64::from(settings.tokens_per_step)).clamp(STEPS_MIN, STEPS_MAX)
}

/// How the memory is used: first what makes passes cheap, then large passes, then plain weights.
struct Room {
    recompute: bool,
    pass_tokens: usize,
    plain_bytes: u64,
}

impl Room {
    fn of(settings: &Train, given: Given<'_>, step_tokens: usize, sequence_tokens: usize) -> Self {
        let budget = match (settings.memory_mb_max, given.free_bytes) {
            (0, Some(free)) => free / FREE_SHARE,
            (0, None) => MEMORY_BYTES_DEFAULT,
            (mebibytes, _) => u64::from(mebibytes) << 20,
        };
        let left = budget.saturating_sub(given.model_bytes);
        let model = given.model;
        let token_bytes = KEPT_WIDTHS * 4 * (model.width * model.layers.len()) as u64;
        let longest = step_tokens.max(sequence_tokens) as u64;
        let whole = token_bytes.saturating_mul(longest);
        // Half of what is left, since gradients and the loss want the rest.
        if whole <= left / 2 {
            let plain_bytes = (left / 2 - whole).max(left / 4);
            return Self {
                recompute: false,
                pass_tokens: step_tokens,
                plain_bytes,
            };
        }
        // One block's worth of each token, and the inputs of all.
        let token_bytes = 4 * model.width as u64 * (KEPT_WIDTHS + model.layers.len() as u64);
        let fits = usize::try_from(left / 2 / token_bytes.max(1)).unwrap_or(usize::MAX);
        Self {
            recompute: true,
            pass_tokens: fits.clamp(sequence_tokens, step_tokens.max(sequence_tokens)),
            plain_bytes: left / 8,
        }
    }
}

/// A number as its shortest exact text: what JSON's readers make of a number may differ in the last
/// bit, and a training that goes on must be the same to the bit.
mod exact {
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

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
        Chosen::of(&settings, given)
    }

    #[test]
    fn what_is_left_to_us_follows_from_what_there_is_to_learn() {
        let small = chosen(|_| (), 5_000, None);
        assert_eq!((small.steps, small.warm_up_steps), (STEPS_MIN, 4));
        assert_eq!((small.rank, small.alpha, small.evaluate_every), (8, 16, 5));
        let large = chosen(|_| (), 2_000_000, None);
        assert_eq!((large.steps, large.rank, large.alpha), (STEPS_MAX, 16, 32));
        let middle = chosen(|_| (), 60_000, None);
        assert_eq!(middle.steps, 60_000 * 3 * 100 / 80 / 512);
        assert!(middle.run_config().check().is_ok());
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
        assert_eq!(config.training.lora.targets, [Target::Query, Target::Down].into());
        assert!(matches!(config.training.optimizer, OptimizerConfig::Sgd { .. }));
        assert!(config.check().is_ok());
    }

    #[test]
    fn with_little_memory_blocks_are_computed_again() {
        let plenty = chosen(|_| (), 5_000, Some(8 << 30));
        assert!(!plenty.recompute && plenty.plain_bytes > 1 << 30);
        let tight = chosen(|s| s.memory_mb_max = 1, 5_000, Some(8 << 30));
        assert!(tight.recompute && tight.plain_bytes < 1 << 20);
        assert!(tight.pass_tokens <= tight.step_tokens);
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
