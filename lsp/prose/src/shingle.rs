//! Hashed shingles: overlapping runs of a text's words, each as one number.
//!
//! Two texts that share a run share its number, whatever their case, punctuation and spacing, so a
//! text can be recognised without being kept. The numbers are kept on disk and compared between
//! programs: how they are computed must never change. Used by the language server for what was
//! inserted, and by the corpus for near-duplicates.

use crate::characters::{is_unspaced, is_word_joiner};

/// How many words one shingle spans: that many spaced words, or twice as many Han characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Width(pub u8);

impl Width {
    /// Long enough that two writers seldom share one by chance.
    pub const RECOGNISE: Self = Self(6);
    /// Short enough that an edit leaves most of a paragraph's shingles alone.
    pub const COMPARE: Self = Self(3);
}

/// A spaced word spans as much as two characters of an unspaced script.
const SPACED_WEIGHT: u32 = 2;

/// The shingles of a text, in order, repetitions included; none if it is shorter than one.
pub fn shingles(text: &str, width: Width) -> Vec<u64> {
    let tokens = tokens(text);
    let wanted = u32::from(width.0) * SPACED_WEIGHT;
    let mut found = Vec::with_capacity(tokens.len());
    let (mut start, mut weight) = (0, 0);
    for end in 0..tokens.len() {
        weight += tokens[end].weight;
        while weight - tokens[start].weight >= wanted {
            weight -= tokens[start].weight;
            start += 1;
        }
        if weight >= wanted {
            found.push(joined(&tokens[start..=end]));
        }
    }
    found
}

struct Token {
    hash: u64,
    weight: u32,
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut word: Option<u64> = None;
    for c in text.chars().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() && !is_unspaced(c) {
            word = Some(fold(word.unwrap_or(FNV_OFFSET), c));
        } else if word.is_none() || !is_word_joiner(c) {
            let ended = word.take();
            tokens.extend(ended.map(|hash| Token {
                hash,
                weight: SPACED_WEIGHT,
            }));
            if c.is_alphanumeric() {
                tokens.push(Token {
                    hash: fold(FNV_OFFSET, c),
                    weight: 1,
                });
            }
        }
    }
    tokens.extend(word.map(|hash| Token {
        hash,
        weight: SPACED_WEIGHT,
    }));
    tokens
}

/// FNV-1a, 64 bits (Fowler, Noll, Vo; draft-eastlake-fnv): tiny, and fixed for good.
const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0000_0100_0000_01b3;

fn fold(hash: u64, c: char) -> u64 {
    (hash ^ u64::from(u32::from(c))).wrapping_mul(FNV_PRIME)
}

/// The finaliser of SplitMix64 (Steele, Lea, Flood 2014) spreads what FNV leaves in the low bits.
fn joined(tokens: &[Token]) -> u64 {
    let mut hash = FNV_OFFSET;
    for token in tokens {
        hash = (hash.rotate_left(23) ^ token.hash).wrapping_mul(FNV_PRIME);
    }
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_marks_and_spacing_do_not_count() {
        let one = shingles(
            "The harbour, after the storm, was quiet again.",
            Width::COMPARE,
        );
        let other = shingles(
            "the  harbour after the STORM was\nquiet — again",
            Width::COMPARE,
        );
        assert_eq!(one, other);
        assert_eq!(one.len(), 6);
    }

    #[test]
    fn chinese_is_cut_at_characters() {
        let one = shingles("我在年青时候也曾经做过许多梦", Width::COMPARE);
        assert_eq!(one.len(), 14 - 6 + 1);
        let other = shingles("我在年青时候,也曾经做过许多梦。", Width::COMPARE);
        assert_eq!(one, other);
    }

    #[test]
    fn a_change_in_the_middle_leaves_both_ends() {
        let one = shingles(
            "one two three four five six seven eight nine",
            Width::COMPARE,
        );
        let other = shingles(
            "one two three four FIFTH six seven eight nine",
            Width::COMPARE,
        );
        let shared = one.iter().filter(|hash| other.contains(hash)).count();
        assert_eq!(shared, 4);
    }

    #[test]
    fn mixed_and_short_texts() {
        assert!(shingles("two words", Width::COMPARE).is_empty());
        assert!(shingles("", Width::RECOGNISE).is_empty());
        assert!(!shingles("我们用 Kubernetes 部署服务", Width::COMPARE).is_empty());
    }

    #[test]
    fn numbers_on_disk_stay_the_same() {
        let of = |text| shingles(text, Width::COMPARE);
        assert_eq!(
            of("the quiet harbour"),
            shingles("the quiet harbour", Width(3))
        );
        assert_ne!(of("the quiet harbour"), of("quiet the harbour"));
    }
}
