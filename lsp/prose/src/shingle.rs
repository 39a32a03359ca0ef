//! Hashed shingles: overlapping runs of a text's words, each as one number.
//!
//! Two texts that share a run share its number, whatever their case, punctuation and spacing, so a
//! text can be recognised without being kept. The numbers are kept on disk and compared between
//! programs: how they are computed must never change. Used by the language server for what was
//! inserted, and by the corpus for near-duplicates.

use std::ops::{Range, RangeInclusive};

use inkstone_text::last_bytes;

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
    runs(&tokens, width)
        .map(|run| joined(&tokens[run]))
        .collect()
}

/// One shingle and the bytes of the text that it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// Its number, as [`shingles`] gives it.
    pub hash: u64,
    /// From the start of its first word to the end of its last.
    pub bytes: Range<usize>,
}

/// The same as [`shingles`], with the place of each.
pub fn spans(text: &str, width: Width) -> Vec<Span> {
    let tokens = tokens(text);
    let span = |run: RangeInclusive<usize>| Span {
        bytes: tokens[*run.start()].start..tokens[*run.end()].end,
        hash: joined(&tokens[run]),
    };
    runs(&tokens, width).map(span).collect()
}

/// The last bytes of a text that hold half a shingle's words; all of it if it has no more. A text
/// that goes on from there shares with others only shingles of which half or more is its own.
pub fn half_before(text: &str, width: Width) -> &str {
    let wanted = u32::from(width.0) * SPACED_WEIGHT / 2;
    let looked_at = last_bytes(text, HALF_BYTES_MAX);
    let mut weight = 0;
    for token in tokens(looked_at).iter().rev() {
        weight += token.weight;
        if weight > wanted {
            return &looked_at[token.end..];
        }
    }
    looked_at
}

/// Half a shingle of the longest words that people write.
const HALF_BYTES_MAX: usize = 512;

/// Which tokens each shingle holds.
fn runs(tokens: &[Token], width: Width) -> impl Iterator<Item = RangeInclusive<usize>> {
    let wanted = u32::from(width.0) * SPACED_WEIGHT;
    let (mut start, mut weight) = (0, 0);
    (0..tokens.len()).filter_map(move |end| {
        weight += tokens[end].weight;
        while weight - tokens[start].weight >= wanted {
            weight -= tokens[start].weight;
            start += 1;
        }
        (weight >= wanted).then_some(start..=end)
    })
}

struct Token {
    hash: u64,
    weight: u32,
    start: usize,
    end: usize,
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut word: Option<(u64, usize)> = None;
    let spaced = |(hash, start), end| Token {
        hash,
        weight: SPACED_WEIGHT,
        start,
        end,
    };
    for (at, written) in text.char_indices() {
        for c in written.to_lowercase() {
            if c.is_alphanumeric() && !is_unspaced(c) {
                let (hash, start) = word.unwrap_or((FNV_OFFSET, at));
                word = Some((fold(hash, c), start));
            } else if word.is_none() || !is_word_joiner(c) {
                tokens.extend(word.take().map(|word| spaced(word, at)));
                if c.is_alphanumeric() {
                    tokens.push(Token {
                        hash: fold(FNV_OFFSET, c),
                        weight: 1,
                        start: at,
                        end: at + written.len_utf8(),
                    });
                }
            }
        }
    }
    tokens.extend(word.map(|word| spaced(word, text.len())));
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
    fn each_shingle_knows_its_place() {
        for text in [
            "The “quiet” harbour’s end, e\u{301}te\u{301} İstanbul.",
            "我们用 Kubernetes 部署服务,效果很好👍🏽。",
        ] {
            let spans = spans(text, Width::COMPARE);
            let hashes: Vec<u64> = spans.iter().map(|span| span.hash).collect();
            assert_eq!(hashes, shingles(text, Width::COMPARE));
            for span in &spans {
                let alone = shingles(&text[span.bytes.clone()], Width::COMPARE);
                // Weights do not add up to a width everywhere: a shorter one may stand inside.
                assert_eq!(
                    alone.last(),
                    Some(&span.hash),
                    "{:?}",
                    &text[span.bytes.clone()]
                );
            }
        }
    }

    #[test]
    fn half_a_shingle_stands_before_what_follows() {
        let half = |text| half_before(text, Width::RECOGNISE);
        assert_eq!(half("One two. The old harbour was"), " old harbour was");
        assert_eq!(half("two words "), "two words ");
        assert_eq!(half("我在年青时候也曾经做过许多梦"), "经做过许多梦");
        assert_eq!(half("我们用 Kubernetes 部署服务,"), " Kubernetes 部署服务,");
        assert_eq!(half(""), "");
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
