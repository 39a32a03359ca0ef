//! LoRA adapters on the real default model: applied, scaled, removed, refused.
//!
//! On the processor, and with `INKSTONE_TEST_DEVICE=gpu` on the graphics card.

#![allow(clippy::unwrap_used)] // A test that fails panics.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use inkstone_engine::plan::GpuLayers;
use inkstone_engine::{
    Adapter, Backend, BatchEntry, Context, ContextOptions, EngineError, KvType, LoadOptions, Model,
    SequenceId,
};
use inkstone_gguf::GgmlType;
use inkstone_gguf::build::GgufBuilder;
use inkstone_test_support::{gpu, test_models};

/// Width of SmolLM2-135M.
const WIDTH: u64 = 576;
const RANK: u64 = 4;

fn model() -> Arc<Model> {
    let card = || Backend::get().unwrap().best_gpu().unwrap();
    let options = LoadOptions {
        context_tokens: 256,
        gpu: gpu::is_wanted().then(card),
        gpu_layers: GpuLayers::Auto,
        host_free_bytes: 8 << 30,
    };
    Model::load(
        &test_models().join("smollm2-135m-instruct.gguf"),
        &options,
        &mut |_| true,
    )
    .unwrap()
}

fn context(model: &Arc<Model>) -> Context {
    let options = ContextOptions {
        context_tokens: 256,
        sequences: 1,
        outputs: 1,
        batch_tokens: 64,
        threads: 2,
        offload_kv: gpu::is_wanted(),
        flash_attention: true,
        kv_type: KvType::F16,
    };
    Context::new(model, options).unwrap()
}

/// Writes an adapter of the first layer's query map whose product is a constant matrix of `weight`.
fn write_adapter(path: &Path, width: u64, weight: f32) -> PathBuf {
    let floats = |count: u64, value: f32| {
        (0..count)
            .flat_map(|_| value.to_le_bytes())
            .collect::<Vec<u8>>()
    };
    let f32_type = GgmlType::from_id(0).unwrap();
    let bytes = GgufBuilder::new()
        .str("general.type", "adapter")
        .str("general.architecture", "llama")
        .str("adapter.type", "lora")
        .value("adapter.lora.alpha", inkstone_gguf::Value::F32(RANK as f32))
        .tensor(
            "blk.0.attn_q.weight.lora_a",
            &[width, RANK],
            f32_type,
            floats(width * RANK, 0.1),
        )
        .tensor(
            "blk.0.attn_q.weight.lora_b",
            &[RANK, WIDTH],
            f32_type,
            floats(RANK * WIDTH, weight),
        )
        .finish();
    std::fs::write(path, bytes).unwrap();
    path.to_owned()
}

/// An adapter of that weight in memory; its file is gone again.
fn loaded_adapter(model: &Arc<Model>, weight: f32) -> Arc<Adapter> {
    let scratch = tempfile::tempdir().unwrap();
    let path = write_adapter(&scratch.path().join("adapter.gguf"), WIDTH, weight);
    Adapter::load(model, &path).unwrap()
}

/// Logits after a short prompt, from an empty cache.
fn logits(context: &mut Context) -> Vec<f32> {
    assert!(context.truncate(SequenceId(0), 0));
    let tokens = context
        .model()
        .tokenize("The morning after the storm, the", true, false)
        .unwrap();
    let last = tokens.len() - 1;
    let entries: Vec<BatchEntry> = tokens
        .into_iter()
        .enumerate()
        .map(|(i, token)| BatchEntry {
            token,
            position: u32::try_from(i).unwrap(),
            sequence: SequenceId(0),
            wants_logits: i == last,
        })
        .collect();
    context.decode(&entries).unwrap();
    context.logits(last).unwrap().to_vec()
}

#[test]
fn an_adapter_changes_the_distribution_by_its_scale_and_leaves_no_trace_when_removed() {
    let model = model();
    let mut context = context(&model);
    let base = logits(&mut context);
    let adapter = loaded_adapter(&model, 0.5);

    context
        .set_adapters(vec![(Arc::clone(&adapter), 1.0)])
        .unwrap();
    let with_adapter = logits(&mut context);
    assert_ne!(with_adapter, base);
    context
        .set_adapters(vec![(Arc::clone(&adapter), 0.0)])
        .unwrap();
    assert_eq!(logits(&mut context), base, "scale 0 is the base model");
    context.set_adapters(vec![(adapter, 1.0)]).unwrap();
    assert_eq!(logits(&mut context), with_adapter);
    context.set_adapters(Vec::new()).unwrap();
    assert_eq!(logits(&mut context), base);
}

#[test]
fn an_adapter_whose_up_projection_is_zero_changes_nothing() {
    let model = model();
    let mut context = context(&model);
    let base = logits(&mut context);
    let adapter = loaded_adapter(&model, 0.0);
    context.set_adapters(vec![(adapter, 1.0)]).unwrap();
    assert_eq!(logits(&mut context), base);
}

#[test]
fn a_hostile_adapter_is_refused_and_the_model_goes_on() {
    let scratch = tempfile::tempdir().unwrap();
    let model = model();
    let mut context = context(&model);
    let base = logits(&mut context);
    let wrong_shape = write_adapter(&scratch.path().join("shape.gguf"), WIDTH + 32, 0.5);
    let truncated = scratch.path().join("truncated.gguf");
    let whole = std::fs::read(write_adapter(
        &scratch.path().join("whole.gguf"),
        WIDTH,
        0.5,
    ))
    .unwrap();
    std::fs::write(&truncated, &whole[..whole.len() - 100]).unwrap();
    let a_model = test_models().join("smollm2-135m-instruct.gguf");
    for path in [
        &wrong_shape,
        &truncated,
        &a_model,
        &scratch.path().join("missing.gguf"),
    ] {
        let error = Adapter::load(&model, path).unwrap_err();
        assert!(
            matches!(
                error,
                EngineError::Load {
                    what: "adapter",
                    ..
                }
            ),
            "{error}"
        );
        assert!(
            error.to_string().contains(path.to_str().unwrap()),
            "{error}"
        );
    }
    assert_eq!(logits(&mut context), base);
}

#[test]
fn an_adapter_of_another_loaded_model_is_refused() {
    let (one, other) = (model(), model());
    let adapter = loaded_adapter(&one, 0.5);
    let error = context(&other)
        .set_adapters(vec![(adapter, 1.0)])
        .unwrap_err();
    assert!(
        matches!(error, EngineError::AdapterOfOtherModel { .. }),
        "{error}"
    );
}

#[test]
fn adapters_may_come_and_go_while_other_contexts_of_the_model_are_made_and_decode() {
    let model = model();
    let expected = logits(&mut context(&model));
    std::thread::scope(|scope| {
        let swapping = scope.spawn(|| {
            for _ in 0..40 {
                drop(loaded_adapter(&model, 0.5));
            }
        });
        while !swapping.is_finished() {
            assert_eq!(logits(&mut context(&model)), expected);
        }
    });
}
