//! Punctuation: which marks a text has, and which of two ways to write it chose.
//!
//! Used by [`super::tally`]; rates per thousand characters are [`super::style`]'s.

use inkstone_prose::characters::{is_han, is_spaced};
use serde::{Deserialize, Serialize};

/// A mark, or a way to set it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// `,` and `，`.
    Comma,
    /// `、`.
    EnumerationComma,
    /// `.` that no digit follows, and `。`.
    Period,
    /// `;` and `；`.
    Semicolon,
    /// `:` and `：`.
    Colon,
    /// `!` and `！`, each run once.
    Exclamation,
    /// `?` and `？`, each run once.
    Question,
    /// `…` alone and `...`.
    Ellipsis,
    /// `……`.
    HanEllipsis,
    /// `—`.
    EmDash,
    /// `——`.
    HanDash,
    /// `–`.
    EnDash,
    /// `--`.
    DoubleHyphen,
    /// `“` and `”`.
    CurlyQuote,
    /// `"`.
    StraightQuote,
    /// `「」『』`.
    CornerQuote,
    /// `’` within a word.
    CurlyApostrophe,
    /// `'` within a word.
    StraightApostrophe,
    /// `《`.
    TitleMark,
    /// `(` and `（`.
    Parenthesis,
    /// `,`, `;`, `:`, `!` or `?` of half width after a Han character.
    HalfWidthAfterHan,
    /// A Latin word or number beside a Han character, with a space between them.
    HanLatinSpaced,
    /// The same without a space.
    HanLatinTight,
    /// "a, b, and c".
    SerialComma,
    /// "a, b and c".
    NoSerialComma,
}

/// How many there are.
const MARKS: usize = Mark::NoSerialComma as usize + 1;

const ALL: [Mark; MARKS] = [
    Mark::Comma,
    Mark::EnumerationComma,
    Mark::Period,
    Mark::Semicolon,
    Mark::Colon,
    Mark::Exclamation,
    Mark::Question,
    Mark::Ellipsis,
    Mark::HanEllipsis,
    Mark::EmDash,
    Mark::HanDash,
    Mark::EnDash,
    Mark::DoubleHyphen,
    Mark::CurlyQuote,
    Mark::StraightQuote,
    Mark::CornerQuote,
    Mark::CurlyApostrophe,
    Mark::StraightApostrophe,
    Mark::TitleMark,
    Mark::Parenthesis,
    Mark::HalfWidthAfterHan,
    Mark::HanLatinSpaced,
    Mark::HanLatinTight,
    Mark::SerialComma,
    Mark::NoSerialComma,
];

/// The items of a list have at most so many words: longer ones are clauses, where the comma is one
/// of grammar and not of taste.
const ITEM_WORDS_MAX: usize = 3;

/// How often each mark occurs in `text`, without those that do not.
pub(super) fn counts(text: &str) -> impl Iterator<Item = (Mark, u64)> {
    let mut counts = [0_u64; MARKS];
    let mut add = |mark: Mark| counts[mark as usize] += 1;
    let mut before = '\n';
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        let after = characters.peek().copied().unwrap_or('\n');
        // A run of one mark counts once.
        let is_first = c != before;
        match c {
            '—' | '…' | '.' | '-' if is_first => {
                let mut length = 1;
                while characters.next_if_eq(&c).is_some() {
                    length += 1;
                }
                let after = characters.peek().copied().unwrap_or('\n');
                of_run(c, length, after).into_iter().for_each(&mut add);
            }
            '!' | '！' | '?' | '？' if is_first => {
                add(if matches!(c, '!' | '！') {
                    Mark::Exclamation
                } else {
                    Mark::Question
                });
            }
            _ => simple(c, before, after).into_iter().for_each(&mut add),
        }
        if matches!(c, ',' | ';' | ':' | '!' | '?') && is_han(before) {
            add(Mark::HalfWidthAfterHan);
        }
        beside_han(before, c, after).into_iter().for_each(&mut add);
        before = c;
    }
    serial_commas(text, add);
    ALL.into_iter().zip(counts).filter(|(_, count)| *count > 0)
}

/// A mark that stands for itself.
fn simple(c: char, before: char, after: char) -> Option<Mark> {
    let in_word = is_spaced(before) && is_spaced(after);
    Some(match c {
        ',' | ':' if before.is_ascii_digit() && after.is_ascii_digit() => return None,
        ',' | '，' => Mark::Comma,
        '、' => Mark::EnumerationComma,
        '。' => Mark::Period,
        ';' | '；' => Mark::Semicolon,
        ':' if after == '/' => return None,
        ':' | '：' => Mark::Colon,
        '–' => Mark::EnDash,
        '“' | '”' => Mark::CurlyQuote,
        '"' => Mark::StraightQuote,
        '「' | '」' | '『' | '』' => Mark::CornerQuote,
        '’' if in_word => Mark::CurlyApostrophe,
        '\'' if in_word => Mark::StraightApostrophe,
        '《' => Mark::TitleMark,
        '(' | '（' => Mark::Parenthesis,
        _ => return None,
    })
}

/// A run of one character that is a mark by its length.
fn of_run(c: char, length: usize, after: char) -> Option<Mark> {
    Some(match (c, length) {
        ('—', 1) => Mark::EmDash,
        ('—', _) => Mark::HanDash,
        ('…', 1) | ('.', 3..) => Mark::Ellipsis,
        ('…', _) => Mark::HanEllipsis,
        ('.', 1) if after.is_alphanumeric() => return None,
        ('.', 1) => Mark::Period,
        ('-', 2) => Mark::DoubleHyphen,
        _ => return None,
    })
}

/// Whether a Han character and a Latin word or number meet at `c`, and how.
fn beside_han(before: char, c: char, after: char) -> Option<Mark> {
    let differ = |one: char, other: char| {
        (is_han(one) && is_spaced(other)) || (is_spaced(one) && is_han(other))
    };
    if c == ' ' && differ(before, after) {
        Some(Mark::HanLatinSpaced)
    } else if differ(before, c) {
        Some(Mark::HanLatinTight)
    } else {
        None
    }
}

/// Lists of short items that end in "and" or "or": "a, b, and c" or "a, b and c".
fn serial_commas(text: &str, mut add: impl FnMut(Mark)) {
    const ENDS: [char; 11] = [',', '.', ';', ':', '!', '?', '—', '(', ')', '“', '”'];
    // Parts so far that a comma ends; all but the first are short. The first may be a clause that
    // ends in the first item: "We bought bread, …".
    let mut items = 0;
    for part in text.split_inclusive(ENDS) {
        let ends_in_comma = part.ends_with(',');
        let mut words = part.trim_end_matches(ENDS).split_ascii_whitespace();
        let is_joined = matches!(words.clone().next(), Some("and" | "or"));
        let joint = words.clone().position(|word| matches!(word, "and" | "or"));
        let count = words.by_ref().take(2 * ITEM_WORDS_MAX + 2).count();
        if is_joined && items >= 2 && count <= ITEM_WORDS_MAX + 1 {
            add(Mark::SerialComma);
        } else if let Some(at) = joint.filter(|_| items >= 1) {
            let after = count.saturating_sub(at + 1);
            if (1..=ITEM_WORDS_MAX).contains(&at) && (1..=ITEM_WORDS_MAX).contains(&after) {
                add(Mark::NoSerialComma);
            }
        }
        items = match (ends_in_comma, items) {
            (false, _) => 0,
            (true, items) if items >= 1 && count <= ITEM_WORDS_MAX => items + 1,
            (true, _) => 1,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(Mark, u64)]) {
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(counts(text).collect::<Vec<_>>(), expected, "{text}");
    }

    #[test]
    fn english_marks() {
        check(
            "Well—yes; “no,” he said... It’s 3.5 or 1,000!!",
            &[
                (Mark::EmDash, 1),
                (Mark::Semicolon, 1),
                (Mark::CurlyQuote, 2),
                (Mark::Comma, 1),
                (Mark::Ellipsis, 1),
                (Mark::CurlyApostrophe, 1),
                (Mark::Exclamation, 1),
            ],
        );
        check(
            "one--two – \"three\": it's",
            &[
                (Mark::DoubleHyphen, 1),
                (Mark::EnDash, 1),
                (Mark::StraightQuote, 2),
                (Mark::Colon, 1),
                (Mark::StraightApostrophe, 1),
            ],
        );
        check("at 12:30 see https://a.b", &[]);
    }

    #[test]
    fn chinese_marks() {
        check(
            "他说：“走、跑；跳……”——《药》。",
            &[
                (Mark::Colon, 1),
                (Mark::CurlyQuote, 2),
                (Mark::EnumerationComma, 1),
                (Mark::Semicolon, 1),
                (Mark::HanEllipsis, 1),
                (Mark::HanDash, 1),
                (Mark::TitleMark, 1),
                (Mark::Period, 1),
            ],
        );
        check(
            "用 React写,好",
            &[
                (Mark::HanLatinSpaced, 1),
                (Mark::HanLatinTight, 1),
                (Mark::Comma, 1),
                (Mark::HalfWidthAfterHan, 1),
            ],
        );
    }

    #[test]
    fn the_comma_before_the_last_item() {
        let of = |text| {
            let counts: std::collections::BTreeMap<Mark, u64> = counts(text).collect();
            let get = |mark| counts.get(&mark).copied().unwrap_or(0);
            (get(Mark::SerialComma), get(Mark::NoSerialComma))
        };
        assert_eq!(of("We bought bread, butter, and jam."), (1, 0));
        assert_eq!(of("We bought bread, butter and jam."), (0, 1));
        assert_eq!(of("Red, green, or blue? Red, green or blue."), (1, 1));
        // Clauses, not items.
        assert_eq!(of("He came, and left."), (0, 0));
        assert_eq!(of("He came, and she went home to her mother."), (0, 0));
        assert_eq!(
            of("When it rained, we stayed at home and read the papers again."),
            (0, 0)
        );
    }

    #[test]
    fn odd_texts_are_counted_without_harm() {
        for text in [
            "",
            ",",
            "，",
            ", and ",
            "a, b,",
            "👨‍👩‍👧, and 👍🏽",
            "\u{301}'\u{301}",
            "中a中 a",
        ] {
            let _ = counts(text).count();
        }
    }
}
