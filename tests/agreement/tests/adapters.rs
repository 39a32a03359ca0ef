//! An adapter that was trained here does in llama.cpp what it does in the trainer.

#![allow(clippy::unwrap_used)] // A test that fails panics.

use std::fs;
use std::path::Path;

use inkstone_agreement::{Agreement, Served, decoder, packed};
use inkstone_lora::adapter::export::gguf;
use inkstone_lora::{
    Between, Decay, Decoder, Keep, LoraConfig, OptimizerConfig, Packed, Scaling, Schedule, Target,
    Training, TrainingConfig,
};
use inkstone_test_support::{TinyDecoder, corpora, home, test_model_if_there};
use inkstone_vocab::TokenId;

/// What llama.cpp's rounding of activations to 8 bits may cost.
const KL_MEAN_MAX: f64 = 0.01;
/// Both sides compute tiny models in floats; llama.cpp's cache has 16 bits.
const KL_MEAN_TINY_MAX: f64 = 1e-5;
/// What an adapter must change at least, so that agreement says something.
const KL_CHANGE_MIN: f64 = 0.05;

fn config(lora: LoraConfig, steps: u64, peak_rate: f64) -> TrainingConfig {
    TrainingConfig {
        lora,
        optimizer: OptimizerConfig::ADAM_W,
        schedule: Schedule {
            peak_rate,
            warm_up_steps: 1,
            steps,
            decay: Decay::Constant,
        },
        gradient_norm_max: 1.0,
        keep: Keep::Inputs,
        seed: 3,
    }
}

fn trained<'a>(decoder: &'a Decoder, config: TrainingConfig, text: &Packed) -> Training<'a> {
    let steps = config.schedule.steps;
    let mut training = Training::begin(decoder, config).unwrap();
    for _ in 0..steps {
        let step = training
            .step(std::slice::from_ref(text), &mut Between::never())
            .unwrap();
        assert!(step.is_taken, "{step:?}");
    }
    training
}

/// Writes the adapter, and compares both sides over `tokens`: with it to each other, and llama.cpp's
/// with it to those without.
fn compare(
    model: &Path,
    training: &Training<'_>,
    decoder: &Decoder,
    tokens: &[TokenId],
) -> (Agreement, Agreement) {
    let adapter = training.adapter();
    let file = gguf::file(adapter.config, adapter.weights, decoder.hyperparameters());
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("adapter.gguf");
    fs::write(&path, file.unwrap()).unwrap();
    let all = 0..tokens.len();
    let mut served = Served::load(model);
    let base = served.logits(tokens, all.clone());
    served.wear(&path);
    let expected = served.logits(tokens, all.clone());
    let change = Agreement::of(&base, &expected);
    drop(base);
    let found = decoder.logits(&packed(tokens), all, Some(adapter)).unwrap();
    (Agreement::of(&expected, &found), change)
}

/// A real model, what it learns from, and what both sides are then compared on.
struct RealModel<'a> {
    name: &'a str,
    rate: f64,
    learned: (&'a str, usize),
    judged: &'a [(&'a str, usize)],
}

fn check_real_model(model: &RealModel<'_>) {
    let (Some(path), Some(corpora)) = (test_model_if_there(model.name), corpora()) else {
        return;
    };
    let tokens = |(document, count): (&str, usize)| {
        let text = fs::read_to_string(corpora.join(document)).unwrap();
        let mut tokens = Served::load(&path).tokenize(&text);
        assert!(tokens.len() >= count, "{document}");
        tokens.truncate(count);
        tokens
    };
    let decoder = decoder(&path);
    let config = config(LoraConfig::default(), 4, model.rate);
    let training = trained(&decoder, config, &packed(&tokens(model.learned)));
    let (mut agreement, mut change) = (Agreement::default(), Agreement::default());
    for &judged in model.judged {
        let (one, other) = compare(&path, &training, &decoder, &tokens(judged));
        println!(
            "{} {judged:?}: {one:?}, of a change of {other:?}",
            model.name
        );
        agreement.add(one);
        change.add(other);
    }
    assert!(agreement.kl_mean <= KL_MEAN_MAX, "{agreement:?}");
    assert!(change.kl_mean >= KL_CHANGE_MIN, "{change:?}");
}

#[test]
fn an_adapter_of_smollm_does_in_llama_cpp_what_it_does_here() {
    check_real_model(&RealModel {
        name: home::ENGLISH_MODEL,
        rate: 2e-3,
        learned: ("en/thoreau/03.md", 128),
        judged: &[("en/thoreau/02.md", 1_000)],
    });
}

#[test]
fn an_adapter_of_gemma_does_in_llama_cpp_what_it_does_here() {
    check_real_model(&RealModel {
        name: home::CHINESE_MODEL,
        rate: 4e-4,
        learned: ("zh/luxun/呐喊/明天.md", 128),
        judged: &[("en/thoreau/02.md", 192), ("zh/luxun/呐喊/孔乙己.md", 192)],
    });
}

#[test]
fn adapters_of_every_architecture_and_shape_do_in_llama_cpp_what_they_do_here() {
    let some_maps = LoraConfig {
        rank: 4,
        scaling: Scaling::RankStabilized,
        targets: [Target::Query, Target::Key, Target::Up].into(),
        first_block: 1,
        ..LoraConfig::default()
    };
    for architecture in ["llama", "qwen2", "qwen3", "gemma3"] {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("tiny.gguf");
        fs::write(&path, TinyDecoder::new(architecture).bytes()).unwrap();
        let decoder = decoder(&path);
        let id = |i: u32| TokenId(3 + (i * i * 31 + i * 17) % 261);
        let tokens: Vec<TokenId> = (0..40).map(id).collect();
        for lora in [LoraConfig::default(), some_maps.clone()] {
            let training = trained(&decoder, config(lora, 12, 0.02), &packed(&tokens));
            let (agreement, change) = compare(&path, &training, &decoder, &tokens);
            println!("{architecture}: {agreement:?}, of a change of {change:?}");
            assert!(
                agreement.kl_mean < KL_MEAN_TINY_MAX,
                "{architecture}: {agreement:?}"
            );
            assert!(change.kl_mean > KL_CHANGE_MIN, "{architecture}: {change:?}");
        }
    }
}
