//! From documents to a file.
//!
//! The whole is sorted anew: some hundred thousand tokens take a fraction of a second, and a file that
//! is made in one go holds nothing of what has left the dataset.

use std::cmp::Ordering;

use inkstone_vocab::TokenId;
use sha2::{Digest as _, Sha256};

use crate::format::{
    CHECKSUM_AT, CONTEXT_TOKENS_MAX, HASH_BYTES, HEADER_BYTES, Header, NUMBER_BYTES, SEPARATOR,
};

/// Tokens that are remembered at most: some twenty books, 46 MiB. What comes after them is left out.
pub const TOKENS_MAX: usize = 4_000_000;

/// What the writer's own words weigh; assisted ones weigh their part of it. In whole numbers, so that
/// a sum does not depend on its order.
pub const WEIGHT_OF_OWN: u32 = 16;

/// Places are ordered by so many tokens: a context and what follows it.
const ORDERED_TOKENS: usize = CONTEXT_TOKENS_MAX + 1;

/// Collects documents.
#[derive(Debug)]
pub struct Builder {
    model: [u8; HASH_BYTES],
    dataset: [u8; HASH_BYTES],
    documents: u32,
    tokens: usize,
    stream: Vec<u32>,
    /// Of each entry of the stream.
    weights: Vec<u8>,
    left_out: usize,
}

impl Builder {
    /// Nothing yet, in the tokens of the model with this hash, from the dataset of this name.
    pub fn new(model: [u8; HASH_BYTES], dataset: [u8; HASH_BYTES]) -> Self {
        Self {
            model,
            dataset,
            documents: 0,
            tokens: 0,
            stream: Vec::new(),
            weights: Vec::new(),
            left_out: 0,
        }
    }

    /// Takes a document: its tokens, each with how much it counts, from 0 to 1. What weighs nothing is
    /// not remembered.
    pub fn add(&mut self, tokens: impl IntoIterator<Item = (TokenId, f32)>) {
        let before = self.tokens;
        for (token, weight) in tokens {
            let weight = units(weight);
            if self.tokens >= TOKENS_MAX {
                self.left_out += 1;
            } else if weight == 0 || token.0 == SEPARATOR {
                // What stands before it and what stands after it did not follow each other.
                self.separate();
            } else {
                self.stream.push(token.0);
                self.weights.push(weight);
                self.tokens += 1;
            }
        }
        self.documents += u32::from(self.tokens > before);
        self.separate();
    }

    /// Tokens that found no room.
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// Whether there is nothing to remember.
    pub fn is_empty(&self) -> bool {
        self.tokens == 0
    }

    /// The file's bytes. `built_ms` is the time, in milliseconds since 1970.
    pub fn finish(self, built_ms: i64) -> Vec<u8> {
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let header = Header {
            model: self.model,
            dataset: self.dataset,
            built_ms,
            documents: self.documents,
            tokens: count(self.tokens),
            entries: count(self.stream.len()),
        };
        let places = self.places();
        let numbers = self.stream.len() + 2 * places.len() + 1;
        let mut bytes = Vec::with_capacity(HEADER_BYTES + numbers * NUMBER_BYTES);
        bytes.extend(header.to_bytes());
        let mut push = |number: u32| bytes.extend(number.to_le_bytes());
        self.stream.iter().copied().for_each(&mut push);
        places.iter().copied().for_each(&mut push);
        let mut sum = 0_u32;
        push(sum);
        for place in &places {
            sum = sum.saturating_add(u32::from(self.weights[*place as usize]));
            push(sum);
        }
        let checksum = checksum(&bytes);
        bytes[CHECKSUM_AT..HEADER_BYTES].copy_from_slice(&checksum);
        bytes
    }

    fn separate(&mut self) {
        if self.stream.last().is_some_and(|last| *last != SEPARATOR) {
            self.stream.push(SEPARATOR);
            self.weights.push(0);
        }
    }

    /// Where tokens stand, in the order of the tokens from there on.
    fn places(&self) -> Vec<u32> {
        let tokens = (0_u32..).zip(&self.stream);
        let tokens = tokens.filter(|(_, token)| **token != SEPARATOR);
        let mut places: Vec<u32> = tokens.map(|(place, _)| place).collect();
        let from = |place: u32| {
            let rest = &self.stream[place as usize..];
            &rest[..rest.len().min(ORDERED_TOKENS)]
        };
        places.sort_unstable_by(|a, b| up_to_separator(from(*a), from(*b)).then(a.cmp(b)));
        places
    }
}

/// Compares two stretches; nothing after a separator counts, since it is another document's.
fn up_to_separator(a: &[u32], b: &[u32]) -> Ordering {
    for (a, b) in a.iter().zip(b) {
        match a.cmp(b) {
            Ordering::Equal if *a == SEPARATOR => return Ordering::Equal,
            Ordering::Equal => {}
            unequal => return unequal,
        }
    }
    // Only the end of the stream is shorter, and it ends with a separator.
    Ordering::Equal
}

/// SHA-256 of a file but for the place of the checksum.
pub(crate) fn checksum(file: &[u8]) -> [u8; HASH_BYTES] {
    let mut hasher = Sha256::new();
    hasher.update(&file[..CHECKSUM_AT.min(file.len())]);
    hasher.update(file.get(HEADER_BYTES..).unwrap_or_default());
    hasher.finalize().into()
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Reason: between 0 and 16.
fn units(weight: f32) -> u8 {
    (weight.clamp(0.0, 1.0) * WEIGHT_OF_OWN as f32).round() as u8
}
