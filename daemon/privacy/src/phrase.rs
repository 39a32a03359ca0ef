//! Secrets made of words: the phrase from which a wallet is made again, and the four groups of four
//! letters that mail providers give to programs.

use std::ops::Range;

use crate::text::{Text, is_word};

/// BIP 39: words of a phrase, and letters of a word.
const MNEMONIC_WORDS_MIN: usize = 12;
const MNEMONIC_WORDS_MAX: usize = 24;
const WORD_BYTES_MIN: usize = 3;
const WORD_BYTES_MAX: usize = 8;

/// Groups of a program's password, and letters of each.
const GROUPS: usize = 4;
const GROUP_BYTES: usize = 4;

/// Twelve to twenty-four small words with one space between them. A sentence has a longer or a
/// shorter word, or a mark, before it comes so far.
pub(crate) fn mnemonic(text: Text<'_>, at: usize) -> Option<Range<usize>> {
    let mut end = at;
    let mut words = 0;
    let mut next = at;
    while words < MNEMONIC_WORDS_MAX {
        let word_end = text.run_end(next, WORD_BYTES_MAX + 1, |byte| byte.is_ascii_lowercase());
        if !(WORD_BYTES_MIN..=WORD_BYTES_MAX).contains(&(word_end - next)) {
            break;
        }
        words += 1;
        end = word_end;
        if text.byte(end) != b' ' {
            break;
        }
        next = end + 1;
    }
    (words >= MNEMONIC_WORDS_MIN).then_some(at..end)
}

/// `abcd efgh ijkl mnop`, `abcd-efgh-ijkl-mnop`.
pub(crate) fn four_groups(text: Text<'_>, at: usize) -> Option<Range<usize>> {
    let sign = text.byte(at + GROUP_BYTES);
    if !matches!(sign, b' ' | b'-') {
        return None;
    }
    let end = at + GROUPS * (GROUP_BYTES + 1) - 1;
    let is_of_it = |place: usize| {
        let byte = text.byte(at + place);
        if place % (GROUP_BYTES + 1) == GROUP_BYTES {
            byte == sign
        } else {
            byte.is_ascii_lowercase()
        }
    };
    let goes_on = is_word(text.byte(end)) || text.byte(end) == sign && is_word(text.byte(end + 1));
    ((0..end - at).all(is_of_it) && !goes_on).then_some(at..end)
}
