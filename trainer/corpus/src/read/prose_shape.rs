//! Whether preformatted text is prose after all.
//!
//! Chinese texts are passed on in fences and indents whole, so that nothing joins their lines: a
//! novel between two ```` ``` ````. Code and terminal output hold few ideographs, and no commas of
//! theirs. English has no such sign; its preformatted text stays what it says it is.

use inkstone_prose::characters::{is_cjk_punctuation, is_han};

/// Of the characters that are no blanks, so many percent are ideographs and Chinese marks.
const CHINESE_PERCENT_MIN: usize = 70;

/// Whether `text`, which is marked as preformatted without a language, is Chinese prose.
pub(super) fn is_chinese_prose(text: &str) -> bool {
    let (mut all, mut chinese, mut marks) = (0_usize, 0_usize, 0_usize);
    for character in text.chars().filter(|character| !character.is_whitespace()) {
        all += 1;
        let is_mark =
            is_cjk_punctuation(character) || matches!(character, '“' | '”' | '‘' | '’' | '—' | '…');
        marks += usize::from(is_mark);
        chinese += usize::from(is_mark || is_han(character));
    }
    marks > 0 && chinese * 100 >= all * CHINESE_PERCENT_MIN
}
