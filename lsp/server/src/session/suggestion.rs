//! What an editor was given to show.
//!
//! Not how it was made. Kept per document, so that typing along a suggestion needs no new one.

use inkstone_text::PositionEncoding;

use crate::session::parts::Parts;

/// Numbers the suggestions of this process; comes back with `inkstone.accepted`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct SuggestionId(u64);

impl SuggestionId {
    pub(crate) const fn new(number: u64) -> Self {
        Self(number)
    }

    pub(crate) const fn get(self) -> u64 {
        self.0
    }
}

/// A suggestion as an editor gets it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Offer<'a> {
    /// Its name.
    pub(crate) id: SuggestionId,
    /// What to insert.
    pub(crate) text: &'a str,
    /// How it may be taken in parts.
    pub(crate) parts: &'a Parts,
    /// What the editor counts in.
    pub(crate) encoding: PositionEncoding,
}

/// What a document was last given to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ShownSuggestion {
    /// Its name.
    pub(crate) id: SuggestionId,
    /// Its text and place.
    pub(crate) shown: inkstone_policy::Shown,
    /// How it may be taken in parts.
    pub(crate) parts: Parts,
    /// It is ready and not shown: the writer wants to ask by key.
    pub(crate) is_held: bool,
}

/// What became of the suggestions of this process.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct SuggestionCounts {
    /// Sent to the editor; what it draws of them is its own affair.
    pub(crate) offered: u64,
    /// Taken, whole or in parts.
    pub(crate) accepted: u64,
    /// Refused.
    pub(crate) rejected: u64,
    last_accepted: Option<SuggestionId>,
}

impl SuggestionCounts {
    /// Counts a suggestion once, in however many parts it is taken.
    pub(crate) fn accept(&mut self, id: SuggestionId) {
        if self.last_accepted.replace(id) != Some(id) {
            self.accepted += 1;
        }
    }
}
