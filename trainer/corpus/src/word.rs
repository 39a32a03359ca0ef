//! Words between spaces, as the tags and the profile count them, and the names of months and days.
//!
//! Not a segmentation of Chinese, which takes a dictionary.

use inkstone_prose::characters::{is_spaced, is_word_joiner};

/// In small letters. A date is made of them (the filter), and they name nobody (the profile).
pub(crate) const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// The same of days.
pub(crate) const WEEKDAYS: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

/// The bytes of the word that `text` begins with, inner apostrophes and hyphens included; those of
/// the first character if it begins with none.
pub(crate) fn length(text: &str) -> usize {
    let mut characters = text.char_indices().peekable();
    while characters.next().is_some() {
        let Some((at, next)) = characters.peek() else {
            break;
        };
        let is_mark = matches!(next, '\u{300}'..='\u{36F}');
        let is_inner = (*next == '-' || is_word_joiner(*next))
            && text[at + next.len_utf8()..]
                .chars()
                .next()
                .is_some_and(is_spaced);
        if !(is_spaced(*next) || is_mark || is_inner) {
            return *at;
        }
    }
    text.len()
}

/// Puts a word in lower case, with straight apostrophes, in the place of what `lower` holds.
pub(crate) fn lower_into(word: &str, lower: &mut String) {
    lower.clear();
    if word.is_ascii() {
        lower.push_str(word);
        lower.make_ascii_lowercase();
        return;
    }
    let characters = word.chars().flat_map(char::to_lowercase);
    lower.extend(characters.map(|c| if c == '\u{2019}' { '\'' } else { c }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_has_its_apostrophes_hyphens_and_marks() {
        for (text, word) in [
            ("don’t go", "don’t"),
            ("well-known, he", "well-known"),
            ("dogs' tails", "dogs"),
            ("cafe\u{301}!", "cafe\u{301}"),
            ("React的", "React"),
            ("a--b", "a"),
            ("x", "x"),
            ("👍🏽 a", "👍"),
            ("", ""),
        ] {
            let length = length(text);
            assert!(text[..length].starts_with(word), "{text}");
        }
        let mut lower = String::from("old");
        lower_into("Don’t", &mut lower);
        assert_eq!(lower, "don't");
        lower_into("ÉTÉ", &mut lower);
        assert_eq!(lower, "été");
    }
}
