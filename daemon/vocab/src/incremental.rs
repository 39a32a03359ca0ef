//! A document that changes by the keystroke: only what an edit can reach is tokenized again.
//!
//! The unchanged beginning and the unchanged end keep their tokens up to the nearest places where a
//! text can be cut (`boundary`); what lies between is tokenized anew. In prose such places are words
//! or sentences apart, so a keystroke costs microseconds whatever the document's length.

use std::sync::Arc;

use crate::token::{TokenCount, TokenId};
use crate::vocab::{Encoded, TokenizeOptions, Vocab};

/// The tokens of the last text and where they begin in it.
#[derive(Debug)]
pub struct IncrementalTokenizer {
    vocab: Arc<Vocab>,
    options: TokenizeOptions,
    text: String,
    encoded: Encoded,
}

/// What a new text changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Update {
    /// Tokens at the beginning that are the same as before.
    pub unchanged: TokenCount,
    /// Bytes that were tokenized.
    pub tokenized_bytes: usize,
}

/// What two texts share, each cut back to where they may be cut.
struct Shared {
    /// Bytes at the beginning.
    head: usize,
    /// Bytes at the end; none of them belongs to the head.
    tail: usize,
}

impl IncrementalTokenizer {
    /// A tokenizer for an empty document.
    pub fn new(vocab: Arc<Vocab>, options: TokenizeOptions) -> Self {
        let mut encoded = Encoded::default();
        vocab.push_bos(options, &mut encoded);
        vocab.push_eos(options, 0, &mut encoded);
        Self {
            vocab,
            options,
            text: String::new(),
            encoded,
        }
    }

    /// The tokens of the last text: what [`Vocab::tokenize`] gives for it.
    pub fn tokens(&self) -> &[TokenId] {
        &self.encoded.tokens
    }

    /// Where each token begins in the last text, in bytes; never descending.
    pub fn starts(&self) -> &[usize] {
        &self.encoded.starts
    }

    /// The last text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Takes the document as it is now.
    pub fn update(&mut self, text: &str) -> Update {
        let old = std::mem::take(&mut self.encoded);
        let shared = self.shared(text);
        // The tail must be cut off before EOS, which begins at the end of the text.
        let old_end = old.starts.len() - usize::from(self.ends_with_eos());
        let head_tokens = self.head_tokens(&old, old_end, shared.head);
        let tail_tokens = tail_tokens(&old, old_end, &self.text, shared.tail);

        let mut new = Encoded {
            tokens: old.tokens[..head_tokens].to_vec(),
            starts: old.starts[..head_tokens].to_vec(),
        };
        let middle = &text[shared.head..text.len() - shared.tail];
        self.vocab.encode(
            middle,
            shared.head,
            shared.head == 0,
            self.options.parse_special,
            &mut new,
        );
        new.tokens
            .extend_from_slice(&old.tokens[tail_tokens..old_end]);
        // The tail keeps its distance from the end of the text.
        new.starts.extend(
            old.starts[tail_tokens..old_end]
                .iter()
                .map(|start| start + text.len() - self.text.len()),
        );
        self.vocab.push_eos(self.options, text.len(), &mut new);

        let same = |(a, b): &(&TokenId, &TokenId)| a == b;
        let unchanged = new.tokens.iter().zip(&old.tokens).take_while(same).count();
        text.clone_into(&mut self.text);
        self.encoded = new;
        Update {
            unchanged: TokenCount(unchanged),
            tokenized_bytes: middle.len(),
        }
    }

    fn shared(&self, text: &str) -> Shared {
        let (old, new) = (self.text.as_bytes(), text.as_bytes());
        let prefix = common_len(old.iter(), new.iter());
        let head = self.cut_before(text, prefix);
        let longest_tail = old.len().min(new.len()) - head;
        let suffix = common_len(old.iter().rev(), new.iter().rev()).min(longest_tail);
        let tail = self.cut_after(text, text.len() - suffix);
        Shared {
            head,
            tail: text.len() - tail,
        }
    }

    /// The last place where `text` may be cut so that the character behind the cut still ends
    /// within its first `limit` bytes.
    fn cut_before(&self, text: &str, limit: usize) -> usize {
        let mut right = None;
        for (at, character) in text[..last_boundary(text, limit)].char_indices().rev() {
            if let Some((right_at, right)) = right
                && self.vocab.may_cut_between(character, right)
            {
                return right_at;
            }
            right = Some((at, character));
        }
        0
    }

    /// The first place where `text` may be cut so that the character in front of the cut begins at
    /// `limit` or later.
    fn cut_after(&self, text: &str, limit: usize) -> usize {
        let start = next_boundary(text, limit);
        let mut left = None;
        for (at, character) in text[start..].char_indices() {
            if left.is_some_and(|left| self.vocab.may_cut_between(left, character)) {
                return start + at;
            }
            left = Some(character);
        }
        text.len()
    }

    /// How many of the old tokens the head keeps: BOS and those that begin in it.
    fn head_tokens(&self, old: &Encoded, old_end: usize, head: usize) -> usize {
        let mut bos = Encoded::default();
        self.vocab.push_bos(self.options, &mut bos);
        old.starts[..old_end]
            .partition_point(|&start| start < head)
            .max(bos.tokens.len())
    }

    fn ends_with_eos(&self) -> bool {
        let mut eos = Encoded::default();
        self.vocab.push_eos(self.options, 0, &mut eos);
        !eos.tokens.is_empty()
    }
}

/// Index of the first old token of the tail.
fn tail_tokens(old: &Encoded, old_end: usize, old_text: &str, tail: usize) -> usize {
    if tail == 0 {
        return old_end;
    }
    old.starts[..old_end].partition_point(|&start| start < old_text.len() - tail)
}

/// The last beginning of a character at or before `at`.
fn last_boundary(text: &str, at: usize) -> usize {
    (0..=at)
        .rev()
        .find(|&at| text.is_char_boundary(at))
        .unwrap_or(0)
}

/// The first beginning of a character, or the end of the text, at or after `at`.
fn next_boundary(text: &str, at: usize) -> usize {
    (at..text.len())
        .find(|&at| text.is_char_boundary(at))
        .unwrap_or(text.len())
}

fn common_len<'a>(
    left: impl Iterator<Item = &'a u8>,
    right: impl Iterator<Item = &'a u8>,
) -> usize {
    left.zip(right).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tiny::{tiny_bpe, tiny_spm};

    fn tokenizer(vocab: Vocab) -> IncrementalTokenizer {
        IncrementalTokenizer::new(Arc::new(vocab), TokenizeOptions::default())
    }

    /// Vocabularies small enough that merges, added tokens and cuts meet all the time.
    fn vocabularies() -> Vec<Vocab> {
        let merges = ["a b", "Ġ a", "Ġa b", "' s", ". .", "Ċ Ċ", "b a"];
        let pieces = [
            "▁", "a", "b", "ab", "▁a", "a.", "..", "'s", "▁▁", "b▁", "砚",
        ];
        let added = ["<b>", "\n\n", "a<", "b a", "b.", ".\n"];
        vec![
            tiny_bpe("gpt-2", &merges, &added),
            tiny_bpe("smollm", &merges, &[]),
            tiny_bpe("llama-bpe", &merges, &["<b>"]),
            tiny_bpe("qwen35", &merges, &[]),
            tiny_bpe("default", &merges, &added),
            tiny_spm(&pieces, false, &added),
            tiny_spm(&pieces, true, &added),
            tiny_spm(&pieces, true, &[]),
        ]
    }

    #[test]
    fn only_what_an_edit_can_reach_is_tokenized_again() {
        let mut tokenizer = tokenizer(tiny_bpe("gpt-2", &["a b"], &[]));
        let mut text = "ab ab, 砚台。\r\n".repeat(500);
        assert_eq!(tokenizer.update(&text).tokenized_bytes, text.len());
        text.push('a');
        assert!(tokenizer.update(&text).tokenized_bytes < 20);
        text.insert_str(text.len() / 2 / 22 * 22, "ab ");
        let update = tokenizer.update(&text);
        assert!(update.tokenized_bytes < 40, "{update:?}");
        assert_eq!(
            tokenizer.update(&text).unchanged.0,
            tokenizer.tokens().len()
        );
    }

    #[test]
    fn emptying_and_filling_a_document_leaves_nothing_behind() {
        for vocab in vocabularies() {
            let mut tokenizer = tokenizer(vocab);
            for text in ["", "a", "", "ab ab", "", "<b>"] {
                tokenizer.update(text);
                assert_eq!(
                    tokenizer.tokens(),
                    tokenizer.vocab.tokenize(text, TokenizeOptions::default()),
                    "{text:?}"
                );
            }
        }
    }

    proptest! {
        #[test]
        fn edits_give_the_tokens_of_the_whole_text(
            edits in proptest::collection::vec(
                (any::<proptest::sample::Index>(), 0_usize..6, "[ab .,'s\n▁砚<>1\u{301}é]{0,5}"), 1..20),
            parse_special in any::<bool>(),
            add_bos in any::<bool>(),
        ) {
            let options = TokenizeOptions { add_bos, parse_special };
            for vocab in vocabularies() {
                let mut tokenizer = IncrementalTokenizer::new(Arc::new(vocab), options);
                let mut chars: Vec<char> = "ab ab. ba砚 a's\n\nab".chars().collect();
                for (at, removed, inserted) in &edits {
                    let at = at.index(chars.len() + 1);
                    let end = (at + removed).min(chars.len());
                    chars.splice(at..end, inserted.chars());
                    let text: String = chars.iter().collect();
                    let before = tokenizer.tokens().to_vec();
                    let update = tokenizer.update(&text);
                    prop_assert_eq!(tokenizer.tokens(), tokenizer.vocab.tokenize(&text, options), "{:?}", text);
                    prop_assert_eq!(&before[..update.unchanged.0], &tokenizer.tokens()[..update.unchanged.0]);
                    prop_assert!(tokenizer.starts().is_sorted() && tokenizer.starts().len() == tokenizer.tokens().len());
                }
            }
        }
    }
}
