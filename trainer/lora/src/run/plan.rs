//! How a step is computed within a memory budget: how many tokens at a time, what is kept of each
//! block, and how many weights are held as 32-bit floats.
//!
//! An estimate from the shapes of what a pass holds at its peak, held to what passes really take
//! (`tests/planning.rs`). The caller measures what the machine has to spare, and splits each step's
//! texts accordingly.

use crate::adapter::config::LoraConfig;
use crate::adapter::place::Target;
use crate::adapter::weights::shape;
use crate::error::LoraError;
use crate::model::hyperparameters::Hyperparameters;
use crate::model::weight_file::VOCABULARY_BLOCK_ELEMENTS;
use crate::ops::attention::WEIGHTS_AT_ONCE_MAX;
use crate::pass::gradient::Keep;
use crate::pass::loss::POWERS_BYTES_MAX;
use crate::pass::packed::PASS_TOKENS_MAX;

/// Bytes of a 32-bit float.
const FLOAT_BYTES: u64 = 4;
/// Tokens of a pass below which it is cheaper to compute blocks again than to cut a step smaller:
/// turning weights into floats takes the time of some fifty tokens, three times a pass.
const TOKENS_KEPT_MIN: usize = 256;
/// Tokens of a pass at least: texts are cut to them, and a shorter one teaches little.
const TOKENS_MIN: usize = 64;
/// What a program takes beside tensors, and what the allocator does not give back.
const PROGRAM_BYTES: u64 = 32 << 20;
/// Copies of the adapter's size that stay: weights and two memories of the optimizer, now and at the
/// best state.
const STATE_COPIES: u64 = 6;
/// And for the moment: gradients of a pass and their sum.
const PASS_COPIES: u64 = 2;
/// Between passes: a checkpoint's parts as bytes, and the file.
const CHECKPOINT_COPIES: u64 = 12;

/// What there is, and what is wished.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Bytes that the training may take, weights included.
    pub bytes: u64,
    /// Bytes of the model's tensors in their file.
    pub weight_bytes: u64,
    /// Tokens of a step.
    pub step_tokens: usize,
}

/// How a step is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// Tokens of a pass at most.
    pub micro_batch_tokens: usize,
    /// Passes of a step.
    pub micro_batches: usize,
    /// What is kept between the two ways through the model.
    pub keep: Keep,
    /// Bytes to spend on weights in 32-bit floats, for [`crate::Decoder::read`].
    pub plain_bytes: u64,
    /// Bytes that the training takes at its peak.
    pub bytes: u64,
}

/// Plans a step: as few passes as fit, keeping what makes them fast while they are long enough, and
/// weights as floats with what is left. More memory never makes a plan that is slower.
pub fn plan(
    model: &Hyperparameters,
    lora: &LoraConfig,
    budget: &Budget,
) -> Result<Plan, LoraError> {
    lora.check_in(model)?;
    if budget.step_tokens < 2 {
        return Err(LoraError::Setting {
            what: "the tokens of a step",
            found: budget.step_tokens.to_string(),
            remedy: format!("choose {TOKENS_MIN} or more"),
        });
    }
    let mut least = u64::MAX;
    for (keep, tokens_min) in [
        (Keep::Everything, TOKENS_KEPT_MIN),
        (Keep::Inputs, TOKENS_MIN),
    ] {
        for micro_batches in 1..=budget.step_tokens.div_ceil(tokens_min) {
            let tokens = budget.step_tokens.div_ceil(micro_batches);
            if tokens > PASS_TOKENS_MAX {
                continue;
            }
            let needed = training_bytes(model, lora, keep, tokens, budget.weight_bytes);
            least = least.min(needed);
            if needed > budget.bytes {
                continue;
            }
            let plain = (budget.bytes - needed).min(plain_bytes_max(model));
            return Ok(Plan {
                micro_batch_tokens: tokens,
                micro_batches,
                keep,
                plain_bytes: plain,
                bytes: needed + plain,
            });
        }
    }
    Err(LoraError::Setting {
        what: "the memory that training may use, in MiB",
        found: (budget.bytes >> 20).to_string(),
        remedy: format!(
            "allow {} MiB, or pick a smaller model, a lower rank or fewer tokens a step",
            (least >> 20) + 1
        ),
    })
}

/// Bytes of a training at its peak, with quantized weights alone.
fn training_bytes(
    model: &Hyperparameters,
    lora: &LoraConfig,
    keep: Keep,
    tokens: usize,
    weight_bytes: u64,
) -> u64 {
    let adapter = adapter_bytes(model, lora);
    let pass = pass_bytes(model, lora, keep, tokens).saturating_add(adapter * PASS_COPIES);
    let fixed = weight_bytes.saturating_add(PROGRAM_BYTES + adapter * STATE_COPIES);
    fixed.saturating_add(pass.max(adapter * CHECKPOINT_COPIES))
}

/// Bytes of an adapter.
pub fn adapter_bytes(model: &Hyperparameters, lora: &LoraConfig) -> u64 {
    let numbers = lora.places(model).map(|place| {
        let (outputs, inputs) = shape(place.target, model);
        let magnitudes = if lora.has_magnitudes { outputs } else { 0 };
        (outputs + inputs) as u64 * lora.rank as u64 + magnitudes as u64
    });
    numbers.sum::<u64>() * FLOAT_BYTES
}

/// Bytes that all matrices of layers take as 32-bit floats.
fn plain_bytes_max(model: &Hyperparameters) -> u64 {
    let numbers = Target::ALL.map(|target| {
        let (outputs, inputs) = shape(target, model);
        outputs as u64 * inputs as u64
    });
    numbers.iter().sum::<u64>() * model.layers.len() as u64 * FLOAT_BYTES
}

/// Bytes that a pass with gradients takes at its peak, beside weights and adapter: what is kept of
/// all blocks, and either the loss or one block on the way back.
pub fn pass_bytes(model: &Hyperparameters, lora: &LoraConfig, keep: Keep, tokens: usize) -> u64 {
    let count = tokens as u64;
    let (width, inner) = (model.width as u64, model.feed_forward_width as u64);
    let (query, key) = (model.query_width() as u64, model.key_width() as u64);
    let mut of_block = 2 * width + 2 * query + 2 * key + 2 * inner;
    if model.architecture.norms_heads() {
        of_block += query + key;
    }
    if model.architecture.norms_after() {
        of_block += 2 * width;
    }
    let blocks = (model.layers.len() - lora.first_block.min(model.layers.len())) as u64;
    let kept = match keep {
        Keep::Everything => blocks * of_block,
        Keep::Inputs => blocks * width,
    };
    let again = match keep {
        Keep::Everything => 0,
        Keep::Inputs => of_block,
    };
    // Gradients of both halves of the feed-forward layer, their product and its gradient.
    let on_the_way = 4 * inner + 8 * width;
    let backward = count * (again + on_the_way) + attention_numbers(model, tokens);
    let matrices = Target::ALL.map(|target| {
        let (outputs, inputs) = shape(target, model);
        outputs as u64 * inputs as u64
    });
    let matrix = matrices.into_iter().max().unwrap_or(0);
    let peak = (backward + matrix).max(loss_numbers(model, tokens));
    (count * kept + peak).saturating_mul(FLOAT_BYTES)
}

/// Numbers of attention's weights, scores and gradients that are held at once.
fn attention_numbers(model: &Hyperparameters, tokens: usize) -> u64 {
    let of_text = tokens.min(model.context_tokens) as u64;
    let all = model.heads as u64 * of_text.saturating_mul(of_text);
    3 * all.min(WEIGHTS_AT_ONCE_MAX as u64)
}

/// Numbers of the vocabulary's part: powers of all tokens, logits and gradients of a block of them.
/// Of texts that are distilled two distributions are held, of as many fewer rows where the bound binds.
fn loss_numbers(model: &Hyperparameters, tokens: usize) -> u64 {
    let vocabulary = model.vocabulary_tokens as u64;
    let block = (VOCABULARY_BLOCK_ELEMENTS / model.width).clamp(1, model.vocabulary_tokens) as u64;
    let with_distributions = |distributions: u64| {
        let rows = POWERS_BYTES_MAX / (distributions * vocabulary * FLOAT_BYTES);
        let rows = rows.clamp(1, tokens as u64);
        let slopes = u64::from(model.logit_soft_cap.is_some());
        rows * (distributions + slopes) * vocabulary + 2 * rows * block
    };
    with_distributions(1).max(with_distributions(2))
        + VOCABULARY_BLOCK_ELEMENTS as u64
        + 4 * tokens as u64 * model.width as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::hyperparameters::{Architecture, LayerView, Rotation};

    /// The numbers of `SmolLM2` 135M.
    fn model() -> Hyperparameters {
        let view = LayerView {
            rotation: Rotation {
                base: 1e5,
                position_scale: 1.0,
            },
            window_tokens: None,
        };
        Hyperparameters {
            architecture: Architecture::Llama,
            context_tokens: 8_192,
            width: 576,
            feed_forward_width: 1_536,
            heads: 9,
            kv_heads: 3,
            head_width: 64,
            vocabulary_tokens: 49_152,
            norm_epsilon: 1e-5,
            attention_scale: 0.125,
            embedding_scale: 1.0,
            logit_soft_cap: None,
            layers: vec![view; 30],
        }
    }

    fn budget(mib: u64, step_tokens: usize) -> Budget {
        Budget {
            bytes: mib << 20,
            weight_bytes: 98 << 20,
            step_tokens,
        }
    }

    #[test]
    fn a_plan_fits_and_more_memory_never_makes_a_slower_one() {
        let (model, lora) = (model(), LoraConfig::default());
        for step_tokens in [64, 300, 512, 2_048, 10_000] {
            let mut before: Option<Plan> = None;
            for mib in (0..4_000).step_by(10) {
                let Ok(plan) = plan(&model, &lora, &budget(mib, step_tokens)) else {
                    assert!(before.is_none(), "{mib}: more memory is refused");
                    continue;
                };
                assert!(plan.bytes <= mib << 20, "{plan:?} in {mib} MiB");
                assert!(plan.micro_batch_tokens * plan.micro_batches >= step_tokens);
                assert!(
                    plan.micro_batch_tokens >= TOKENS_MIN.min(step_tokens) / 2,
                    "{plan:?}"
                );
                if let Some(before) = before {
                    let again = |plan: &Plan| plan.keep == Keep::Inputs;
                    let same = again(&plan) == again(&before);
                    assert!(again(&before) || !again(&plan), "{before:?}, then {plan:?}");
                    assert!(!same || plan.micro_batches <= before.micro_batches);
                    let same = same && plan.micro_batches == before.micro_batches;
                    assert!(!same || plan.plain_bytes >= before.plain_bytes);
                }
                before = Some(plan);
            }
            let most = before.unwrap();
            assert_eq!(
                (most.micro_batches, most.keep),
                (1.max(most.micro_batches), Keep::Everything)
            );
        }
    }

    #[test]
    fn memory_grows_with_all_that_is_asked_for() {
        let model = model();
        let bytes = |rank: usize, first_block: usize, keep: Keep, tokens: usize| {
            let lora = LoraConfig {
                rank,
                first_block,
                ..LoraConfig::default()
            };
            training_bytes(&model, &lora, keep, tokens, 98 << 20)
        };
        let least = bytes(4, 20, Keep::Inputs, 128);
        assert!(bytes(8, 20, Keep::Inputs, 128) > least);
        assert!(bytes(4, 10, Keep::Inputs, 128) > least);
        assert!(bytes(4, 20, Keep::Everything, 128) > least);
        assert!(bytes(4, 20, Keep::Inputs, 129) > least);
        let whole = plain_bytes_max(&model);
        assert_eq!(
            whole,
            30 * 4 * (2 * 576 * 576 + 2 * 576 * 192 + 3 * 576 * 1_536)
        );
    }

    #[test]
    fn too_little_memory_is_refused_with_what_is_enough() {
        let (model, lora) = (model(), LoraConfig::default());
        let error = plan(&model, &lora, &budget(100, 512))
            .unwrap_err()
            .to_string();
        let needed = error
            .split("allow ")
            .nth(1)
            .and_then(|rest| rest.split(' ').next());
        let needed: u64 = needed.unwrap().parse().unwrap();
        let plan = plan(&model, &lora, &budget(needed, 512)).unwrap();
        assert!(
            plan.micro_batch_tokens <= 256 && plan.keep == Keep::Inputs,
            "{plan:?}"
        );
        let error = super::plan(&model, &lora, &budget(1_000, 1)).unwrap_err();
        assert!(error.to_string().contains("64 or more"), "{error}");
    }
}
