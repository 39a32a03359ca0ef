//! What a run of the parser's events comes to, for elements that are read as a whole: code, the
//! description of a picture, what is passed over. Called by the reader of Markdown.

use std::ops::Range;

use pulldown_cmark::{Event, Tag, TagEnd};

/// Passes over events up to the end of a block.
pub(super) fn skip_to<'a>(
    events: &mut impl Iterator<Item = (Event<'a>, Range<usize>)>,
    ends: fn(&TagEnd) -> bool,
) {
    for (event, _) in events.by_ref() {
        if matches!(&event, Event::End(end) if ends(end)) {
            return;
        }
    }
}

/// The lines of a code block.
pub(super) fn code_text<'a>(
    events: &mut impl Iterator<Item = (Event<'a>, Range<usize>)>,
) -> String {
    let mut code = String::new();
    for (event, _) in events.by_ref() {
        match event {
            Event::Text(text) => code.push_str(&text),
            Event::End(TagEnd::CodeBlock) => break,
            _ => {}
        }
    }
    code
}

/// The text of a picture's description, in which pictures may stand again.
pub(super) fn alt_text<'a>(events: &mut impl Iterator<Item = (Event<'a>, Range<usize>)>) -> String {
    let (mut alt, mut depth) = (String::new(), 1_usize);
    for (event, _) in events.by_ref() {
        match event {
            Event::Start(Tag::Image { .. }) => depth += 1,
            Event::End(TagEnd::Image) => {
                depth -= 1;
                if depth == 0 {
                    break;
                }
            }
            Event::Text(text) | Event::Code(text) => alt.push_str(&text),
            Event::SoftBreak | Event::HardBreak => alt.push(' '),
            _ => {}
        }
    }
    alt
}
