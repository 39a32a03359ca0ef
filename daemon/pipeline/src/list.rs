//! Lists as people type them, in any markup or none: bullets, boxes, numbers, Chinese numbers.
//!
//! Not the markup of a document (`inkstone-prose`), which knows neither 一、 nor （1）. Read by the
//! stopper, since an item ends with its line, and by `trim.rs`, which keeps the markers right.

mod marker;

use std::borrow::Cow;

use inkstone_text::last_bytes;

use marker::Marker;

/// How much text above the caret is read for the items of its list.
const READ_BYTES_MAX: usize = 8 * 1024;

/// An item's own lines above the caret that are read back to its marker.
const ITEM_LINES_MAX: usize = 16;

/// Items above the caret that are looked at for one as deep as it.
const ITEMS_MAX: usize = 64;

/// A suggestion so short may yet become a marker: 第 is none, （二十一） is the longest.
const MARKER_CHARS_MAX: usize = 8;

/// Where in a list a caret is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListCaret {
    /// In none.
    Elsewhere,
    /// On the line of an item, after its marker.
    InItem {
        /// Whether only the marker is there.
        is_empty: bool,
        /// Whether the item may begin with a box of its own, as the one above it does.
        takes_box: bool,
    },
    /// On the empty line below an item.
    BelowItem {
        /// The marker of the next item, with the space after it.
        next: String,
    },
}

impl ListCaret {
    /// Whether a suggestion here may begin with a marker that is to be taken away or put right.
    pub const fn may_bring_marker(&self) -> bool {
        matches!(
            self,
            Self::InItem { is_empty: true, .. } | Self::BelowItem { .. }
        )
    }
}

/// Where in a list the caret at the end of `prefix` is.
pub fn list_at(prefix: &str) -> ListCaret {
    let mut above = lines_upwards(last_bytes(prefix, READ_BYTES_MAX));
    let line = above.next().unwrap_or_default();
    if let Some(marker) = Marker::of(line) {
        let is_empty = line[marker.end()..].trim().is_empty();
        let takes_box = is_empty
            && !marker.has_box()
            && sibling(above, marker.indent()).is_some_and(|marker| marker.has_box());
        return ListCaret::InItem {
            is_empty,
            takes_box,
        };
    }
    if !line.trim().is_empty() {
        return ListCaret::Elsewhere;
    }
    match next_marker(above, line.len()) {
        Some(next) => ListCaret::BelowItem { next },
        None => ListCaret::Elsewhere,
    }
}

/// The suggestion with the marker that belongs at the caret: none where the writer has put it, the
/// next one where the model began another item.
pub fn fit_item<'a>(suggestion: &'a str, caret: &ListCaret) -> Cow<'a, str> {
    let text = suggestion.trim_start();
    match caret {
        ListCaret::InItem {
            is_empty: true,
            takes_box,
        } => {
            let after = Marker::of(text).filter(|marker| !(*takes_box && marker.is_bare_box()));
            Cow::Borrowed(after.map_or(suggestion, |marker| &text[marker.end()..]))
        }
        ListCaret::BelowItem { next } => match Marker::of(text) {
            Some(marker) if text[marker.end()..].trim().is_empty() => Cow::Borrowed(""),
            Some(marker) => Cow::Owned(format!("{next}{}", text[marker.end()..].trim_start())),
            None => Cow::Borrowed(suggestion),
        },
        ListCaret::InItem { .. } | ListCaret::Elsewhere => Cow::Borrowed(suggestion),
    }
}

/// How many bytes of `text`, which begins a line, are the marker of an item; none while more text
/// may make it another.
pub fn marker_bytes(text: &str) -> Option<usize> {
    let content = text.trim_start();
    let indent = text.len() - content.len();
    let bytes = Marker::of(content).map_or(0, |marker| marker.end());
    let rest = &content[bytes..];
    let undecided =
        rest.is_empty() || may_begin_box(rest) || (bytes == 0 && may_become_marker(rest));
    (!undecided).then_some(indent + bytes)
}

/// The byte of a line at which the text of its item starts, if it is an item's line.
pub(crate) fn item_start(line: &str) -> Option<usize> {
    Marker::of(line).map(|marker| marker.end())
}

/// Whether a box may come of `rest`, which follows a bullet.
fn may_begin_box(rest: &str) -> bool {
    marker::TICK_BOXES.iter().any(|mark| mark.starts_with(rest))
}

fn may_become_marker(text: &str) -> bool {
    let in_marker = |c: char| {
        c.is_numeric()
            || c.is_whitespace()
            || marker::han_digit(c).is_some()
            || "-*+•.、()（）．十\\item[]xX".contains(c)
    };
    let is_letter = text.len() == 1 && text.starts_with(|c: char| c.is_ascii_lowercase());
    is_letter || (text.chars().count() <= MARKER_CHARS_MAX && text.chars().all(in_marker))
}

/// The marker that an item on the caret's empty line has, if the line above belongs to an item.
fn next_marker<'a>(
    mut above: impl Iterator<Item = &'a str>,
    indent_bytes: usize,
) -> Option<String> {
    let mut last = None;
    for line in above.by_ref().take(ITEM_LINES_MAX) {
        last = Marker::of(line).map(|marker| (line, marker));
        // Lines of one item are indented below its marker.
        if last.is_some() || line.trim().is_empty() || !line.starts_with([' ', '\t']) {
            break;
        }
    }
    let (line, last) = last?;
    if line[last.end()..].trim().is_empty() {
        // Whoever leaves an item empty has ended the list.
        return None;
    }
    let is_as_deep = last.indent() == indent_bytes;
    let mut above = above.take(ITEMS_MAX).collect::<Vec<_>>().into_iter();
    let model = if is_as_deep {
        last
    } else {
        sibling(above.by_ref(), indent_bytes).unwrap_or(last)
    };
    // All items may have one number, which the markup counts.
    let before = sibling(above, model.indent());
    Some(match before {
        Some(before) if before.same_number(&model) => model.again(),
        _ => model.next(),
    })
}

/// The nearest item above with so much indentation, in the same list.
fn sibling<'a>(above: impl Iterator<Item = &'a str>, indent_bytes: usize) -> Option<Marker<'a>> {
    above
        .take(ITEMS_MAX)
        .take_while(|line| !line.trim().is_empty())
        .filter_map(Marker::of)
        .find(|marker| marker.indent() == indent_bytes)
}

/// The lines of a text, the last one first.
fn lines_upwards(text: &str) -> impl Iterator<Item = &str> {
    // `rsplit` would see an empty line in each CRLF.
    text.rsplit('\n').flat_map(|line| {
        let line = line.strip_suffix('\r').unwrap_or(line);
        line.rsplit('\r')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(prefix: &str) -> Option<String> {
        match list_at(prefix) {
            ListCaret::BelowItem { next } => Some(next),
            _ => None,
        }
    }

    fn check_next(prefix: &str, marker: &str) {
        assert_eq!(next(prefix).as_deref(), Some(marker), "{prefix:?}");
    }

    #[test]
    fn the_next_marker_continues_the_list() {
        check_next("- bread\n", "- ");
        check_next("* bread\r\n* milk\r\n", "* ");
        check_next("- [x] bread\n", "- [ ] ");
        check_next("1. bread\n2. milk\n", "3. ");
        check_next("9) bread\n", "10) ");
        check_next("一、砚\n", "二、");
        check_next("九、砚\n十、墨\n", "十一、");
        check_next("（1）砚\n（2）墨\n", "（3）");
        check_next("（一）砚\n", "（二）");
        check_next("① 砚\n", "② ");
        check_next("a) bread\n", "b) ");
        check_next("\\item bread\n", "\\item ");
        check_next("1、砚 stone\n", "2、");
    }

    #[test]
    fn a_list_with_one_number_keeps_it() {
        check_next("1. bread\n1. milk\n", "1. ");
        check_next("1. bread\n", "2. ");
    }

    #[test]
    fn the_next_marker_is_that_of_an_item_as_deep_as_the_caret() {
        check_next("1. bread\n   - rye\n   - wheat\n", "2. ");
        check_next("1. bread\n   - rye\n   ", "- ");
        check_next("- bread that\n  goes on\n", "- ");
    }

    #[test]
    fn a_line_below_anything_else_is_in_no_list() {
        for prefix in [
            "",
            "Text\n",
            "- bread\n\n",
            "- \n",
            "一个\n",
            "It was 1984.\n",
            "3.14 is\n",
            "---\n",
            "**bold** text\n",
            "2024年\n",
            "- bread\nText\n",
        ] {
            assert_eq!(list_at(prefix), ListCaret::Elsewhere, "{prefix:?}");
        }
    }

    #[test]
    fn an_empty_item_is_told_from_one_with_text() {
        let is_empty = |prefix| match list_at(prefix) {
            ListCaret::InItem { is_empty, .. } => Some(is_empty),
            _ => None,
        };
        for prefix in [
            "- ", "a\n3. ", "- [ ] ", "一、", "（1）", "  * ", "① ", "a) ",
        ] {
            assert_eq!(is_empty(prefix), Some(true), "{prefix:?}");
        }
        for prefix in ["- bread", "3. 砚", "- [x] bread ", "一、砚台"] {
            assert_eq!(is_empty(prefix), Some(false), "{prefix:?}");
        }
    }

    #[test]
    fn a_marker_is_put_right_or_taken_away() {
        let fit = |prefix: &str, text: &str| fit_item(text, &list_at(prefix)).into_owned();
        assert_eq!(fit("- ", "- milk"), "milk");
        assert_eq!(fit("3. ", "4. milk"), "milk");
        assert_eq!(fit("一、", "二、墨"), "墨");
        assert_eq!(fit("- ", "[ ] milk"), "milk");
        assert_eq!(fit("- [x] bread\n- ", "[ ] milk"), "[ ] milk");
        assert_eq!(fit("- [x] bread\n- [ ] ", "[ ] milk"), "milk");
        assert_eq!(fit("1. bread\n", "7. milk"), "2. milk");
        assert_eq!(fit("一、砚\n", "三、墨"), "二、墨");
        assert_eq!(fit("- bread\n", "* milk"), "- milk");
        assert_eq!(fit("- bread\n", "Then it rained."), "Then it rained.");
        assert_eq!(fit("- bread ", "- and milk"), "- and milk");
    }

    #[test]
    fn what_may_become_a_marker_is_waited_for() {
        for text in [
            "", " ", "-", "- ", "3", "3.", "一", "（", "（1", "- [", "- [ ]", "\\it", "①",
        ] {
            assert_eq!(marker_bytes(text), None, "{text:?}");
        }
        assert_eq!(marker_bytes("- milk"), Some(2));
        assert_eq!(marker_bytes("- [ ] milk"), Some(6));
        assert_eq!(marker_bytes("\n3. milk"), Some(4));
        assert_eq!(marker_bytes("二、墨"), Some("二、".len()));
        assert_eq!(marker_bytes("milk"), Some(0));
        assert_eq!(marker_bytes("一个"), Some(0));
    }
}
