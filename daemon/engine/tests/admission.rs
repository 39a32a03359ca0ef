//! Files that would end the process inside llama.cpp, and models that it loads and the engine cannot
//! serve: each is refused with its name, and the process goes on.

#![allow(clippy::unwrap_used)] // A test that fails panics.

use std::path::Path;

use inkstone_engine::plan::GpuLayers;
use inkstone_engine::{EngineError, LoadOptions, Model, Unservable};
use inkstone_gguf::GgmlType;
use inkstone_gguf::build::{GgufBuilder, tiny_model};

const TOKENS_KEY: &str = "tokenizer.ggml.tokens";

/// What loading the file says; its vocabulary alone must say the same where `in_vocabulary`.
fn refusal(builder: &GgufBuilder, in_vocabulary: bool) -> EngineError {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("hostile.gguf");
    std::fs::write(&path, builder.finish()).unwrap();
    let error = load(&path).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("hostile.gguf"), "{text}");
    if in_vocabulary {
        let alone = Model::load_vocab_only(&path).unwrap_err();
        assert_eq!(alone.to_string(), text);
    }
    error
}

fn load(path: &Path) -> Result<std::sync::Arc<Model>, EngineError> {
    let options = LoadOptions {
        context_tokens: 512,
        gpu: None,
        gpu_layers: GpuLayers::Auto,
        host_free_bytes: 8 << 30,
    };
    Model::load(path, &options, &mut |_| true)
}

#[test]
fn a_vocabulary_that_would_end_llama_cpp_is_refused_before_it_is_asked() {
    let bytes = (0..=u8::MAX).map(|byte| format!("<0x{byte:02X}>"));
    let twice = bytes.chain(["砚".to_owned(), "砚".to_owned()]);
    let of_kind = |kind: &str| {
        GgufBuilder::new()
            .str("general.architecture", "llama")
            .u32("llama.context_length", 128)
            .u32("llama.embedding_length", 8)
            .u32("llama.block_count", 1)
            .u32("llama.attention.head_count", 2)
            .str("tokenizer.ggml.model", kind)
    };
    let files = [
        of_kind("llama").strings(TOKENS_KEY, twice),
        of_kind("llama").strings(TOKENS_KEY, ["<unk>", "<s>", "</s>"]),
        of_kind("gpt2")
            .strings(TOKENS_KEY, ["a", "b", "a"])
            .strings("tokenizer.ggml.merges", ["a b"]),
        // Kinds that our own reader does not know.
        of_kind("plamo2").strings(TOKENS_KEY, ["a", "a"]),
        of_kind("gemma4")
            .strings(TOKENS_KEY, ["a", "b"])
            .strings("tokenizer.ggml.merges", ["a b"]),
    ];
    for (index, file) in files.iter().enumerate() {
        let error = refusal(file, true);
        assert!(
            matches!(
                error,
                EngineError::Vocabulary { .. } | EngineError::File { .. }
            ),
            "{index}: {error}"
        );
    }
}

#[test]
fn a_tokenizer_that_is_not_for_text_is_refused() {
    for kind in ["none", "no_vocab", "test", "bert", "rwkv"] {
        let file = GgufBuilder::new()
            .str("general.architecture", "llama")
            .u32("llama.context_length", 128)
            .u32("llama.embedding_length", 8)
            .u32("llama.block_count", 1)
            .u32("llama.vocab_size", 10)
            .str("tokenizer.ggml.model", kind)
            .strings(TOKENS_KEY, ["a", "b"]);
        let error = refusal(&file, true);
        assert!(
            matches!(
                error,
                EngineError::Unservable {
                    reason: Unservable::Tokenizer,
                    ..
                }
            ),
            "{error}"
        );
    }
}

#[test]
fn encoders_and_diffusion_models_are_refused_by_architecture_with_the_way_out() {
    for architecture in [
        "bert",
        "gemma-embedding",
        "t5encoder",
        "t5",
        "dream",
        "llada",
    ] {
        let error = refusal(&tiny_model(architecture), false);
        let text = error.to_string();
        assert!(
            text.contains(&format!("`{architecture}`")) && text.contains("inkstone model use"),
            "{text}"
        );
        assert!(
            matches!(
                error,
                EngineError::Unservable {
                    reason: Unservable::NoDecoder,
                    ..
                }
            ),
            "{text}"
        );
    }
}

/// A whole recurrent model of one layer, as small as llama.cpp takes it; every weight is zero.
fn tiny_mamba() -> GgufBuilder {
    const WIDTH: u64 = 8;
    const INNER: u64 = 2 * WIDTH;
    const STATE: u64 = 4;
    const RANK: u64 = 2;
    const KERNEL: u64 = 4;
    let vocabulary = 3 + 256 + 5;
    let tensors: [(&str, &[u64]); 12] = [
        ("token_embd.weight", &[WIDTH, vocabulary]),
        ("output_norm.weight", &[WIDTH]),
        ("blk.0.attn_norm.weight", &[WIDTH]),
        ("blk.0.ssm_in.weight", &[WIDTH, 2 * INNER]),
        ("blk.0.ssm_conv1d.weight", &[KERNEL, INNER]),
        ("blk.0.ssm_conv1d.bias", &[INNER]),
        ("blk.0.ssm_x.weight", &[INNER, RANK + 2 * STATE]),
        ("blk.0.ssm_dt.weight", &[RANK, INNER]),
        ("blk.0.ssm_dt.bias", &[INNER]),
        ("blk.0.ssm_a", &[STATE, INNER]),
        ("blk.0.ssm_d", &[INNER]),
        ("blk.0.ssm_out.weight", &[INNER, WIDTH]),
    ];
    let f32_type = GgmlType::from_id(0).unwrap();
    let metadata = tiny_model("mamba")
        .u32("mamba.ssm.conv_kernel", 4)
        .u32("mamba.ssm.inner_size", 16)
        .u32("mamba.ssm.state_size", 4)
        .u32("mamba.ssm.time_step_rank", 2)
        .value(
            "mamba.attention.layer_norm_rms_epsilon",
            inkstone_gguf::Value::F32(1e-5),
        );
    tensors
        .iter()
        .fold(metadata, |builder, (name, dimensions)| {
            let bytes = usize::try_from(dimensions.iter().product::<u64>()).unwrap() * 4;
            builder.tensor(name, dimensions, f32_type, vec![0; bytes])
        })
}

#[test]
fn a_recurrent_model_that_llama_cpp_loads_is_refused_because_it_cannot_be_rewound() {
    let error = refusal(&tiny_mamba(), false);
    let text = error.to_string();
    assert!(
        matches!(
            error,
            EngineError::Unservable {
                reason: Unservable::NoRewind,
                ..
            }
        ),
        "{text}"
    );
    assert!(
        text.contains("`mamba`") && text.contains("rewound"),
        "{text}"
    );
}

#[test]
fn the_vocabulary_that_was_read_is_at_hand() {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("tiny.gguf");
    std::fs::write(&path, tiny_model("llama").finish()).unwrap();
    let model = Model::load_vocab_only(&path).unwrap();
    let vocab = model.vocab().unwrap();
    assert_eq!(vocab.len().0, model.vocabulary_len());
}
