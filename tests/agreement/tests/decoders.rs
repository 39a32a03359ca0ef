//! The same distributions as llama.cpp: on real models over English and Chinese prose, and on tiny
//! random ones of every architecture.

#![allow(clippy::unwrap_used)] // A test that fails panics.

use std::fs;
use std::path::Path;

use inkstone_agreement::{Agreement, Served, decoder, packed};
use inkstone_gguf::Value;
use inkstone_test_support::{TinyDecoder, corpora, home, test_model_if_there};
use inkstone_vocab::TokenId;

/// Tokens of a text: more than the sliding window of Gemma 3.
const TEXT_TOKENS: usize = 640;
/// What llama.cpp's rounding of activations to 8 bits may cost.
const KL_MEAN_MAX: f64 = 0.01;
/// Two best logits that are further apart are clearly apart: the first is 2.7 times likelier.
const CLEAR_GAP: f32 = 1.0;
/// Both sides compute tiny models in floats; llama.cpp's cache has 16 bits.
const KL_MEAN_TINY_MAX: f64 = 1e-5;

/// The beginning of an author's document in a corpus.
fn prose(corpora: &Path, document: &str) -> String {
    let text = fs::read_to_string(corpora.join(document)).unwrap();
    text.chars().take(TEXT_TOKENS * 6).collect()
}

fn check_real_model(name: &str) {
    let (Some(path), Some(corpora)) = (test_model_if_there(name), corpora()) else {
        return;
    };
    let mut served = Served::load(&path);
    let decoder = decoder(&path);
    let mut all = Agreement::default();
    for document in ["en/thoreau/01.md", "zh/luxun/呐喊/药.md"] {
        let mut tokens = served.tokenize(&prose(&corpora, document));
        tokens.truncate(TEXT_TOKENS);
        assert_eq!(tokens.len(), TEXT_TOKENS, "{document}");
        // Some at the beginning, and those whose window has moved.
        for rows in [0..160, 480..640] {
            let expected = served.logits(&tokens, rows.clone());
            let found = decoder.logits(&packed(&tokens), rows, None).unwrap();
            let agreement = Agreement::of(&expected, &found);
            println!("{name} {document}: {agreement:?}");
            all.add(agreement);
        }
    }
    println!("{name}: {all:?}");
    assert!(
        all.positions >= 500 && all.kl_mean <= KL_MEAN_MAX,
        "{all:?}"
    );
    assert!(all.differing_gap_max < CLEAR_GAP, "{all:?}");
}

#[test]
fn smollm_foretells_what_llama_cpp_does() {
    check_real_model(home::ENGLISH_MODEL);
}

#[test]
fn gemma_foretells_what_llama_cpp_does() {
    check_real_model(home::CHINESE_MODEL);
}

fn check_tiny(what: &str, tiny: &TinyDecoder) {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("tiny.gguf");
    fs::write(&path, tiny.bytes()).unwrap();
    let tokens: Vec<TokenId> = (0..40_u32)
        .map(|i| TokenId(3 + (i * i * 31 + i * 17) % 261))
        .collect();
    let expected = Served::load(&path).logits(&tokens, 0..40);
    let found = decoder(&path)
        .logits(&packed(&tokens), 0..40, None)
        .unwrap();
    let agreement = Agreement::of(&expected, &found);
    println!("{what}: {agreement:?}");
    assert_eq!(agreement.positions, 40);
    assert!(
        agreement.kl_mean < KL_MEAN_TINY_MAX,
        "{what}: {agreement:?}"
    );
}

#[test]
fn tiny_models_of_every_architecture_foretell_what_llama_cpp_does() {
    for architecture in ["llama", "qwen2", "qwen3", "gemma3"] {
        check_tiny(architecture, &TinyDecoder::new(architecture));
    }
}

#[test]
fn what_some_models_have_and_others_have_not_is_computed_as_llama_cpp_does() {
    let with = |architecture: &str, name: &str, value: Value| {
        let mut tiny = TinyDecoder::new(architecture);
        tiny.metadata.push((name.to_owned(), value));
        check_tiny(&format!("{architecture} {name}"), &tiny);
    };
    with("llama", "rope.scaling.factor", Value::F32(4.0));
    with("gemma3", "rope.scaling.factor", Value::F32(8.0));
    with("gemma3", "rope.freq_base_swa", Value::F32(50.0));
    with("gemma3", "final_logit_softcapping", Value::F32(2.0));
    with("gemma3", "attention.sliding_window_pattern", Value::U32(3));

    let mut llama_3 = TinyDecoder::new("llama");
    llama_3.slows_rotation = true;
    llama_3.has_output = true;
    check_tiny("llama with factors", &llama_3);
    let mut biased = TinyDecoder::new("llama");
    biased.has_biases = true;
    check_tiny("llama with biases", &biased);
    let mut tied = TinyDecoder::new("qwen2");
    tied.has_output = false;
    check_tiny("qwen2 tied", &tied);
}
