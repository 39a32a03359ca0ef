//! Llama 3's words and what others made of them:
//! `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
//! (`unicode_regex_split_custom_llama3`, `…_qwen2`, `…_qwen35`).

use super::classes::CharClass;
use super::scan::{CharAt, class_at, contraction_end, run_end, whitespace_end};

/// What differs between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Variant {
    /// Digits of a number that stay together.
    digits_max: usize,
    /// Whether combining marks belong to words.
    takes_marks: bool,
}

impl Variant {
    pub(super) const LLAMA3: Self = Self {
        digits_max: 3,
        takes_marks: false,
    };
    pub(super) const QWEN2: Self = Self {
        digits_max: 1,
        takes_marks: false,
    };
    pub(super) const QWEN35: Self = Self {
        digits_max: 1,
        takes_marks: true,
    };

    /// Where the word that begins at `start` ends.
    pub(super) fn word_end(self, chars: &[CharAt], start: usize) -> usize {
        if let Some(end) = contraction_end(chars, start, true) {
            return end;
        }
        let first = chars[start];
        let is_number = first.class == CharClass::Number;
        let may_lead = !is_newline(&first) && !is_number;
        if may_lead
            && (self.is_in_word(first.class)
                || class_at(chars, start + 1).is_some_and(|c| self.is_in_word(c)))
        {
            return run_end(chars, start + 1, |at| self.is_in_word(at.class));
        }
        if is_number {
            return run_end(chars, start, |at| at.class == CharClass::Number)
                .min(start + self.digits_max);
        }
        let body = start + usize::from(first.character == ' ');
        if class_at(chars, body).is_some_and(|class| self.is_sign(class)) {
            let end = run_end(chars, body, |at| self.is_sign(at.class));
            return run_end(chars, end, is_newline);
        }
        let end = run_end(chars, start, |at| at.class == CharClass::Whitespace);
        match chars[start..end].iter().rposition(is_newline) {
            Some(last_newline) => start + last_newline + 1,
            None => whitespace_end(chars, start),
        }
    }

    fn is_in_word(self, class: CharClass) -> bool {
        class == CharClass::Letter || (self.takes_marks && class == CharClass::Mark)
    }

    fn is_sign(self, class: CharClass) -> bool {
        !matches!(class, CharClass::Whitespace | CharClass::Number) && !self.is_in_word(class)
    }
}

fn is_newline(at: &CharAt) -> bool {
    matches!(at.character, '\r' | '\n')
}
