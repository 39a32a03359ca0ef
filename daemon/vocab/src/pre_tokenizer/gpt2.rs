//! GPT-2's words: `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
//! (`unicode_regex_split_custom_gpt2`).

use super::classes::CharClass;
use super::scan::{CharAt, class_at, contraction_end, run_end, whitespace_end};

/// Where the word that begins at `start` ends.
pub(super) fn word_end(chars: &[CharAt], start: usize) -> usize {
    if let Some(end) = contraction_end(chars, start, false) {
        return end;
    }
    let body = start + usize::from(chars[start].character == ' ');
    match class_at(chars, body) {
        None | Some(CharClass::Whitespace) => whitespace_end(chars, start),
        Some(class @ (CharClass::Letter | CharClass::Number)) => {
            run_end(chars, body, |at| at.class == class)
        }
        Some(CharClass::Mark | CharClass::Punctuation | CharClass::Other) => {
            run_end(chars, body, |at| {
                !matches!(
                    at.class,
                    CharClass::Whitespace | CharClass::Letter | CharClass::Number
                )
            })
        }
    }
}
