//! What is kept of a piece and of a document to compare them with others.
//!
//! No text, which cannot be had back from it. Made once, when a document is read; kept by the store.

use inkstone_prose::characters::{UNSPACED_WORD_CHARS, is_han, is_spaced, is_word_joiner};
use inkstone_prose::shingle::{Width, shingles};

use super::exact::{ExactHash, exact_hash};
use super::signature::{SIGNATURE_BYTES, Signature, similarity};

/// A piece of fewer words is never a duplicate: "I do not know," he said. Two stories may both say
/// it, and a dialogue with its short answers cut out is none.
pub const DUPLICATE_WORDS_MIN: u32 = 12;

/// A piece of fewer words is never boilerplate either: "Yes." and "Introduction" stand in every
/// third file, and belong there. "Sent from my phone" has as many.
pub const BOILERPLATE_WORDS_MIN: u32 = 4;

/// A document of fewer different shingles is no version of another: its pieces speak for it.
const VERSION_SHINGLES_MIN: u32 = 16;

/// What is kept of a piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint {
    /// Of the text.
    pub exact: ExactHash,
    /// Its words, two Han characters counting as one; they decide what the piece can be.
    pub words: u32,
    /// None of a piece that is too short to be a duplicate ([`DUPLICATE_WORDS_MIN`]).
    pub signature: Option<Signature>,
}

impl Fingerprint {
    /// Of a piece's text.
    pub fn of(text: &str) -> Self {
        let shingles = shingles(text, Width::COMPARE);
        Self::signed(text, &shingles, &Signature::of_shingles(&shingles))
    }

    fn signed(text: &str, shingles: &[u64], signature: &Signature) -> Self {
        let words = words(text);
        let is_long = words >= DUPLICATE_WORDS_MIN && !shingles.is_empty();
        Self {
            exact: exact_hash(text),
            words,
            signature: is_long.then(|| signature.clone()),
        }
    }
}

/// What is kept of a document, over all its pieces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentFingerprint {
    /// Of all its shingles.
    pub signature: Signature,
    /// How many different ones: with it, the signature tells how much of one document is in another.
    pub shingles: u32,
}

/// Bytes of a document's fingerprint on disk.
pub const DOCUMENT_FINGERPRINT_BYTES: usize = SIGNATURE_BYTES + 4;

impl DocumentFingerprint {
    /// Of a document's pieces, and those of each of them. Both at once, since the
    /// signature of all is the union of theirs.
    pub fn of<'a>(pieces: impl IntoIterator<Item = &'a str>) -> (Self, Vec<Fingerprint>) {
        let mut all = Vec::new();
        let mut union = Signature::of_shingles(&[]);
        let mut fingerprints = Vec::new();
        for text in pieces {
            let shingles = shingles(text, Width::COMPARE);
            let signature = Signature::of_shingles(&shingles);
            fingerprints.push(Fingerprint::signed(text, &shingles, &signature));
            union = union.union(&signature);
            all.extend(shingles);
        }
        all.sort_unstable();
        all.dedup();
        let fingerprint = Self {
            signature: union,
            shingles: u32::try_from(all.len()).unwrap_or(u32::MAX),
        };
        (fingerprint, fingerprints)
    }

    /// Whether it is long enough to be a version of another document, or to have versions.
    pub fn has_versions(&self) -> bool {
        self.shingles >= VERSION_SHINGLES_MIN
    }

    /// The estimated share of this document's text that is in `other`, 0 to 1.
    ///
    /// From the similarity `s` and both sizes, as both shares have the same shingles: shared are
    /// `s (a + b) / (1 + s)` (Broder 1997). The error grows with the difference in size: with
    /// `other` three times as large it is about 0.1.
    pub fn containment_in(&self, other: &Self) -> f32 {
        if self.shingles == 0 {
            return 0.0;
        }
        let similar = similarity(&self.signature, &other.signature);
        let sizes = self.shingles as f32 + other.shingles as f32;
        let shared = similar * sizes / (1.0 + similar);
        (shared / self.shingles as f32).min(1.0)
    }

    /// For the disk.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.signature.to_bytes();
        bytes.extend(self.shingles.to_le_bytes());
        bytes
    }

    /// From the disk; none if it is not as long as a fingerprint.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (signature, shingles) = bytes.split_at_checked(SIGNATURE_BYTES)?;
        Some(Self {
            signature: Signature::from_bytes(signature)?,
            shingles: u32::from_le_bytes(shingles.try_into().ok()?),
        })
    }
}

/// Words between spaces, and two Han characters for one.
fn words(text: &str) -> u32 {
    let (mut spaced, mut han) = (0_usize, 0_usize);
    let mut in_word = false;
    for c in text.chars() {
        if is_spaced(c) {
            spaced += usize::from(!in_word);
            in_word = true;
        } else if !(in_word && is_word_joiner(c)) {
            in_word = false;
            han += usize::from(is_han(c));
        }
    }
    u32::try_from(spaced + han.div_ceil(UNSPACED_WORD_CHARS)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_counted_in_both_scripts() {
        assert_eq!(words("I don't know, he said."), 5);
        assert_eq!(words("我们用 React 写页面"), 3 + 1);
        assert_eq!(words("— 👨‍👩‍👧 …"), 0);
        assert_eq!(words("cafe\u{301} au lait"), 3);
    }

    #[test]
    fn a_short_piece_has_no_signature() {
        assert_eq!(Fingerprint::of("“Yes.”").signature, None);
        assert_eq!(Fingerprint::of("").words, 0);
        let long = "The harbour was quiet again after the storm had gone out to sea at last.";
        assert!(Fingerprint::of(long).signature.is_some());
        assert!(
            Fingerprint::of("我在年青时候也曾经做过许多梦，后来大半忘却了，但自己也并不以为可惜。")
                .signature
                .is_some()
        );
    }

    #[test]
    fn containment_tells_the_part_from_the_whole() {
        let sentence = |n: usize| format!("Sentence number {n} tells of day {} at sea.", n * 7);
        let draft: Vec<String> = (0..40).map(sentence).collect();
        let grown: Vec<String> = (0..100).map(sentence).collect();
        let of = |texts: &[String]| DocumentFingerprint::of(texts.iter().map(String::as_str)).0;
        let (draft, grown) = (of(&draft), of(&grown));
        let part = draft.containment_in(&grown);
        let whole = grown.containment_in(&draft);
        assert!(part > 0.8, "{part}");
        assert!((0.25..0.6).contains(&whole), "{whole}");
    }

    #[test]
    fn a_document_and_its_pieces_have_the_same_fingerprints_together_as_alone() {
        let texts = [
            "One short line.",
            "我在年青时候也曾经做过许多梦，后来大半忘却了，也不可惜。",
        ];
        let (document, pieces) = DocumentFingerprint::of(texts);
        assert_eq!(pieces, texts.map(Fingerprint::of));
        let bytes = document.to_bytes();
        assert_eq!(bytes.len(), DOCUMENT_FINGERPRINT_BYTES);
        assert_eq!(DocumentFingerprint::from_bytes(&bytes), Some(document));
        assert_eq!(DocumentFingerprint::from_bytes(&bytes[..100]), None);
    }
}
