//! What an editor was given to show.
//!
//! Not how it was made. Kept per document, so that typing along a suggestion needs no new one.

use inkstone_policy::{Rest, Shown};
use inkstone_text::Utf8Offset;

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
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Suggestion {
    /// Its name.
    pub(crate) id: SuggestionId,
    /// What to insert.
    pub(crate) text: String,
    /// How it may be taken in parts.
    pub(crate) parts: Parts,
}

/// What a document was last given to show: one suggestion, or several to choose from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ShownSuggestions {
    /// Their texts and place.
    pub(crate) shown: Shown,
    /// Their names, and how each may be taken in parts.
    members: Vec<(SuggestionId, Parts)>,
    /// They are ready and not shown: the writer wants to ask by key.
    pub(crate) is_held: bool,
}

impl ShownSuggestions {
    /// Suggestions given at `caret`, between `prefix` and `suffix`.
    pub(crate) fn new(
        suggestions: &[Suggestion],
        caret: Utf8Offset,
        prefix: &str,
        suffix: &str,
        is_held: bool,
    ) -> Self {
        let texts = suggestions.iter().map(|one| one.text.clone()).collect();
        let members = suggestions.iter().map(|one| (one.id, one.parts.clone()));
        Self {
            shown: Shown::new(texts, caret, prefix, suffix),
            members: members.collect(),
            is_held,
        }
    }

    /// Whether a suggestion is one of them.
    pub(crate) fn has(&self, id: SuggestionId) -> bool {
        self.members.iter().any(|(member, _)| *member == id)
    }

    /// What is left of those that still fit, in their order.
    pub(crate) fn rests(&self, rests: Vec<Rest>) -> Vec<Suggestion> {
        let of = |rest: Rest| {
            let (id, parts) = self.members.get(rest.index)?;
            Some(Suggestion {
                id: *id,
                parts: parts.of_rest(rest.text.len()),
                text: rest.text,
            })
        };
        rests.into_iter().filter_map(of).collect()
    }
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
