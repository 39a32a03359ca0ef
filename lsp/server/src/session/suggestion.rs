//! What an editor was given to show.
//!
//! Not how it was made. Kept per document, so that typing along a suggestion needs no new one.

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

/// What a document was last given to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ShownSuggestion {
    /// Its name.
    pub(crate) id: SuggestionId,
    /// Its text and place.
    pub(crate) shown: inkstone_policy::Shown,
}

/// What became of the suggestions of this process.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct SuggestionCounts {
    /// Sent to the editor; what it draws of them is its own affair.
    pub(crate) offered: u64,
    /// Taken.
    pub(crate) accepted: u64,
    /// Refused.
    pub(crate) rejected: u64,
}
