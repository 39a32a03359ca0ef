//! Sequences of one KV cache: decode a batch, read logits, rewind, swap adapters.

use std::sync::{Arc, PoisonError};

use inkstone_vocab::TokenId;

use crate::adapter::Adapter;
use crate::admission::unservable;
use crate::error::{EngineError, Unservable};
use crate::ffi::context::RawContext;
use crate::model::Model;

/// A rewound sequence may lack the oldest part of a sliding window, one in so many of its tokens:
/// what is furthest away tells least, and reading a whole text again costs seconds.
const WINDOW_SHARE_MISSING_MAX: u32 = 4;

/// `llama_decode` returns -1 for a batch that it does not take, and less when computing failed.
const CODE_OF_FAILURE_MAX: i32 = -2;
/// Numbers of the KV cache in 8 bits come in blocks with a scale of two bytes.
const Q8_BLOCK_NUMBERS: u64 = 32;
const Q8_BLOCK_BYTES: u64 = 34;

/// One line of text in the KV cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SequenceId(pub u16);

/// Sizes of a context.
#[derive(Debug, Clone, Copy)]
pub struct ContextOptions {
    /// Cells of the KV cache, shared by all sequences.
    pub context_tokens: u32,
    /// Sequences at once.
    pub sequences: u32,
    /// Rows of logits that one batch may ask for at most; each costs memory for as many numbers as
    /// the vocabulary has tokens.
    pub outputs: u32,
    /// Tokens in one batch at most; also how long a cancel can be late.
    pub batch_tokens: u32,
    /// Threads that compute.
    pub threads: u32,
    /// Keep the KV cache on the graphics card that holds the layers.
    pub offload_kv: bool,
    /// Compute attention in one pass over the cache, where the device has code for it.
    pub flash_attention: bool,
    /// The cache's numbers.
    pub kv_type: KvType,
}

/// How the numbers of the KV cache are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KvType {
    /// In 16 bits.
    F16,
    /// In 8 bits, with a scale for 32 of them; needs flash attention.
    Q8,
}

impl KvType {
    /// Bytes of so many numbers.
    pub fn bytes(self, numbers: u64) -> u64 {
        match self {
            Self::F16 => numbers * 2,
            Self::Q8 => numbers.div_ceil(Q8_BLOCK_NUMBERS) * Q8_BLOCK_BYTES,
        }
    }
}

/// One token of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchEntry {
    /// The token.
    pub token: TokenId,
    /// Its position in the sequence, from 0.
    pub position: u32,
    /// The sequence it extends.
    pub sequence: SequenceId,
    /// Whether the distribution after it is wanted.
    pub wants_logits: bool,
}

/// A KV cache over a model.
#[derive(Debug)]
pub struct Context {
    // Field order is drop order: the context goes before what it uses.
    pub(crate) raw: RawContext,
    pub(crate) adapters: Vec<(Arc<Adapter>, f32)>,
    pub(crate) model: Arc<Model>,
    pub(crate) options: ContextOptions,
    /// Cells have been moved since the last batch.
    pub(crate) has_moved: bool,
}

impl Context {
    /// A context with an empty cache.
    pub fn new(model: &Arc<Model>, options: ContextOptions) -> Result<Self, EngineError> {
        let raw = {
            let _shared = model.shared.write().unwrap_or_else(PoisonError::into_inner);
            RawContext::new(&model.raw, &options)?
        };
        if !raw.has_memory() {
            return Err(unservable(
                model.path(),
                model.info(),
                Unservable::NoDecoder,
            ));
        }
        Ok(Self {
            raw,
            adapters: Vec::new(),
            model: Arc::clone(model),
            options,
            has_moved: false,
        })
    }

    /// The model below.
    pub fn model(&self) -> &Arc<Model> {
        &self.model
    }

    /// Tokens of one batch at most, as asked for.
    pub fn batch_tokens(&self) -> u32 {
        self.options.batch_tokens
    }

    /// Rows of logits that one batch may ask for.
    pub fn outputs(&self) -> u32 {
        self.options.outputs
    }

    /// Cells of the KV cache as llama.cpp made it: the wish, rounded up.
    pub fn context_tokens(&self) -> u32 {
        self.raw.context_tokens()
    }

    /// Bytes of its KV cache.
    pub fn kv_bytes(&self) -> u64 {
        self.model
            .kv_bytes_per_token(self.options.kv_type)
            .saturating_mul(u64::from(self.context_tokens()))
    }

    /// Computes a batch; afterwards [`Context::logits`] has the rows that were asked for.
    ///
    /// Tokens of one sequence must come in order of position and continue what the cache holds.
    /// After [`EngineError::Thrown`] and [`EngineError::Card`] it computes no more: make another one,
    /// on the processor after the latter.
    pub fn decode(&mut self, entries: &[BatchEntry]) -> Result<(), EngineError> {
        self.check(entries)?;
        // Contexts of one model decode side by side; only loading or freeing an adapter waits.
        let _shared = self
            .model
            .shared
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let done = self.raw.decode(entries);
        if self.raw.is_broken() {
            // Stays in memory like the context, which cannot be freed any more.
            std::mem::forget(Arc::clone(&self.model));
        }
        done.map_err(|error| self.of_card(error))?;
        self.has_moved = false;
        Ok(())
    }

    /// A failure to compute is the graphics card's where one computes; a batch that llama.cpp does
    /// not take is not.
    fn of_card(&self, error: EngineError) -> EngineError {
        let Some(device) = self.model.device() else {
            return error;
        };
        match error {
            EngineError::Thrown { detail }
            | EngineError::Decode {
                code: ..=CODE_OF_FAILURE_MAX,
                detail,
                ..
            } => EngineError::Card {
                device: device.name.clone(),
                detail,
            },
            error => error,
        }
    }

    fn check(&self, entries: &[BatchEntry]) -> Result<(), EngineError> {
        if entries.is_empty() {
            return Err(EngineError::Batch("no entries".to_owned()));
        }
        let vocabulary_len = self.model.vocabulary_len();
        for entry in entries {
            if entry.token.0 as usize >= vocabulary_len {
                return Err(EngineError::Batch(format!(
                    "token {} of {vocabulary_len}",
                    entry.token.0
                )));
            }
            if u32::from(entry.sequence.0) >= self.options.sequences {
                return Err(EngineError::Batch(format!(
                    "sequence {} of {}",
                    entry.sequence.0, self.options.sequences
                )));
            }
        }
        let outputs = entries.iter().filter(|entry| entry.wants_logits).count();
        if outputs > self.options.outputs as usize {
            return Err(EngineError::Batch(format!(
                "{outputs} rows of logits, at most {}",
                self.options.outputs
            )));
        }
        Ok(())
    }

    /// Logits after entry `index` of the last batch, one per token of the vocabulary; none when
    /// that entry did not ask for them.
    pub fn logits(&self, index: usize) -> Option<&[f32]> {
        self.raw.logits(index)
    }

    /// Forgets what `sequence` holds from position `keep` on. False when the memory cannot be
    /// rewound there, because of its architecture or because a sliding window has passed: then
    /// forget all of it with `keep` 0.
    pub fn truncate(&mut self, sequence: SequenceId, keep: u32) -> bool {
        self.sees_enough(sequence, keep) && self.raw.truncate(raw(sequence), position(keep))
    }

    /// Whether a move is possible at all with this model's memory.
    pub fn can_shift(&self) -> bool {
        self.raw.can_shift()
    }

    /// Forgets the positions `from..until` of `sequence` and moves what lies from `until` on, so that
    /// it begins at `to`. The keys are turned to their new positions; what the moved tokens know of
    /// the forgotten ones stays. False when the memory cannot: then forget all of it.
    ///
    /// The moved cells must belong to this sequence alone.
    pub fn move_back(&mut self, sequence: SequenceId, from: u32, until: u32, to: u32) -> bool {
        // What a sliding window has given up cannot be told from here: only a whole sequence moves.
        let is_whole = self.raw.first_position(raw(sequence)) == Some(0);
        self.has_moved = true;
        is_whole
            && self.can_shift()
            && self
                .raw
                .move_back(raw(sequence), position(from), position(until), position(to))
    }

    /// Lets the sequence `to` hold the positions `start..end` of `from`, too: both share the cells,
    /// and each can forget them for itself.
    pub fn copy(&mut self, from: SequenceId, to: SequenceId, start: u32, end: u32) {
        let known = |sequence: SequenceId| u32::from(sequence.0) < self.options.sequences;
        if known(from) && known(to) {
            self.raw
                .copy(raw(from), raw(to), position(start), position(end));
        }
    }

    /// Whether the next token at `keep` sees what it should: with a sliding window, which gives up
    /// cells that are out of sight, a sequence rewound too far lacks the window's beginning.
    fn sees_enough(&self, sequence: SequenceId, keep: u32) -> bool {
        let window = self.model.sliding_window_tokens();
        let (Some(first), true) = (self.raw.first_position(raw(sequence)), window > 0) else {
            return true;
        };
        let seen = keep.saturating_sub(first);
        keep == 0 || first == 0 || seen >= window - window / WINDOW_SHARE_MISSING_MAX
    }

    /// Applies these adapters, with their scales, to every following batch, instead of those
    /// before. What the cache holds was computed under the old ones: truncate it.
    pub fn set_adapters(&mut self, adapters: Vec<(Arc<Adapter>, f32)>) -> Result<(), EngineError> {
        if let Some((foreign, _)) = adapters
            .iter()
            .find(|(adapter, _)| !adapter.belongs_to(&self.model))
        {
            return Err(EngineError::AdapterOfOtherModel {
                path: foreign.path().to_owned(),
            });
        }
        let raw: Vec<_> = adapters
            .iter()
            .map(|(adapter, scale)| (adapter.raw(), *scale))
            .collect();
        if !self.raw.set_adapters(&raw) {
            return Err(EngineError::Batch(
                "llama.cpp refused the adapters".to_owned(),
            ));
        }
        // Only now may the old ones go.
        self.adapters = adapters;
        Ok(())
    }
}

fn raw(sequence: SequenceId) -> i32 {
    i32::from(sequence.0)
}

fn position(tokens: u32) -> i32 {
    i32::try_from(tokens).unwrap_or(i32::MAX)
}
