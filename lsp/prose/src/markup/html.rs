//! HTML: tags, comments, and elements whose content is not prose.
//!
//! Not a validating parser: an unknown tag is a tag, a missing end tag ends nothing. Called by
//! `markup.rs` for HTML documents and by `markdown.rs` for HTML blocks.

use crate::outline::OutlineBuilder;
use crate::zone::Zone;

/// Elements whose content reaches to their end tag whatever it looks like.
const RAW_ELEMENTS: [(&str, Zone); 5] = [
    ("script", Zone::HtmlTag),
    ("style", Zone::HtmlTag),
    ("svg", Zone::HtmlTag),
    ("math", Zone::Math),
    ("head", Zone::FrontMatter),
];

/// Elements that decide the zone of the text in them.
const TEXT_ELEMENTS: [(&str, Zone); 13] = [
    ("pre", Zone::CodeFence),
    ("code", Zone::InlineCode),
    ("kbd", Zone::InlineCode),
    ("samp", Zone::InlineCode),
    ("li", Zone::ListItem),
    ("table", Zone::Table),
    ("title", Zone::Heading),
    ("h1", Zone::Heading),
    ("h2", Zone::Heading),
    ("h3", Zone::Heading),
    ("h4", Zone::Heading),
    ("h5", Zone::Heading),
    ("h6", Zone::Heading),
];

/// How deep elements are followed; deeper ones change nothing.
const OPEN_ELEMENTS_MAX: usize = 64;

/// Reads the zone at `caret` and the headings above it.
pub(super) fn read(text: &str, caret: usize, outline: &mut OutlineBuilder) -> Zone {
    let mut scan = Scan {
        text,
        caret,
        open: Vec::new(),
    };
    let mut at = 0;
    while let Some(found) = text[at..].find('<') {
        let start = at + found;
        if start >= caret {
            break;
        }
        match scan.markup_from(start, outline) {
            Step::Zone(zone) => return zone,
            Step::Continue(next) => at = next,
        }
    }
    scan.open
        .iter()
        .rev()
        .find_map(|element| element.zone)
        .unwrap_or(Zone::Prose)
}

/// The zone of a tag or comment that a line up to the caret has begun and not ended.
pub(super) fn open_tag(before: &str) -> Option<Zone> {
    let at = before.rfind('<')?;
    let tag = &before[at..];
    if tag.starts_with("<!--") {
        return (!tag.contains("-->")).then_some(Zone::Comment);
    }
    let name = tag[1..].trim_start_matches('/');
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic());
    (begins && !tag.contains('>')).then_some(Zone::HtmlTag)
}

enum Step {
    Zone(Zone),
    Continue(usize),
}

struct Element {
    name: String,
    zone: Option<Zone>,
    /// Where its text starts.
    content: usize,
}

struct Scan<'a> {
    text: &'a str,
    caret: usize,
    open: Vec<Element>,
}

impl Scan<'_> {
    /// Reads the markup that may begin at the `<` at `start`.
    fn markup_from(&mut self, start: usize, outline: &mut OutlineBuilder) -> Step {
        let rest = &self.text[start..];
        if rest.starts_with("<!--") {
            return self.until("-->", start + 4, Zone::Comment);
        }
        let after = rest[1..].trim_start_matches('/');
        if !after.starts_with(|c: char| c.is_ascii_alphabetic() || c == '!' || c == '?') {
            return Step::Continue(start + 1);
        }
        let Some(end) = tag_end(self.text, start) else {
            return Step::Zone(Zone::HtmlTag);
        };
        if self.caret < end {
            return Step::Zone(Zone::HtmlTag);
        }
        let name_end = after
            .find(|c: char| !c.is_ascii_alphanumeric())
            .unwrap_or(after.len());
        let name = after[..name_end].to_ascii_lowercase();
        if rest.starts_with("</") {
            self.close(&name, start, outline);
        } else if !self.text[..end].ends_with("/>") {
            let raw = RAW_ELEMENTS.iter().find(|(raw, _)| *raw == name);
            if let Some(&(_, zone)) = raw {
                return self.raw_element(&name, end, zone, outline);
            }
            self.open(name, end);
        }
        Step::Continue(end)
    }

    fn open(&mut self, name: String, content: usize) {
        if self.open.len() < OPEN_ELEMENTS_MAX {
            let zone = TEXT_ELEMENTS
                .iter()
                .find(|(known, _)| *known == name)
                .map(|&(_, zone)| zone);
            self.open.push(Element {
                name,
                zone,
                content,
            });
        }
    }

    fn close(&mut self, name: &str, end: usize, outline: &mut OutlineBuilder) {
        let Some(at) = self.open.iter().rposition(|element| element.name == name) else {
            return;
        };
        let content = plain_text(&self.text[self.open[at].content..end]);
        self.open.truncate(at);
        let level = name.strip_prefix('h').and_then(|level| level.parse().ok());
        if let Some(level) = level {
            outline.heading(level, &content);
        }
    }

    /// Reads an element that holds no markup of ours; the title within a head is still wanted.
    fn raw_element(
        &self,
        name: &str,
        content: usize,
        zone: Zone,
        outline: &mut OutlineBuilder,
    ) -> Step {
        let end = find_end_tag(&self.text[content..], name).map(|at| content + at);
        let inside = &self.text[content..end.unwrap_or(self.text.len())];
        if let Some(title) = between(inside, "<title>", "</title>") {
            outline.title(title);
        }
        match end {
            Some(end) if end < self.caret => Step::Continue(end),
            _ => Step::Zone(zone),
        }
    }

    fn until(&self, end: &str, from: usize, zone: Zone) -> Step {
        match self.text.get(from..).and_then(|rest| rest.find(end)) {
            Some(at) if from + at + end.len() <= self.caret => {
                Step::Continue(from + at + end.len())
            }
            _ => Step::Zone(zone),
        }
    }
}

/// The byte after the `>` that ends the tag at `start`, quoted values aside.
fn tag_end(text: &str, start: usize) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate().skip(start + 1) {
        match (quote, byte) {
            (None, b'>') => return Some(at + 1),
            // A tag that another one follows was never ended.
            (None, b'<') => return None,
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    None
}

/// Where `</name` begins, in any case.
fn find_end_tag(text: &str, name: &str) -> Option<usize> {
    text.match_indices("</").map(|(at, _)| at).find(|at| {
        let tag = text.as_bytes().get(at + 2..at + 2 + name.len());
        tag.is_some_and(|tag| tag.eq_ignore_ascii_case(name.as_bytes()))
    })
}

fn plain_text(html: &str) -> String {
    let mut text = String::new();
    let mut in_tag = false;
    for c in html.chars() {
        match c {
            '<' => in_tag = true,
            '>' => in_tag = false,
            _ if !in_tag => text.push(c),
            _ => {}
        }
    }
    text
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let from = text.find(start)? + start.len();
    let length = text[from..].find(end)?;
    Some(&text[from..from + length])
}
