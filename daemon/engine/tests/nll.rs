//! The negative log-likelihood of whole texts, compared with the next-token probabilities of the
//! same tokens one by one, on the real models.

#![allow(clippy::unwrap_used)] // A test that fails panics.

use std::sync::Arc;

use inkstone_engine::plan::GpuLayers;
use inkstone_engine::{
    BatchEntry, Context, ContextOptions, KvType, LoadOptions, Model, NLL_WINDOW_TOKENS, SequenceId,
    TextNll, TextReading, greedy_among,
};
use inkstone_test_support::{CHINESE_MODEL, ENGLISH_MODEL, test_models};
use inkstone_vocab::TokenId;

/// Two ways to add up the same numbers may differ by so much for a token, on average.
const NATS_PER_TOKEN_OFF_MAX: f64 = 1e-3;
/// On some processors llama.cpp computes four tokens with weights in Q4_K by other code than one, which
/// rounds otherwise: the numbers themselves are others, not their sum. Measured: up to 0.07.
const NATS_PER_TOKEN_OFF_BY_KERNEL: f64 = 0.15;
/// As the daemon scores.
const BATCH_TOKENS: u32 = 16;

fn model(name: &str) -> Arc<Model> {
    let options = LoadOptions {
        context_tokens: NLL_WINDOW_TOKENS,
        gpu: None,
        gpu_layers: GpuLayers::Auto,
        host_free_bytes: 8 << 30,
    };
    let path = test_models().join(format!("{name}.gguf"));
    Model::load(&path, &options, &mut |_| true).unwrap()
}

fn context(model: &Arc<Model>, batch_tokens: u32, outputs: u32) -> Context {
    let options = ContextOptions {
        context_tokens: NLL_WINDOW_TOKENS,
        sequences: 1,
        outputs,
        batch_tokens,
        threads: 2,
        offload_kv: false,
        flash_attention: true,
        kv_type: KvType::F16,
    };
    Context::new(model, options).unwrap()
}

fn read(context: &mut Context, text: &str) -> TextNll {
    let mut reading = TextReading::begin(context, text).unwrap();
    loop {
        if let Some(end) = reading.end() {
            return end;
        }
        reading.step(context).unwrap();
    }
}

/// The same by the engine's other ways: `step` tokens are decoded at a time, and what each makes of the
/// next is the log-probability of the only choice that is allowed. A window that is full begins anew
/// with its second half.
fn by_choices(context: &mut Context, text: &str, step: usize) -> (f64, u32) {
    let model = Arc::clone(context.model());
    let window = NLL_WINDOW_TOKENS as usize;
    let head = model.tokenize("", true, false).unwrap();
    let tokens = model.tokenize(text, false, false).unwrap();
    let (mut nats, mut predicted) = (0.0, 0);
    let mut known = 1 - head.len().min(1);
    let mut start = 0;
    while known < tokens.len() {
        let kept = &tokens[start..tokens.len().min(start + window - head.len())];
        let seen: Vec<TokenId> = head.iter().chain(kept).copied().collect();
        assert!(context.truncate(SequenceId(0), 0));
        for (chunk, first) in seen.chunks(step).zip((0..).step_by(step)) {
            let entry = |(at, &token): (usize, &TokenId)| BatchEntry {
                token,
                position: u32::try_from(first + at).unwrap(),
                sequence: SequenceId(0),
                wants_logits: true,
            };
            let entries: Vec<BatchEntry> = chunk.iter().enumerate().map(entry).collect();
            context.decode(&entries).unwrap();
            for at in 0..chunk.len() {
                let next = start + first + at + 1;
                let Some(next) = next.checked_sub(head.len()).filter(|next| *next >= known) else {
                    continue;
                };
                let Some(token) = tokens.get(next) else {
                    continue;
                };
                let choice = greedy_among(context.logits(at).unwrap(), &[*token]).unwrap();
                nats -= f64::from(choice.logprob_of_all);
                predicted += 1;
                known = next + 1;
            }
        }
        start = known.saturating_sub(window / 2);
    }
    (nats, predicted)
}

/// Reads a text in batches and compares it with its choices, `step` at a time.
#[track_caller]
fn check(name: &str, text: &str, step: u32, off_max: f64) {
    let model = model(name);
    let mut by_step = context(&model, step, step);
    let (expected, predicted) = by_choices(&mut by_step, text, step as usize);
    let read = read(&mut context(&model, BATCH_TOKENS, BATCH_TOKENS), text);
    assert_eq!(read.tokens, predicted, "{text}");
    let off = (read.nats - expected).abs() / f64::from(predicted.max(1));
    println!(
        "{name}, {step} at a time: {off:.6} nats a token apart, {:.4} nats",
        read.nats
    );
    assert!(
        off < off_max,
        "{} and {expected} nats of {predicted} tokens",
        read.nats
    );
}

const TEXTS: [&str; 3] = [
    "The morning after the storm, the harbour was quiet. Broken masts lay across the pier.",
    "今天早上我去公园散步，看到很多老人在打太极拳。",
    "A café 👩‍👩‍👧‍👦, e\u{301} and 我们用 React 写网页。\r\nNext line.",
];

#[test]
fn a_text_costs_the_sum_of_its_tokens_one_by_one_in_english_chinese_and_emoji() {
    for text in TEXTS {
        check(ENGLISH_MODEL, text, 1, NATS_PER_TOKEN_OFF_MAX);
        check(CHINESE_MODEL, text, BATCH_TOKENS, NATS_PER_TOKEN_OFF_MAX);
        check(CHINESE_MODEL, text, 1, NATS_PER_TOKEN_OFF_BY_KERNEL);
    }
}

#[test]
fn how_a_text_is_cut_into_batches_changes_nothing() {
    let english = model(ENGLISH_MODEL);
    for text in TEXTS {
        let whole = read(&mut context(&english, 64, 64), text);
        for (batch_tokens, outputs) in [(1, 1), (16, 16), (64, 7)] {
            let cut = read(&mut context(&english, batch_tokens, outputs), text);
            let off = (whole.nats - cut.nats).abs() / f64::from(cut.tokens);
            assert!(
                off < NATS_PER_TOKEN_OFF_MAX,
                "{batch_tokens}: {whole:?} {cut:?}"
            );
        }
    }
}

#[test]
fn a_text_longer_than_a_window_is_predicted_from_half_a_window_at_least() {
    let sentence = "The harbour lay quiet, and sentence number";
    let sentences = (0..50).map(|n| format!("{sentence} {n} was as short as the others. "));
    let text: String = sentences.collect();
    check(ENGLISH_MODEL, &text, 1, NATS_PER_TOKEN_OFF_MAX);
}

#[test]
fn characters_are_those_of_the_tokens_that_are_predicted() {
    let english = model(ENGLISH_MODEL);
    let mut context_of_english = context(&english, 16, 16);
    let text = "Harbour 港口 👩‍👩‍👧 lights";
    let first = english.tokenize(text, false, false).unwrap()[0];
    let first = String::from_utf8(english.token_bytes(first)).unwrap();
    let of_text = text.chars().count() - first.chars().count();
    let read_of_text = read(&mut context_of_english, text);
    assert_eq!(read_of_text.characters as usize, of_text);
    // With a BOS token nothing is left out.
    let chinese = model(CHINESE_MODEL);
    let whole = read(&mut context(&chinese, 16, 16), text);
    assert_eq!(whole.characters as usize, text.chars().count());
    assert_eq!(
        whole.tokens as usize,
        chinese.tokenize(text, false, false).unwrap().len()
    );
}

#[test]
fn texts_with_nothing_to_predict_cost_nothing_and_sense_costs_less_than_nonsense() {
    let english = model(ENGLISH_MODEL);
    let mut context = context(&english, 16, 16);
    assert_eq!(read(&mut context, ""), TextNll::default());
    assert_eq!(read(&mut context, "a"), TextNll::default());
    let sense = read(&mut context, "She opened the door and went into the house.");
    let nonsense = read(&mut context, "House the into door went she opened and the.");
    assert!(sense.nats * 1.5 < nonsense.nats, "{sense:?} {nonsense:?}");
    // The same again, whatever was read before.
    let again = read(&mut context, "She opened the door and went into the house.");
    assert!((again.nats - sense.nats).abs() < 1e-9, "{again:?}");
}
