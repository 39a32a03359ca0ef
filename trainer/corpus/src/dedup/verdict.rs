//! The three questions that decide what is dropped. The module above says in which order they are
//! asked and why the answers depend on nothing but the set of documents.
//!
//! Each takes its neighbours from the caller's index and is deterministic whatever their order.
//! Called by the store's build and by [`super::collection`].

use serde::{Deserialize, Serialize};

use super::fingerprint::{
    BOILERPLATE_WORDS_MIN, DUPLICATE_WORDS_MIN, DocumentFingerprint, Fingerprint,
};
use super::seniority::Seniority;
use super::signature::similarity;
use crate::left_out::Reason;

/// Two pieces are as good as the same from this similarity on: in a paragraph of sixty words, two
/// words changed at different places, or a sentence of ten added.
pub const DUPLICATE_SIMILARITY_MIN: f32 = 0.8;

/// A document is an older version from this share of its text on that a newer one holds.
pub const VERSION_CONTAINMENT_MIN: f32 = 0.7;

/// A document that is so many times as large is no newer version but a collection that this one
/// went into: its pieces are compared one by one, and the share would be guesswork.
pub const VERSION_SIZE_RATIO_MAX: u32 = 3;

/// A paragraph in so many documents is boilerplate, unless the settings say otherwise.
pub const BOILERPLATE_DOCUMENTS_MIN: usize = 3;

/// What became of a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It stays.
    Keep,
    /// Its document is an older version of another.
    OlderVersion,
    /// It stands in many documents.
    Boilerplate,
    /// A more senior piece says the same.
    Duplicate,
}

impl Verdict {
    /// The reason under which it is reported, if it is dropped.
    pub const fn reason(self) -> Option<Reason> {
        match self {
            Self::Keep => None,
            Self::OlderVersion => Some(Reason::OlderVersion),
            Self::Boilerplate => Some(Reason::Boilerplate),
            Self::Duplicate => Some(Reason::Duplicate),
        }
    }
}

/// Whether a document is an older version of one of its neighbours: of those that share one of its
/// [`super::document_bands`]. Itself among them does no harm.
pub fn is_older_version<'a>(
    rank: &Seniority,
    document: &DocumentFingerprint,
    neighbours: impl IntoIterator<Item = (&'a Seniority, &'a DocumentFingerprint)>,
) -> bool {
    let mut neighbours = neighbours.into_iter();
    document.has_versions()
        && neighbours.any(|(other_rank, other)| {
            other_rank.outranks(rank)
                && other.shingles <= document.shingles.saturating_mul(VERSION_SIZE_RATIO_MAX)
                && document.containment_in(other) >= VERSION_CONTAINMENT_MIN
        })
}

/// Whether a piece is boilerplate: `documents` are those that hold the same exact hash, itself
/// included, each once, without those that are older versions. It is dropped in all of them.
pub fn is_boilerplate(piece: &Fingerprint, documents: usize, documents_min: usize) -> bool {
    piece.words >= BOILERPLATE_WORDS_MIN && documents >= documents_min.max(2)
}

/// Whether a piece is as good as the same as a more senior one.
///
/// `neighbours` are the pieces that share its exact hash or one of its [`super::bands`], without
/// those of documents that are older versions; whether a neighbour is dropped itself does not
/// matter (see the chain, above). Itself among them does no harm.
pub fn is_duplicate<'a>(
    rank: &Seniority,
    piece: &Fingerprint,
    neighbours: impl IntoIterator<Item = (&'a Seniority, &'a Fingerprint)>,
) -> bool {
    let mut neighbours = neighbours.into_iter();
    piece.words >= DUPLICATE_WORDS_MIN
        && neighbours
            .any(|(other_rank, other)| other_rank.outranks(rank) && says_the_same(piece, other))
}

fn says_the_same(piece: &Fingerprint, other: &Fingerprint) -> bool {
    piece.exact == other.exact
        || match (&piece.signature, &other.signature) {
            (Some(one), Some(other)) => similarity(one, other) >= DUPLICATE_SIMILARITY_MIN,
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STORM: &str = "The morning after the storm the harbour lay quiet, and the boats that had \
        broken loose in the night were drifting, one after another, towards the lighthouse rocks, where the keeper and \
        his two sons stood with long poles and tried to hold them off.";

    fn rank(modified_ms: i64) -> Seniority {
        Seniority {
            modified_ms,
            document: format!("document {modified_ms}"),
            piece: 0,
        }
    }

    fn is_dropped(junior: &str, senior: &str) -> bool {
        let (junior, senior) = (Fingerprint::of(junior), Fingerprint::of(senior));
        let duplicate = is_duplicate(&rank(1), &junior, [(&rank(2), &senior)]);
        // The senior one never falls with it.
        assert!(!is_duplicate(&rank(2), &senior, [(&rank(1), &junior)]));
        duplicate
    }

    #[test]
    fn a_changed_word_is_a_duplicate_and_another_text_is_none() {
        assert!(is_dropped(STORM, STORM));
        assert!(is_dropped(STORM, &STORM.replace("quiet", "still")));
        assert!(!is_dropped(
            STORM,
            "A quite different paragraph about boats in the harbour, which \
            nobody had seen since the war and nobody would ever miss again."
        ));
    }

    #[test]
    fn chinese_is_compared_as_well() {
        let text = "我在年青时候也曾经做过许多梦，后来大半忘却了，但自己也并不以为可惜。所谓回忆者，\
            虽说可以使人欢欣，有时也不免使人寂寞，使精神的丝缕还牵着已逝的寂寞的时光，又有什么意味呢，\
            而我偏苦于不能全忘却。";
        assert!(is_dropped(text, &text.replace("并不", "毫不")));
        assert!(is_dropped(text, &text.replace('，', ", ")));
        assert!(!is_dropped(
            text,
            "鲁镇的酒店的格局，是和别处不同的：都是当街一个曲尺形的大柜台，\
            柜里面预备着热水，可以随时温酒。"
        ));
    }

    #[test]
    fn short_answers_are_no_duplicates_and_shortest_no_boilerplate() {
        assert!(!is_dropped(
            "“I do not know,” he said.",
            "“I do not know,” he said."
        ));
        assert!(is_boilerplate(&Fingerprint::of("Sent from my phone"), 3, 3));
        assert!(!is_boilerplate(
            &Fingerprint::of("Sent from my phone"),
            2,
            3
        ));
        assert!(!is_boilerplate(&Fingerprint::of("“Yes.”"), 100, 3));
        assert!(!is_boilerplate(&Fingerprint::of("参考资料"), 100, 3));
        // A setting of 0 or 1 would drop everything.
        assert!(!is_boilerplate(&Fingerprint::of(STORM), 1, 0));
    }

    /// A document of sentences no two of which share a word.
    fn document(sentences: std::ops::Range<usize>) -> DocumentFingerprint {
        let sentence = |n| {
            (0..12)
                .map(|word| format!("w{n}x{word} "))
                .collect::<Vec<_>>()
                .concat()
        };
        let texts: Vec<String> = sentences.map(sentence).collect();
        DocumentFingerprint::of(texts.iter().map(String::as_str)).0
    }

    #[test]
    fn a_draft_is_an_older_version_of_what_it_became() {
        let (draft, grown) = (document(0..10), document(1..16));
        assert!(is_older_version(&rank(1), &draft, [(&rank(2), &grown)]));
        // Neither is the newer one, nor is it one of itself or of what shares half of it.
        assert!(!is_older_version(&rank(2), &grown, [(&rank(1), &draft)]));
        assert!(!is_older_version(&rank(1), &draft, [(&rank(1), &draft)]));
        assert!(!is_older_version(
            &rank(1),
            &draft,
            [(&rank(2), &document(6..16))]
        ));
    }

    #[test]
    fn what_goes_into_a_collection_is_no_version_of_it() {
        let of = |sentences| document(0..sentences);
        assert!(!is_older_version(&rank(1), &of(20), [(&rank(2), &of(200))]));
        assert!(is_older_version(&rank(1), &of(20), [(&rank(2), &of(30))]));
        // Two lines are no document that has versions.
        assert!(!is_older_version(&rank(1), &of(1), [(&rank(2), &of(1))]));
    }
}
