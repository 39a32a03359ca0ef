//! How a model learns from a folder of texts under some choices: the held-out loss, step by step, and
//! the processor time until then. For people who look for better automatic values:
//! `cargo run --release -p inkstone-lora --example curve -- MODEL.gguf FOLDER STEPS STEP_TOKENS
//! FIRST_BLOCK RATE`. Every eighth text is held out; rate 0 takes the automatic one.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a tool for developers"
)]

use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::time::Instant;

use inkstone_gguf::Gguf;
use inkstone_lora::{
    Between, Decoder, Device, HeldOut, Keep, Packed, Run, RunConfig, RunEvent, run,
};
use inkstone_vocab::{TokenId, TokenizeOptions, Vocab};

const USAGE: &str = "usage: curve MODEL.gguf FOLDER STEPS STEP_TOKENS FIRST_BLOCK RATE";
/// Of how many texts one is held out.
const HELD_OUT_EVERY: usize = 8;
/// Tokens of a held-out pass, and of all of them, at most.
const HELD_OUT_PASS_TOKENS: usize = 512;
const HELD_OUT_TOKENS_MAX: usize = 4_096;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let argument = |index: usize| arguments.get(index).expect(USAGE);
    let path = PathBuf::from(argument(0));
    let number = |index: usize| argument(index).parse::<u64>().expect(USAGE);
    let (steps, step_tokens, first_block) = (number(2), number(3), number(4));
    let rate: f64 = argument(5).parse().expect(USAGE);

    let gguf = Gguf::from_path(&path).expect("a model file");
    let vocabulary = Vocab::from_gguf(&gguf).expect("a vocabulary");
    let file = BufReader::new(File::open(&path).expect("a model file"));
    let decoder = Decoder::read(&path, &gguf, file, &Device::Cpu, 0).expect("a model");
    let (learned, held_out) = texts(Path::new(argument(1)), &vocabulary);
    let pass = usize::try_from(step_tokens).expect(USAGE);
    let batches: Vec<Packed> = learned.chunks(pass).map(packed).collect();
    let own = run::batches::cut(&held_out, HELD_OUT_PASS_TOKENS);
    let generic = Vec::new();
    let held_out = HeldOut { own, generic };

    let model = decoder.hyperparameters();
    let (tokens, keep) = (steps * step_tokens, Keep::Everything);
    let mut config = RunConfig::automatic(tokens, model, keep, Some(step_tokens), 1);
    config.training.schedule.steps = steps;
    config.training.lora.first_block = usize::try_from(first_block).expect(USAGE);
    if rate > 0.0 {
        config.training.schedule.peak_rate = rate;
    }
    config.evaluate_every = (steps / 4).max(1);
    config.checkpoint_every = 0;
    println!(
        "{} passes, rate {:.2e}, rank {}, blocks from {first_block}",
        batches.len(),
        config.training.schedule.peak_rate,
        config.training.lora.rank
    );
    let each_in_turn = |step: u64, _: u64| {
        let index = usize::try_from(step).unwrap_or(usize::MAX) % batches.len();
        vec![batches[index].clone()]
    };
    let run = Run::begin(&decoder, config, &each_in_turn, &held_out);
    follow(run.expect("a run"));
}

fn follow(mut run: Run<'_>) {
    let (mut seconds, mut processor) = (0.0, 0.0);
    loop {
        let (start, processor_start) = (Instant::now(), processor_seconds());
        match run.advance(&mut Between::never()).expect("memory") {
            RunEvent::Stepped(_) => {
                seconds += start.elapsed().as_secs_f64();
                processor += processor_seconds() - processor_start;
            }
            RunEvent::Evaluated { step, held_out, .. } => {
                let gain = run
                    .start_held_out()
                    .map_or(0.0, |start| held_out / start - 1.0);
                println!(
                    "after {step}: held out {held_out:.4} ({:+.2} %), {seconds:.0} s, {processor:.0} s of processors",
                    gain * 100.0
                );
            }
            RunEvent::Ended(reason) => return println!("{reason}"),
            event => println!("{event:?}"),
        }
    }
}

/// Tokens that are learned from, and those that are held out.
fn texts(folder: &Path, vocabulary: &Vocab) -> (Vec<TokenId>, Vec<TokenId>) {
    let entries = fs::read_dir(folder).expect("a folder of texts");
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    paths.sort();
    let (mut learned, mut held_out) = (Vec::new(), Vec::new());
    for (index, path) in paths.iter().enumerate() {
        let text = fs::read_to_string(path).expect("a text");
        let tokens = vocabulary.tokenize(&text, TokenizeOptions::default());
        if index % HELD_OUT_EVERY == 0 && held_out.len() < HELD_OUT_TOKENS_MAX {
            let room = HELD_OUT_TOKENS_MAX - held_out.len();
            held_out.extend(tokens.into_iter().take(room));
        } else {
            learned.extend(tokens);
        }
    }
    (learned, held_out)
}

fn packed(tokens: &[TokenId]) -> Packed {
    let mut packed = Packed::new();
    packed.push(tokens);
    packed
}

/// Seconds that all processors together worked for this process, as Linux counts them.
fn processor_seconds() -> f64 {
    const TICKS: f64 = 100.0;
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let numbers = stat.rsplit(')').next().unwrap_or_default();
    let numbers = numbers.split_whitespace().skip(11).take(2);
    numbers
        .filter_map(|ticks| ticks.parse::<f64>().ok())
        .sum::<f64>()
        / TICKS
}
