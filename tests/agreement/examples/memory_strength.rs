//! Fits how much the memory counts (`daemon/memory/src/strength.rs`) on text that it does not know.
//!
//! `memory_strength MODEL.gguf en|zh TOKENS FOLDER…`: of each folder, one author's, every second document is
//! remembered and the others are predicted, so many tokens of them. Prints what the model alone makes of
//! these, what it makes of them with the memory as it is, and the numbers that are best for all folders
//! together, found one after the other on a grid. Not part of any test: who changes how the memory is
//! mixed runs it by hand.

#![allow(clippy::unwrap_used, clippy::print_stdout)] // Run by hand, where a panic says what is wrong.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use inkstone_engine::plan::GpuLayers;
use inkstone_engine::{
    BatchEntry, Context, ContextOptions, KvType, LoadOptions, Model, SequenceId,
};
use inkstone_memory::strength::{CHINESE, ENGLISH};
use inkstone_memory::{
    Builder, CONTEXT_TOKENS_MAX, DocumentName, Followers, Memory, Mixture, Strength,
};
use inkstone_vocab::TokenId;

/// Tokens that are read at once of a document; the first of them are context only.
const WINDOW_TOKENS: usize = 512;
const CONTEXT_TOKENS: usize = 96;
const BATCH_TOKENS: usize = 64;
/// Rounds over all numbers: later ones change nothing.
const ROUNDS: usize = 3;
/// What is tried for θ; the last leaves contexts of a length out.
const GRID: [f32; 17] = [
    0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0, 40.0, 80.0, 160.0, 640.0, 1e9,
];

/// A token of a held-out text.
struct Point {
    truth: TokenId,
    /// What the model gives it.
    probability: f32,
    /// The model's own choice.
    choice: (TokenId, f32),
    followers: Vec<Followers>,
    /// How often the truth is among them.
    of_truth: Vec<f32>,
    /// What the model gives the followers, in the order of the longest context's and so on.
    of_followers: Vec<(TokenId, f32)>,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [model, language, tokens, folders @ ..] = &arguments[..] else {
        panic!("memory_strength MODEL.gguf en|zh TOKENS FOLDER…");
    };
    let known = if language == "zh" { CHINESE } else { ENGLISH };
    let tokens: usize = tokens.parse().unwrap();
    let model = load(Path::new(model));
    let sets: Vec<(String, Vec<Point>)> = folders
        .iter()
        .map(|folder| (folder.clone(), points(&model, Path::new(folder), tokens)))
        .collect();
    let off = Strength {
        factor: 0.0,
        ..known
    };
    report("the model alone", &sets, &off);
    report("as it is", &sets, &known);
    let all: Vec<&Point> = sets.iter().flat_map(|(_, points)| points).collect();
    let mut best = known;
    for _ in 0..ROUNDS {
        for order in 0..CONTEXT_TOKENS_MAX {
            let with = |doubt: f32| {
                let mut tried = best;
                tried.doubt[order] = doubt;
                tried
            };
            let tried = GRID.iter().map(|doubt| (nats(&all, &with(*doubt)), *doubt));
            let least = tried.min_by(|a, b| a.0.total_cmp(&b.0)).unwrap().1;
            best = with(least);
        }
    }
    println!("{best:?}");
    report("best", &sets, &best);
    for factor in [0.5, 0.75, 1.25, 1.5] {
        let name = format!("best, times {factor}");
        report(&name, &sets, &Strength { factor, ..best });
    }
}

fn report(name: &str, sets: &[(String, Vec<Point>)], strength: &Strength) {
    for (folder, points) in sets {
        let points: Vec<&Point> = points.iter().collect();
        let (nats, right) = (nats(&points, strength), right(&points, strength));
        println!(
            "{name}: {folder}: {nats:.4} nats, {right:.2} % right, {} tokens",
            points.len()
        );
    }
}

/// The mean surprise, as `Mixture::of` mixes.
fn nats(points: &[&Point], strength: &Strength) -> f64 {
    let of = |point: &&Point| {
        let (mut left, mut probability) = (1.0, 0.0);
        for (followers, of_truth) in point.followers.iter().zip(&point.of_truth) {
            let share = left * strength.belief(followers);
            probability += share * of_truth / followers.count;
            left -= share;
        }
        -f64::from(probability + left * point.probability).ln()
    };
    points.iter().map(of).sum::<f64>() / points.len() as f64
}

/// How often the likeliest token is the right one, in percent.
fn right(points: &[&Point], strength: &Strength) -> f64 {
    let is_right = |point: &&&Point| {
        let mixture = Mixture::of(&point.followers, strength);
        let mixed = |(token, of_model): &(TokenId, f32)| {
            let Some(mixture) = &mixture else {
                return *of_model;
            };
            let found = mixture
                .tokens
                .binary_search_by_key(token, |(token, _)| *token);
            mixture.model * of_model + found.map_or(0.0, |at| mixture.tokens[at].1)
        };
        let candidates = std::iter::once(&point.choice).chain(&point.of_followers);
        let chosen = candidates.max_by(|a, b| mixed(a).total_cmp(&mixed(b)));
        chosen.unwrap().0 == point.truth
    };
    100.0 * points.iter().filter(is_right).count() as f64 / points.len() as f64
}

fn points(model: &Arc<Model>, folder: &Path, tokens_max: usize) -> Vec<Point> {
    let texts = documents(folder);
    let of = |text: &String| model.tokenize(text, false, false).unwrap();
    let mut builder = Builder::new([0; 32], [0; 32]);
    for (number, text) in (0_u128..).zip(texts.iter().step_by(2)) {
        let name = DocumentName {
            key: number.to_be_bytes(),
            content: [0; 32],
        };
        builder.add(&name, of(text).into_iter().map(|token| (token, 1.0)));
    }
    let memory = Memory::open(builder.finish(0)).unwrap();
    println!(
        "{}: {} tokens remembered",
        folder.display(),
        memory.header().tokens
    );
    let held_out: Vec<&String> = texts.iter().skip(1).step_by(2).collect();
    let each = (tokens_max / held_out.len().max(1)).max(32);
    let mut context = context(model);
    let mut points = Vec::new();
    for text in held_out {
        let tokens = of(text);
        // From its middle, where nothing of a title or a preface stands.
        let start = tokens.len() / 2;
        let end = tokens
            .len()
            .min(start + (CONTEXT_TOKENS + each).min(WINDOW_TOKENS));
        let head = model.tokenize("", true, false).unwrap();
        let window = [&head[..], &tokens[start..end]].concat();
        read(
            &mut context,
            &window,
            head.len() + CONTEXT_TOKENS,
            &memory,
            &mut points,
        );
    }
    points
}

/// Predicts the tokens of a window from `first` on.
fn read(
    context: &mut Context,
    window: &[TokenId],
    first: usize,
    memory: &Memory<Vec<u8>>,
    points: &mut Vec<Point>,
) {
    context.truncate(SequenceId(0), 0);
    for (number, batch) in window.chunks(BATCH_TOKENS).enumerate() {
        let at = number * BATCH_TOKENS;
        let entries: Vec<BatchEntry> = (at..)
            .zip(batch)
            .map(|(position, &token)| BatchEntry {
                token,
                position: u32::try_from(position).unwrap(),
                sequence: SequenceId(0),
                wants_logits: true,
            })
            .collect();
        context.decode(&entries).unwrap();
        for index in 0..batch.len() {
            let next = at + index + 1;
            if next >= first && next < window.len() {
                let logits = context.logits(index).unwrap();
                points.push(point(logits, window[next], &window[..next], memory));
            }
        }
    }
}

fn point(logits: &[f32], truth: TokenId, before: &[TokenId], memory: &Memory<Vec<u8>>) -> Point {
    let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f32 = logits.iter().map(|logit| (logit - highest).exp()).sum();
    let of = |token: TokenId| (logits[token.0 as usize] - highest).exp() / sum;
    let choice = inkstone_engine::greedy(logits).unwrap().token;
    let followers = memory.followers(before);
    let mut named: Vec<TokenId> = followers
        .iter()
        .flat_map(|all| all.tokens.iter().map(|one| one.token))
        .collect();
    named.sort_unstable();
    named.dedup();
    Point {
        truth,
        probability: of(truth).max(f32::MIN_POSITIVE),
        choice: (choice, of(choice)),
        of_truth: followers.iter().map(|all| all.count_of(truth)).collect(),
        of_followers: named.into_iter().map(|token| (token, of(token))).collect(),
        followers,
    }
}

/// The texts of a folder, in the order of their names.
fn documents(folder: &Path) -> Vec<String> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.extension().and_then(|ending| ending.to_str()) {
                _ if path.is_dir() => folders.push(path),
                Some("md" | "txt") => files.push(path),
                _ => {}
            }
        }
    }
    files.sort();
    let read = |file: &PathBuf| std::fs::read_to_string(file).unwrap().replace('\r', "");
    files.iter().map(read).collect()
}

fn load(path: &Path) -> Arc<Model> {
    let options = LoadOptions {
        context_tokens: 1_024,
        gpu: None,
        gpu_layers: GpuLayers::Auto,
        host_free_bytes: 8 << 30,
    };
    Model::load(path, &options, &mut |_| true).unwrap()
}

fn context(model: &Arc<Model>) -> Context {
    let options = ContextOptions {
        context_tokens: 1_024,
        sequences: 1,
        outputs: u32::try_from(BATCH_TOKENS).unwrap(),
        batch_tokens: u32::try_from(BATCH_TOKENS).unwrap(),
        threads: 2,
        offload_kv: false,
        flash_attention: true,
        kv_type: KvType::F16,
    };
    Context::new(model, options).unwrap()
}
