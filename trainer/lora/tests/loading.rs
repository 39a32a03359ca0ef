//! Model files that are damaged, hostile or of another kind: refused by name, never a panic.

#![allow(clippy::unwrap_used)] // A test that fails panics.

use std::io::Cursor;
use std::path::Path;

use inkstone_gguf::{Gguf, Value};
use inkstone_lora::{Architecture, Decoder, Device, LoraError, ModelFault, Packed};
use inkstone_test_support::TinyDecoder;
use inkstone_vocab::TokenId;

fn read(bytes: &[u8]) -> Result<Decoder, LoraError> {
    read_from(bytes, bytes)
}

/// The header of one and the weights of another: a file that changed in between.
fn read_from(header: &[u8], weights: &[u8]) -> Result<Decoder, LoraError> {
    let path = Path::new("models/tiny.gguf");
    let gguf = Gguf::read(&mut &header[..], header.len() as u64);
    let gguf = gguf.map_err(|fault| LoraError::Model {
        path: path.to_owned(),
        fault: Box::new(fault.into()),
    })?;
    Decoder::read(path, &gguf, Cursor::new(weights), &Device::Cpu, 0)
}

fn refused(bytes: &[u8]) -> String {
    let error = read(bytes).unwrap_err().to_string();
    assert!(error.starts_with("models/tiny.gguf: "), "{error}");
    error
}

/// The bytes with what stands after `key` changed: a metadata number, or a tensor's entry.
fn patched(bytes: &[u8], key: &str, skip: usize, number: u32) -> Vec<u8> {
    let places = bytes
        .windows(key.len())
        .position(|window| window == key.as_bytes());
    let at = places.unwrap() + key.len() + skip;
    let mut bytes = bytes.to_vec();
    bytes[at..at + 4].copy_from_slice(&number.to_le_bytes());
    bytes
}

/// Bytes of a value's type before the value.
const VALUE_TYPE: usize = 4;

#[test]
fn hyperparameters_are_those_of_the_metadata() {
    let model = |tiny: &TinyDecoder| {
        let decoder = read(&tiny.bytes()).unwrap();
        decoder.hyperparameters().clone()
    };
    let gemma = model(&TinyDecoder::new("gemma3"));
    assert_eq!(gemma.architecture, Architecture::Gemma3);
    let windows: Vec<_> = gemma
        .layers
        .iter()
        .map(|layer| layer.window_tokens)
        .collect();
    let (near, far) = (Some(6), None);
    assert_eq!(windows, [near, near, near, near, near, far, near]);
    assert!((gemma.layers[0].rotation.base - 10_000.0).abs() < 1e-9);
    assert!((gemma.layers[5].rotation.base - 500.0).abs() < 1e-9);
    assert!((gemma.embedding_scale - 32.0_f64.sqrt()).abs() < 1e-9);
    assert_eq!((gemma.query_width(), gemma.key_width()), (64, 32));

    let mut listed = TinyDecoder::new("gemma3");
    let pattern = Value::Array(inkstone_gguf::Array::Bool(vec![
        false, true, true, false, true, true, true,
    ]));
    let pattern = ("attention.sliding_window_pattern".to_owned(), pattern);
    listed.metadata.push(pattern);
    let windows = model(&listed)
        .layers
        .into_iter()
        .map(|layer| layer.window_tokens);
    let listed: Vec<_> = windows.collect();
    assert_eq!(listed, [far, near, near, far, near, near, near]);

    let mut slow = TinyDecoder::new("qwen2");
    let factor = ("rope.scaling.factor".to_owned(), Value::F32(4.0));
    slow.metadata.push(factor);
    let slow = model(&slow);
    assert!((slow.layers[1].rotation.position_scale - 0.25).abs() < 1e-9);
    assert_eq!((slow.vocabulary_tokens, slow.context_tokens), (264, 256));

    // llama.cpp does not look at the factor where nothing is said to be scaled.
    let mut unscaled = TinyDecoder::new("qwen2");
    let none = Value::String("none".to_owned());
    for (name, value) in [
        ("rope.scaling.type", none),
        ("rope.scaling.factor", Value::F32(4.0)),
        ("rope.scaling.attn_factor", Value::F32(1.0)),
        ("attention.causal", Value::Bool(true)),
    ] {
        unscaled.metadata.push((name.to_owned(), value));
    }
    let unscaled = model(&unscaled);
    assert!((unscaled.layers[1].rotation.position_scale - 1.0).abs() < 1e-9);
}

#[test]
fn other_architectures_are_refused_by_name() {
    for architecture in ["bert", "mamba", "qwen3moe", "inkwell"] {
        let error = refused(&TinyDecoder::new(architecture).bytes());
        assert!(error.contains(&format!("`{architecture}`")), "{error}");
        assert!(error.contains("pick another model"), "{error}");
    }
}

#[test]
fn what_is_not_computed_is_refused_by_name() {
    let refused_with = |architecture: &str, name: &str, value: Value| {
        let mut tiny = TinyDecoder::new(architecture);
        tiny.metadata.push((name.to_owned(), value));
        let error = refused(&tiny.bytes());
        assert!(error.contains(&format!("{architecture}.{name}")), "{error}");
        error
    };
    let yarn = Value::String("yarn".to_owned());
    assert!(refused_with("qwen2", "rope.scaling.type", yarn).contains("`yarn`"));
    let factor = "rope.scaling.attn_factor";
    assert!(refused_with("llama", factor, Value::F32(0.5)).contains("`0.5`"));
    refused_with("llama", factor, Value::F32(0.0));
    let causal = "attention.causal";
    assert!(refused_with("qwen3", causal, Value::Bool(false)).contains("`false`"));
    refused_with("llama", "expert_count", Value::U32(8));
    refused_with("llama", "rope.dimension_count", Value::U32(4));
    let mut tiny = TinyDecoder::new("llama");
    tiny.metadata.retain(|(name, _)| name != "rope.freq_base");
    tiny.metadata
        .push(("rope.freq_base".to_owned(), Value::F32(f32::NAN)));
    assert!(refused(&tiny.bytes()).contains("llama.rope.freq_base` is NaN"));
}

#[test]
fn a_file_cut_anywhere_says_so() {
    let whole = TinyDecoder::new("qwen2").bytes();
    for len in (0..whole.len()).step_by(997).chain([whole.len() - 1]) {
        let error = refused(&whole[..len]);
        assert!(
            error.contains("truncated") && error.contains("fetch it again"),
            "{error}"
        );
    }
    let error = read_from(&whole, &whole[..whole.len() - 100]).unwrap_err();
    let LoraError::Model { fault, .. } = &error else {
        panic!("{error}");
    };
    assert!(matches!(**fault, ModelFault::Truncated { .. }), "{error}");
    assert!(
        error.to_string().contains("fetch the file again"),
        "{error}"
    );
}

#[test]
fn numbers_that_do_not_fit_the_tensors_are_refused() {
    let whole = TinyDecoder::new("llama").bytes();
    let with = |key: &str, number: u32| refused(&patched(&whole, key, VALUE_TYPE, number));
    let error = with("llama.feed_forward_length", 96);
    assert!(
        error.contains("`blk.0.ffn_gate.weight`") && error.contains("[32, 96]"),
        "{error}"
    );
    assert!(with("llama.feed_forward_length", u32::MAX).contains("at most"));
    assert!(with("llama.feed_forward_length", 0).contains("above 0"));
    assert!(with("llama.block_count", 3).contains("`blk.2.attn_norm.weight` is missing"));
    assert!(with("llama.block_count", 0).contains("llama.block_count` is 0"));
    assert!(with("llama.block_count", u32::MAX).contains("above the limit"));
    assert!(with("llama.attention.head_count", 0).contains("above 0"));
    assert!(with("llama.attention.head_count_kv", 3).contains("a divisor of the 4 heads"));
    assert!(with("llama.attention.key_length", 7).contains("even"));
    assert!(with("llama.attention.value_length", 16).contains("8, the width of a key"));
    let error = with("llama.embedding_length", 64);
    assert!(
        error.contains("`token_embd.weight`") && error.contains("expected [64, 264]"),
        "{error}"
    );
}

#[test]
fn weights_in_a_format_without_code_are_refused_with_what_to_pick() {
    /// Number of dimensions, and two of them.
    const SHAPE_BYTES: usize = 4 + 2 * 8;
    /// As wide as a 32-bit float, so that all offsets stay.
    const I32: u32 = 26;
    let whole = TinyDecoder::new("llama").bytes();
    let error = refused(&patched(&whole, "blk.1.attn_v.weight", SHAPE_BYTES, I32));
    assert!(error.contains("`blk.1.attn_v.weight` is in I32"), "{error}");
    assert!(error.contains("Q4_K_M"), "{error}");
}

#[test]
fn no_byte_of_the_header_ends_the_process() {
    let whole = TinyDecoder::new("gemma3").bytes();
    let header = whole.len() - 7 * 4 * 1_000;
    let mut packed = Packed::new();
    packed.push(&[TokenId(5), TokenId(6), TokenId(7)]);
    let mut survived = 0;
    for (place, flip) in (0..header.min(24_000))
        .step_by(37)
        .zip((1..=u8::MAX).cycle())
    {
        let mut bytes = whole.clone();
        bytes[place] ^= flip;
        if let Ok(decoder) = read(&bytes) {
            // Whatever it is now, it computes or says why not.
            survived += usize::from(decoder.losses(&packed, None).is_ok());
        }
    }
    assert!(
        survived > 0,
        "most of the header is the vocabulary, which is not ours"
    );
}
