//! Sequences as bytes: what a context has read, to be put back into one like it.
//!
//! Where the bytes are kept, and whether they are still whole, is the caller's concern.

use crate::context::{Context, KvType, SequenceId};
use crate::stamp::FileStamp;

/// What a saved sequence was computed with, but for adapters: only by the same it may be gone on with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContextIdentity {
    /// The model's file.
    pub model: FileStamp,
    /// How the numbers are kept.
    pub kv_type: KvType,
    /// How attention is computed.
    pub flash_attention: bool,
}

/// A sequence as bytes, for the process that made them.
#[derive(Debug)]
pub struct SavedSequence(pub Vec<u8>);

impl Context {
    /// What its sequences are computed with.
    pub fn identity(&self) -> ContextIdentity {
        ContextIdentity {
            model: self.model.stamp().clone(),
            kv_type: self.options.kv_type,
            flash_attention: self.options.flash_attention,
        }
    }

    /// What `sequence` holds, when that is `tokens` tokens from the first on. None else, and when
    /// llama.cpp cannot tell. The bytes do not say with which adapters they were computed: the caller
    /// does.
    pub fn save(&mut self, sequence: SequenceId, tokens: u32) -> Option<SavedSequence> {
        // The keys of what was moved are turned with the next batch, the positions are new already.
        if self.has_moved || !self.holds(sequence, tokens) {
            return None;
        }
        let state = self.raw.save(i32::from(sequence.0));
        (!state.is_empty()).then_some(SavedSequence(state))
    }

    /// Puts back `tokens` tokens that were saved by a context of the same
    /// [`identity`](Context::identity), instead of what the sequence holds. False when they do not
    /// fit: then the sequence is empty.
    ///
    /// The bytes must be those that [`Context::save`] gave in this process: whoever kept them
    /// somewhere checks that they are whole.
    pub fn restore(&mut self, sequence: SequenceId, tokens: u32, saved: &SavedSequence) -> bool {
        if u32::from(sequence.0) >= self.options.sequences {
            return false;
        }
        let id = i32::from(sequence.0);
        let is_back = self.raw.restore(id, &saved.0) && self.holds(sequence, tokens);
        if !is_back {
            self.raw.truncate(id, 0);
        }
        is_back
    }

    fn holds(&self, sequence: SequenceId, tokens: u32) -> bool {
        let id = i32::from(sequence.0);
        let last = self.raw.last_position(id);
        self.raw.first_position(id) == Some(0) && last.map(|last| last + 1) == Some(tokens)
    }
}
