//! What a plan says that a pass takes is what it takes. In a program of its own, since the most
//! memory that a process ever held is one number for all its threads.

#![allow(clippy::unwrap_used)] // A test that fails panics.
#![cfg(target_os = "linux")]

use std::fs::{self, File};
use std::io::BufReader;

use inkstone_gguf::Gguf;
use inkstone_lora::{
    Adapter, Between, Decoder, Device, Keep, LoraConfig, Packed, adapter_bytes, pass_bytes,
};
use inkstone_test_support::{home, test_model_if_there};
use inkstone_vocab::TokenId;

/// The most bytes of main memory that this process has held.
fn peak_bytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kib = line.unwrap().split_whitespace().nth(1).unwrap();
    kib.parse::<u64>().unwrap() << 10
}

#[test]
fn passes_take_what_the_plan_says() {
    let Some(path) = test_model_if_there(home::ENGLISH_MODEL) else {
        return;
    };
    let gguf = Gguf::from_path(&path).unwrap();
    let file = BufReader::new(File::open(&path).unwrap());
    let decoder = Decoder::read(&path, &gguf, file, &Device::Cpu, 0).unwrap();
    let config = LoraConfig::default();
    let weights = decoder.begin_adapter(&config, 1).unwrap();
    let model = decoder.hyperparameters();
    assert_eq!(
        weights.parameters() as u64 * 4,
        adapter_bytes(model, &config)
    );
    let before = peak_bytes();
    // From small to large, since what was once held is never forgotten.
    for (keep, tokens) in [
        (Keep::Inputs, 96),
        (Keep::Inputs, 192),
        (Keep::Everything, 192),
        (Keep::Everything, 320),
    ] {
        let token = |i: u32| TokenId(i.wrapping_mul(2_654_435_761) % 49_152);
        let mut packed = Packed::new();
        // Distilled texts need the most.
        packed.push_distilled(&(0..tokens).map(token).collect::<Vec<_>>(), &[]);
        let adapter = Adapter {
            config: &config,
            weights: &weights,
        };
        let pass = decoder.gradients(&packed, adapter, keep, 1, &mut Between::never());
        assert!(pass.unwrap().loss > 0.0);
        let tokens = usize::try_from(tokens).unwrap();
        // The gradients are as large as the adapter.
        let expected = pass_bytes(model, &config, keep, tokens) + adapter_bytes(model, &config);
        let (found, expected) = ((peak_bytes() - before) as f64, expected as f64);
        println!(
            "{keep:?}, {tokens} tokens: {:.0} MB, planned {:.0}",
            found / 1e6,
            expected / 1e6
        );
        assert!(
            found < expected * 1.15 + 16e6,
            "{keep:?} {tokens}: {found} of {expected}"
        );
        assert!(
            found > expected * 0.7 - 16e6,
            "{keep:?} {tokens}: {found} of {expected}"
        );
    }
}
