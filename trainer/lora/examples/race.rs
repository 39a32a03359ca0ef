//! Our side of a race with another trainer: `tests/agreement/race_with_peft.py` starts it and runs both
//! in turns, on the same tokens.
//!
//! `race tokens MODEL.gguf FOLDER SEQUENCE_TOKENS HELD_OUT_TOKENS` prints the sequences of a folder's
//! `.md` and `.txt` files, one a line: `train` or `held`, then token numbers. Every eighth file is held
//! out.
//!
//! `race run MODEL.gguf TOKENS KEY=VALUE…` reads commands, `train N` steps or `evaluate`, and answers
//! each with a line of JSON. A step takes the next sequences; after the last comes the first.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a tool for developers"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Instant;

use inkstone_gguf::Gguf;
use inkstone_lora::{
    Between, Decay, Decoder, Device, Keep, LoraConfig, OptimizerConfig, Packed, Schedule, Target,
    Training, TrainingConfig,
};
use inkstone_vocab::{TokenId, TokenizeOptions, Vocab};

const USAGE: &str = "usage: race tokens MODEL.gguf FOLDER SEQUENCE_TOKENS HELD_OUT_TOKENS\n   or: race run MODEL.gguf TOKENS KEY=VALUE…";
/// Of how many files one is held out.
const HELD_OUT_EVERY: usize = 8;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let texts: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match texts.as_slice() {
        ["tokens", model, folder, sequence, held_out] => {
            let (sequence, held_out) = (number(sequence), number(held_out));
            tokens(Path::new(model), Path::new(folder), sequence, held_out);
        }
        ["run", model, tokens, settings @ ..] => {
            run(Path::new(model), Path::new(tokens), &Settings::of(settings));
        }
        _ => panic!("{USAGE}"),
    }
}

fn number<T: FromStr>(text: &str) -> T {
    text.parse().ok().expect(USAGE)
}

fn tokens(model: &Path, folder: &Path, sequence: usize, held_out_tokens: usize) {
    let gguf = Gguf::from_path(model).expect("a model file");
    let vocabulary = Vocab::from_gguf(&gguf).expect("a vocabulary");
    let (mut learned, mut held_out) = (Vec::new(), Vec::new());
    for (index, path) in files(folder).iter().enumerate() {
        let text = fs::read_to_string(path).expect("a text");
        let tokens = vocabulary.tokenize(&text, TokenizeOptions::default());
        if index % HELD_OUT_EVERY == 0 {
            held_out.extend(tokens);
        } else {
            learned.extend(tokens);
        }
    }
    held_out.truncate(held_out_tokens);
    let mut out = BufWriter::new(io::stdout().lock());
    for (name, tokens) in [("train", learned), ("held", held_out)] {
        // What is left of the last sequence would have another length.
        for sequence in tokens.chunks_exact(sequence) {
            write!(out, "{name}").expect("somebody listens");
            for token in sequence {
                write!(out, " {}", token.0).expect("somebody listens");
            }
            writeln!(out).expect("somebody listens");
        }
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder of texts") {
        let path = entry.expect("an entry").path();
        let ending = path.extension().and_then(|ending| ending.to_str());
        if path.is_dir() {
            found.extend(files(&path));
        } else if matches!(ending, Some("md" | "txt")) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Everything that can be chosen, by name.
struct Settings<'a>(BTreeMap<&'a str, &'a str>);

impl<'a> Settings<'a> {
    fn of(arguments: &[&'a str]) -> Self {
        let pairs = arguments
            .iter()
            .map(|one| one.split_once('=').expect(USAGE));
        Self(pairs.collect())
    }

    fn get<T: FromStr>(&self, name: &str, otherwise: T) -> T {
        self.0.get(name).map_or(otherwise, |value| number(value))
    }

    fn training(&self) -> TrainingConfig {
        let targets: Option<BTreeSet<&str>> = self
            .0
            .get("targets")
            .map(|names| names.split(',').collect());
        let is_target = |target: &Target| {
            let wanted = targets.as_ref();
            wanted.is_none_or(|names| names.contains(target.peft_name()))
        };
        TrainingConfig {
            lora: LoraConfig {
                rank: self.get("rank", 8),
                alpha: self.get("alpha", 16.0),
                targets: Target::ALL.into_iter().filter(is_target).collect(),
                first_block: self.get("first_block", 0),
                ..LoraConfig::default()
            },
            optimizer: OptimizerConfig::ADAM_W,
            schedule: Schedule {
                peak_rate: self.get("rate", 3e-4),
                warm_up_steps: self.get("warm_up", 20),
                steps: self.get("steps", 300),
                decay: Decay::Cosine,
            },
            gradient_norm_max: 1.0,
            keep: if self.get("recompute", 0) == 0 {
                Keep::Everything
            } else {
                Keep::Inputs
            },
            seed: self.get("seed", 1),
        }
    }
}

/// Sequences that are learned, and those that are held out.
struct Sequences {
    train: Vec<Vec<TokenId>>,
    held_out: Vec<Packed>,
}

impl Sequences {
    fn read(path: &Path) -> Self {
        let file = BufReader::new(File::open(path).expect("the file of tokens"));
        let (mut train, mut held_out) = (Vec::new(), Vec::new());
        for line in file.lines() {
            let line = line.expect("the file of tokens");
            let (name, ids) = line.split_once(' ').expect("a name and tokens");
            let ids: Vec<TokenId> = ids.split(' ').map(|id| TokenId(number(id))).collect();
            if name == "held" {
                held_out.push(packed(&[&ids]));
            } else {
                train.push(ids);
            }
        }
        Self { train, held_out }
    }

    /// What a step learns from.
    fn of_step(&self, step: usize, batch: usize) -> Packed {
        let each = (step * batch)..((step + 1) * batch);
        let texts: Vec<&Vec<TokenId>> = each
            .map(|index| &self.train[index % self.train.len()])
            .collect();
        packed(&texts)
    }
}

fn packed(texts: &[&Vec<TokenId>]) -> Packed {
    let mut packed = Packed::new();
    for text in texts {
        packed.push(text);
    }
    packed
}

fn run(model: &Path, tokens: &Path, settings: &Settings<'_>) {
    let gguf = Gguf::from_path(model).expect("a model file");
    let file = BufReader::new(File::open(model).expect("a model file"));
    let plain_bytes = settings.get::<u64>("plain_mb", 0) << 20;
    let decoder = Decoder::read(model, &gguf, file, &Device::Cpu, plain_bytes);
    let decoder = decoder.expect("a model that can be trained");
    let sequences = Sequences::read(tokens);
    let batch = settings.get("batch", 1);
    let mut training = Training::begin(&decoder, settings.training()).expect("a training");
    let load_mb = peak_mb();
    forget_peak();
    println!(r#"{{"did": "load", "peak_rss_mb": {load_mb:.1}}}"#);
    let mut steps = 0;
    for line in io::stdin().lines() {
        let line = line.expect("commands");
        match line.split_once(' ') {
            Some(("train", count)) => {
                let count: usize = number(count);
                train(&mut training, &sequences, steps..steps + count, batch);
                steps += count;
            }
            _ if line == "evaluate" => evaluate(&decoder, &training, &sequences),
            _ => panic!("no command {line:?}"),
        }
    }
}

fn train(
    training: &mut Training<'_>,
    sequences: &Sequences,
    steps: std::ops::Range<usize>,
    batch: usize,
) {
    let begun = Instant::now();
    let (mut tokens, mut loss) = (0, 0.0);
    let count = steps.len();
    for step in steps {
        let batch = sequences.of_step(step, batch);
        tokens += batch.tokens().len();
        let taken = training.step(&[batch], &mut Between::never());
        loss = taken.expect("memory").loss;
    }
    let (seconds, peak_mb) = (begun.elapsed().as_secs_f64(), peak_mb());
    println!(
        r#"{{"did": "train", "steps": {count}, "tokens": {tokens}, "seconds": {seconds:.4}, "loss": {loss:.6}, "peak_rss_mb": {peak_mb:.1}}}"#
    );
}

fn evaluate(decoder: &Decoder, training: &Training<'_>, sequences: &Sequences) {
    let begun = Instant::now();
    let never = &mut Between::never();
    let loss = decoder.mean_loss(&sequences.held_out, Some(training.adapter()), never);
    let (loss, seconds) = (loss.expect("memory"), begun.elapsed().as_secs_f64());
    println!(r#"{{"did": "evaluate", "held_out": {loss:.6}, "seconds": {seconds:.4}}}"#);
}

/// The most main memory this process has held since [`forget_peak`], in MiB, as Linux says it; 0
/// elsewhere.
fn peak_mb() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = peak.and_then(|peak| peak.trim().strip_suffix(" kB"));
    kib.and_then(|kib| kib.parse::<f64>().ok())
        .map_or(0.0, |kib| kib / 1_024.0)
}

/// What loading took is told apart.
fn forget_peak() {
    // Elsewhere than on Linux there is no such file, and no peak either.
    let _kept = fs::write("/proc/self/clear_refs", "5");
}
