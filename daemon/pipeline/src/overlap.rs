//! What a suggestion says that the document says already, next to the caret.
//!
//! Not a suggestion's own circles (`repetition.rs`). Compares text without its white space and
//! with one form of every quote and comma, since models change both. Called by `trim.rs`.

use inkstone_prose::characters::{is_han, is_spaced};
use inkstone_prose::next_sentence_end;
use inkstone_text::last_bytes;

/// How much of the following text a suggestion is compared with.
const FOLLOWING_CHARS_MAX: usize = 400;

/// How much of the preceding text is searched for the suggestion.
const PRECEDING_BYTES_MAX: usize = 4096;

/// So many characters of the following line, or all of a shorter one, found anywhere in the
/// suggestion are the following text.
const ANCHOR_CHARS: usize = 16;

/// A shorter line may stand in the suggestion by chance.
const ANCHOR_CHARS_MIN: usize = 8;

/// Han characters say more each.
const ANCHOR_HAN_CHARS_MIN: usize = 4;

/// Shorter suggestions may stand in the preceding text by chance.
const REPEATED_CHARS_MIN: usize = 12;

/// The same, for suggestions of Han characters.
const REPEATED_HAN_CHARS_MIN: usize = 5;

/// A character that is compared, and where it stands.
#[derive(Debug, Clone, Copy)]
struct Folded {
    c: char,
    at: usize,
    /// Whether a word goes on from the character before into this one.
    in_word: bool,
}

/// The suggestion up to where it begins to say what follows the caret.
pub fn cut_following<'a>(suggestion: &'a str, suffix: &str) -> &'a str {
    let said = fold(suggestion);
    let following = fold_start(suffix, FOLLOWING_CHARS_MAX);
    let cut = anchor_in(&said, &following, suffix).or_else(|| overlap_at_end(&said, &following));
    cut.map_or(suggestion, |index| &suggestion[..said[index].at])
}

/// The suggestion so far, up to where [`cut_following`] may cut it once more of it is there: before
/// any end that the following text begins with, be it half a word or one Han character.
pub fn cut_possibly_following<'a>(suggestion: &'a str, suffix: &str) -> &'a str {
    let said = fold(suggestion);
    let following = fold_start(suffix, FOLLOWING_CHARS_MAX);
    let possibly = |start: &usize| {
        let rest = &said[*start..];
        rest.len() <= following.len() && rest.iter().zip(&following).all(|(a, b)| a.c == b.c)
    };
    let cut = anchor_in(&said, &following, suffix)
        .into_iter()
        .chain((0..said.len()).find(possibly))
        .min();
    cut.map_or(suggestion, |index| &suggestion[..said[index].at])
}

/// Whether the suggestion says nothing but a line or sentence shortly before the caret.
///
/// `prefix` ends at the caret; what it has of the caret's own line may be part of the repetition.
pub fn repeats_preceding(suggestion: &str, prefix: &str) -> bool {
    let preceding = last_bytes(prefix, PRECEDING_BYTES_MAX);
    let line_start = preceding.rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let sentence_start = last_sentence_start(preceding).max(line_start);
    let said = essence(suggestion);
    let whole_line = essence(&format!("{}{suggestion}", &preceding[line_start..]));
    let whole_sentence = essence(&format!("{}{suggestion}", &preceding[sentence_start..]));
    let candidates = [said, whole_line, whole_sentence];
    preceding[..line_start.max(sentence_start)]
        .split(['\n', '\r'])
        .flat_map(|line| std::iter::once(line).chain(sentences(line)))
        .map(essence)
        .any(|part| is_long_enough(&part) && candidates.contains(&part))
}

/// The index in `said` where the following text begins, however the suggestion goes on after it.
fn anchor_in(said: &[Folded], following: &[Folded], suffix: &str) -> Option<usize> {
    let goes_on = |text: &[Folded], at: usize| text.get(at).is_some_and(|next| next.in_word);
    let line = suffix.trim_start().split(['\n', '\r']).next();
    let mut length = fold_start(line.unwrap_or_default(), ANCHOR_CHARS).len();
    while goes_on(following, length) {
        length += 1;
    }
    let anchor = following.get(..length)?;
    let han = anchor.iter().filter(|f| is_han(f.c)).count();
    if length < ANCHOR_CHARS_MIN && han < ANCHOR_HAN_CHARS_MIN {
        return None;
    }
    (0..=said.len().checked_sub(length)?).find(|&found| {
        let window = &said[found..found + length];
        let same = window.iter().zip(anchor).all(|(a, b)| a.c == b.c);
        same && !window[0].in_word && !goes_on(said, found + length)
    })
}

/// The index in `said` from which on it is the beginning of the following text.
fn overlap_at_end(said: &[Folded], following: &[Folded]) -> Option<usize> {
    let longest = said.len().min(following.len());
    (1..=longest).rev().find_map(|length| {
        let start = said.len() - length;
        let overlap = &said[start..];
        let same = overlap.iter().zip(following).all(|(a, b)| a.c == b.c);
        let whole_words = !(overlap[0].in_word && start > 0)
            && following.get(length).is_none_or(|next| !next.in_word);
        (same && whole_words && means_something(overlap, following)).then_some(start)
    })
}

/// One Han character is no overlap: 的 follows anything. A word is one, and so is punctuation.
fn means_something(overlap: &[Folded], following: &[Folded]) -> bool {
    let han = overlap.iter().filter(|f| is_han(f.c)).count();
    han != 1 || overlap.len() > 1 || overlap.len() == following.len()
}

fn fold(text: &str) -> Vec<Folded> {
    fold_start(text, usize::MAX)
}

/// The first characters of the text, at most `chars_max`, as they are compared.
fn fold_start(text: &str, chars_max: usize) -> Vec<Folded> {
    let mut in_word = false;
    let folded = text.char_indices().filter_map(|(at, c)| {
        let word = is_spaced(c);
        let goes_on = std::mem::replace(&mut in_word, word) && word;
        (!c.is_whitespace()).then(|| Folded {
            c: one_form(c),
            at,
            in_word: goes_on,
        })
    });
    folded.take(chars_max).collect()
}

/// The form under which variants of one mark are compared.
fn one_form(c: char) -> char {
    match c {
        '“' | '”' | '„' | '「' | '」' => '"',
        '‘' | '’' => '\'',
        '—' | '–' => '-',
        // Full-width ASCII.
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        '。' => '.',
        _ => c,
    }
}

/// The text as compared as a whole: no white space, no marks at its ends.
fn essence(text: &str) -> Vec<char> {
    let text = text.trim_matches(|c: char| !c.is_alphanumeric());
    fold(text).into_iter().map(|folded| folded.c).collect()
}

fn is_long_enough(text: &[char]) -> bool {
    let han = text.iter().filter(|&&c| is_han(c)).count();
    text.len() >= REPEATED_CHARS_MIN || han >= REPEATED_HAN_CHARS_MIN
}

fn sentences(line: &str) -> impl Iterator<Item = &str> {
    let mut start = 0;
    std::iter::from_fn(move || {
        if start >= line.len() {
            return None;
        }
        let end = next_sentence_end(line, start)
            .certain()
            .unwrap_or(line.len());
        let sentence = &line[start..end];
        start = end;
        Some(sentence)
    })
}

fn last_sentence_start(text: &str) -> usize {
    let mut start = 0;
    while let Some(end) = next_sentence_end(text, start).certain() {
        start = end;
    }
    start
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(suggestion: &str, suffix: &str, expected: &str) {
        assert_eq!(
            cut_following(suggestion, suffix).trim_end(),
            expected,
            "{suffix:?}"
        );
    }

    #[test]
    fn the_end_of_a_suggestion_that_follows_anyway_is_cut() {
        check("jumps over the lazy dog.", " over the lazy dog.", "jumps");
        check("went to the", " the park", "went to");
        check("很多老人在打太极拳", "在打太极拳。", "很多老人");
    }

    #[test]
    fn a_suggestion_that_goes_on_past_the_following_text_is_cut_before_it() {
        check(
            "jumps over the lazy dog. Then it slept",
            " over the lazy dog.\nNext",
            "jumps",
        );
        check(
            "很多老人在打太极拳和唱歌跳舞呢",
            "在打太极拳和唱歌",
            "很多老人",
        );
    }

    #[test]
    fn a_closing_mark_that_follows_is_not_doubled() {
        check("quiet).", ").", "quiet");
        check("quiet.\"", "\"", "quiet.");
        check("很安静。”", "”", "很安静。");
        check("很安静。”", "。」他说", "很安静");
    }

    #[test]
    fn parts_of_words_do_not_overlap() {
        check("the", "eating", "the");
        check("an", "another", "an");
        check("好的", "的确", "好的");
    }

    #[test]
    fn the_next_line_counts_as_following() {
        check(
            "It slept.\nNext came the cat again",
            "\n\nNext came the cat",
            "It slept.",
        );
    }

    #[test]
    fn white_space_and_forms_of_quotes_do_not_matter() {
        check("he said \"yes  or no\"", "“yes or\r\nno”", "he said");
        check("说👨‍👩‍👧 cafe\u{301}", "👨‍👩‍👧 cafe\u{301}", "说");
    }

    #[test]
    fn a_sentence_said_before_is_known() {
        let prefix = "They had lost their way. It was dark. ";
        assert!(repeats_preceding("They had lost their way.", prefix));
        assert!(repeats_preceding(
            " lost their way.",
            "They had lost their way. They had"
        ));
        assert!(!repeats_preceding("They had found it again.", prefix));
        assert!(!repeats_preceding("It was", prefix));
        assert!(repeats_preceding("看到很多老人。", "看到很多老人。\n"));
        assert!(repeats_preceding(
            "老人在打拳。",
            "看到很多老人在打拳。看到很多"
        ));
        assert!(!repeats_preceding(
            "很多年轻人在唱歌。",
            "看到很多老人在打太极拳。"
        ));
    }
}
