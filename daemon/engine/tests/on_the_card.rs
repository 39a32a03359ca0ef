//! A graphics card computes what the processor computes: the same greedy tokens, but where two of
//! them are as likely within rounding.
//!
//! `make test` runs this on Mesa's software driver for Vulkan; without a card it skips.

#![allow(clippy::unwrap_used)] // A test that fails panics.

use std::sync::Arc;

use inkstone_engine::plan::GpuLayers;
use inkstone_engine::{
    Backend, BatchEntry, Context, ContextOptions, Device, KvType, LoadOptions, Model, SequenceId,
    greedy,
};
use inkstone_test_support::gpu::is_wanted_or_skipped;
use inkstone_test_support::test_models;
use inkstone_vocab::TokenId;

/// Greedy steps that are compared, of each text.
const STEPS: usize = 32;
/// How far apart, in nats, two tokens may be of which each computes another as the likeliest. Both
/// round differently: the processor rounds activations to 8 bits for each product, the card computes
/// with 16 or 32.
const ROUNDING_MAX: f32 = 0.5;
/// How far the card's log-probability of any likely token may be from the processor's: at most 0.9
/// was seen. A wrong layer, mask or position moves them by several.
const DISTANCE_MAX: f32 = 2.0;
/// Tokens that count as likely. The unlikely ones of a vocabulary of 49,152 are farther apart, and
/// nobody sees them.
const LIKELY: usize = 8;

fn model(gpu: Option<Device>) -> Arc<Model> {
    let options = LoadOptions {
        context_tokens: 512,
        gpu,
        gpu_layers: GpuLayers::Auto,
        host_free_bytes: 8 << 30,
    };
    let path = test_models().join("smollm2-135m-instruct.gguf");
    Model::load(&path, &options, &mut |_| true).unwrap()
}

fn context(model: &Arc<Model>) -> Context {
    let options = ContextOptions {
        context_tokens: 512,
        sequences: 1,
        outputs: 1,
        batch_tokens: 64,
        threads: 2,
        offload_kv: model.device().is_some(),
        flash_attention: true,
        kv_type: KvType::F16,
    };
    Context::new(model, options).unwrap()
}

/// The logits after `tokens`, which begin at `position`.
fn logits_after(context: &mut Context, position: usize, tokens: &[TokenId]) -> Vec<f32> {
    let entries: Vec<BatchEntry> = tokens
        .iter()
        .enumerate()
        .map(|(index, &token)| BatchEntry {
            token,
            position: u32::try_from(position + index).unwrap(),
            sequence: SequenceId(0),
            wants_logits: index + 1 == tokens.len(),
        })
        .collect();
    context.decode(&entries).unwrap();
    context.logits(entries.len() - 1).unwrap().to_vec()
}

/// The likeliest tokens.
fn likely(logits: &[f32]) -> Vec<usize> {
    let mut tokens: Vec<usize> = (0..logits.len()).collect();
    tokens.sort_unstable_by(|&a, &b| logits[b].total_cmp(&logits[a]));
    tokens.truncate(LIKELY);
    tokens
}

fn logprob(logits: &[f32], token: usize) -> f32 {
    let likeliest = greedy(logits).unwrap();
    logits[token] - logits[likeliest.token.0 as usize] + likeliest.logprob
}

/// How much more likely, in nats, the likeliest token is than `other`.
fn gap(logits: &[f32], other: TokenId) -> f32 {
    let likeliest = greedy(logits).unwrap().token;
    logits[likeliest.0 as usize] - logits[other.0 as usize]
}

/// Continues `text` greedily on the processor and lets the card compute every step of it. Returns
/// how many steps the card would have chosen otherwise.
fn compare(processor: &mut Context, card: &mut Context, text: &str) -> usize {
    let mut tokens = processor.model().tokenize(text, true, false).unwrap();
    let (mut position, mut otherwise, mut farthest) = (0, 0, 0.0_f32);
    for step in 0..STEPS {
        let new = &tokens[position..];
        let expected = logits_after(processor, position, new);
        let computed = logits_after(card, position, new);
        position = tokens.len();
        let choice = greedy(&expected).unwrap().token;
        let on_card = greedy(&computed).unwrap().token;
        let distances = likely(&expected)
            .into_iter()
            .map(|token| (logprob(&expected, token) - logprob(&computed, token)).abs());
        farthest = distances.fold(farthest, f32::max);
        if on_card != choice {
            otherwise += 1;
            let gaps = (gap(&expected, on_card), gap(&computed, choice));
            assert!(
                gaps.0 <= ROUNDING_MAX && gaps.1 <= ROUNDING_MAX,
                "step {step} of {text:?}: {on_card:?} instead of {choice:?}, apart by {gaps:?}"
            );
        }
        tokens.push(choice);
    }
    eprintln!(
        "{STEPS} steps, {otherwise} chosen otherwise, likely tokens apart by {farthest:.3} at most"
    );
    assert!(farthest <= DISTANCE_MAX, "{text:?}: apart by {farthest}");
    assert!(processor.truncate(SequenceId(0), 0) && card.truncate(SequenceId(0), 0));
    otherwise
}

#[test]
fn with_every_layer_on_the_card_greedy_tokens_are_the_processors_but_for_rounding() {
    if !is_wanted_or_skipped() {
        return;
    }
    let gpu = Backend::get().unwrap().best_gpu();
    let gpu = gpu.expect("INKSTONE_TEST_DEVICE=gpu, and no graphics card is found");
    let (host_model, card_model) = (model(None), model(Some(gpu)));
    assert!(host_model.device().is_none());
    assert!(card_model.device().is_some());
    assert_eq!(card_model.plan().gpu_layers, card_model.layers());
    let (mut processor, mut card) = (context(&host_model), context(&card_model));
    let otherwise: usize = [
        "The morning after the storm, the harbour was quiet. Broken masts lay across the pier,",
        "Dear Sir, I am writing to complain about the train to 上海, which was late again:",
        "今天早上我去公园散步,看到很多老人在打太极拳。",
    ]
    .into_iter()
    .map(|text| compare(&mut processor, &mut card, text))
    .sum();
    assert!(
        otherwise * 10 <= 3 * STEPS,
        "{otherwise} steps are too many for rounding"
    );
}
