//! Trainings on tiny models: they learn, they repeat themselves to the bit, and they stop short of
//! what is no number.

#![allow(clippy::unwrap_used, clippy::float_cmp)] // A test that fails panics; some are equal to the bit.

use std::io::Cursor;
use std::ops::ControlFlow;
use std::path::Path;

use inkstone_gguf::Gguf;
use inkstone_lora::{
    Between, Decay, Decoder, Device, Keep, LoraConfig, LoraError, OptimizerConfig, Packed,
    Schedule, Step, Training, TrainingConfig,
};
use inkstone_test_support::TinyDecoder;
use inkstone_vocab::TokenId;
use safetensors::SafeTensors;

fn decoder(architecture: &str) -> Decoder {
    let bytes = TinyDecoder::new(architecture).bytes();
    let gguf = Gguf::read(&mut &bytes[..], bytes.len() as u64).unwrap();
    let path = Path::new("tiny.gguf");
    Decoder::read(path, &gguf, Cursor::new(bytes), &Device::Cpu, 1 << 20).unwrap()
}

/// Bytes as the tokens that stand for them in the tiny vocabulary.
fn tokens(text: &str) -> Vec<TokenId> {
    text.bytes()
        .map(|byte| TokenId(3 + u32::from(byte)))
        .collect()
}

fn packed(texts: &[&str]) -> Packed {
    let mut packed = Packed::new();
    for text in texts {
        packed.push(&tokens(text));
    }
    packed
}

fn config(optimizer: OptimizerConfig, peak_rate: f64) -> TrainingConfig {
    TrainingConfig {
        lora: LoraConfig::default(),
        optimizer,
        schedule: Schedule {
            peak_rate,
            warm_up_steps: 3,
            steps: 60,
            decay: Decay::Cosine,
        },
        gradient_norm_max: 1.0,
        keep: Keep::Inputs,
        seed: 9,
    }
}

fn train(decoder: &Decoder, config: &TrainingConfig, steps: u64) -> Vec<Step> {
    let mut training = Training::begin(decoder, config.clone()).unwrap();
    let sentence = packed(&["今天下雨。 It rained. ", "今天下雨。 It rained. "]);
    let step = |_| {
        training
            .step(std::slice::from_ref(&sentence), &mut Between::never())
            .unwrap()
    };
    (0..steps).map(step).collect()
}

#[test]
fn a_repeated_sentence_is_learned_with_either_optimizer() {
    let sgd = OptimizerConfig::Sgd {
        momentum: 0.9,
        weight_decay: 0.0,
    };
    for (optimizer, rate) in [(OptimizerConfig::ADAM_W, 0.02), (sgd, 0.3)] {
        for architecture in ["llama", "gemma3"] {
            let decoder = decoder(architecture);
            let steps = train(&decoder, &config(optimizer, rate), 60);
            let (first, last) = (steps[0].loss, steps[59].loss);
            assert!(steps.iter().all(|step| step.is_taken));
            assert!(
                last < first * 0.5,
                "{architecture} {optimizer:?}: {first} to {last}"
            );
        }
    }
}

#[test]
fn memory_in_8_bits_trains_nearly_as_well() {
    for architecture in ["llama", "gemma3"] {
        let decoder = decoder(architecture);
        let last = |optimizer| {
            let steps = train(&decoder, &config(optimizer, 0.02), 60);
            assert!(steps.iter().all(|step| step.is_taken));
            (steps[0].loss, steps[59].loss)
        };
        let (start, whole) = last(OptimizerConfig::ADAM_W);
        let (_, eighth) = last(OptimizerConfig::ADAM_W_8_BIT);
        println!("{architecture}: {start}, in 32 bits {whole}, in 8 {eighth}");
        assert_ne!(whole, eighth);
        assert!(start - eighth > 0.95 * (start - whole), "{whole} {eighth}");
    }
}

#[test]
fn an_optimizer_in_8_bits_is_remembered_in_a_fourth_of_the_bytes() {
    let decoder = decoder("llama");
    let bytes = |optimizer| {
        let mut training = Training::begin(&decoder, config(optimizer, 0.01)).unwrap();
        let begun = training.checkpoint().unwrap().len();
        let text = packed(&["the sea was calm"]);
        let step = training.step(std::slice::from_ref(&text), &mut Between::never());
        assert!(step.unwrap().is_taken);
        training.checkpoint().unwrap().len() - begun
    };
    let (whole, eighth) = (
        bytes(OptimizerConfig::ADAM_W),
        bytes(OptimizerConfig::ADAM_W_8_BIT),
    );
    // Names of tensors take more than numbers do in a model as small as this.
    assert!(eighth < whole * 6 / 10, "{eighth} of {whole}");
}

#[test]
fn a_repeated_sentence_is_learned_with_magnitudes_too() {
    let decoder = decoder("llama");
    let mut config = config(OptimizerConfig::ADAM_W, 0.02);
    config.lora.has_magnitudes = true;
    let steps = train(&decoder, &config, 60);
    assert!(steps.iter().all(|step| step.is_taken));
    let (first, last) = (steps[0].loss, steps[59].loss);
    assert!(last < first * 0.5, "{first} to {last}");
}

#[test]
fn the_same_seed_gives_the_same_training_to_the_bit() {
    let decoder = decoder("qwen3");
    let mut config = config(OptimizerConfig::ADAM_W, 0.01);
    config.lora.dropout = 0.2;
    let once = train(&decoder, &config, 8);
    assert_eq!(train(&decoder, &config, 8), once);
    config.seed = 10;
    assert_ne!(train(&decoder, &config, 8), once);
}

#[test]
fn how_a_step_is_cut_into_micro_batches_changes_only_the_rounding() {
    let decoder = decoder("qwen2");
    let texts = ["the sea was calm", "夜里很静", "a b"];
    let whole = packed(&texts);
    let cut = texts.map(|text| packed(&[text]));
    let config = config(OptimizerConfig::ADAM_W, 0.01);
    let mut at_once = Training::begin(&decoder, config.clone()).unwrap();
    let mut in_parts = Training::begin(&decoder, config).unwrap();
    for _ in 0..5 {
        let a = at_once
            .step(std::slice::from_ref(&whole), &mut Between::never())
            .unwrap();
        let b = in_parts.step(&cut, &mut Between::never()).unwrap();
        assert!((a.loss - b.loss).abs() < 1e-3, "{a:?} {b:?}");
        assert!(
            (a.gradient_norm - b.gradient_norm).abs() < 1e-2 * a.gradient_norm,
            "{a:?} {b:?}"
        );
    }
}

#[test]
fn a_micro_batch_with_nothing_to_learn_changes_nothing() {
    let decoder = decoder("qwen2");
    let (text, shown) = (packed(&["the sea was calm"]), packed(&["a"]));
    let config = config(OptimizerConfig::ADAM_W, 0.01);
    let mut without = Training::begin(&decoder, config.clone()).unwrap();
    let mut with = Training::begin(&decoder, config).unwrap();
    for _ in 0..3 {
        let expected = without
            .step(std::slice::from_ref(&text), &mut Between::never())
            .unwrap();
        let found = with.step(&[text.clone(), shown.clone()], &mut Between::never());
        assert_eq!(found.unwrap(), expected);
    }
    let nothing = with.step(&[shown.clone(), shown], &mut Between::never());
    let error = nothing.unwrap_err().to_string();
    assert!(error.contains("at least two tokens"), "{error}");
}

#[test]
fn a_gradient_that_is_too_long_is_shortened() {
    let decoder = decoder("llama");
    let sgd = OptimizerConfig::Sgd {
        momentum: 0.0,
        weight_decay: 0.0,
    };
    let mut config = config(sgd, 1.0);
    config.gradient_norm_max = 1e-3;
    config.schedule.warm_up_steps = 0;
    let mut training = Training::begin(&decoder, config).unwrap();
    let before = training.adapter().weights.clone();
    let step = training
        .step(&[packed(&["the sea was calm"])], &mut Between::never())
        .unwrap();
    assert!(step.gradient_norm > 1e-2 && step.rate == 1.0, "{step:?}");
    let mut change = before.scaled(-1.0).unwrap();
    change.add(training.adapter().weights.clone()).unwrap();
    let change = change.norm().unwrap();
    assert!((change - 1e-3).abs() < 1e-5, "{change}");
}

#[test]
fn a_step_that_leads_to_no_number_is_not_taken() {
    let decoder = decoder("llama");
    let sgd = OptimizerConfig::Sgd {
        momentum: 0.0,
        weight_decay: 0.0,
    };
    let mut config = config(sgd, 1e30);
    config.gradient_norm_max = f64::INFINITY;
    let mut training = Training::begin(&decoder, config).unwrap();
    let text = [packed(&["the sea was calm"])];
    let steps: Vec<Step> = (0..4)
        .map(|_| training.step(&text, &mut Between::never()).unwrap())
        .collect();
    assert!(
        steps[0].is_taken && steps.iter().any(|step| !step.is_taken),
        "{steps:?}"
    );
    let refused = steps.iter().find(|step| !step.is_taken).unwrap();
    assert!(!(refused.loss.is_finite() && refused.gradient_norm.is_finite()));
}

#[test]
fn what_cannot_be_trained_is_refused_with_what_can() {
    let decoder = decoder("llama");
    let begin = |change: fn(&mut TrainingConfig)| {
        let mut config = config(OptimizerConfig::ADAM_W, 0.01);
        change(&mut config);
        Training::begin(&decoder, config).unwrap_err().to_string()
    };
    assert!(begin(|c| c.gradient_norm_max = 0.0).contains("above 0"));
    assert!(begin(|c| c.lora.rank = 0).contains("1 to 256"));
    assert!(begin(|c| c.lora.first_block = 2).contains("0 to 1"));
    assert!(begin(|c| c.schedule.peak_rate = -1.0).contains("learning rate"));
    let config = config(OptimizerConfig::ADAM_W, 0.01);
    let mut training = Training::begin(&decoder, config).unwrap();
    let step = |training: &mut Training<'_>, batches: &[Packed]| {
        training
            .step(batches, &mut Between::never())
            .unwrap_err()
            .to_string()
    };
    assert!(step(&mut training, &[]).contains("at least one"));
    assert!(step(&mut training, &[Packed::new()]).contains("pack 1 to"));
    assert!(step(&mut training, &[packed(&["a"])]).contains("at least two tokens"));
    let mut foreign = Packed::new();
    foreign.push(&[TokenId(1), TokenId(264)]);
    assert!(step(&mut training, &[foreign]).contains("vocabulary of 264"));
    let long = "word ".repeat(60);
    assert!(step(&mut training, &[packed(&[long.as_str()])]).contains("at most 256"));
    let mut weighed = Packed::new();
    weighed.push_weighted(&tokens("abc"), &[1.0, f32::NAN, 1.0]);
    assert!(step(&mut training, &[weighed]).contains("NaN"));
}

#[test]
fn between_layers_somebody_is_asked_and_a_stopped_step_has_changed_nothing() {
    let decoder = decoder("llama");
    let text = [packed(&["the sea was calm"])];
    let config = config(OptimizerConfig::ADAM_W, 0.01);
    let mut training = Training::begin(&decoder, config.clone()).unwrap();
    let mut asked = 0_u32;
    let mut go_on = || {
        asked += 1;
        ControlFlow::Continue(())
    };
    training.step(&text, &mut Between::new(&mut go_on)).unwrap();
    // Two blocks forward, the vocabulary both ways, each block again and backward.
    assert_eq!(asked, 2 + 2 + 2 * 2);

    let mut other = Training::begin(&decoder, config).unwrap();
    for stop_at in 1..=asked {
        let mut left = stop_at;
        let mut stop = || {
            left -= 1;
            if left == 0 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        };
        let stopped = other.step(&text, &mut Between::new(&mut stop));
        assert!(matches!(stopped, Err(LoraError::Stopped)), "{stopped:?}");
    }
    other.step(&text, &mut Between::never()).unwrap();
    let again = |training: &mut Training<'_>| training.step(&text, &mut Between::never()).unwrap();
    assert_eq!(again(&mut other), again(&mut training));
}

#[test]
fn a_training_that_was_killed_at_any_step_ends_as_if_it_had_not_been() {
    let decoder = decoder("qwen3");
    let sgd = OptimizerConfig::Sgd {
        momentum: 0.9,
        weight_decay: 0.01,
    };
    let eight_bit = OptimizerConfig::ADAM_W_8_BIT;
    for (optimizer, has_magnitudes) in [
        (OptimizerConfig::ADAM_W, false),
        (sgd, true),
        (eight_bit, true),
    ] {
        let mut config = config(optimizer, 0.01);
        config.lora.dropout = 0.2;
        config.lora.has_magnitudes = has_magnitudes;
        let text = [packed(&["今天下雨。 It rained. "])];
        let step =
            |training: &mut Training<'_>| training.step(&text, &mut Between::never()).unwrap();
        let mut whole = Training::begin(&decoder, config.clone()).unwrap();
        let undisturbed: Vec<Step> = (0..6).map(|_| step(&mut whole)).collect();
        for killed_after in 0..6 {
            let mut first = Training::begin(&decoder, config.clone()).unwrap();
            let mut steps: Vec<Step> = (0..killed_after).map(|_| step(&mut first)).collect();
            let checkpoint = first.checkpoint().unwrap();
            let mut second = Training::resume(&decoder, config.clone(), &checkpoint).unwrap();
            steps.extend((killed_after..6).map(|_| step(&mut second)));
            assert_eq!(steps, undisturbed, "killed after {killed_after} steps");
            assert_eq!(second.checkpoint().unwrap(), whole.checkpoint().unwrap());
        }
    }
}

#[test]
fn a_checkpoint_of_anything_else_is_refused() {
    let (qwen, gemma) = (decoder("qwen3"), decoder("gemma3"));
    let config = config(OptimizerConfig::ADAM_W, 0.01);
    let mut training = Training::begin(&qwen, config.clone()).unwrap();
    let text = [packed(&["the sea was calm"])];
    training.step(&text, &mut Between::never()).unwrap();
    let checkpoint = training.checkpoint().unwrap();
    let refused = |decoder: &Decoder, config: &TrainingConfig, bytes: &[u8]| {
        let resumed = Training::resume(decoder, config.clone(), bytes);
        resumed.unwrap_err().to_string()
    };
    let mut other = config.clone();
    other.seed += 1;
    assert!(refused(&qwen, &other, &checkpoint).contains("another configuration"));
    let error = refused(&gemma, &config, &checkpoint);
    assert!(
        error.contains("lacks a part") && error.contains("begin the training anew"),
        "{error}"
    );
    for len in (0..checkpoint.len()).step_by(checkpoint.len() / 50) {
        assert!(
            refused(&qwen, &config, &checkpoint[..len]).contains("is damaged"),
            "{len}"
        );
    }
    let mut poisoned = checkpoint.clone();
    let end = poisoned.len();
    poisoned[end - 4..].copy_from_slice(&f32::NAN.to_le_bytes());
    assert!(refused(&qwen, &config, &poisoned).contains("no number"));
    // Whatever a byte of the header becomes, it is refused or read.
    for place in 0..600 {
        let mut bytes = checkpoint.clone();
        bytes[place] ^= 0x41;
        let _either = Training::resume(&qwen, config.clone(), &bytes);
    }
}

/// The checkpoint with its header changed; what follows the header stays.
fn with_header(checkpoint: &[u8], change: impl Fn(String) -> String) -> Vec<u8> {
    const LEN_BYTES: usize = 8;
    let len = u64::from_le_bytes(checkpoint[..LEN_BYTES].try_into().unwrap());
    let end = LEN_BYTES + usize::try_from(len).unwrap();
    let header = String::from_utf8(checkpoint[LEN_BYTES..end].to_vec()).unwrap();
    let changed = change(header.clone());
    assert_ne!(changed, header, "there was something to change");
    let len = u64::try_from(changed.len()).unwrap().to_le_bytes();
    [&len, changed.as_bytes(), &checkpoint[end..]].concat()
}

#[test]
fn a_checkpoint_of_as_many_steps_as_can_be_counted_panics_nowhere() {
    let decoder = decoder("llama");
    let config = config(OptimizerConfig::ADAM_W, 0.01);
    let text = [packed(&["the sea was calm"])];
    let mut training = Training::begin(&decoder, config.clone()).unwrap();
    training.step(&text, &mut Between::never()).unwrap();
    let steps = |steps: &str| {
        let from = r#"\"steps\":1"#;
        let to = format!(r#"\"steps\":{steps}"#);
        with_header(&training.checkpoint().unwrap(), |header| {
            header.replace(from, &to)
        })
    };
    let far = steps(&u64::MAX.to_string());
    let mut far = Training::resume(&decoder, config.clone(), &far).unwrap();
    for _ in 0..2 {
        let step = far.step(&text, &mut Between::never()).unwrap();
        assert_eq!((step.step, step.rate), (u64::MAX, 0.0));
    }
    for (count, why) in [
        ("0", "than it took"),
        ("-1", "no steps"),
        ("0.5", "no steps"),
    ] {
        let error = Training::resume(&decoder, config.clone(), &steps(count)).unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
    }
}

#[test]
fn a_checkpoint_remembers_just_what_its_optimizer_does() {
    let decoder = decoder("llama");
    let sgd = OptimizerConfig::Sgd {
        momentum: 0.9,
        weight_decay: 0.0,
    };
    let text = [packed(&["the sea was calm"])];
    for optimizer in [OptimizerConfig::ADAM_W, sgd] {
        let config = config(optimizer, 0.01);
        let mut training = Training::begin(&decoder, config.clone()).unwrap();
        let begun = training.checkpoint().unwrap();
        training.step(&text, &mut Between::never()).unwrap();
        let stepped = training.checkpoint().unwrap();
        let refused = |bytes: &[u8], from: &str, to: &str, why: &str| {
            let bytes = with_header(bytes, |header| header.replace(from, to));
            let error = Training::resume(&decoder, config.clone(), &bytes).unwrap_err();
            assert!(error.to_string().contains(why), "{error}");
        };
        let count = |steps: u8| format!(r#"\"optimizer_steps\":{steps}"#);
        // Nothing is remembered before the first step, and all after it.
        refused(&stepped, &count(1), &count(0), "holds more");
        let both = |steps: u8| format!(r#"{},\"steps\":{steps}"#, count(steps));
        refused(&begun, &both(0), &both(1), "lacks a part");
        // As many tensors as there ought to be, but others.
        refused(&stepped, r#""means."#, r#""other."#, "lacks a part");
    }
}

#[test]
fn a_square_below_zero_is_refused() {
    let decoder = decoder("llama");
    let config = config(OptimizerConfig::ADAM_W, 0.01);
    let mut training = Training::begin(&decoder, config.clone()).unwrap();
    let text = [packed(&["the sea was calm"])];
    training.step(&text, &mut Between::never()).unwrap();
    let checkpoint = training.checkpoint().unwrap();
    let tensors = SafeTensors::deserialize(&checkpoint).unwrap();
    let data = |name: &str| {
        let data = tensors.tensor(name).unwrap().data().as_ptr_range();
        data.start.addr() - checkpoint.as_ptr().addr()
    };
    let negative = |place: usize| {
        let mut bytes = checkpoint.clone();
        bytes[place..place + 4].copy_from_slice(&(-1e-9_f32).to_le_bytes());
        Training::resume(&decoder, config.clone(), &bytes)
    };
    let squares = negative(data("squares.blk.1.ffn_up.weight.lora_b"));
    let error = squares.unwrap_err().to_string();
    assert!(error.contains("a square below zero"), "{error}");
    negative(data("means.blk.1.ffn_up.weight.lora_b")).unwrap();
}
