//! Values for whoever sets none, each with its reason, from how much there is to learn from and what
//! learns.
//!
//! They are where a run begins; early stopping, the divergence guard and the gate see to it that a
//! value that does not suit a corpus costs time and no harm.

use super::config::RunConfig;
use super::guard::GuardConfig;
use crate::adapter::config::{LoraConfig, Scaling};
use crate::adapter::place::Target;
use crate::model::hyperparameters::{Architecture, Hyperparameters};
use crate::pass::gradient::Keep;
use crate::train::optimizer::OptimizerConfig;
use crate::train::schedule::{Decay, Schedule};
use crate::train::training::TrainingConfig;

/// Tokens of a step: small steps learn most from each token, and below about this many the time goes
/// into turning quantized weights into floats.
pub const STEP_TOKENS: u64 = 512;
/// Tokens that a run sees, where the corpus is smaller: what the reference of 300 steps saw.
const RUN_TOKENS: u64 = 150_000;
/// And at most, where it is larger: an evening on two cores.
const RUN_TOKENS_MAX: u64 = 1_500_000;
/// How often a run sees a text at most: up to about four times it teaches nearly what a new one
/// would (Muennighoff 2023).
const EPOCHS_MAX: u64 = 4;
/// Steps of a run at least, so that a schedule has a shape.
const STEPS_MIN: u64 = 20;
/// The width and the rate that rates of llama-like models are scaled from, and by which power
/// (Schulman 2025, who measured adapters of fourteen models): the best rate of an adapter is some ten
/// times that of full training, hardly depends on the rank, and falls with the width.
const RATE: f64 = 5e-4;
const RATE_WIDTH: f64 = 2_000.0;
const LLAMA_POWER: f64 = 0.775;
/// Of other families: nearly not at all.
const OTHER_POWER: f64 = 0.077_5;
/// Rates that no model is trained with by itself.
const RATE_MIN: f64 = 1e-4;
const RATE_MAX: f64 = 1.5e-3;

impl RunConfig {
    /// Values for `tokens` of training text.
    ///
    /// - **Rank**: 4 below 20,000 tokens, 8 below 200,000, 16 above: what an adapter can hold by
    ///   heart grows with it, and a small corpus has little else to give it.
    /// - **Alpha**: twice the rank, so that the rate need not change with it. Plain scaling.
    /// - **Maps**: all of all blocks. Attention alone learns clearly less at the same size (Schulman
    ///   2025); with the upper half of the blocks alone a step took four fifths of the time, and the
    ///   loss fell by 2.3 % where all made it fall by 3.6 %.
    /// - **Dropout**: none. A text is seen four times at most, and it would cost time.
    /// - **Rate**: by family and width, see [`Self::automatic_rate`]; on 15,000 tokens of Twain
    ///   `SmolLM2`'s held-out loss fell by 5.6 % with it and by 3.8 % at 3e-4 (`examples/curve.rs`).
    ///   AdamW, whose steps do not depend on how long gradients are. Gradients are bounded at 1, no
    ///   weight decay: B begins at zero and has nowhere to decay from.
    /// - **Steps**: 150,000 tokens, each text four times at most, at most 1,500,000; at
    ///   [`STEP_TOKENS`] a step unless `step_tokens` says otherwise.
    /// - **Warm-up**: a twentieth of the steps: the optimizer's means need some twenty steps to be
    ///   any good, and later ones are too dear to be taken slowly. Then along a cosine, whose slow
    ///   end is what held-out losses gain most by.
    /// - **Evaluations**: twelve in a run, at least five steps apart; patience three of them, since a
    ///   held-out loss wavers; a gain is a thousandth of a nat.
    /// - **Checkpoints**: every twenty steps, about a minute of work.
    pub fn automatic(
        tokens: u64,
        model: &Hyperparameters,
        keep: Keep,
        step_tokens: Option<u64>,
        seed: u64,
    ) -> Self {
        let step_tokens = step_tokens.unwrap_or(STEP_TOKENS).max(1);
        let rank = match tokens {
            0..20_000 => 4,
            20_000..200_000 => 8,
            _ => 16,
        };
        let repeated = tokens.saturating_mul(EPOCHS_MAX).min(RUN_TOKENS);
        let in_all = repeated.max(tokens.min(RUN_TOKENS_MAX));
        let steps = in_all.div_ceil(step_tokens).max(STEPS_MIN);
        Self {
            training: TrainingConfig {
                lora: LoraConfig {
                    rank,
                    alpha: 2.0 * rank as f32,
                    scaling: Scaling::Plain,
                    has_magnitudes: false,
                    dropout: 0.0,
                    targets: Target::ALL.into(),
                    first_block: 0,
                },
                optimizer: OptimizerConfig::ADAM_W,
                schedule: Schedule {
                    peak_rate: Self::automatic_rate(model),
                    warm_up_steps: steps / 20,
                    steps,
                    decay: Decay::Cosine,
                },
                gradient_norm_max: 1.0,
                keep,
                seed,
            },
            evaluate_every: (steps / 12).max(5),
            patience: 3,
            gain_min: 1e-3,
            checkpoint_every: 20,
            guard: GuardConfig::default(),
        }
    }

    /// The peak of the learning rate that a model's adapters are trained with unless somebody says
    /// or measures ([`crate::find_rate`]) otherwise.
    pub fn automatic_rate(model: &Hyperparameters) -> f64 {
        let power = match model.architecture {
            Architecture::Llama => LLAMA_POWER,
            Architecture::Qwen2 | Architecture::Qwen3 | Architecture::Gemma3 => OTHER_POWER,
        };
        let rate = RATE * (RATE_WIDTH / model.width as f64).powf(power);
        rate.clamp(RATE_MIN, RATE_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::hyperparameters::{LayerView, Rotation};

    fn model(architecture: Architecture, width: usize) -> Hyperparameters {
        let view = LayerView {
            rotation: Rotation {
                base: 1e5,
                position_scale: 1.0,
            },
            window_tokens: None,
        };
        Hyperparameters {
            architecture,
            context_tokens: 8_192,
            width,
            feed_forward_width: 4 * width,
            heads: 8,
            kv_heads: 4,
            head_width: 64,
            vocabulary_tokens: 49_152,
            norm_epsilon: 1e-5,
            attention_scale: 0.125,
            embedding_scale: 1.0,
            logit_soft_cap: None,
            layers: vec![view; 30],
        }
    }

    fn automatic(tokens: u64) -> RunConfig {
        let model = model(Architecture::Llama, 576);
        RunConfig::automatic(tokens, &model, Keep::Inputs, None, 1)
    }

    #[test]
    fn automatic_values_can_be_trained_with_and_grow_with_the_corpus() {
        let mut before = automatic(0);
        let counts = [
            500,
            3_000,
            19_999,
            60_000,
            150_000,
            400_000,
            5_000_000,
            u64::MAX,
        ];
        for tokens in counts {
            let config = automatic(tokens);
            config.check().unwrap();
            let (now, then) = (&config.training, &before.training);
            assert!(now.lora.rank >= then.lora.rank);
            assert!(now.schedule.steps >= then.schedule.steps);
            assert!(config.evaluate_every * 3 < now.schedule.steps, "{tokens}");
            before = config;
        }
        assert_eq!(
            automatic(10_000).training.schedule.steps,
            79,
            "four times each"
        );
        assert_eq!(automatic(150_000).training.schedule.steps, 293, "once each");
        assert_eq!(before.training.schedule.steps, 2_930);
        assert!((automatic(10_000).training.lora.scale() - 2.0).abs() < 1e-6);
    }

    #[test]
    fn rates_fall_with_the_width_of_llamas_and_hardly_with_that_of_others() {
        let rate = |architecture, width| RunConfig::automatic_rate(&model(architecture, width));
        let (small, large) = (
            rate(Architecture::Llama, 576),
            rate(Architecture::Llama, 2_048),
        );
        assert!((1.2e-3..1.4e-3).contains(&small), "{small}");
        assert!((4.8e-4..5.1e-4).contains(&large), "{large}");
        let gemma = rate(Architecture::Gemma3, 640);
        assert!((5.3e-4..5.6e-4).contains(&gemma), "{gemma}");
        assert!(rate(Architecture::Llama, 16) <= RATE_MAX);
        assert!(rate(Architecture::Llama, 1_000_000) >= RATE_MIN);
    }
}
