//! Text that the decoder writes: what whole passes foretell, token by token.

#![allow(clippy::unwrap_used)] // A test that fails panics.

use std::io::Cursor;
use std::ops::ControlFlow;
use std::path::Path;

use inkstone_gguf::Gguf;
use inkstone_lora::{
    Adapter, Between, Decay, Decoder, Device, Keep, LoraConfig, LoraError, OptimizerConfig, Packed,
    Sampling, Schedule, Training, TrainingConfig,
};
use inkstone_test_support::TinyDecoder;
use inkstone_vocab::TokenId;

fn decoder(architecture: &str) -> Decoder {
    let bytes = TinyDecoder::new(architecture).bytes();
    let gguf = Gguf::read(&mut &bytes[..], bytes.len() as u64).unwrap();
    let path = Path::new("tiny.gguf");
    Decoder::read(path, &gguf, Cursor::new(bytes), &Device::Cpu, 0).unwrap()
}

fn tokens(text: &str) -> Vec<TokenId> {
    text.bytes().map(|b| TokenId(3 + u32::from(b))).collect()
}

fn prompts() -> Vec<Vec<TokenId>> {
    ["The sea", "a", "今天下雨。 It rained 🌧"]
        .map(tokens)
        .to_vec()
}

fn sampling(tokens_max: usize, temperature: f64) -> Sampling {
    Sampling {
        tokens_max,
        temperature,
        seed: 5,
        ends: Vec::new(),
    }
}

/// The logits after these tokens, by a whole pass.
fn logits(decoder: &Decoder, tokens: &[TokenId], adapter: Option<Adapter<'_>>) -> Vec<f32> {
    let mut packed = Packed::new();
    packed.push(tokens);
    let last = tokens.len() - 1..tokens.len();
    decoder.logits(&packed, last, adapter).unwrap().remove(0)
}

fn likeliest(logits: &[f32]) -> TokenId {
    let best = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let place = logits
        .iter()
        .position(|&logit| logit.to_bits() == best.to_bits());
    TokenId(u32::try_from(place.unwrap()).unwrap())
}

fn check_greedy(decoder: &Decoder, adapter: Option<Adapter<'_>>) {
    let never = &mut Between::never();
    let written = decoder
        .sample_each(&prompts(), &sampling(14, 0.0), adapter, never)
        .unwrap();
    for (mut text, written) in prompts().into_iter().zip(written) {
        assert_eq!(written.len(), 14);
        let alone = decoder.sample(&text, &sampling(14, 0.0), adapter, never);
        assert_eq!(alone.unwrap(), written);
        for token in written {
            assert_eq!(token, likeliest(&logits(decoder, &text, adapter)));
            text.push(token);
        }
    }
}

#[test]
fn without_temperature_it_is_the_likeliest_token_of_whole_passes() {
    for architecture in ["llama", "qwen2", "qwen3", "gemma3"] {
        check_greedy(&decoder(architecture), None);
    }
}

#[test]
fn an_adapter_is_worn_while_sampling() {
    let decoder = decoder("gemma3");
    let config = TrainingConfig {
        lora: LoraConfig::default(),
        optimizer: OptimizerConfig::ADAM_W,
        schedule: Schedule {
            peak_rate: 0.02,
            warm_up_steps: 1,
            steps: 12,
            decay: Decay::Constant,
        },
        gradient_norm_max: 1.0,
        keep: Keep::Inputs,
        seed: 3,
    };
    let mut training = Training::begin(&decoder, config).unwrap();
    let mut packed = Packed::new();
    packed.push(&tokens("The sea was calm."));
    for _ in 0..12 {
        let step = training.step(std::slice::from_ref(&packed), &mut Between::never());
        assert!(step.unwrap().is_taken);
    }
    check_greedy(&decoder, Some(training.adapter()));
    let written = |adapter| {
        let sampling = sampling(14, 0.0);
        let written = decoder.sample(&tokens("The"), &sampling, adapter, &mut Between::never());
        written.unwrap()
    };
    assert_ne!(written(Some(training.adapter())), written(None));
}

#[test]
fn tokens_come_as_often_as_they_are_likely() {
    const COUNT: usize = 3_000;
    let decoder = decoder("llama");
    let prompt = tokens("The sea");
    for temperature in [2.0, 4.0] {
        let all = vec![prompt.clone(); COUNT];
        let sampling = sampling(1, temperature);
        let written = decoder.sample_each(&all, &sampling, None, &mut Between::never());
        let mut counts = vec![0.0; decoder.hyperparameters().vocabulary_tokens];
        for written in written.unwrap() {
            counts[written[0].0 as usize] += 1.0;
        }
        let logits = logits(&decoder, &prompt, None);
        let powers = logits.iter().map(|&x| (f64::from(x) / temperature).exp());
        let powers: Vec<f64> = powers.collect();
        let total: f64 = powers.iter().sum();
        let mut likely = 0;
        for (count, power) in counts.iter().zip(&powers) {
            let expected = power / total * COUNT as f64;
            // Five standard deviations of a count.
            let bound = 5.0 * expected.sqrt() + 3.0;
            assert!(
                (count - expected).abs() < bound,
                "{count}, expected {expected}"
            );
            likely += usize::from(expected > 50.0);
        }
        assert!(
            likely >= 3,
            "{likely}: the choice is between several tokens"
        );
    }
}

#[test]
fn the_same_seed_writes_the_same_and_another_something_else() {
    let decoder = decoder("qwen3");
    let write = |sampling: &Sampling| {
        let written = decoder.sample_each(&prompts(), sampling, None, &mut Between::never());
        written.unwrap()
    };
    let mut sampling = sampling(12, 2.0);
    let once = write(&sampling);
    assert_eq!(write(&sampling), once);
    sampling.seed += 1;
    assert_ne!(write(&sampling), once);
    let twice = [prompts().remove(0), prompts().remove(0)];
    let twice = decoder.sample_each(&twice, &sampling, None, &mut Between::never());
    let twice = twice.unwrap();
    assert_ne!(
        twice[0], twice[1],
        "the same prompt goes on in different ways"
    );
}

#[test]
fn a_sequence_ends_where_a_token_says_so() {
    let decoder = decoder("llama");
    let whole = decoder
        .sample(
            &tokens("The sea"),
            &sampling(10, 0.0),
            None,
            &mut Between::never(),
        )
        .unwrap();
    let mut ending = sampling(10, 0.0);
    ending.ends = vec![whole[4]];
    let first = whole.iter().position(|&token| token == whole[4]).unwrap();
    let short = decoder
        .sample(&tokens("The sea"), &ending, None, &mut Between::never())
        .unwrap();
    assert_eq!(short, whole[..first]);
    let none = decoder.sample(&tokens("a"), &sampling(0, 1.0), None, &mut Between::never());
    assert!(none.unwrap().is_empty());
}

#[test]
fn it_stops_between_two_layers() {
    let decoder = decoder("llama");
    for stop_at in [1, 2, 3, 9] {
        let mut left = stop_at;
        let mut ask = || {
            left -= 1;
            if left == 0 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        };
        let between = &mut Between::new(&mut ask);
        let stopped = decoder.sample(&tokens("The sea"), &sampling(9, 1.0), None, between);
        assert!(matches!(stopped, Err(LoraError::Stopped)));
    }
}

#[test]
fn what_cannot_be_sampled_is_refused_with_what_can() {
    let decoder = decoder("llama");
    let refused = |prompt: &[TokenId], sampling: &Sampling| {
        let written = decoder.sample(prompt, sampling, None, &mut Between::never());
        written.unwrap_err().to_string()
    };
    assert!(refused(&[], &sampling(4, 1.0)).contains("BOS"));
    assert!(refused(&tokens("a"), &sampling(4, f64::NAN)).contains("0 or more"));
    assert!(refused(&tokens("a"), &sampling(usize::MAX, 1.0)).contains("at most"));
    assert!(refused(&[TokenId(9_999)], &sampling(4, 1.0)).contains("vocabulary of 264"));
}
