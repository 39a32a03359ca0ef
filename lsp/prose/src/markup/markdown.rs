//! Markdown: CommonMark as `pulldown-cmark` reads it, and what is still being typed at the caret.
//!
//! Front matter and unfinished constructs are read here, because the parser takes the first for a
//! rule and a heading and the second for text. Called by `markup.rs`.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd};

use inkstone_text::last_line;

use super::{html, inline};
use crate::lines::{Line, lines, lines_to_caret};
use crate::outline::OutlineBuilder;
use crate::zone::Zone;

/// Reads the zone at `caret` and the headings above it.
pub(super) fn read(text: &str, caret: usize, outline: &mut OutlineBuilder) -> Zone {
    let body_start = match read_front_matter(text, caret, outline) {
        FrontMatter::HoldsCaret => return Zone::FrontMatter,
        FrontMatter::EndsAt(start) => start,
    };
    let mut walk = Walk {
        text: &text[body_start..],
        caret: caret - body_start,
        line_end: text[caret..]
            .find(['\n', '\r'])
            .map_or(text.len(), |length| caret + length)
            - body_start,
        zone: Zone::Prose,
        code_spans: Vec::new(),
    };
    walk.run(outline);
    if walk.zone.is_prose() {
        let begun = walk.unfinished().or_else(|| walk.begun());
        begun.unwrap_or(walk.zone)
    } else {
        walk.zone
    }
}

/// Digits of an item's number (CommonMark, "List items").
const NUMBER_DIGITS_MAX: usize = 9;

enum FrontMatter {
    HoldsCaret,
    EndsAt(usize),
}

/// Reads `---` YAML and `+++` TOML metadata at the start of a document.
fn read_front_matter(text: &str, caret: usize, outline: &mut OutlineBuilder) -> FrontMatter {
    let mut rest = lines(text);
    let fence = rest.next().map_or("", |line| line.text.trim_end());
    let separator = match fence {
        "---" => ':',
        "+++" => '=',
        _ => return FrontMatter::EndsAt(0),
    };
    let entries: Vec<Line<'_>> = rest
        .take_while(|line| !closes(line.text.trim_end(), fence))
        .collect();
    let Some(last) = entries.last() else {
        return FrontMatter::EndsAt(0);
    };
    // A rule and a blank line are text; metadata begins at once (as in Pandoc).
    if entries[0].is_blank() {
        return FrontMatter::EndsAt(0);
    }
    let is_closed = last.end() < text.len();
    if is_closed {
        if let Some(title) = entries
            .iter()
            .find_map(|line| title_in(line.text, separator))
        {
            outline.title(title);
        }
        // The fence's line comes after the last entry's break.
        let end = lines(&text[last.end()..])
            .nth(1)
            .map_or(text.len(), |line| last.end() + line.end());
        return if caret <= end {
            FrontMatter::HoldsCaret
        } else {
            FrontMatter::EndsAt(end)
        };
    }
    // Not closed yet: metadata while it looks like it, a key, an item, a nested value.
    let typed = entries.iter().take_while(|line| line.start <= caret);
    let looks_like_metadata = typed.clone().all(|line| {
        let content = line.text;
        content.contains(separator)
            || content.starts_with([' ', '-', '#', '['])
            || line.end() == caret
    });
    if looks_like_metadata
        && typed
            .clone()
            .all(|line| !line.is_blank() || line.end() == caret)
    {
        FrontMatter::HoldsCaret
    } else {
        FrontMatter::EndsAt(0)
    }
}

fn closes(line: &str, fence: &str) -> bool {
    line == fence || (line == "..." && fence == "---")
}

fn title_in(line: &str, separator: char) -> Option<&str> {
    let (key, value) = line.split_once(separator)?;
    (key.trim_end() == "title").then_some(value)
}

/// A walk over the parser's events, from outer to inner, up to the block that holds the caret.
struct Walk<'a> {
    text: &'a str,
    caret: usize,
    /// Where the caret's line ends.
    line_end: usize,
    zone: Zone,
    /// Code spans on the caret's paragraph, so that their backticks are not taken for unfinished.
    code_spans: Vec<Range<usize>>,
}

impl Walk<'_> {
    fn run(&mut self, outline: &mut OutlineBuilder) {
        let options = Options::ENABLE_TABLES
            | Options::ENABLE_FOOTNOTES
            | Options::ENABLE_STRIKETHROUGH
            | Options::ENABLE_TASKLISTS
            | Options::ENABLE_MATH;
        let mut heading: Option<(u8, String)> = None;
        let mut links: Vec<Link> = Vec::new();
        for (event, range) in Parser::new_ext(self.text, options).into_offset_iter() {
            // An event that ends a block carries the block's range, which starts above the caret.
            if range.start > self.caret && !matches!(event, Event::End(_)) {
                break;
            }
            if let (Some(link), false) = (links.last_mut(), matches!(event, Event::End(_))) {
                link.text_end = link.text_end.max(range.end);
            }
            match event {
                Event::Start(Tag::Heading { level, .. }) => {
                    heading = Some((level_of(level), String::new()));
                    self.enter_block(&range, Zone::Heading);
                }
                Event::End(TagEnd::Heading(_)) => {
                    if let Some((level, text)) = heading.take()
                        && !self.holds_block(&range)
                    {
                        outline.heading(level, &text);
                    }
                }
                Event::Start(Tag::Link { link_type, .. } | Tag::Image { link_type, .. }) => {
                    links.push(Link::new(link_type, &range));
                }
                Event::End(TagEnd::Link | TagEnd::Image) => {
                    if let Some(link) = links.pop() {
                        self.leave_link(&link);
                    }
                }
                Event::Text(text) => {
                    if let Some((_, heading)) = &mut heading {
                        heading.push_str(&text);
                    }
                }
                Event::Code(code) => {
                    if let Some((_, heading)) = &mut heading {
                        heading.push_str(&code);
                    }
                    self.code_spans.push(range.clone());
                    self.enter_span(&range, Zone::InlineCode);
                }
                other => self.enter(&other, &range),
            }
        }
    }

    fn enter(&mut self, event: &Event<'_>, range: &Range<usize>) {
        match event {
            Event::Start(Tag::Item) => self.enter_block(range, Zone::ListItem),
            Event::Start(Tag::Table(_)) => self.enter_block(range, Zone::Table),
            Event::Start(Tag::CodeBlock(kind)) => self.enter_code_block(range, kind),
            Event::Start(Tag::HtmlBlock) if self.holds_block(range) => {
                let caret = self.caret.saturating_sub(range.start);
                let mut unused = OutlineBuilder::default();
                self.zone = html::read(&self.text[range.clone()], caret, &mut unused);
            }
            Event::InlineHtml(_) => {
                let comment = self.text[range.clone()].starts_with("<!--");
                let zone = if comment {
                    Zone::Comment
                } else {
                    Zone::HtmlTag
                };
                self.enter_span(range, zone);
            }
            Event::InlineMath(_) | Event::DisplayMath(_) => self.enter_span(range, Zone::Math),
            _ => {}
        }
    }

    /// A fence that nothing closes reaches to the end of the document, and so does its block.
    fn enter_code_block(&mut self, range: &Range<usize>, kind: &CodeBlockKind<'_>) {
        let open_at_end = matches!(kind, CodeBlockKind::Fenced(_))
            && self.caret >= range.end
            && self.text[range.end..].trim().is_empty()
            && !is_closed_fence(&self.text[range.clone()]);
        if open_at_end {
            self.zone = Zone::CodeFence;
        }
        self.enter_block(range, Zone::CodeFence);
    }

    fn enter_block(&mut self, range: &Range<usize>, zone: Zone) {
        if self.holds_block(range) {
            self.zone = zone;
        }
    }

    /// Before the first and after the last character of a span one is outside of it.
    fn enter_span(&mut self, range: &Range<usize>, zone: Zone) {
        if range.start < self.caret && self.caret < range.end {
            self.zone = zone;
        }
    }

    /// A block holds the caret from the start of its first line to the end of its last.
    fn holds_block(&self, range: &Range<usize>) -> bool {
        let ends_with_break = self.text[..range.end].ends_with(['\n', '\r']);
        range.start <= self.line_end
            && (self.caret < range.end || (self.caret == range.end && !ends_with_break))
    }

    fn leave_link(&mut self, link: &Link) {
        match link.kind {
            LinkType::Autolink | LinkType::Email => {
                self.enter_span(&link.range, Zone::Url);
            }
            // `](` is two bytes long, so is `][`; a shortcut link has neither.
            _ => self.enter_span(&(link.text_end + 1..link.range.end), Zone::LinkDestination),
        }
    }

    /// What the caret's line has begun and not ended.
    fn unfinished(&self) -> Option<Zone> {
        let (_, line) = lines_to_caret(self.text, self.caret);
        let before = line.before(self.caret);
        if is_reference_definition(before) || has_open_destination(before) {
            return Some(Zone::LinkDestination);
        }
        if self.has_open_backtick(line.start) {
            return Some(Zone::InlineCode);
        }
        if has_open_math(before) {
            return Some(Zone::Math);
        }
        html::open_tag(before)
    }

    /// What the mark before the caret begins that has no text yet: the parser ends such a block
    /// before its space.
    fn begun(&self) -> Option<Zone> {
        let before = &self.text[..self.caret];
        if self.zone != Zone::Prose || !before.ends_with([' ', '\t']) {
            return None;
        }
        let start = before.rfind(['\n', '\r']).map_or(0, |at| at + 1);
        let mark = before[start..].trim();
        let above = before[..start].trim_end_matches(['\n', '\r']);
        let row_above = last_line(above);
        // Two breaks end a table.
        let is_next_line = start - above.len() <= "\r\n".len();
        if mark.starts_with('|') && is_next_line && row_above.trim_start().starts_with('|') {
            return Some(Zone::Table);
        }
        if !self.text[self.caret..self.line_end].trim().is_empty() {
            return None;
        }
        let is_run = |c: char, most: usize| mark.chars().all(|m| m == c) && mark.len() <= most;
        let number = mark.strip_suffix(['.', ')']).unwrap_or_default();
        let is_number = (1..=NUMBER_DIGITS_MAX).contains(&number.len())
            && number.bytes().all(|byte| byte.is_ascii_digit());
        if mark.is_empty() {
            None
        } else if is_run('#', 6) {
            Some(Zone::Heading)
        } else if is_run('-', 1) || is_run('*', 1) || is_run('+', 1) || is_number {
            Some(Zone::ListItem)
        } else {
            None
        }
    }

    fn has_open_backtick(&self, line_start: usize) -> bool {
        let mut literal = self.text[line_start..self.caret].to_owned().into_bytes();
        for span in &self.code_spans {
            let start = span.start.max(line_start).min(self.caret) - line_start;
            let end = span.end.max(line_start).min(self.caret) - line_start;
            literal[start..end].fill(b' ');
        }
        // Masking replaces whole characters only, since spans start and end with backticks.
        String::from_utf8(literal).is_ok_and(|text| inline::is_in_code_span(&text, b'`'))
    }
}

/// A link whose events are being read.
struct Link {
    kind: LinkType,
    range: Range<usize>,
    /// Where its text ends so far.
    text_end: usize,
}

impl Link {
    fn new(kind: LinkType, range: &Range<usize>) -> Self {
        Self {
            kind,
            range: range.clone(),
            text_end: range.start + 1,
        }
    }
}

fn level_of(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}

/// Whether the last line of a fenced block closes it.
fn is_closed_fence(block: &str) -> bool {
    let fence = block.trim_start();
    let Some(marker) = fence.chars().next() else {
        return false;
    };
    let length = fence.chars().take_while(|&c| c == marker).count();
    let mut last_line = block.trim_end().rsplit(['\n', '\r']);
    let last = last_line.next().unwrap_or_default();
    // In a quote the fence follows its marks.
    let last = last.trim_start_matches(|c: char| c.is_whitespace() || c == '>');
    let is_fence = last.chars().all(|c| c == marker) && last.chars().count() >= length;
    is_fence && last_line.next().is_some()
}

/// `[label]: destination`, but not a footnote, whose text is prose.
fn is_reference_definition(before: &str) -> bool {
    let line = before.trim_start();
    line.starts_with('[')
        && !line.starts_with("[^")
        && line.find("]:").is_some_and(|at| !line[1..at].contains(']'))
}

/// `[text](dest`, not yet closed.
fn has_open_destination(before: &str) -> bool {
    let Some(at) = before.rfind("](") else {
        return false;
    };
    let destination = &before[at + 2..];
    let mut depth = 0_i32;
    for c in destination.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            return false;
        }
    }
    true
}

/// `$x_1 +`, not yet closed.
fn has_open_math(before: &str) -> bool {
    let dollars = before.matches('$').count();
    let typed = before.rsplit('$').next().unwrap_or_default();
    dollars % 2 == 1 && inline::may_become_formula(typed)
}
