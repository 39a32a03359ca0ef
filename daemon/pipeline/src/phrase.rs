//! Where the first word and the first phrase of a text end: what a writer can read in one glance.
//!
//! Not sentences (`inkstone-prose`). Called by the stopper for text that may go on, so an end is
//! told only when nothing that follows can move it.

use inkstone_prose::characters::{is_closer, is_han, is_spaced, is_unspaced, is_word_joiner};

use crate::written::has_word;

/// Eight words. More than a glance takes in are read, not seen.
const PHRASE_WEIGHT_MAX: usize = 24;

/// An eighth of a phrase.
const WORD_WEIGHT: usize = 3;

/// A twelfth: Chinese words have one and a half to two characters.
const HAN_WEIGHT: usize = 2;

/// Chinese words with more characters are rare. Where among these the first word ends is for a
/// dictionary to say, which this crate has not.
const WORD_HAN_CHARS_MAX: usize = 4;

/// Words that lead to another one: nothing ends with them.
const CONNECTIVES: [&str; 38] = [
    "a", "an", "and", "as", "at", "because", "but", "by", "for", "from", "her", "his", "if", "in",
    "into", "is", "its", "my", "nor", "of", "on", "or", "our", "than", "that", "the", "their",
    "these", "this", "to", "was", "were", "when", "which", "while", "who", "with", "your",
];

/// The same in Chinese, where they are one character.
const HAN_CONNECTIVES: [char; 6] = ['和', '与', '或', '及', '把', '被'];

/// The byte after the first word of `text` and the marks before it, once something follows it. Of a
/// Chinese text it is where the first word has ended by then.
pub fn word_end(text: &str) -> Option<usize> {
    let mut characters = text.char_indices().peekable();
    let mut han = 0;
    let mut in_word = false;
    while let Some((at, c)) = characters.next() {
        let next = characters.peek().map(|(_, next)| *next);
        if is_unspaced(c) {
            if in_word || (han > 0 && !is_han(c)) {
                return Some(at);
            }
            han += usize::from(is_han(c));
            if han == WORD_HAN_CHARS_MAX {
                return Some(at + c.len_utf8());
            }
        } else if han > 0 {
            return Some(at);
        } else if c.is_alphanumeric() {
            in_word = true;
        } else if in_word && !is_word_joiner(c) {
            // A hyphen joins, if letters follow it.
            let joins = matches!(c, '-' | '.' | '@');
            match next {
                None if joins => return None,
                Some(next) if joins && is_spaced(next) => {}
                _ => return Some(at),
            }
        }
    }
    None
}

/// The byte after the first phrase of `text`: after a mark that divides a sentence, or after as many
/// words as a glance takes in.
pub fn phrase_end(text: &str) -> Option<usize> {
    let mut weight = 0;
    let mut is_within_word = false;
    for (at, c) in text.char_indices() {
        let starts_word = is_spaced(c) && !is_within_word;
        is_within_word = is_spaced(c) || (is_within_word && is_word_joiner(c));
        weight += match c {
            _ if starts_word => WORD_WEIGHT,
            c if is_han(c) => HAN_WEIGHT,
            _ => 0,
        };
        if weight > PHRASE_WEIGHT_MAX {
            return Some(without_connectives(text[..at].trim_end()).len());
        }
        if weight > 0
            && let Some(end) = mark_end(text, at, c)
        {
            return Some(end);
        }
    }
    None
}

/// The text without the words at its end that lead to another word; all of it, if there are no
/// others.
pub fn without_connectives(text: &str) -> &str {
    let mut rest = text.trim_end();
    loop {
        let last = rest.char_indices().next_back();
        let start = match last {
            None => return text,
            Some((at, c)) if HAN_CONNECTIVES.contains(&c) => at,
            Some(_) => {
                let before = rest.trim_end_matches(is_spaced);
                if !is_one_of(&rest[before.len()..], &CONNECTIVES) {
                    break;
                }
                before.len()
            }
        };
        rest = rest[..start].trim_end();
    }
    if has_word(rest) { rest } else { text }
}

/// The byte after the mark `c` at `at` and the quotes it closes, if it divides a sentence.
fn mark_end(text: &str, at: usize, c: char) -> Option<usize> {
    let full_width = matches!(c, '\u{FF0C}' | '\u{FF1B}' | '\u{FF1A}' | '、');
    if !full_width && !matches!(c, ',' | ';' | ':') {
        return None;
    }
    let rest = &text[at + c.len_utf8()..];
    let after = rest.trim_start_matches(is_closer);
    // A digit follows in 1,000 and 10:30.
    let next = after.chars().next()?;
    let divides = full_width || next.is_whitespace() || is_unspaced(next);
    divides.then_some(text.len() - after.len())
}

fn is_one_of(word: &str, words: &[&str]) -> bool {
    words.iter().any(|known| known.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phrase(text: &str) -> Option<&str> {
        phrase_end(text).map(|end| &text[..end])
    }

    fn word(text: &str) -> Option<&str> {
        word_end(text).map(|end| &text[..end])
    }

    #[test]
    fn a_phrase_ends_after_a_mark_within_the_sentence() {
        assert_eq!(phrase(" was quiet, and it rained"), Some(" was quiet,"));
        assert_eq!(phrase(" was quiet; it rained"), Some(" was quiet;"));
        assert_eq!(
            phrase(" cost 1,000 euros, they said"),
            Some(" cost 1,000 euros,")
        );
        assert_eq!(phrase(" at 10:30 in the"), None);
        assert_eq!(phrase(" said \"well,\" and left"), Some(" said \"well,\""));
        assert_eq!(phrase("很安静，他走了"), Some("很安静，"));
        assert_eq!(phrase("苹果、香蕉"), Some("苹果、"));
        assert_eq!(phrase("说“好，”然后"), Some("说“好，”"));
        assert_eq!(phrase("用 Rust, 然后"), Some("用 Rust,"));
    }

    #[test]
    fn a_mark_without_a_word_before_it_ends_nothing() {
        assert_eq!(phrase(", and it rained"), None);
        assert_eq!(phrase("，他走了"), None);
    }

    #[test]
    fn a_mark_is_no_end_until_something_follows() {
        assert_eq!(phrase(" was quiet,"), None);
        assert_eq!(phrase("很安静，"), None);
    }

    #[test]
    fn a_phrase_has_eight_words_or_twelve_characters_at_the_most() {
        let words = " one two three four five six seven eight nine";
        assert_eq!(
            phrase(words),
            Some(" one two three four five six seven eight")
        );
        let han = "一二三四五六七八九十甲乙丙";
        assert_eq!(phrase(han), Some("一二三四五六七八九十甲乙"));
        assert_eq!(
            phrase("我们用 Rust 和 Python 写了很多代码和文档"),
            Some("我们用 Rust 和 Python 写了很多代")
        );
    }

    #[test]
    fn a_phrase_does_not_end_with_a_word_that_leads_on() {
        let words = " boats had gone out to sea with the tide";
        assert_eq!(phrase(words), Some(" boats had gone out to sea"));
        assert_eq!(
            phrase("一二三四五六七八九十甲和乙"),
            Some("一二三四五六七八九十甲")
        );
        assert_eq!(without_connectives(" and the"), " and the");
        assert_eq!(without_connectives(" they and the "), " they");
        assert_eq!(without_connectives("和"), "和");
    }

    #[test]
    fn a_word_ends_where_the_next_begins() {
        assert_eq!(word(" harbour was"), Some(" harbour"));
        assert_eq!(word(" harbour"), None);
        assert_eq!(word(" isn't it"), Some(" isn't"));
        assert_eq!(word(" well-known man"), Some(" well-known"));
        assert_eq!(word(" end. It"), Some(" end"));
        assert_eq!(word(", and it"), Some(", and"));
        assert_eq!(word("安静的港口"), Some("安静的港"));
        assert_eq!(word("安静的"), None);
        assert_eq!(word("很，他"), Some("很"));
        assert_eq!(word("用Rust写"), Some("用"));
        assert_eq!(word(" Rust写"), Some(" Rust"));
        assert_eq!(word("👨‍👩‍👧 family of"), Some("👨‍👩‍👧 family"));
        assert_eq!(word(" cafe\u{301} is"), Some(" cafe\u{301}"));
    }
}
