//! Gradients of whole decoders: against finite differences, and the same whichever way a pass goes.

#![allow(clippy::unwrap_used, clippy::float_cmp)] // A test that fails panics; some are equal to the bit.

use std::io::Cursor;
use std::path::Path;

use candle_core::{DType, Tensor};
use inkstone_gguf::{Gguf, Value};
use inkstone_lora::{
    Adapter, Between, Decoder, Device, Keep, LoraConfig, LoraPair, LoraWeights, Packed, Place,
    Scaling, Target,
};
use inkstone_test_support::TinyDecoder;
use inkstone_vocab::TokenId;

/// How far a weight is moved: far enough for 32-bit floats, near enough for a straight line.
const STEP: f64 = 4e-3;

fn decoder(tiny: &TinyDecoder) -> Decoder {
    let bytes = tiny.bytes();
    let gguf = Gguf::read(&mut &bytes[..], bytes.len() as u64).unwrap();
    Decoder::read(
        Path::new("tiny.gguf"),
        &gguf,
        Cursor::new(bytes),
        &Device::Cpu,
        0,
    )
    .unwrap()
}

/// Tokens that look random.
fn text(len: u32, seed: u32) -> Vec<TokenId> {
    let token = |i: u32| 3 + (i * i * 31 + i * 17 + seed * 101) % 261;
    (0..len).map(|i| TokenId(token(i))).collect()
}

fn packed(lengths: &[u32]) -> Packed {
    let mut packed = Packed::new();
    for (&len, seed) in lengths.iter().zip(1..) {
        packed.push(&text(len, seed));
    }
    packed
}

fn config() -> LoraConfig {
    LoraConfig {
        rank: 3,
        alpha: 6.0,
        ..LoraConfig::default()
    }
}

/// An adapter whose B is no longer zero.
fn used_adapter(decoder: &Decoder, config: &LoraConfig) -> LoraWeights {
    let begun = decoder.begin_adapter(config, 5).unwrap();
    let other = decoder.begin_adapter(config, 6).unwrap();
    let mut used = LoraWeights::default();
    for (place, pair) in begun.iter() {
        let inputs = pair.a.dim(1).unwrap();
        let outputs = pair.b.dim(0).unwrap();
        // B from the other's A, as many numbers as it needs.
        let numbers: Vec<f32> = flat(&other.get(place).unwrap().a);
        let cycle = numbers.into_iter().cycle().take(outputs * config.rank);
        let b: Vec<f32> = cycle.map(|x| x * (inputs as f32).sqrt() * 0.2).collect();
        let b = Tensor::from_vec(b, (outputs, config.rank), &Device::Cpu).unwrap();
        used.insert(place, LoraPair { b, ..pair.clone() });
    }
    used
}

fn flat(tensor: &Tensor) -> Vec<f32> {
    tensor.flatten_all().unwrap().to_vec1().unwrap()
}

/// A, B and the magnitudes, where there are some.
fn parts(pair: &LoraPair) -> Vec<Tensor> {
    let both = [pair.a.clone(), pair.b.clone()];
    both.into_iter().chain(pair.magnitude.clone()).collect()
}

/// The adapter with one number of one of them moved.
fn moved(weights: &LoraWeights, place: Place, part: usize, index: usize, by: f64) -> LoraWeights {
    let mut weights = weights.clone();
    let mut pair = weights.get(place).unwrap().clone();
    let tensor = match part {
        0 => &mut pair.a,
        1 => &mut pair.b,
        _ => pair.magnitude.as_mut().unwrap(),
    };
    let mut numbers = flat(tensor);
    #[allow(clippy::cast_possible_truncation)] // Reason: weights are 32-bit floats.
    let by = by as f32;
    numbers[index] += by;
    *tensor = Tensor::from_vec(numbers, tensor.shape(), &Device::Cpu).unwrap();
    weights.insert(place, pair);
    weights
}

fn check_gradients(tiny: &TinyDecoder, config: &LoraConfig, lengths: &[u32]) {
    check_gradients_of(tiny, config, &packed(lengths));
}

fn check_gradients_of(tiny: &TinyDecoder, config: &LoraConfig, packed: &Packed) {
    let decoder = decoder(tiny);
    let weights = used_adapter(&decoder, config);
    let pass = |weights: &LoraWeights| {
        let adapter = Adapter { config, weights };
        decoder
            .gradients(packed, adapter, Keep::Everything, 3, &mut Between::never())
            .unwrap()
    };
    let gradients = pass(&weights).gradients;
    let mut checked = 0;
    for (place, gradient) in gradients.iter() {
        for (part, gradient) in parts(gradient).iter().enumerate() {
            let gradient = flat(gradient);
            let largest = gradient.iter().fold(0.0_f32, |a, b| a.max(b.abs()));
            // The largest of each is checked: small ones drown in the rounding of the sum.
            let index = gradient.iter().position(|x| x.abs() == largest).unwrap();
            let at = |by| pass(&moved(&weights, place, part, index, by)).loss;
            let expected = (at(STEP) - at(-STEP)) / (2.0 * STEP);
            let found = f64::from(gradient[index]);
            let error = (found - expected).abs() / found.abs().max(0.1);
            let what = ["A", "B", "magnitude"][part];
            assert!(
                error < 0.03,
                "{place:?} {what} {index}: {found}, expected {expected}"
            );
            checked += 1;
        }
    }
    let places = (tiny.blocks - config.first_block) * config.targets.len();
    let parts = 2 + usize::from(config.has_magnitudes);
    assert_eq!(checked, places * parts, "every map has gradients");
}

/// A text that is learned between two that are distilled, none of which count alike.
fn mixed() -> Packed {
    let mut packed = Packed::new();
    packed.push_distilled(&text(7, 1), &[1.0; 7]);
    packed.push_weighted(&text(9, 2), &[0.5; 9]);
    packed.push_distilled(&text(6, 3), &[2.0; 6]);
    packed
}

#[test]
fn texts_that_are_distilled_beside_others_have_the_gradients_of_finite_differences() {
    for architecture in ["llama", "gemma3"] {
        check_gradients_of(&TinyDecoder::new(architecture), &config(), &mixed());
    }
}

#[test]
fn together_texts_have_the_gradients_that_they_have_apart() {
    let (decoder, config) = (decoder(&TinyDecoder::new("llama")), config());
    let weights = used_adapter(&decoder, &config);
    let pass = |packed: &Packed| {
        let adapter = Adapter {
            config: &config,
            weights: &weights,
        };
        decoder
            .gradients(packed, adapter, Keep::Everything, 3, &mut Between::never())
            .unwrap()
    };
    let (mut first, mut second, mut third) = (Packed::new(), Packed::new(), Packed::new());
    first.push_distilled(&text(7, 1), &[1.0; 7]);
    second.push_weighted(&text(9, 2), &[0.5; 9]);
    third.push_distilled(&text(6, 3), &[2.0; 6]);
    let apart = [first, second, third].map(|packed| pass(&packed));
    let together = pass(&mixed());
    let loss: f64 = apart.iter().map(|pass| pass.loss).sum();
    assert!(
        (together.loss - loss).abs() < 1e-3,
        "{} {loss}",
        together.loss
    );
    let weight: f64 = apart.iter().map(|pass| pass.weight).sum();
    assert_eq!(together.weight, weight);
    for (place, pair) in together.gradients.iter() {
        let a = flat(&pair.a);
        let mut sum = vec![0.0; a.len()];
        for pass in &apart {
            let part = flat(&pass.gradients.get(place).unwrap().a);
            sum.iter_mut().zip(part).for_each(|(sum, x)| *sum += x);
        }
        for (a, b) in a.iter().zip(sum) {
            assert!((a - b).abs() < 1e-3, "{place:?}: {a} {b}");
        }
    }
}

#[test]
fn an_adapter_that_changes_nothing_is_led_nowhere_by_what_is_distilled() {
    let (decoder, config) = (decoder(&TinyDecoder::new("llama")), config());
    let weights = decoder.begin_adapter(&config, 5).unwrap();
    let adapter = Adapter {
        config: &config,
        weights: &weights,
    };
    let gradients = |packed: &Packed| {
        let between = &mut Between::never();
        let pass = decoder.gradients(packed, adapter, Keep::Inputs, 3, between);
        pass.unwrap().gradients
    };
    let mut distilled = Packed::new();
    distilled.push_distilled(&text(12, 1), &[]);
    let largest = |gradients: &LoraWeights| {
        let all = gradients.iter().flat_map(|(_, pair)| flat(&pair.b));
        all.fold(0.0_f32, |a, b| a.max(b.abs()))
    };
    let (kept, learned) = (
        largest(&gradients(&distilled)),
        largest(&gradients(&packed(&[12]))),
    );
    assert!(kept < learned * 1e-3, "{kept} beside {learned}");
}

#[test]
fn gradients_of_every_architecture_are_those_of_finite_differences() {
    for architecture in ["llama", "qwen2", "qwen3", "gemma3"] {
        check_gradients(&TinyDecoder::new(architecture), &config(), &[12]);
    }
}

#[test]
fn gradients_of_packed_texts_are_those_of_finite_differences() {
    for architecture in ["llama", "gemma3"] {
        check_gradients(&TinyDecoder::new(architecture), &config(), &[9, 2, 14]);
    }
}

#[test]
fn gradients_of_some_maps_of_the_upper_blocks_alone_are_right_too() {
    let config = LoraConfig {
        scaling: Scaling::RankStabilized,
        targets: [Target::Value, Target::Down].into(),
        first_block: 1,
        ..config()
    };
    check_gradients(&TinyDecoder::new("qwen3"), &config, &[10]);
}

#[test]
fn gradients_with_inputs_left_out_are_those_of_finite_differences() {
    let config = LoraConfig {
        dropout: 0.4,
        ..config()
    };
    check_gradients(&TinyDecoder::new("llama"), &config, &[10]);
}

#[test]
fn gradients_with_magnitudes_are_those_of_finite_differences() {
    for (architecture, dropout) in [("llama", 0.3), ("qwen2", 0.0), ("gemma3", 0.0)] {
        let config = LoraConfig {
            has_magnitudes: true,
            dropout,
            ..config()
        };
        check_gradients(&TinyDecoder::new(architecture), &config, &[8]);
    }
}

#[test]
fn magnitudes_begin_as_the_norms_that_rows_have_and_change_nothing() {
    let decoder = decoder(&TinyDecoder::new("qwen2"));
    let config = LoraConfig {
        has_magnitudes: true,
        ..config()
    };
    let weights = decoder.begin_adapter(&config, 1).unwrap();
    let adapter = Adapter {
        config: &config,
        weights: &weights,
    };
    let packed = packed(&[11, 5]);
    let base = decoder.losses(&packed, None).unwrap();
    let found = decoder.losses(&packed, Some(adapter)).unwrap();
    for (a, b) in found.iter().zip(&base) {
        assert!((a - b).abs() < 1e-5, "{a} {b}");
    }
    let (_, pair) = weights.iter().next().unwrap();
    assert!(
        flat(pair.magnitude.as_ref().unwrap())
            .iter()
            .all(|&norm| norm > 0.0)
    );
    // Twice the magnitude is twice the output: no longer the same.
    let mut doubled = LoraWeights::default();
    for (place, pair) in weights.iter() {
        let magnitude = pair.magnitude.as_ref().map(|norms| (norms * 2.0).unwrap());
        doubled.insert(
            place,
            LoraPair {
                magnitude,
                ..pair.clone()
            },
        );
    }
    let adapter = Adapter {
        config: &config,
        weights: &doubled,
    };
    assert_ne!(decoder.losses(&packed, Some(adapter)).unwrap(), base);
}

#[test]
fn bent_logits_and_scaled_positions_have_right_gradients() {
    let mut tiny = TinyDecoder::new("gemma3");
    let key = |name: &str| name.to_owned();
    tiny.metadata
        .push((key("final_logit_softcapping"), Value::F32(3.0)));
    tiny.metadata
        .push((key("rope.scaling.factor"), Value::F32(4.0)));
    check_gradients(&tiny, &config(), &[10]);
}

fn assert_same(a: &LoraWeights, b: &LoraWeights) {
    assert!(a.iter().count() > 0 && a.iter().count() == b.iter().count());
    for ((place, a), (_, b)) in a.iter().zip(b.iter()) {
        assert_eq!(flat(&a.a), flat(&b.a), "{place:?} A");
        assert_eq!(flat(&a.b), flat(&b.b), "{place:?} B");
    }
}

#[test]
fn blocks_that_are_computed_again_give_the_same_gradients_to_the_bit() {
    for dropout in [0.0, 0.3] {
        let config = LoraConfig {
            dropout,
            ..config()
        };
        let decoder = decoder(&TinyDecoder::new("gemma3"));
        let weights = used_adapter(&decoder, &config);
        let packed = packed(&[9, 12]);
        let pass = |keep, seed| {
            let adapter = Adapter {
                config: &config,
                weights: &weights,
            };
            decoder
                .gradients(&packed, adapter, keep, seed, &mut Between::never())
                .unwrap()
        };
        let (kept, again) = (pass(Keep::Everything, 7), pass(Keep::Inputs, 7));
        assert_eq!(kept.loss, again.loss);
        assert_same(&kept.gradients, &again.gradients);
        let other = pass(Keep::Inputs, 8);
        assert_eq!(
            other.loss != again.loss,
            dropout > 0.0,
            "the seed is dropout's"
        );
    }
}

#[test]
fn packed_texts_have_the_losses_and_gradients_of_each_alone() {
    for architecture in ["llama", "qwen2", "gemma3"] {
        let decoder = decoder(&TinyDecoder::new(architecture));
        let config = config();
        let weights = used_adapter(&decoder, &config);
        let adapter = Adapter {
            config: &config,
            weights: &weights,
        };
        let texts = [text(9, 1), text(13, 2)];
        let mut together = Packed::new();
        let mut losses = Vec::new();
        let mut sum = LoraWeights::default();
        for tokens in &texts {
            together.push(tokens);
            let mut alone = Packed::new();
            alone.push(tokens);
            losses.extend(decoder.losses(&alone, Some(adapter)).unwrap());
            let pass = decoder
                .gradients(&alone, adapter, Keep::Everything, 0, &mut Between::never())
                .unwrap();
            sum.add(pass.gradients).unwrap();
        }
        let found = decoder.losses(&together, Some(adapter)).unwrap();
        assert_eq!(found.len(), losses.len());
        for (a, b) in found.iter().zip(&losses) {
            assert!((a - b).abs() < 1e-5, "{a} {b}");
        }
        let pass = decoder
            .gradients(
                &together,
                adapter,
                Keep::Everything,
                0,
                &mut Between::never(),
            )
            .unwrap();
        assert_eq!(pass.weight, 20.0);
        let sum_of_losses: f64 = losses.iter().copied().map(f64::from).sum();
        assert!((pass.loss - sum_of_losses).abs() < 1e-3);
        for ((place, a), (_, b)) in pass.gradients.iter().zip(sum.iter()) {
            for (a, b) in [(&a.a, &b.a), (&a.b, &b.b)] {
                for (a, b) in flat(a).iter().zip(flat(b)) {
                    assert!((a - b).abs() < 1e-4, "{architecture} {place:?}: {a} {b}");
                }
            }
        }
    }
}

#[test]
fn tokens_without_weight_are_shown_but_not_learned_from() {
    let decoder = decoder(&TinyDecoder::new("llama"));
    let config = config();
    let weights = used_adapter(&decoder, &config);
    let adapter = Adapter {
        config: &config,
        weights: &weights,
    };
    let tokens = text(8, 1);
    let mut all = Packed::new();
    all.push(&tokens);
    let mut last = Packed::new();
    last.push_weighted(&tokens, &[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.5]);
    let all = decoder.losses(&all, Some(adapter)).unwrap();
    let one = decoder.losses(&last, Some(adapter)).unwrap();
    assert_eq!(one.len(), 1);
    assert!((one[0] - all[6]).abs() < 1e-5);
    let pass = decoder
        .gradients(&last, adapter, Keep::Inputs, 0, &mut Between::never())
        .unwrap();
    assert!((pass.loss - f64::from(all[6]) * 0.5).abs() < 1e-5);
    assert_eq!(pass.weight, 0.5);
}

#[test]
fn a_pass_without_tokens_that_count_weighs_nothing() {
    let decoder = decoder(&TinyDecoder::new("llama"));
    let config = config();
    let weights = used_adapter(&decoder, &config);
    let adapter = Adapter {
        config: &config,
        weights: &weights,
    };
    let shown = packed(&[1, 1]);
    assert!(decoder.losses(&shown, Some(adapter)).unwrap().is_empty());
    let pass = decoder
        .gradients(&shown, adapter, Keep::Inputs, 0, &mut Between::never())
        .unwrap();
    assert_eq!((pass.loss, pass.weight), (0.0, 0.0));
    assert_eq!(pass.gradients.parameters(), 0);
}

#[test]
fn an_adapter_of_another_model_or_configuration_is_refused_by_every_pass() {
    let decoder = decoder(&TinyDecoder::new("llama"));
    let packed = packed(&[5]);
    let refused = |config: &LoraConfig, weights: &LoraWeights, why: &str| {
        let adapter = Adapter { config, weights };
        let gradients = decoder.gradients(&packed, adapter, Keep::Inputs, 0, &mut Between::never());
        for error in [
            decoder.logits(&packed, 4..5, Some(adapter)).unwrap_err(),
            decoder.losses(&packed, Some(adapter)).unwrap_err(),
            gradients.unwrap_err(),
        ] {
            assert!(error.to_string().contains(why), "{error}");
        }
    };
    let config = config();
    let weights = used_adapter(&decoder, &config);
    let other = |change: fn(&mut LoraConfig)| {
        let mut config = config.clone();
        change(&mut config);
        config
    };
    refused(&other(|c| c.rank = 0), &weights, "choose 1 to 256");
    refused(&other(|c| c.alpha = f32::NAN), &weights, "alpha is NaN");
    refused(&other(|c| c.first_block = 9), &weights, "choose 0 to 1");
    let expected = "expected A of [4, 32] and B of [32, 4]";
    refused(&other(|c| c.rank = 4), &weights, expected);
    refused(
        &other(|c| c.first_block = 1),
        &weights,
        "a pair for `blk.0.",
    );
    let fewer = other(|c| c.targets = [Target::Up].into());
    refused(&fewer, &weights, "expected none");
    let some = decoder.begin_adapter(&fewer, 1).unwrap();
    refused(&config, &some, "no pair for `blk.0.attn_q.weight`");
    let place = Place {
        block: 1,
        target: Target::Down,
    };
    refused(
        &other(|c| c.has_magnitudes = true),
        &weights,
        "no magnitudes",
    );
    let mut directed = weights.clone();
    let mut pair = directed.get(place).unwrap().clone();
    pair.magnitude = Some(pair.b.sum(1).unwrap());
    directed.insert(place, pair);
    refused(&config, &directed, "has magnitudes of [32]");
    let mut wide = weights.clone();
    let mut pair = wide.get(place).unwrap().clone();
    pair.b = pair.b.to_dtype(DType::F64).unwrap();
    wide.insert(place, pair);
    refused(&config, &wide, "32-bit floats");
}

#[test]
fn an_adapter_that_has_just_begun_changes_nothing() {
    let decoder = decoder(&TinyDecoder::new("qwen3"));
    let config = config();
    let weights = decoder.begin_adapter(&config, 1).unwrap();
    assert!(weights.parameters() > 0);
    let adapter = Adapter {
        config: &config,
        weights: &weights,
    };
    let packed = packed(&[11]);
    let base = decoder.losses(&packed, None).unwrap();
    assert_eq!(decoder.losses(&packed, Some(adapter)).unwrap(), base);
}
