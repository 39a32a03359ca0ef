//! HTML: tags, comments, and elements whose content is not prose.
//!
//! Not a validating parser: an unknown tag is a tag, a `<` that no tag follows is text. Called by
//! `markup.rs` for HTML documents and by `markdown.rs` for HTML blocks.

use super::tag::{TagEnd, is_begun, tag_end};
use crate::outline::OutlineBuilder;
use crate::zone::Zone;

/// Elements whose content reaches to their end tag whatever it looks like.
const RAW_ELEMENTS: [(&str, &[&str], Zone); 5] = [
    ("script", &["</script"], Zone::HtmlTag),
    ("style", &["</style"], Zone::HtmlTag),
    ("svg", &["</svg"], Zone::HtmlTag),
    ("math", &["</math"], Zone::Math),
    // Its end tag may be left out.
    ("head", &["</head", "<body"], Zone::FrontMatter),
];

/// Elements that decide the zone of the text in them, and the lists that end their items. Others
/// are not followed: they decide nothing, and many are never closed (`<p>`, `<br>`).
const FOLLOWED_ELEMENTS: [(&str, Option<Zone>); 16] = [
    ("pre", Some(Zone::CodeFence)),
    ("code", Some(Zone::InlineCode)),
    ("kbd", Some(Zone::InlineCode)),
    ("samp", Some(Zone::InlineCode)),
    ("li", Some(Zone::ListItem)),
    ("ul", None),
    ("ol", None),
    ("menu", None),
    ("table", Some(Zone::Table)),
    ("title", Some(Zone::Heading)),
    ("h1", Some(Zone::Heading)),
    ("h2", Some(Zone::Heading)),
    ("h3", Some(Zone::Heading)),
    ("h4", Some(Zone::Heading)),
    ("h5", Some(Zone::Heading)),
    ("h6", Some(Zone::Heading)),
];

/// Elements that code within a line does not reach over, among those that are not followed.
const OTHER_BLOCKS: [&str; 20] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "dd",
    "div",
    "dl",
    "dt",
    "figure",
    "footer",
    "header",
    "hr",
    "main",
    "nav",
    "p",
    "section",
    "td",
    "th",
    "tr",
];

/// How many elements are followed at once; beyond, the outermost is forgotten, since the innermost
/// decide.
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
    let zone = scan.open.iter().rev().find_map(|element| element.zone);
    zone.unwrap_or(Zone::Prose)
}

/// The zone of a tag or comment that a line up to the caret has begun and not ended.
pub(super) fn open_tag(before: &str) -> Option<Zone> {
    let at = before.rfind('<')?;
    let tag = &before[at..];
    if tag.starts_with("<!--") {
        return (!tag.contains("-->")).then_some(Zone::Comment);
    }
    let named = tag[1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/');
    (named && !tag.contains('>') && is_begun(before, at)).then_some(Zone::HtmlTag)
}

enum Step {
    Zone(Zone),
    Continue(usize),
}

struct Element {
    name: &'static str,
    zone: Option<Zone>,
    /// Where its text starts.
    content: usize,
}

impl Element {
    fn is_inline(&self) -> bool {
        self.zone == Some(Zone::InlineCode)
    }
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
        let after = rest[1..].strip_prefix('/').unwrap_or(&rest[1..]);
        if !after.starts_with(|c: char| c.is_ascii_alphabetic() || c == '!' || c == '?') {
            return Step::Continue(start + 1);
        }
        let end = match tag_end(self.text, start) {
            TagEnd::At(end) => end,
            TagEnd::Missing(next) => {
                let is_typed = self.caret <= next && is_begun(&self.text[..self.caret], start);
                return if is_typed {
                    Step::Zone(Zone::HtmlTag)
                } else {
                    Step::Continue(next)
                };
            }
        };
        if self.caret < end {
            return Step::Zone(Zone::HtmlTag);
        }
        let name_end = after
            .find(|c: char| !c.is_ascii_alphanumeric())
            .unwrap_or(after.len());
        let name = &after[..name_end];
        if rest.starts_with("</") {
            self.close(name, start, outline);
        } else if !self.text[..end].ends_with("/>") {
            let raw = RAW_ELEMENTS
                .iter()
                .find(|(raw, ..)| raw.eq_ignore_ascii_case(name));
            if let Some(&(_, ends, zone)) = raw {
                return self.raw_element(ends, end, zone, outline);
            }
            self.open(name, end);
        }
        Step::Continue(end)
    }

    fn open(&mut self, name: &str, content: usize) {
        let Some((name, zone)) = followed(name) else {
            self.leave_inline_at(name);
            return;
        };
        let element = Element {
            name,
            zone,
            content,
        };
        if !element.is_inline() {
            self.leave_inline();
        }
        self.close_implied(&element);
        if self.open.len() == OPEN_ELEMENTS_MAX {
            self.open.remove(0);
        }
        self.open.push(element);
    }

    /// An item ends the one before it in its list, a heading the one that it follows.
    fn close_implied(&mut self, next: &Element) {
        let list = |name| matches!(name, "li" | "ul" | "ol" | "menu");
        let ended = match next.zone {
            Some(Zone::ListItem) => self.open.iter().rposition(|element| list(element.name)),
            Some(Zone::Heading) => self.open.len().checked_sub(1),
            _ => None,
        };
        if let Some(at) = ended
            && self.open[at].zone == next.zone
        {
            self.open.truncate(at);
        }
    }

    fn close(&mut self, name: &str, end: usize, outline: &mut OutlineBuilder) {
        let Some((name, zone)) = followed(name) else {
            self.leave_inline_at(name);
            return;
        };
        let Some(at) = self.open.iter().rposition(|element| element.name == name) else {
            return;
        };
        let level = name.strip_prefix('h').and_then(|level| level.parse().ok());
        if let (Some(level), Some(Zone::Heading)) = (level, zone) {
            let content = plain_text(&self.text[self.open[at].content..end]);
            outline.heading(level, &content);
        }
        self.open.truncate(at);
    }

    fn leave_inline_at(&mut self, name: &str) {
        if OTHER_BLOCKS
            .iter()
            .any(|block| block.eq_ignore_ascii_case(name))
        {
            self.leave_inline();
        }
    }

    /// Code within a line ends with its block, whether it was closed or not.
    fn leave_inline(&mut self) {
        while self.open.last().is_some_and(Element::is_inline) {
            self.open.pop();
        }
    }

    /// Reads an element that holds no markup of ours; the title within a head is still wanted.
    fn raw_element(
        &self,
        ends: &[&str],
        content: usize,
        zone: Zone,
        outline: &mut OutlineBuilder,
    ) -> Step {
        let end = find_tag(&self.text[content..], ends).map(|at| content + at);
        let inside = &self.text[content..end.unwrap_or(self.text.len())];
        if zone == Zone::FrontMatter
            && let Some(title) = between(inside, "<title>", "</title>")
        {
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

fn followed(name: &str) -> Option<(&'static str, Option<Zone>)> {
    FOLLOWED_ELEMENTS
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
        .copied()
}

/// Where the first of some tags begins, each given from its `<` to the end of its name, in any case.
fn find_tag(text: &str, tags: &[&str]) -> Option<usize> {
    let bytes = text.as_bytes();
    let begins = |at: usize, tag: &str| {
        let end = at + tag.len();
        bytes
            .get(at..end)
            .is_some_and(|found| found.eq_ignore_ascii_case(tag.as_bytes()))
            && !bytes.get(end).is_some_and(u8::is_ascii_alphanumeric)
    };
    text.match_indices('<')
        .map(|(at, _)| at)
        .find(|&at| tags.iter().any(|tag| begins(at, tag)))
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
