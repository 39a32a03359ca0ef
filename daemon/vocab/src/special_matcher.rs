//! Finds the tokens that are matched before all others: added tokens, written in the text.
//!
//! llama.cpp takes them one by one, the longest first, and each takes its leftmost places that
//! nothing before it took (`tokenizer_st_partition`). Searching the text once per token costs
//! milliseconds with Gemma's 165 tokens and much more with its 6,400 control tokens; here one pass
//! finds every place where one could stand, and only those are sorted out by length. Among tokens
//! of one length llama.cpp's order is unspecified (an unstable sort); here the leftmost place wins.

use crate::error::VocabError;
use crate::token::TokenId;

/// Different lengths of such tokens; Gemma 3 has 31.
const LENGTHS_MAX: usize = 128;

/// The tokens of one kind of matching.
#[derive(Debug)]
pub(crate) struct SpecialMatcher {
    /// Sorted by text, so that a prefix is a range.
    tokens: Vec<(Box<[u8]>, TokenId)>,
    /// Whether a token begins with this byte.
    starts: Box<[bool; 256]>,
    /// The lengths in bytes that occur, longest first.
    lengths: Vec<usize>,
}

/// A place in the text that a token takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SpecialMatch {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) token: TokenId,
}

/// A place where tokens could stand.
struct Candidate {
    start: usize,
    /// One bit for each entry of `lengths`.
    lengths: u128,
}

impl SpecialMatcher {
    pub(crate) fn new<'a>(
        tokens: impl Iterator<Item = (&'a [u8], TokenId)>,
    ) -> Result<Self, VocabError> {
        let mut tokens: Vec<(Box<[u8]>, TokenId)> = tokens
            .filter(|(text, _)| !text.is_empty())
            .map(|(text, token)| (text.into(), token))
            .collect();
        tokens.sort_unstable();
        // A part of a character could match inside one, where a text cannot be cut.
        if let Some((_, token)) = tokens
            .iter()
            .find(|(text, _)| std::str::from_utf8(text).is_err())
        {
            return Err(VocabError::invalid(
                "tokenizer.ggml.tokens",
                format!("the added token {token} is not UTF-8"),
            ));
        }
        let mut starts = Box::new([false; 256]);
        for (text, _) in &tokens {
            starts[usize::from(text[0])] = true;
        }
        let mut lengths: Vec<usize> = tokens.iter().map(|(text, _)| text.len()).collect();
        lengths.sort_unstable_by(|a, b| b.cmp(a));
        lengths.dedup();
        if lengths.len() > LENGTHS_MAX {
            let name = format!("{} different lengths", lengths.len());
            return Err(VocabError::Unsupported {
                what: "a vocabulary whose added tokens have",
                name,
            });
        }
        Ok(Self {
            tokens,
            starts,
            lengths,
        })
    }

    /// The matched places in order; what lies between them is ordinary text.
    pub(crate) fn matches(&self, text: &str) -> Vec<SpecialMatch> {
        let candidates = self.candidates(text.as_bytes());
        if candidates.is_empty() {
            return Vec::new();
        }
        let mut found = Vec::new();
        let mut taken = Taken::new(text.len());
        for (index, &len) in self.lengths.iter().enumerate() {
            for candidate in candidates
                .iter()
                .filter(|candidate| candidate.lengths >> index & 1 == 1)
            {
                let (start, end) = (candidate.start, candidate.start + len);
                if taken.take(start, end)
                    && let Some(token) = self.token(&text.as_bytes()[start..end])
                {
                    found.push(SpecialMatch { start, end, token });
                }
            }
        }
        found.sort_unstable_by_key(|place| place.start);
        found
    }

    /// The texts, for deriving where a document may be cut.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &[u8]> {
        self.tokens.iter().map(|(text, _)| text.as_ref())
    }

    fn candidates(&self, text: &[u8]) -> Vec<Candidate> {
        if self.tokens.is_empty() {
            return Vec::new();
        }
        let starts = text
            .iter()
            .enumerate()
            .filter(|&(_, &byte)| self.starts[usize::from(byte)]);
        starts
            .map(|(start, _)| Candidate {
                start,
                lengths: self.lengths_at(&text[start..]),
            })
            .filter(|candidate| candidate.lengths != 0)
            .collect()
    }

    /// Which lengths of token `text` begins with.
    fn lengths_at(&self, text: &[u8]) -> u128 {
        let mut lengths = 0;
        let mut range = &self.tokens[..];
        for (depth, &byte) in text.iter().enumerate() {
            // All in `range` share the first `depth` bytes; keep those that go on with `byte`.
            let from =
                range.partition_point(|(token, _)| token.get(depth).is_none_or(|&b| b < byte));
            let to =
                range.partition_point(|(token, _)| token.get(depth).is_none_or(|&b| b <= byte));
            range = &range[from..to];
            let Some((shortest, _)) = range.first() else {
                break;
            };
            if shortest.len() == depth + 1
                && let Ok(index) = self.lengths.binary_search_by(|len| (depth + 1).cmp(len))
            {
                lengths |= 1 << index;
            }
        }
        lengths
    }

    fn token(&self, text: &[u8]) -> Option<TokenId> {
        self.tokens
            .binary_search_by(|(other, _)| other.as_ref().cmp(text))
            .ok()
            .map(|index| self.tokens[index].1)
    }
}

/// One bit for each byte of the text that a token has taken.
struct Taken(Vec<u64>);

impl Taken {
    fn new(len: usize) -> Self {
        Self(vec![0; len.div_ceil(64)])
    }

    /// Takes the bytes if none of them is taken. Longer tokens come first, so whatever overlaps
    /// reaches over the first or the last byte.
    fn take(&mut self, start: usize, end: usize) -> bool {
        let free = !self.is_taken(start) && !self.is_taken(end - 1);
        if free {
            (start..end).for_each(|byte| self.0[byte / 64] |= 1 << (byte % 64));
        }
        free
    }

    fn is_taken(&self, byte: usize) -> bool {
        self.0[byte / 64] >> (byte % 64) & 1 == 1
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn matcher(texts: &[&str]) -> SpecialMatcher {
        SpecialMatcher::new(
            texts
                .iter()
                .zip(0..)
                .map(|(text, id)| (text.as_bytes(), TokenId(id))),
        )
        .unwrap()
    }

    fn matched(texts: &[&str], text: &str) -> Vec<String> {
        matcher(texts)
            .matches(text)
            .iter()
            .map(|place| text[place.start..place.end].to_owned())
            .collect()
    }

    /// What llama.cpp does, literally: for each token, longest first, for each free stretch.
    fn one_by_one(texts: &[&str], text: &str) -> Vec<(usize, usize)> {
        let mut order: Vec<&str> = texts.to_vec();
        order.sort_by_key(|token| std::cmp::Reverse(token.len()));
        let mut found: Vec<(usize, usize)> = Vec::new();
        for token in order {
            let mut from = 0;
            while let Some(at) = text[from..].find(token).map(|at| at + from) {
                let end = at + token.len();
                let overlaps = |&(start, stop): &(usize, usize)| start < end && at < stop;
                if found.iter().any(overlaps) {
                    from = at + 1;
                } else {
                    found.push((at, end));
                    from = end;
                }
            }
        }
        found.sort_unstable();
        found
    }

    #[test]
    fn longer_tokens_win_wherever_they_stand() {
        assert_eq!(matched(&["ab", "bcd"], "abcd"), ["bcd"]);
        assert_eq!(
            matched(&["\n", "\n\n", "\n\n\n"], "a\n\n\n\n\nb"),
            ["\n\n\n", "\n\n"]
        );
        assert_eq!(matched(&["<b>", "</b>"], "<b>砚</b> <"), ["<b>", "</b>"]);
        assert_eq!(matched(&[], "abc"), [""; 0]);
    }

    #[test]
    fn a_token_that_is_part_of_a_character_is_refused() {
        let part = SpecialMatcher::new([(&"砚".as_bytes()[..2], TokenId(7))].into_iter());
        assert!(part.unwrap_err().to_string().contains("added token 7"));
    }

    #[test]
    fn too_many_lengths_are_refused() {
        let texts: Vec<String> = (1..=LENGTHS_MAX + 1).map(|len| "x".repeat(len)).collect();
        let texts = texts.iter().map(|text| (text.as_bytes(), TokenId(0)));
        assert!(matches!(
            SpecialMatcher::new(texts),
            Err(VocabError::Unsupported { .. })
        ));
    }

    proptest! {
        #[test]
        fn one_pass_finds_what_one_search_per_token_finds(text in "[abc]{0,60}") {
            const TEXTS: &[&str] = &["a", "aa", "aaa", "abca", "cabcab", "bb"];
            let found: Vec<_> = matcher(TEXTS).matches(&text).iter().map(|place| (place.start, place.end)).collect();
            prop_assert_eq!(found, one_by_one(TEXTS, &text));
        }
    }
}
