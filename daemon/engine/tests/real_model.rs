//! The engine on the real default model: decoding, rewinding, sequences, limits, progress.
//!
//! On the processor, and with `INKSTONE_TEST_DEVICE=gpu` on the graphics card.

#![allow(clippy::unwrap_used)] // A test that fails panics.

use std::path::PathBuf;
use std::sync::Arc;

use inkstone_engine::plan::GpuLayers;
use inkstone_engine::{
    Backend, BatchEntry, Context, ContextOptions, EngineError, KvType, LoadOptions, Model,
    SavedSequence, SequenceId, greedy,
};
use inkstone_test_support::{gpu, test_models};
use inkstone_vocab::TokenId;

const PROMPT: &str =
    "The morning after the storm, the harbour was quiet. Broken masts lay across the pier,";

fn options() -> ContextOptions {
    ContextOptions {
        context_tokens: 512,
        sequences: 3,
        outputs: 3,
        batch_tokens: 64,
        threads: 2,
        offload_kv: gpu::is_wanted(),
        flash_attention: true,
        kv_type: KvType::F16,
    }
}

fn load_options() -> LoadOptions {
    let card = || Backend::get().unwrap().best_gpu().unwrap();
    LoadOptions {
        context_tokens: 512,
        gpu: gpu::is_wanted().then(card),
        gpu_layers: GpuLayers::Auto,
        host_free_bytes: 8 << 30,
    }
}

fn model_path() -> PathBuf {
    test_models().join("smollm2-135m-instruct.gguf")
}

fn model() -> Arc<Model> {
    let model = Model::load(&model_path(), &load_options(), &mut |_| true).unwrap();
    let offloaded = if gpu::is_wanted() { model.layers() } else { 0 };
    assert_eq!(model.plan().gpu_layers, offloaded);
    model
}

/// Feeds `tokens` from `position` on and returns the greedy choice after them.
fn feed(context: &mut Context, sequence: u16, position: usize, tokens: &[TokenId]) -> TokenId {
    let mut choice = None;
    let end = position + tokens.len();
    for (start, chunk) in tokens
        .chunks(64)
        .enumerate()
        .map(|(i, chunk)| (position + i * 64, chunk))
    {
        let entries: Vec<BatchEntry> = chunk
            .iter()
            .enumerate()
            .map(|(i, &token)| entry(sequence, start + i, token, start + i + 1 == end))
            .collect();
        context.decode(&entries).unwrap();
        choice = context
            .logits(entries.len() - 1)
            .map(|logits| greedy(logits).unwrap().token);
    }
    choice.unwrap()
}

fn entry(sequence: u16, position: usize, token: TokenId, wants_logits: bool) -> BatchEntry {
    BatchEntry {
        token,
        position: u32::try_from(position).unwrap(),
        sequence: SequenceId(sequence),
        wants_logits,
    }
}

fn continue_greedily(
    context: &mut Context,
    sequence: u16,
    prompt: &[TokenId],
    count: usize,
) -> Vec<TokenId> {
    let mut all = prompt.to_vec();
    let mut choice = feed(context, sequence, 0, prompt);
    for _ in 1..count {
        all.push(choice);
        choice = feed(context, sequence, all.len() - 1, &[choice]);
    }
    all.push(choice);
    all.split_off(prompt.len())
}

fn text(model: &Model, tokens: &[TokenId]) -> String {
    String::from_utf8(
        tokens
            .iter()
            .flat_map(|&token| model.token_bytes(token))
            .collect(),
    )
    .unwrap()
}

#[test]
fn a_compute_backend_is_found_beside_the_binary_and_names_its_instruction_set() {
    let backend = Backend::get().unwrap();
    assert_eq!(
        backend
            .devices()
            .iter()
            .filter(|device| device.name == "CPU")
            .count(),
        1
    );
    assert!(!backend.instruction_set().is_empty());
}

#[test]
fn tokens_round_trip_to_the_same_text() {
    let model = Model::load_vocab_only(&model_path()).unwrap();
    for sample in [
        "Broken masts.",
        "今天早上",
        "naïve café 👩‍👩‍👧 e\u{301}",
        "a\r\n\tb",
    ] {
        let tokens = model.tokenize(sample, false, false).unwrap();
        assert_eq!(text(&model, &tokens), sample);
    }
}

#[test]
fn greedy_decoding_continues_in_english_and_twice_the_same() {
    let model = model();
    let prompt = model.tokenize(PROMPT, true, false).unwrap();
    let first = continue_greedily(
        &mut Context::new(&model, options()).unwrap(),
        0,
        &prompt,
        12,
    );
    let second = continue_greedily(
        &mut Context::new(&model, options()).unwrap(),
        0,
        &prompt,
        12,
    );
    assert_eq!(first, second);
    let continuation = text(&model, &first);
    assert!(
        continuation.split_whitespace().count() >= 5,
        "{continuation:?}"
    );
}

#[test]
fn a_rewound_sequence_continues_like_a_fresh_one() {
    let model = model();
    let prompt = model.tokenize(PROMPT, true, false).unwrap();
    let mut context = Context::new(&model, options()).unwrap();
    let fresh = continue_greedily(&mut context, 0, &prompt, 8);
    let keep = prompt.len() - 4;
    assert!(context.truncate(SequenceId(0), u32::try_from(keep).unwrap()));
    let choice = feed(&mut context, 0, keep, &prompt[keep..]);
    assert_eq!(choice, fresh[0]);
}

#[test]
fn sequences_of_one_batch_do_not_see_each_other() {
    let model = model();
    let english = model.tokenize(PROMPT, true, false).unwrap();
    let other = model
        .tokenize("Dear Sir, I am writing to complain about", true, false)
        .unwrap();
    let mut alone = Context::new(&model, options()).unwrap();
    let expected = [
        feed(&mut alone, 0, 0, &english),
        feed(&mut alone, 1, 0, &other),
    ];

    let mut together = Context::new(&model, options()).unwrap();
    let mut entries: Vec<BatchEntry> = Vec::new();
    for (sequence, tokens) in [(0, &english), (1, &other)] {
        entries.extend(
            tokens
                .iter()
                .enumerate()
                .map(|(i, &token)| entry(sequence, i, token, i + 1 == tokens.len())),
        );
    }
    together.decode(&entries).unwrap();
    let got = [english.len() - 1, english.len() + other.len() - 1]
        .map(|index| greedy(together.logits(index).unwrap()).unwrap().token);
    assert_eq!(got, expected);
    assert!(
        together.logits(0).is_none(),
        "only what asked for logits has them"
    );
}

#[test]
fn a_batch_that_llama_cpp_would_abort_on_is_refused() {
    let model = model();
    let mut context = Context::new(&model, options()).unwrap();
    let bad = [
        vec![],
        vec![entry(0, 0, TokenId(u32::MAX), true)],
        vec![entry(9, 0, TokenId(1), true)],
        (0..65).map(|i| entry(0, i, TokenId(1), false)).collect(),
    ];
    for entries in bad {
        assert!(
            matches!(context.decode(&entries), Err(EngineError::Batch(_))),
            "{entries:?}"
        );
    }
    feed(&mut context, 0, 0, &[TokenId(1)]);
}

#[test]
fn a_full_cache_is_an_error_and_not_the_end() {
    let model = model();
    let options = ContextOptions {
        context_tokens: 256,
        ..options()
    };
    let mut context = Context::new(&model, options).unwrap();
    let cells = context.context_tokens() as usize;
    feed(&mut context, 0, 0, &vec![TokenId(5); cells]);
    let full = context.decode(&[entry(1, 0, TokenId(5), true)]);
    assert!(
        matches!(full, Err(EngineError::CacheFull { .. })),
        "{full:?}"
    );
    assert!(context.truncate(SequenceId(0), 0));
    feed(&mut context, 1, 0, &[TokenId(5)]);
}

#[test]
fn loading_reports_progress_and_can_be_stopped() {
    let mut seen = Vec::new();
    let result = Model::load(&model_path(), &load_options(), &mut |fraction| {
        seen.push(fraction);
        fraction < 0.3
    });
    assert!(
        matches!(result, Err(EngineError::Load { .. })),
        "{result:?}"
    );
    assert!(seen.iter().any(|&fraction| fraction > 0.0));
}

#[test]
fn a_truncated_or_foreign_file_is_named_in_the_error() {
    let scratch = tempfile::tempdir().unwrap();
    let half = scratch.path().join("half.gguf");
    let whole = std::fs::read(model_path()).unwrap();
    std::fs::write(&half, &whole[..whole.len() / 2]).unwrap();
    let error = Model::load(&half, &load_options(), &mut |_| true)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("half.gguf") && error.contains("truncated"),
        "{error}"
    );
    let text = scratch.path().join("letter.gguf");
    std::fs::write(&text, "Dear Sir").unwrap();
    let error = Model::load(&text, &load_options(), &mut |_| true)
        .unwrap_err()
        .to_string();
    assert!(error.contains("letter.gguf"), "{error}");
}

#[test]
fn a_sequence_that_was_saved_goes_on_in_another_context_with_the_same_tokens() {
    let model = model();
    for kv_type in [KvType::F16, KvType::Q8] {
        let options = ContextOptions {
            kv_type,
            ..options()
        };
        let mut before = Context::new(&model, options).unwrap();
        let prompt = model.tokenize(PROMPT, true, false).unwrap();
        let length = u32::try_from(prompt.len()).unwrap();
        let choice = feed(&mut before, 0, 0, &prompt);
        assert!(
            before.save(SequenceId(0), length - 1).is_none(),
            "more is held"
        );
        assert!(before.save(SequenceId(1), 1).is_none(), "nothing is held");
        let saved = before.save(SequenceId(0), length).unwrap();
        let next = feed(&mut before, 0, prompt.len(), &[choice]);
        drop(before);
        let mut after = Context::new(&model, options).unwrap();
        feed(&mut after, 2, 0, &prompt[..5]);
        assert!(after.restore(SequenceId(1), length, &saved));
        assert_eq!(feed(&mut after, 1, prompt.len(), &[choice]), next);
    }
}

#[test]
fn what_is_no_saved_sequence_of_such_a_context_leaves_the_sequence_empty() {
    let model = model();
    let mut context = Context::new(&model, options()).unwrap();
    let prompt = model.tokenize(PROMPT, true, false).unwrap();
    let length = u32::try_from(prompt.len()).unwrap();
    feed(&mut context, 0, 0, &prompt);
    let saved = context.save(SequenceId(0), length).unwrap();
    let cut = SavedSequence(saved.0[..saved.0.len() / 2].to_vec());
    let none = SavedSequence(Vec::new());
    let mut other_cache = Context::new(
        &model,
        ContextOptions {
            kv_type: KvType::Q8,
            ..options()
        },
    )
    .unwrap();
    assert!(!other_cache.restore(SequenceId(0), length, &saved));
    assert!(!context.restore(SequenceId(0), length, &cut));
    assert!(!context.restore(SequenceId(0), length, &none));
    assert!(
        !context.restore(SequenceId(0), length + 1, &saved),
        "of another length"
    );
    assert!(
        !context.restore(SequenceId(9), length, &saved),
        "no such sequence"
    );
    assert!(context.save(SequenceId(0), length).is_none());
    // And the context goes on as before.
    feed(&mut context, 0, 0, &prompt);
}
