//! Quotation marks and brackets of a suggestion: what opens is closed, once, in the form in which it
//! was opened.
//!
//! Not what the marks enclose. Called by `trim.rs`; [`marks`] tells openers from closers.

mod marks;

use std::borrow::Cow;

use inkstone_prose::next_sentence_end;
use inkstone_text::{first_bytes, last_bytes};

use crate::list::item_start;
use crate::verdict::DropReason;
use crate::written::{Ending, has_word};
use marks::{Event, Open, Scan};

/// How much text before the caret is read for marks that are open: a long paragraph.
const BEFORE_BYTES_MAX: usize = 4 * 1024;

/// The suggestion with its marks in order.
///
/// It is cut before a closing mark that nothing opened, or that follows the caret already; before an
/// opening mark whose content is not there to its end, unless it begins with that. Marks whose
/// content has ended are closed.
pub fn fit_pairs<'a>(
    suggestion: &'a str,
    prefix: &str,
    suffix: &str,
    ending: Ending,
) -> Result<Cow<'a, str>, DropReason> {
    let around = Around::of(prefix, suffix);
    let fitted = around.fit(suggestion);
    let whole = fitted.up_to(fitted.end);
    let is_whole = fitted.end == fitted.both.len();
    let ends_well = is_whole && fitted.open.iter().all(|open| open.ends_with(&whole));
    let mut text = if ends_well {
        whole
    } else {
        fitted.up_to(fitted.begun_late().unwrap_or(fitted.end))
    };
    if !has_word(&text) && has_word(suggestion) {
        return Err(DropReason::UnbalancedMarks);
    }
    if ends_well {
        let ended = |open: &&Open| around.has_ended(open, ending);
        let before = fitted.before.iter().rev().take_while(ended);
        let closers = fitted.open.iter().rev().chain(before).map(Open::closing);
        let closers: String = closers.collect();
        if !closers.is_empty() {
            text.truncate(text.trim_end().len());
            text.push_str(&closers);
        }
    }
    Ok(if text == suggestion {
        Cow::Borrowed(suggestion)
    } else {
        Cow::Owned(text)
    })
}

/// What [`fit_pairs`] keeps in any case of a suggestion that begins with `shown`.
pub fn fit_pairs_so_far(shown: &str, prefix: &str, suffix: &str) -> String {
    // What a mark at the end is may depend on what follows it, and so may what it does to others.
    let is_open = |c: char| marks::is_mark(c) || c.is_whitespace();
    let fitted = Around::of(prefix, suffix).fit(shown.trim_end_matches(is_open));
    let mut text = fitted.up_to(fitted.begun_late().unwrap_or(fitted.end));
    text.truncate(text.trim_end_matches(is_open).len());
    // Marks alone may all be cut off.
    if has_word(&text) { text } else { String::new() }
}

/// The paragraph around the caret.
struct Around<'a> {
    /// Its text before the caret.
    before: &'a str,
    /// Whether its beginning is known, so that a closer without an opener is one.
    is_whole: bool,
    /// Byte offsets in `before` of the openers that are closed after the caret.
    closed_after: Vec<usize>,
}

/// A suggestion after a scan of it. Offsets count in `both`.
struct Fitted {
    /// The paragraph before the caret and the suggestion.
    both: String,
    /// Where the suggestion starts.
    start: usize,
    /// Where it ends at the latest.
    end: usize,
    /// Closers that are to have another form.
    changes: Vec<(usize, usize, char)>,
    /// The marks that the suggestion leaves open itself.
    open: Vec<Open>,
    /// The marks of the text before that are still open and not closed after the caret.
    before: Vec<Open>,
}

impl Fitted {
    /// The suggestion up to `end`, with its closers in the right forms.
    fn up_to(&self, end: usize) -> String {
        let mut text = String::with_capacity(end - self.start);
        let mut copied = self.start;
        for (at, until, closer) in self.changes.iter().filter(|change| change.1 <= end) {
            text.push_str(&self.both[copied..*at]);
            text.push(*closer);
            copied = *until;
        }
        text.push_str(&self.both[copied..end]);
        text
    }

    /// Where the first mark stands that the suggestion leaves open and does not begin with.
    fn begun_late(&self) -> Option<usize> {
        let mut places = self.open.iter().map(|open| open.at);
        places.find(|at| has_word(&self.both[self.start..*at]))
    }
}

impl<'a> Around<'a> {
    fn of(prefix: &'a str, suffix: &str) -> Self {
        let near = last_bytes(prefix, BEFORE_BYTES_MAX);
        let paragraph = paragraph_start(near);
        let before = &near[paragraph..];
        let line = suffix.split(['\n', '\r']).next().unwrap_or_default();
        let both = format!("{before}{}", first_bytes(line, BEFORE_BYTES_MAX));
        let mut scan = Scan::new(&both);
        let mut closed_after = Vec::new();
        while let Some(event) = scan.next_event() {
            if let Event::Closed { at, open, .. } = event
                && at >= before.len()
                && open.at < before.len()
            {
                closed_after.push(open.at);
            }
        }
        Self {
            before,
            is_whole: near.len() == prefix.len() || paragraph > 0,
            closed_after,
        }
    }

    fn fit(&self, suggestion: &str) -> Fitted {
        let start = self.before.len();
        let both = format!("{}{suggestion}", self.before);
        let mut scan = Scan::new(&both);
        let mut changes = Vec::new();
        let mut end = both.len();
        let mut reopened = None;
        while let Some(event) = scan.next_event() {
            let cut = match event {
                Event::Closed { at, end, open } if at >= start => {
                    changes.push((at, end, open.closing()));
                    let is_doubled = open.at < start && self.closed_after.contains(&open.at);
                    is_doubled.then_some(at)
                }
                Event::Stray { at } if self.is_whole => Some(at),
                Event::Crossed { at, outer } => {
                    reopened = Some(outer).filter(|_| at >= start);
                    Some(at)
                }
                _ => None,
            };
            if let Some(at) = cut.filter(|&at| at >= start) {
                end = at;
                break;
            }
        }
        let (mut before, mut open): (Vec<Open>, Vec<Open>) = scan
            .into_open()
            .into_iter()
            .chain(reopened)
            .partition(|open| open.at < start);
        before.retain(|open| !self.closed_after.contains(&open.at));
        open.retain(|open| open.at < end);
        Fitted {
            both,
            start,
            end,
            changes,
            open,
            before,
        }
    }

    /// Whether the content of a mark that the writer has opened ends with the suggestion.
    fn has_ended(&self, open: &Open, ending: Ending) -> bool {
        match ending {
            Ending::Cut => false,
            Ending::Whole => true,
            // A quotation may have more sentences than this one, a bracket within it has not.
            Ending::Sentence => {
                open.is_bracket() && next_sentence_end(self.before, open.at).certain().is_none()
            }
        }
    }
}

/// Where the last paragraph, item or cell of a text starts.
fn paragraph_start(text: &str) -> usize {
    let mut end = text.len();
    while let Some(at) = text[..end].rfind('\n') {
        let line = &text[at + 1..end];
        if line.trim().is_empty() && end < text.len() {
            return end;
        }
        if let Some(start) = own_start(line, end == text.len()) {
            return at + 1 + start;
        }
        end = at;
    }
    own_start(&text[..end], end == text.len()).unwrap_or_default()
}

/// Where in a line that has nothing to do with the one above it the caret's text starts: in an item,
/// in the last cell of a row, in a heading. After a row or heading it is the end of that line.
fn own_start(line: &str, is_last: bool) -> Option<usize> {
    let content = line.trim_start();
    if content.starts_with(['|', '#']) {
        let in_line = if content.starts_with('|') {
            line.rfind('|').map_or(0, |bar| bar + 1)
        } else {
            0
        };
        return Some(if is_last { in_line } else { line.len() });
    }
    item_start(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `‸` marks the caret.
    fn check(fixture: &str, suggestion: &str, ending: Ending, expected: &str) {
        let (prefix, suffix) = fixture.split_once('‸').expect("fixture has a ‸");
        let fitted = fit_pairs(suggestion, prefix, suffix, ending);
        let fitted = fitted.as_deref().map_or("", |text| text).trim_end();
        assert_eq!(fitted, expected, "{fixture} + {suggestion:?}");
        let so_far = fit_pairs_so_far(suggestion, prefix, suffix);
        assert!(
            fitted.starts_with(&so_far) || fitted.is_empty(),
            "{so_far:?} of {fitted:?}"
        );
    }

    fn cut(fixture: &str, suggestion: &str, expected: &str) {
        check(fixture, suggestion, Ending::Cut, expected);
    }

    #[test]
    fn what_the_suggestion_opens_and_closes_stays() {
        for text in [
            " said \"no\" and left",
            " (a small one) was there",
            " don’t know the boys’ names",
            " says ‘no’ to it",
            " a :) or :( face",
            " 1) this and 2) that",
        ] {
            cut("The harbour‸", text, text);
        }
        cut(
            "今天‸",
            "他说“好”，读《砚》（一本书）",
            "他说“好”，读《砚》（一本书）",
        );
        cut("我们‸", "用「Rust」写", "用「Rust」写");
    }

    #[test]
    fn a_closing_mark_that_nothing_opened_cuts() {
        cut("The harbour‸", " was quiet) and", " was quiet");
        cut("The harbour‸", " was quiet” and", " was quiet");
        cut("The harbour‸", " was quiet\" and", " was quiet");
        cut("今天‸", "很安静”，他说", "很安静");
        cut("今天‸", "很安静）。", "很安静");
        cut("“Old.”\n\n‸", "It was quiet” and", "It was quiet");
    }

    #[test]
    fn a_mark_of_the_writers_is_closed_in_its_form() {
        cut("He said, “it‸", " was quiet.” Then", " was quiet.” Then");
        cut("He said, “it‸", " was quiet.\" Then", " was quiet.” Then");
        cut("He said, \"it‸", " was quiet.” Then", " was quiet.\" Then");
        cut("他说：「今天‸", "很安静。”他走了", "很安静。」他走了");
        cut("（今天‸", "很安静)他走了", "很安静）他走了");
        cut("It (the boat‸", "） was small", ") was small");
    }

    #[test]
    fn a_mark_that_follows_the_caret_is_not_doubled() {
        cut("He said, “it‸”", " was quiet.” Then he left", " was quiet.");
        cut("It (the boat‸)", " he had) was small", " he had");
        cut("他说：“今天‸”", "很安静。”他走了", "很安静。");
        cut("foo(\"a‸\")", " b\") and", " b");
        cut("The \"x‸\"", " b\" and", " b");
    }

    #[test]
    fn content_that_has_ended_is_closed() {
        let whole = Ending::Whole;
        check("He said, “it‸", " was quiet.", whole, " was quiet.”");
        check("他说：“今天‸", "很安静。", whole, "很安静。”");
        check("《今天‸", "的砚", whole, "的砚》");
        check("It (\"the‸", " boat", whole, " boat\")");
        check("It (the‸)", " boat", whole, " boat");
        check("\\section{The‸", " boat", whole, " boat}");
        cut("He said, “it‸", " was quiet.", " was quiet.");
    }

    #[test]
    fn a_bracket_within_a_sentence_ends_with_it_and_a_quotation_may_go_on() {
        let sentence = Ending::Sentence;
        check("Wait (see‸", " page five.", sentence, " page five.)");
        check("等（见‸", "第五页。", sentence, "第五页。）");
        check("(One. Two‸", " three.", sentence, " three.");
        check("He said, “it‸", " was quiet.", sentence, " was quiet.");
    }

    #[test]
    fn what_is_opened_and_not_ended_is_cut_off() {
        cut("He‸", " said, “I do not", " said,");
        cut("He‸", " said, \"I do not", " said,");
        cut("他‸", "说：“我不", "说：");
        cut("The boat‸", " was there (a small", " was there");
        cut("他‸", "读《砚", "读");
        cut("He‸", " said “a”, \"b\" (c", " said “a”, \"b\"");
    }

    #[test]
    fn a_suggestion_that_begins_with_a_mark_keeps_it_and_what_it_has_of_the_content() {
        cut("He said, ‸", "“I do not", "“I do not");
        cut("The boat‸", " (a small", " (a small");
        cut("他说：‸", "“我不", "“我不");
        cut("The boat‸", " (a small \"one", " (a small");
        cut("The boat‸", " (a \"small) one", " (a");
        cut("It rained‸", " (so it did,", " (so it did,");
    }

    #[test]
    fn what_is_opened_and_ended_is_closed() {
        cut("He‸", " said, “I do not know.", " said, “I do not know.”");
        cut("他‸", "说：“我不知道。", "说：“我不知道。”");
        cut("It rained‸", " (so it did.", " (so it did.)");
    }

    #[test]
    fn marks_of_other_items_cells_and_paragraphs_do_not_count() {
        cut("- a (b\n- c‸", " dog) e", " dog");
        cut("| (a | b‸ |", " dog) e", " dog");
        cut("# “Storm\nIt (x‸", " y) z", " y) z");
        check("He said (a\n\nThen‸", " b", Ending::Whole, " b");
    }
}
