//! The trainer's decoder and llama.cpp on the same file and tokens: both sides' distributions, and
//! how far they are apart.
//!
//! In a crate of its own, since the trainer never links llama.cpp and its crate's tests do not
//! either. For tests only: everything here panics.

use std::fs::File;
use std::io::BufReader;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use inkstone_engine::plan::GpuLayers;
use inkstone_engine::{
    Adapter, BatchEntry, Context, ContextOptions, KvType, LoadOptions, Model, SequenceId,
};
use inkstone_gguf::Gguf;
use inkstone_lora::{Decoder, Device, Packed};
use inkstone_vocab::TokenId;

/// Tokens of one batch of llama.cpp's.
const BATCH_TOKENS: u32 = 128;
/// Cells of its cache: the longest text of these tests and some.
const CONTEXT_TOKENS: u32 = 1_024;

/// llama.cpp with a model.
#[derive(Debug)]
pub struct Served {
    model: Arc<Model>,
    context: Context,
}

impl Served {
    /// Loads it onto the processor.
    ///
    /// # Panics
    /// When llama.cpp refuses the file.
    pub fn load(path: &Path) -> Self {
        let options = LoadOptions {
            context_tokens: CONTEXT_TOKENS,
            gpu: None,
            gpu_layers: GpuLayers::Auto,
            host_free_bytes: 8 << 30,
        };
        let model = Model::load(path, &options, &mut |_| true);
        let model = model.unwrap_or_else(|error| panic!("{error}"));
        let context = Context::new(
            &model,
            ContextOptions {
                context_tokens: CONTEXT_TOKENS,
                sequences: 1,
                outputs: BATCH_TOKENS,
                batch_tokens: BATCH_TOKENS,
                threads: 2,
                offload_kv: false,
                flash_attention: false,
                kv_type: KvType::F16,
            },
        );
        let context = context.unwrap_or_else(|error| panic!("{error}"));
        Self { model, context }
    }

    /// Tokens of a text, with a BOS token where the model wants one.
    ///
    /// # Panics
    /// When llama.cpp cannot tokenize it.
    pub fn tokenize(&self, text: &str) -> Vec<TokenId> {
        let tokens = self.model.tokenize(text, true, false);
        tokens.unwrap_or_else(|error| panic!("{error}"))
    }

    /// Applies the adapter of this file from now on.
    ///
    /// # Panics
    /// When llama.cpp refuses it.
    pub fn wear(&mut self, path: &Path) {
        let adapter = Adapter::load(&self.model, path);
        let adapter = adapter.unwrap_or_else(|error| panic!("{error}"));
        let set = self.context.set_adapters(vec![(adapter, 1.0)]);
        set.unwrap_or_else(|error| panic!("{error}"));
    }

    /// Logits after the tokens in `rows`.
    ///
    /// # Panics
    /// When llama.cpp cannot compute them.
    pub fn logits(&mut self, tokens: &[TokenId], rows: Range<usize>) -> Vec<Vec<f32>> {
        assert!(self.context.truncate(SequenceId(0), 0));
        let mut logits = Vec::new();
        let numbered: Vec<(u32, TokenId)> = (0..).zip(tokens.iter().copied()).collect();
        for batch in numbered.chunks(BATCH_TOKENS as usize) {
            let wants = |position: u32| rows.contains(&(position as usize));
            let entries: Vec<BatchEntry> = batch
                .iter()
                .map(|&(position, token)| BatchEntry {
                    token,
                    position,
                    sequence: SequenceId(0),
                    wants_logits: wants(position),
                })
                .collect();
            let decoded = self.context.decode(&entries);
            decoded.unwrap_or_else(|error| panic!("{error}"));
            let found = (0..entries.len()).filter_map(|index| self.context.logits(index));
            logits.extend(found.map(<[f32]>::to_vec));
        }
        logits
    }
}

/// The trainer's decoder of a model file.
///
/// # Panics
/// When it refuses the file.
pub fn decoder(path: &Path) -> Decoder {
    let gguf = Gguf::from_path(path).unwrap_or_else(|error| panic!("{error}"));
    let file = File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let read = Decoder::read(path, &gguf, BufReader::new(file), &Device::Cpu, 0);
    read.unwrap_or_else(|error| panic!("{error}"))
}

/// One text as a pass.
pub fn packed(tokens: &[TokenId]) -> Packed {
    let mut packed = Packed::new();
    packed.push(tokens);
    packed
}

/// How far two models' distributions are apart.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Agreement {
    /// Positions that were compared.
    pub positions: usize,
    /// The mean of the Kullback–Leibler divergence from the first to the second, in nats.
    pub kl_mean: f64,
    /// Positions where both have the same likeliest token.
    pub same_top: usize,
    /// Of those where they have not, how far the first's two best logits are apart at most.
    pub differing_gap_max: f32,
}

impl Agreement {
    /// Compares logits row by row.
    ///
    /// # Panics
    /// When there are not as many on both sides.
    pub fn of(expected: &[Vec<f32>], found: &[Vec<f32>]) -> Self {
        assert_eq!(expected.len(), found.len());
        let mut all = Self::default();
        for (expected, found) in expected.iter().zip(found) {
            assert_eq!(expected.len(), found.len());
            let (best, gap) = best(expected);
            let same = found.iter().all(|&logit| logit <= found[best]);
            all.add(Self {
                positions: 1,
                kl_mean: divergence(expected, found),
                same_top: usize::from(same),
                differing_gap_max: if same { 0.0 } else { gap },
            });
        }
        all
    }

    /// Adds what was found on other rows.
    pub fn add(&mut self, other: Self) {
        let positions = self.positions + other.positions;
        let sum = self.kl_mean * self.positions as f64 + other.kl_mean * other.positions as f64;
        *self = Self {
            positions,
            kl_mean: sum / positions.max(1) as f64,
            same_top: self.same_top + other.same_top,
            differing_gap_max: self.differing_gap_max.max(other.differing_gap_max),
        };
    }
}

/// The likeliest token, and how far its logit is above the next one's.
fn best(logits: &[f32]) -> (usize, f32) {
    let (mut best, mut second) = (0, f32::NEG_INFINITY);
    for (index, &logit) in logits.iter().enumerate().skip(1) {
        if logit > logits[best] {
            second = logits[best];
            best = index;
        } else {
            second = second.max(logit);
        }
    }
    (best, logits[best] - second)
}

fn divergence(expected: &[f32], found: &[f32]) -> f64 {
    let (p, q) = (log_probabilities(expected), log_probabilities(found));
    p.iter().zip(q).map(|(p, q)| p.exp() * (p - q)).sum()
}

fn log_probabilities(logits: &[f32]) -> Vec<f64> {
    let largest = logits.iter().fold(f32::NEG_INFINITY, |a, &b| a.max(b));
    let relative = logits.iter().map(|&logit| f64::from(logit - largest));
    let total: f64 = relative.clone().map(f64::exp).sum();
    relative.map(|logit| logit - total.ln()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_distributions_do_not_diverge_and_others_do() {
        let a = vec![1.0, 3.0, 2.0];
        let shifted = vec![11.0, 13.0, 12.0];
        let other = vec![3.0, 1.0, 2.0];
        let same = Agreement::of(std::slice::from_ref(&a), &[shifted]);
        assert!(same.kl_mean.abs() < 1e-9 && same.same_top == 1, "{same:?}");
        let mut both = same;
        both.add(Agreement::of(&[a], &[other]));
        assert_eq!((both.positions, both.same_top), (2, 1));
        assert!(
            both.kl_mean > 0.1 && (both.differing_gap_max - 1.0).abs() < 1e-6,
            "{both:?}"
        );
    }
}
