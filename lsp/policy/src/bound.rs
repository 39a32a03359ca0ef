//! How far a suggestion may go: by the place in the text, who asked, and the pace of typing.
//!
//! Not where a word or phrase ends, which the daemon finds in what the model writes. Called by the
//! language server for each question.

use inkstone_prose::Zone;
use inkstone_prose::characters::is_spaced;
use inkstone_settings::StopBound;
use inkstone_text::last_line;

use crate::input::Trigger;

/// A paragraph may have so many times the tokens of a suggestion: somebody has asked for it and
/// waits, and a sentence's worth of tokens is not a paragraph. More would pass the deadline of a
/// suggestion on a slow machine.
const PARAGRAPH_TIMES_TOKENS: u32 = 3;

/// No suggestion is longer, in tokens, whatever the setting.
const TOKENS_MAX: u32 = 256;

/// Where a suggestion ends at the latest. In a heading, a list's item or a table's cell none goes
/// past its line or cell besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Bound {
    /// After a word.
    Word,
    /// At a mark within the sentence, after a few words at the latest.
    Phrase,
    /// With the sentence, or the line.
    Sentence,
    /// With the line.
    Line,
    /// At an empty line.
    Paragraph,
}

/// What the choice depends on.
#[derive(Debug, Clone, Copy)]
pub struct BoundInput<'a> {
    /// What the user has set.
    pub setting: StopBound,
    /// Why the editor asks.
    pub trigger: Trigger,
    /// Whether keys come too fast to read along ([`crate::Rhythm::is_fast`]).
    pub is_fast: bool,
    /// What the caret is in.
    pub zone: Zone,
    /// The text before the caret, or its last part.
    pub prefix: &'a str,
}

/// The bound of a suggestion. `auto` goes by the place and by who asks: by key, as much as the place
/// has; by itself, less inside a word and less again while keys come fast.
pub fn bound(input: &BoundInput<'_>) -> Bound {
    match input.setting {
        StopBound::Auto if input.trigger == Trigger::Invoked => by_key(input),
        StopBound::Auto => by_itself(input),
        StopBound::Word => Bound::Word,
        StopBound::Phrase => Bound::Phrase,
        StopBound::Sentence => Bound::Sentence,
        StopBound::Line => Bound::Line,
        StopBound::Paragraph => Bound::Paragraph,
    }
}

fn by_key(input: &BoundInput<'_>) -> Bound {
    match input.zone {
        Zone::Heading | Zone::ListItem | Zone::Table => Bound::Line,
        _ if starts_paragraph(input.prefix) => Bound::Paragraph,
        _ => Bound::Sentence,
    }
}

fn by_itself(input: &BoundInput<'_>) -> Bound {
    let is_inside_word = input.prefix.ends_with(is_spaced);
    match (is_inside_word, input.is_fast, input.zone) {
        (true, true, _) => Bound::Word,
        (true, false, _) | (false, true, _) => Bound::Phrase,
        (false, false, Zone::Heading | Zone::ListItem | Zone::Table) => Bound::Line,
        (false, false, _) => Bound::Sentence,
    }
}

/// How many tokens a suggestion with this bound may have where the setting allows `max_tokens`.
pub fn tokens_max(bound: Bound, input: &BoundInput<'_>, max_tokens: u32) -> u32 {
    // Who has set the bound has set the length to go with it.
    if bound == Bound::Paragraph && input.setting == StopBound::Auto {
        max_tokens
            .saturating_mul(PARAGRAPH_TIMES_TOKENS)
            .min(TOKENS_MAX)
    } else {
        max_tokens
    }
}

/// Whether the caret's line is empty and not the first: what is written there begins a paragraph.
fn starts_paragraph(prefix: &str) -> bool {
    let line = last_line(prefix);
    line.trim().is_empty() && prefix.len() > line.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bound for slow keys, for fast ones, and for whoever asks.
    fn check(zone: Zone, prefix: &str, slow: Bound, fast: Bound, by_key: Bound) {
        let of = |trigger, is_fast| {
            bound(&BoundInput {
                setting: StopBound::Auto,
                trigger,
                is_fast,
                zone,
                prefix,
            })
        };
        let found = [
            of(Trigger::Automatic, false),
            of(Trigger::Automatic, true),
            of(Trigger::Invoked, false),
            of(Trigger::Invoked, true),
        ];
        assert_eq!(found, [slow, fast, by_key, by_key], "{prefix:?}");
    }

    use Bound::{Line, Paragraph, Phrase, Sentence, Word};

    #[test]
    fn fast_typing_gets_phrases_and_a_pause_a_sentence() {
        for prefix in ["The harbour ", "今天早上", "我们用 Rust 写"] {
            check(Zone::Prose, prefix, Sentence, Phrase, Sentence);
        }
    }

    #[test]
    fn inside_a_word_less_is_enough_unless_asked() {
        for prefix in ["The harb", "今天用 Rus", "cafe\u{301}s"] {
            check(Zone::Prose, prefix, Phrase, Word, Sentence);
        }
        check(Zone::ListItem, "- The harb", Phrase, Word, Line);
        check(Zone::Heading, "## The harb", Phrase, Word, Line);
    }

    #[test]
    fn on_an_empty_line_a_key_brings_a_paragraph() {
        for prefix in ["It rained.\n\n", "下雨了。\r\n\r\n  ", "下雨了 rain。\n"] {
            check(Zone::Prose, prefix, Sentence, Phrase, Paragraph);
        }
        check(Zone::Prose, "  ", Sentence, Phrase, Sentence);
    }

    #[test]
    fn headings_items_and_cells_keep_to_their_line() {
        check(Zone::Heading, "## ", Line, Phrase, Line);
        check(Zone::ListItem, "- ", Line, Phrase, Line);
        check(Zone::Table, "| 港口 | ", Line, Phrase, Line);
    }

    #[test]
    fn what_the_user_has_set_holds_everywhere() {
        let input = BoundInput {
            setting: StopBound::Word,
            trigger: Trigger::Invoked,
            is_fast: true,
            zone: Zone::Heading,
            prefix: "",
        };
        assert_eq!(bound(&input), Bound::Word);
        let input = BoundInput {
            setting: StopBound::Paragraph,
            ..input
        };
        assert_eq!(bound(&input), Bound::Paragraph);
        assert_eq!(tokens_max(Bound::Paragraph, &input, 24), 24);
    }

    #[test]
    fn only_a_paragraph_by_key_is_longer_than_the_setting_and_never_without_bound() {
        let input = BoundInput {
            setting: StopBound::Auto,
            trigger: Trigger::Invoked,
            is_fast: true,
            zone: Zone::Prose,
            prefix: "",
        };
        assert_eq!(tokens_max(Bound::Sentence, &input, 24), 24);
        assert_eq!(tokens_max(Bound::Paragraph, &input, 24), 72);
        assert_eq!(tokens_max(Bound::Paragraph, &input, u32::MAX), TOKENS_MAX);
    }
}
