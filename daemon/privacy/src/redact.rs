//! Replaces what was found by typed placeholders, so that doing it again changes nothing.
//!
//! A placeholder is a new neighbour: what was no telephone number because a digit stood before it
//! may be one behind a bracket. So the text is searched again until nothing is found. Text of people
//! settles in one round; hostile text could go on and on, so after [`ROUNDS_MAX`] the whole lines
//! that still hold something go. Nothing is found in a line that is one placeholder, and no matcher
//! but that of private keys, whose first line is always found, looks beyond a line: the result is
//! settled, and the work is linear.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use crate::find::{Finding, find};
use crate::kind::Kind;

/// Rounds until whole lines are replaced. Prose needs one, and one more that finds nothing.
const ROUNDS_MAX: usize = 4;

/// A text without what it gave away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redacted<'a> {
    /// The text with placeholders; borrowed when nothing was found.
    pub text: Cow<'a, str>,
    /// How many of each kind were replaced.
    pub counts: BTreeMap<Kind, u32>,
}

/// The text with everything found replaced by its placeholder; `redact(redact(x)) == redact(x)`.
pub fn redact(text: &str) -> Redacted<'_> {
    let mut redacted = Redacted {
        text: Cow::Borrowed(text),
        counts: BTreeMap::new(),
    };
    for round in 0..=ROUNDS_MAX {
        let mut found = find(&redacted.text);
        if found.is_empty() {
            break;
        }
        if round == ROUNDS_MAX {
            found = whole_lines(&redacted.text, found);
        }
        for finding in &found {
            let count: &mut u32 = redacted.counts.entry(finding.kind).or_default();
            *count = count.saturating_add(1);
        }
        redacted.text = Cow::Owned(replaced(&redacted.text, &found));
    }
    redacted
}

fn replaced(text: &str, found: &[Finding]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut end = 0;
    for Finding { kind, range } in found {
        out.push_str(text.get(end..range.start).unwrap_or(""));
        out.push_str(kind.placeholder());
        end = range.end;
    }
    out.push_str(text.get(end..).unwrap_or(""));
    out
}

/// The lines that the findings lie in, each once.
fn whole_lines(text: &str, found: Vec<Finding>) -> Vec<Finding> {
    let mut lines: Vec<Finding> = Vec::with_capacity(found.len());
    for Finding { kind, range } in found {
        if lines.last().is_some_and(|last| last.range.end >= range.end) {
            continue;
        }
        let Range { start, end } = range;
        let line_start = text[..start].rfind(['\n', '\r']).map_or(0, |at| at + 1);
        let line_end = text[end..]
            .find(['\n', '\r'])
            .map_or(text.len(), |at| end + at);
        lines.push(Finding::new(kind, line_start..line_end));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clean_prose_is_borrowed() {
        let redacted = redact("A lamp was lit at 9 o'clock. 九点钟点了灯。");
        assert!(matches!(redacted.text, Cow::Borrowed(_)) && redacted.counts.is_empty());
    }

    #[test]
    fn each_kind_is_counted_and_the_words_around_stay() {
        let redacted = redact("写信给 ann@example.org，或打13812345678。Thanks 👩‍👩‍👧!");
        assert_eq!(redacted.text, "写信给 [EMAIL]，或打[PHONE]。Thanks 👩‍👩‍👧!");
        assert_eq!(
            redacted.counts,
            BTreeMap::from([(Kind::Email, 1), (Kind::ChinesePhone, 1)])
        );
    }

    #[test]
    fn lines_that_do_not_settle_go_whole_and_once() {
        let text = "one\r\ntwo words\nthree";
        let found = vec![
            Finding::new(Kind::Phone, 5..8),
            Finding::new(Kind::Email, 9..12),
        ];
        let lines = whole_lines(text, found);
        assert_eq!(replaced(text, &lines), "one\r\n[PHONE]\nthree");
    }
}
