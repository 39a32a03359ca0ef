//! How fast passes over a model are, and what memory they take. For people who work on them:
//! `cargo run --release -p inkstone-lora --example speed -- MODEL.gguf forward|keep|inputs|sample
//! TOKENS REPEATS [MIB]`, where MIB is what may be spent on weights in 32-bit floats. Samples are of
//! 32 sequences of TOKENS each.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a tool for developers"
)]

use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;
use std::time::Instant;

use inkstone_gguf::Gguf;
use inkstone_lora::{Adapter, Between, Decoder, Device, Keep, LoraConfig, Packed, Sampling};
use inkstone_vocab::TokenId;

const USAGE: &str = "usage: speed MODEL.gguf forward|keep|inputs|sample TOKENS REPEATS [MIB]";

/// Sequences that are sampled side by side.
const SEQUENCES: usize = 32;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |index: usize| {
        arguments
            .get(index)
            .and_then(|text| text.parse::<u32>().ok())
    };
    let path = PathBuf::from(arguments.first().expect(USAGE));
    let mode = arguments.get(1).expect(USAGE);
    let (tokens, repeats) = (number(2).expect(USAGE), number(3).expect(USAGE));
    let plain_bytes = u64::from(number(4).unwrap_or(0)) << 20;

    let gguf = Gguf::from_path(&path).expect("a model file");
    let file = BufReader::new(File::open(&path).expect("a model file"));
    let read = Instant::now();
    let decoder = Decoder::read(&path, &gguf, file, &Device::Cpu, plain_bytes);
    let decoder = decoder.expect("a model that can be trained");
    println!("read in {:.2} s", read.elapsed().as_secs_f64());

    let config = LoraConfig::default();
    let weights = decoder.begin_adapter(&config, 1).expect("memory");
    let adapter = Adapter {
        config: &config,
        weights: &weights,
    };
    let vocabulary = u32::try_from(decoder.hyperparameters().vocabulary_tokens).expect("a count");
    let ids: Vec<TokenId> = (0..tokens)
        .map(|i| TokenId(i.wrapping_mul(2_654_435_761) % vocabulary))
        .collect();
    let mut packed = Packed::new();
    packed.push(&ids);
    for repeat in 0..repeats {
        let start = Instant::now();
        let mut computed = tokens;
        let loss = match mode.as_str() {
            "forward" => {
                let losses = decoder.losses(&packed, Some(adapter)).expect("memory");
                losses.into_iter().map(f64::from).sum()
            }
            "keep" | "inputs" => {
                let keep = if mode == "keep" {
                    Keep::Everything
                } else {
                    Keep::Inputs
                };
                let pass = decoder.gradients(
                    &packed,
                    adapter,
                    keep,
                    u64::from(repeat),
                    &mut Between::never(),
                );
                pass.expect("memory").loss
            }
            "sample" => {
                computed = sampled(&decoder, adapter, &ids[..1], tokens, repeat);
                0.0
            }
            _ => panic!("{USAGE}"),
        };
        let seconds = start.elapsed().as_secs_f64();
        println!(
            "{mode}: {:.0} tokens/s, loss {:.3}, peak {}",
            f64::from(computed) / seconds,
            loss / f64::from(tokens),
            peak_memory()
        );
    }
}

/// Writes sequences of so many tokens side by side; says how many tokens that was.
fn sampled(
    decoder: &Decoder,
    adapter: Adapter<'_>,
    prompt: &[TokenId],
    tokens: u32,
    seed: u32,
) -> u32 {
    let sampling = Sampling {
        tokens_max: tokens as usize,
        temperature: 1.0,
        seed: u64::from(seed),
        ends: Vec::new(),
    };
    let prompts = vec![prompt.to_vec(); SEQUENCES];
    let never = &mut Between::never();
    let written = decoder.sample_each(&prompts, &sampling, Some(adapter), never);
    u32::try_from(written.expect("memory").concat().len()).expect("a count")
}

/// The most main memory this process has held, as Linux says it.
fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    line.map_or_else(|| "unknown".to_owned(), |line| line[6..].trim().to_owned())
}
