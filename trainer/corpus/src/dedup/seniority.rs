//! Which of two equal texts stays.
//!
//! Decides nothing by itself: [`super::verdict`] asks who outranks whom.

use std::cmp::Ordering;

/// The rank of a piece among all pieces of all documents, or of a document as its piece 0.
///
/// The newest document outranks the others, by its modified time and, where that is the same, by
/// its key, the greater one first; in a document, the earlier piece. This is a total order as long
/// as keys are. Where many files were written in one go, as by a checkout, their times say nothing;
/// the caller gives a better one where it knows it, such as that of the last commit.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Seniority {
    /// When the document was last changed, in milliseconds since 1970.
    pub modified_ms: i64,
    /// The document's key, which the store keeps over renames.
    pub document: String,
    /// The piece in its document, counted from 0.
    pub piece: u32,
}

impl Seniority {
    /// Whether this one stays where both say the same.
    pub fn outranks(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Less
    }
}

impl Ord for Seniority {
    /// The most senior is the least, and comes first when sorted.
    fn cmp(&self, other: &Self) -> Ordering {
        let newest_first = other.modified_ms.cmp(&self.modified_ms);
        newest_first
            .then_with(|| other.document.cmp(&self.document))
            .then_with(|| self.piece.cmp(&other.piece))
    }
}

impl PartialOrd for Seniority {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newest_first_then_the_greater_key_then_the_earlier_piece() {
        let of = |modified_ms, document: &str, piece| Seniority {
            modified_ms,
            document: document.into(),
            piece,
        };
        let ranked = [of(9, "a", 0), of(9, "a", 1), of(5, "b", 7), of(5, "a", 0)];
        for pair in ranked.windows(2) {
            assert!(pair[0].outranks(&pair[1]), "{pair:?}");
            assert!(!pair[1].outranks(&pair[0]), "{pair:?}");
        }
        assert!(!ranked[0].outranks(&ranked[0]));
    }
}
