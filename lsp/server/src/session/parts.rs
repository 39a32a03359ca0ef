//! Where a suggestion may be taken in parts: the ends of its words, sentences and lines.
//!
//! Not the cutting into words, which the daemon does because it takes a dictionary. Every list ends
//! with the end of the text, so that what is taken part by part is taken whole at last; a sentence
//! ends with its line and a word with its sentence, so that no key takes more than its own part.

use std::collections::BTreeSet;

use inkstone_prose::sentence_ends;
use inkstone_text::PositionEncoding;
use serde::Serialize;

/// Ends in bytes of the suggestion, ascending.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Parts {
    words: Vec<usize>,
    sentences: Vec<usize>,
    lines: Vec<usize>,
}

/// The same as clients count positions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct PartEnds {
    words: Vec<usize>,
    sentences: Vec<usize>,
    lines: Vec<usize>,
}

impl Parts {
    /// The parts of a text that continues `before`. Of the daemon's ends of words those count that
    /// lie between characters of the text.
    pub(crate) fn of(before: &str, text: &str, word_ends: &[u32]) -> Self {
        let lines = line_ends(text);
        let sentences: BTreeSet<usize> = sentence_ends(before, text)
            .into_iter()
            .chain(lines.iter().copied())
            .collect();
        let words: BTreeSet<usize> = word_ends
            .iter()
            .filter_map(|end| usize::try_from(*end).ok())
            .filter(|end| *end > 0 && text.is_char_boundary(*end))
            .chain(sentences.iter().copied())
            .collect();
        Self {
            words: words.into_iter().collect(),
            sentences: sentences.into_iter().collect(),
            lines,
        }
    }

    /// The parts of the last `rest_bytes` of the text.
    pub(crate) fn of_rest(&self, rest_bytes: usize) -> Self {
        let bytes = self.lines.last().copied().unwrap_or_default();
        let gone = bytes.saturating_sub(rest_bytes);
        let rest = |ends: &[usize]| {
            let left = ends.iter().filter_map(|end| end.checked_sub(gone));
            left.filter(|end| *end > 0).collect()
        };
        Self {
            words: rest(&self.words),
            sentences: rest(&self.sentences),
            lines: rest(&self.lines),
        }
    }

    /// The parts of `text`, whose parts these are, in a client's units.
    pub(crate) fn in_units(&self, text: &str, encoding: PositionEncoding) -> PartEnds {
        let units = |ends: &[usize]| {
            let before = ends.iter().map(|end| text.get(..*end).unwrap_or(text));
            before.map(|part| encoding.units_in(part)).collect()
        };
        PartEnds {
            words: units(&self.words),
            sentences: units(&self.sentences),
            lines: units(&self.lines),
        }
    }
}

/// A line ends before its break, which begins the next part; a break at the very beginning is a line
/// of its own only where another follows.
fn line_ends(text: &str) -> Vec<usize> {
    let breaks = text.match_indices('\n').map(|(at, _)| at);
    let mut ends: Vec<usize> = breaks.filter(|at| *at > 0).collect();
    if !text.is_empty() {
        ends.push(text.len());
    }
    ends
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn show(text: &str, ends: &[usize]) -> String {
        let mut shown = String::new();
        let mut from = 0;
        for end in ends {
            shown.push_str(&text[from..*end]);
            shown.push('|');
            from = *end;
        }
        assert_eq!(from, text.len(), "the last end is the text's");
        shown
    }

    /// `~` marks the daemon's ends of words; in what is expected, `|` marks every end.
    fn check(before: &str, fixture: &str, words: &str, sentences: &str, lines: &str) {
        let text = fixture.replace('~', "");
        let mut word_ends = Vec::new();
        let mut at = 0;
        for c in fixture.chars() {
            if c == '~' {
                word_ends.push(u32::try_from(at).expect("short"));
            } else {
                at += c.len_utf8();
            }
        }
        let parts = Parts::of(before, &text, &word_ends);
        assert_eq!(show(&text, &parts.words), words);
        assert_eq!(show(&text, &parts.sentences), sentences);
        assert_eq!(show(&text, &parts.lines), lines);
    }

    #[test]
    fn words_end_with_their_sentence_and_sentences_with_their_line() {
        check(
            "groups,",
            " their~ faces~ pale~. Mr~. Smith~ left~.\nA~ list~",
            " their| faces| pale|.| Mr|. Smith| left|.|\nA| list|",
            " their faces pale.| Mr. Smith left.|\nA list|",
            " their faces pale. Mr. Smith left.|\nA list|",
        );
        check(
            "站着，",
            "看着~大海~。没有~人~说话~。用~ React~ 写~👍",
            "看着|大海|。|没有|人|说话|。|用| React| 写|👍|",
            "看着大海。|没有人说话。|用 React 写👍|",
            "看着大海。没有人说话。用 React 写👍|",
        );
    }

    #[test]
    fn an_abbreviation_that_the_writer_began_ends_no_sentence() {
        let sentences = " Smith~ left~.";
        check(
            "They saw Mr.",
            sentences,
            " Smith| left|.|",
            " Smith left.|",
            " Smith left.|",
        );
        check(
            "They saw Mr",
            ". Smith~",
            ". Smith|",
            ". Smith|",
            ". Smith|",
        );
    }

    #[test]
    fn a_break_begins_the_next_line() {
        check(
            "Quiet.",
            "\n\nNobody~",
            "\n|\nNobody|",
            "\n|\nNobody|",
            "\n|\nNobody|",
        );
        check("a", "", "", "", "");
    }

    #[test]
    fn ends_that_lie_inside_a_character_or_outside_the_text_do_not_count() {
        let parts = Parts::of("", "好吗", &[0, 1, 3, 4, 6, 7, u32::MAX]);
        assert_eq!(parts.words, [3, 6]);
    }

    #[test]
    fn what_is_left_has_the_parts_that_are_left() {
        let text = " their faces. 好吗";
        let parts = Parts::of("", text, &[6, 12, 17, 20]);
        let rest = &text[3..];
        assert_eq!(
            show(rest, &parts.of_rest(rest.len()).words),
            "eir| faces|.| 好|吗|"
        );
        let rest = &text[13..];
        assert_eq!(show(rest, &parts.of_rest(rest.len()).sentences), " 好吗|");
    }

    #[test]
    fn clients_count_in_their_own_units() {
        let text = "e\u{301}👨‍👩‍👧 好";
        let parts = Parts::of("", text, &[3, 21]);
        let ends = |encoding| parts.in_units(text, encoding).words;
        assert_eq!(ends(PositionEncoding::Utf8), [3, 21, 25]);
        assert_eq!(ends(PositionEncoding::Utf16), [2, 10, 12]);
        assert_eq!(ends(PositionEncoding::Utf32), [2, 7, 9]);
    }

    proptest! {
        #[test]
        fn whatever_the_daemon_says_every_list_leads_through_the_text_to_its_end(
            before in "[A-Z.今。 ]{0,6}",
            text in "[a-zA-Z今天。！.,' \n👍\u{301}]{1,24}",
            word_ends in prop::collection::vec(any::<u32>().prop_map(|end| end % 64), 0..8),
            typed in 0_usize..24,
        ) {
            let parts = Parts::of(&before, &text, &word_ends);
            let typed = text.char_indices().nth(typed).map_or(0, |(at, _)| at);
            for (parts, text) in [(parts.clone(), &text[..]), (parts.of_rest(text.len() - typed), &text[typed..])] {
                for ends in [&parts.words, &parts.sentences, &parts.lines] {
                    prop_assert!(ends.is_sorted_by(|a, b| a < b), "{ends:?}");
                    prop_assert!(ends.iter().all(|end| *end > 0 && text.is_char_boundary(*end)), "{ends:?}");
                    prop_assert_eq!(ends.last(), Some(&text.len()));
                }
            }
        }
    }
}
