//! From documents to a file: a new one, or one that takes over from an older file what is still so.
//!
//! Both come to the same bytes. What stays keeps its tokens and the order of its places, which a
//! change of other documents does not touch; only what is new is sorted, and put between. Nothing is
//! taken over but what the caller names, so that what has left the dataset is in no file that is made
//! after that.

use std::collections::BTreeMap;

use inkstone_vocab::TokenId;
use sha2::{Digest as _, Sha256};

use crate::format::{
    CHECKSUM_AT, CHECKSUM_END, DocumentName, HASH_BYTES, HEADER_BYTES, Header, KEY_BYTES,
    NUMBER_BYTES, ROW_BYTES, SEPARATOR,
};
use crate::former::Former;
use crate::order;

/// Tokens that are remembered at most: some twenty books, 46 MiB. What comes when there is not room for
/// another document of any length is left out.
pub const TOKENS_MAX: usize = 4_000_000;
/// Tokens that are remembered of one document at most, from its beginning: of the longest novels half.
pub const DOCUMENT_TOKENS_MAX: usize = 500_000;
/// Documents that are taken at most, those included of which nothing is remembered.
pub const DOCUMENTS_MAX: usize = 1 << 18;

/// What the writer's own words weigh; assisted ones weigh their part of it. In whole numbers, so that
/// a sum does not depend on its order.
pub const WEIGHT_OF_OWN: u32 = 16;

/// In the place of an entry of the older file that was not taken over; no entry has this number.
const GONE: u32 = u32::MAX;

/// Collects documents.
#[derive(Debug)]
pub struct Builder<'m> {
    model: [u8; HASH_BYTES],
    dataset: [u8; HASH_BYTES],
    former: Option<Former<'m>>,
    /// By their keys: in the order of the stream.
    documents: BTreeMap<[u8; KEY_BYTES], Document>,
    tokens: usize,
    left_out: usize,
}

/// A document that is to be in the file.
#[derive(Debug)]
struct Document {
    content: [u8; HASH_BYTES],
    tokens: Tokens,
}

#[derive(Debug)]
enum Tokens {
    /// The row of the older file.
    Former(usize),
    New(Stretch),
}

/// A part of the stream.
#[derive(Debug, Default)]
struct Stretch {
    entries: Vec<u32>,
    /// Of each entry; a separator has none.
    weights: Vec<u8>,
}

impl<'m> Builder<'m> {
    /// Nothing yet, in the tokens of the model with this hash, from the dataset of this name.
    pub fn new(model: [u8; HASH_BYTES], dataset: [u8; HASH_BYTES]) -> Self {
        Self {
            model,
            dataset,
            former: None,
            documents: BTreeMap::new(),
            tokens: 0,
            left_out: 0,
        }
    }

    /// Takes over from an older file what [`Self::keep`] names, if it is of the same model.
    #[must_use]
    pub fn following(mut self, former: Former<'m>) -> Self {
        self.former = (*former.model() == self.model).then_some(former);
        self
    }

    /// Whether a further document might find no room, of which the length is not known before it is
    /// read: the caller need not read it.
    pub fn is_full(&self) -> bool {
        self.tokens > TOKENS_MAX - DOCUMENT_TOKENS_MAX || self.documents.len() >= DOCUMENTS_MAX
    }

    /// Takes a document over from the older file; whether it is there with this content. None is, when
    /// the memory is full.
    pub fn keep(&mut self, name: &DocumentName) -> bool {
        if self.is_full() {
            return false;
        }
        let Some(former) = &self.former else {
            return false;
        };
        let Some(row) = former.find(name) else {
            return false;
        };
        let tokens = former.tokens(former.row(row).entries.clone());
        // One that is longer was not made here.
        let is_taken = tokens <= DOCUMENT_TOKENS_MAX;
        if is_taken {
            self.put(name, tokens, Tokens::Former(row));
        }
        is_taken
    }

    /// Takes a document: its tokens, each with how much it counts, from 0 to 1. What weighs nothing is
    /// not remembered. When the memory is full, it is left out.
    pub fn add(&mut self, name: &DocumentName, tokens: impl IntoIterator<Item = (TokenId, f32)>) {
        if self.is_full() {
            self.left_out += 1;
            return;
        }
        let mut stretch = Stretch::default();
        let mut count = 0;
        for (token, weight) in tokens {
            let weight = units(weight);
            if count >= DOCUMENT_TOKENS_MAX {
                break;
            } else if weight == 0 || token.0 == SEPARATOR {
                // What stands before it and what stands after it did not follow each other.
                stretch.separate();
            } else {
                stretch.entries.push(token.0);
                stretch.weights.push(weight);
                count += 1;
            }
        }
        stretch.separate();
        self.put(name, count, Tokens::New(stretch));
    }

    /// Counts documents that were not even read, since the memory was full.
    pub fn leave_out(&mut self, documents: usize) {
        self.left_out += documents;
    }

    /// The file's bytes. `built_ms` is the time, in milliseconds since 1970.
    pub fn finish(self, built_ms: i64) -> Vec<u8> {
        let Laid {
            stream,
            table,
            documents,
            ordered,
            others,
        } = Laid::of(self.documents, self.former.as_ref());
        // What stood in the older file is in `stream` now.
        drop(self.former);
        let places = order::merged(&stream.entries, &ordered, others);
        let header = Header {
            model: self.model,
            dataset: self.dataset,
            built_ms,
            documents: number(documents),
            tokens: number(places.len()),
            entries: number(stream.entries.len()),
            rows: number(table.len() / ROW_BYTES),
            left_out: number(self.left_out),
        };
        let numbers = stream.entries.len() + 2 * places.len() + 1;
        let mut bytes = Vec::with_capacity(HEADER_BYTES + numbers * NUMBER_BYTES + table.len());
        bytes.extend(header.to_bytes());
        let mut push = |number: u32| bytes.extend(number.to_le_bytes());
        stream.entries.iter().copied().for_each(&mut push);
        places.iter().copied().for_each(&mut push);
        let mut sum = 0_u32;
        push(sum);
        for place in &places {
            sum = sum.saturating_add(u32::from(stream.weights[*place as usize]));
            push(sum);
        }
        bytes.extend(table);
        let checksum = checksum(&bytes);
        bytes[CHECKSUM_AT..CHECKSUM_END].copy_from_slice(&checksum);
        bytes
    }

    fn put(&mut self, name: &DocumentName, count: usize, tokens: Tokens) {
        let content = name.content;
        let document = Document { content, tokens };
        // Keys are given once; of two with the same one the first counts.
        if let std::collections::btree_map::Entry::Vacant(free) = self.documents.entry(name.key) {
            free.insert(document);
            self.tokens += count;
        }
    }
}

impl Stretch {
    fn separate(&mut self) {
        if self.entries.last().is_some_and(|last| *last != SEPARATOR) {
            self.entries.push(SEPARATOR);
            self.weights.push(0);
        }
    }
}

/// All documents after each other.
#[derive(Default)]
struct Laid {
    stream: Stretch,
    table: Vec<u8>,
    /// Documents of which there is something.
    documents: usize,
    /// Places of what was taken over, in their order.
    ordered: Vec<u32>,
    /// Places of what is new, in none.
    others: Vec<u32>,
}

impl Laid {
    fn of(documents: BTreeMap<[u8; KEY_BYTES], Document>, former: Option<&Former<'_>>) -> Self {
        let mut laid = Self::default();
        let entries = former.map_or(0, Former::entries);
        let mut moved = vec![GONE; entries];
        for (key, document) in documents {
            let at = laid.stream.entries.len();
            laid.table.extend(key);
            laid.table.extend(document.content);
            laid.table.extend(number(at).to_le_bytes());
            let stream = &mut laid.stream;
            match (document.tokens, former) {
                (Tokens::New(stretch), _) => {
                    stream.entries.extend(&stretch.entries);
                    stream.weights.extend(&stretch.weights);
                    let places = (number(at)..).zip(&stretch.weights);
                    let places = places.filter(|(_, weight)| **weight > 0);
                    laid.others.extend(places.map(|(place, _)| place));
                }
                (Tokens::Former(row), Some(former)) => {
                    let from = former.row(row).entries.clone();
                    stream.entries.extend(former.stream(from.clone()));
                    stream.weights.extend(former.weights(from.clone()));
                    for (place, moved) in (number(at)..).zip(&mut moved[from]) {
                        *moved = place;
                    }
                }
                // proof: `keep` alone makes these, and only beside an older file, which stays.
                (Tokens::Former(_), None) => {}
            }
            laid.documents += usize::from(laid.stream.entries.len() > at);
        }
        let places = former.into_iter().flat_map(Former::places);
        let places = places.map(|place| moved[place]);
        // A whole document is taken over or nothing of it, and these stay in the order of their keys:
        // what stood before another place, as its tokens or as its number, still does.
        laid.ordered = places.filter(|place| *place != GONE).collect();
        laid
    }
}

/// SHA-256 of a file but for the place of the checksum.
pub(crate) fn checksum(file: &[u8]) -> [u8; HASH_BYTES] {
    let mut hasher = Sha256::new();
    hasher.update(&file[..CHECKSUM_AT.min(file.len())]);
    hasher.update(file.get(CHECKSUM_END..).unwrap_or_default());
    hasher.finalize().into()
}

/// A count; all of them are bounded far below.
fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Reason: between 0 and 16.
fn units(weight: f32) -> u8 {
    (weight.clamp(0.0, 1.0) * WEIGHT_OF_OWN as f32).round() as u8
}
