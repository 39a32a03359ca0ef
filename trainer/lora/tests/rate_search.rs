//! Learning-rate range tests on tiny models.

#![allow(clippy::unwrap_used)] // A test that fails panics.

use std::io::Cursor;
use std::ops::ControlFlow;
use std::path::Path;

use inkstone_gguf::Gguf;
use inkstone_lora::{
    Between, Decay, Decoder, Device, Keep, LoraConfig, LoraError, OptimizerConfig, Packed,
    RateSearch, Schedule, Training, TrainingConfig, find_rate,
};
use inkstone_test_support::TinyDecoder;
use inkstone_vocab::TokenId;

fn decoder() -> Decoder {
    let bytes = TinyDecoder::new("llama").bytes();
    let gguf = Gguf::read(&mut &bytes[..], bytes.len() as u64).unwrap();
    let path = Path::new("tiny.gguf");
    Decoder::read(path, &gguf, Cursor::new(bytes), &Device::Cpu, 1 << 20).unwrap()
}

fn batches(step: u64, _: u64) -> Vec<Packed> {
    let texts = ["The sea was calm.", "今天下雨。", "It rained 🌧."];
    let text = texts[usize::try_from(step % 3).unwrap()];
    let tokens: Vec<TokenId> = text.bytes().map(|b| TokenId(3 + u32::from(b))).collect();
    let mut packed = Packed::new();
    packed.push(&tokens);
    vec![packed]
}

fn config(peak_rate: f64, steps: u64) -> TrainingConfig {
    TrainingConfig {
        lora: LoraConfig::default(),
        optimizer: OptimizerConfig::Sgd {
            momentum: 0.0,
            weight_decay: 0.0,
        },
        schedule: Schedule {
            peak_rate,
            warm_up_steps: 0,
            steps,
            decay: Decay::Constant,
        },
        gradient_norm_max: f64::INFINITY,
        keep: Keep::Inputs,
        seed: 4,
    }
}

/// The loss after as many steps at this rate.
fn trained(decoder: &Decoder, rate: f64) -> f64 {
    const STEPS: u64 = 30;
    let mut training = Training::begin(decoder, config(rate, STEPS)).unwrap();
    let mut last = Vec::new();
    for step in 0..STEPS {
        let step = training
            .step(&batches(step, 0), &mut Between::never())
            .unwrap();
        last.push(step.loss);
    }
    last[27..].iter().sum::<f64>() / 3.0
}

#[test]
fn the_suggested_rate_learns_and_the_curve_shows_its_bounds() {
    let decoder = decoder();
    let search = RateSearch {
        from: 1e-6,
        to: 1e6,
        steps: 80,
        ..RateSearch::default()
    };
    // The schedule plays no part.
    let config = config(123.0, 5);
    let found = find_rate(&decoder, &config, &search, &batches, &mut Between::never()).unwrap();
    let first = found.points[0];
    assert!(first.change.abs() < 1e-3 && first.rate < 2e-6, "{first:?}");
    let rates: Vec<f64> = found.points.iter().map(|point| point.rate).collect();
    assert!(rates.is_sorted() && rates.len() > 20);
    let suggestion = found.suggestion.unwrap();
    let start = trained(&decoder, 1e-9);
    let learned = trained(&decoder, suggestion);
    assert!(learned < start - 0.3, "{suggestion}: {start} to {learned}");
    let timid = trained(&decoder, suggestion / 100.0);
    assert!(
        learned < timid - 0.1,
        "{suggestion}: {learned}, a hundredth {timid}"
    );
}

#[test]
fn where_nothing_is_gained_nothing_is_suggested() {
    let decoder = decoder();
    // So low that no number of the adapter ever counts.
    let search = RateSearch {
        from: 1e-40,
        to: 1e-39,
        steps: 6,
        ..RateSearch::default()
    };
    let config = config(1.0, 5);
    let found = find_rate(&decoder, &config, &search, &batches, &mut Between::never()).unwrap();
    assert_eq!((found.suggestion, found.points.len()), (None, 5));
}

#[test]
fn a_search_is_stopped_between_two_layers() {
    let decoder = decoder();
    let mut left = 40;
    let mut ask = || {
        left -= 1;
        if left == 0 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    let between = &mut Between::new(&mut ask);
    let search = RateSearch::default();
    let stopped = find_rate(&decoder, &config(1.0, 5), &search, &batches, between);
    assert!(matches!(stopped, Err(LoraError::Stopped)));
}
