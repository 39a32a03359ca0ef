//! Reads AsciiDoc: sections, paragraphs, lists, delimited blocks, inline macros.
//!
//! Asciidoctor's syntax. Nothing is included, and conditions are not asked.

mod attributes;
mod inline;

use crate::block::{BlockKind, Reading};

use self::attributes::Attributes;
use self::inline::MARKUP;
use super::emphasis::{Shown, shown};
use super::page::Page;
use super::searches::Searches;
use super::source::{Source, lines};
use super::{ReadLimits, prose_shape};

/// The blocks of an AsciiDoc text.
pub(super) fn read(text: &str, limits: &ReadLimits) -> Reading {
    let source = Source::new(text);
    let mut reader = Reader {
        source: &source,
        searches: Searches::new(text),
        page: Page::new(limits),
        quote_fence: None,
        style: Style::None,
        attributes: Attributes::default(),
    };
    let mut at = reader.header();
    while at < source.len() && !reader.page.is_full() {
        at = reader.block(at).max(at + 1);
    }
    reader.page.finish()
}

/// What the attribute line above a block makes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    None,
    Quote,
    Source,
    Math,
    Bibliography,
}

struct Reader<'a> {
    source: &'a Source<'a>,
    searches: Searches,
    page: Page,
    /// The line that closes the quotation we are in.
    quote_fence: Option<&'a str>,
    style: Style,
    attributes: Attributes,
}

impl<'a> Reader<'a> {
    /// The title and the author's and revision's lines under it; returns the line after them.
    fn header(&mut self) -> usize {
        let mut at = 0;
        while at < self.source.len() && is_header_line(self.source.line(at)) {
            at += 1;
        }
        let Some(title) = self.source.line(at).strip_prefix("= ") else {
            return 0;
        };
        self.page.push(
            BlockKind::FrontMatter,
            self.source.lines(0, at),
            Some(lines(0, at)),
        );
        let end = (at + 1..self.source.len())
            .find(|&index| self.source.line(index).trim().is_empty())
            .unwrap_or(self.source.len());
        for index in (0..at).chain(at + 1..end) {
            if is_attribute_entry(self.source.line(index)) {
                self.attributes.set(self.source.line(index));
            }
        }
        let text = self.shown(title.trim()).text;
        self.page.title(&text);
        self.page
            .push(BlockKind::Heading(1), &text, Some(lines(at, at + 1)));
        self.page.push(
            BlockKind::FrontMatter,
            self.source.lines(at + 1, end),
            Some(lines(at + 1, end)),
        );
        end
    }

    /// A text without its markup, attributes resolved.
    fn shown(&mut self, text: &str) -> Shown {
        let text = self.attributes.resolved(text);
        shown(&text, &MARKUP, &mut self.searches)
    }

    /// Reads the block at a line; returns the line after it.
    fn block(&mut self, at: usize) -> usize {
        let line = self.source.line(at).trim_end();
        if line.is_empty() || line == "+" || matches!(line, "'''" | "<<<" | "---" | "***") {
            return at + 1;
        }
        if self.quote_fence == Some(line) {
            self.quote_fence = None;
            return at + 1;
        }
        if let Some(end) = self.delimited(at, line) {
            return end;
        }
        if let Some(level) = section_level(line) {
            let text = self.shown(line[level + 1..].trim());
            let depth = u8::try_from(level).unwrap_or(6).min(6);
            let kind = if self.style == Style::Math {
                BlockKind::Paragraph
            } else {
                BlockKind::Heading(depth)
            };
            self.style = Style::None;
            self.push_shown(kind, &text, at, at + 1);
            return at + 1;
        }
        if line.starts_with("//") {
            return self.source_block(BlockKind::Markup, at, at + 1);
        }
        if is_attribute_entry(line) {
            self.attributes.set(line);
            return self.source_block(BlockKind::Markup, at, at + 1);
        }
        if line.starts_with('[') && line.ends_with(']') {
            self.style = style(line);
            return self.source_block(BlockKind::Markup, at, at + 1);
        }
        if let Some((name, target)) = line
            .split_once("::")
            .filter(|(name, rest)| is_macro(name, rest))
        {
            return self.block_macro(at, name, target);
        }
        if let Some(title) = line
            .strip_prefix('.')
            .filter(|title| !title.starts_with(['.', ' ']))
        {
            let text = self.shown(title);
            self.page
                .push(BlockKind::Caption, &text.text, Some(lines(at, at + 1)));
            return at + 1;
        }
        self.paragraph(at)
    }

    fn source_block(&mut self, kind: BlockKind, from: usize, to: usize) -> usize {
        self.page
            .push(kind, self.source.lines(from, to), Some(lines(from, to)));
        to
    }

    /// A block between two lines of the same signs.
    fn delimited(&mut self, at: usize, line: &'a str) -> Option<usize> {
        let first = line.bytes().next()?;
        let is_run = line.len() >= 4 && line.bytes().all(|byte| byte == first);
        let kind = match first {
            b'-' | b'.' if is_run => BlockKind::Code,
            b'/' if is_run => BlockKind::Markup,
            b'+' if is_run => {
                if self.style == Style::Math {
                    BlockKind::Math
                } else {
                    BlockKind::Markup
                }
            }
            b'|' | b',' | b':' | b'!'
                if line.len() >= 4 && line[1..].bytes().all(|byte| byte == b'=') =>
            {
                BlockKind::Table
            }
            b'`' if line.starts_with("```") => BlockKind::Code,
            b'_' if is_run => {
                self.quote_fence = Some(line);
                self.style = Style::None;
                return Some(at + 1);
            }
            // Examples, sidebars and open blocks hold text as around them.
            b'=' | b'*' if is_run => return Some(self.transparent(at, line)),
            b'-' if line == "--" => return Some(self.transparent(at, line)),
            _ => return None,
        };
        let closing = if first == b'`' { "```" } else { line };
        let close = self.find_line(at + 1, closing)?;
        self.style = Style::None;
        self.page.push(
            kind,
            self.source.lines(at + 1, close),
            Some(lines(at, close + 1)),
        );
        Some(close + 1)
    }

    /// Text goes on inside; returns the line after this one.
    fn transparent(&mut self, at: usize, line: &'a str) -> usize {
        if self.style == Style::Quote {
            self.quote_fence = Some(line);
            self.style = Style::None;
        }
        at + 1
    }

    fn find_line(&mut self, from: usize, wanted: &str) -> Option<usize> {
        for index in from..self.source.len() {
            let line = self.source.line(index);
            if self.searches.bytes_left() == 0 {
                return None;
            }
            self.searches.spend(line.len());
            if line.trim_end() == wanted {
                return Some(index);
            }
        }
        None
    }

    fn block_macro(&mut self, at: usize, name: &str, target: &str) -> usize {
        if name == "image" {
            let alt = target
                .split_once('[')
                .map_or("", |(_, rest)| rest.trim_end_matches(']'));
            let alt = alt.split(',').next().unwrap_or("").trim().trim_matches('"');
            if !alt.is_empty() && !alt.contains('=') {
                self.page
                    .push(BlockKind::Caption, alt, Some(lines(at, at + 1)));
                return at + 1;
            }
        }
        let kind = if name == "toc" {
            BlockKind::Navigation
        } else {
            BlockKind::Markup
        };
        self.source_block(kind, at, at + 1)
    }

    /// A paragraph, an item or indented code.
    fn paragraph(&mut self, at: usize) -> usize {
        let line = self.source.line(at);
        let item = item_marker(line);
        let style = std::mem::replace(&mut self.style, Style::None);
        let mut end = at + 1;
        while end < self.source.len() && !self.ends_paragraph(end) {
            end += 1;
        }
        let is_literal = line.starts_with([' ', '\t']) && item.is_none();
        if style == Style::Source
            || is_literal && !prose_shape::is_chinese_prose(self.source.lines(at, end))
        {
            return self.source_block(BlockKind::Code, at, end);
        }
        if style == Style::Math {
            return self.source_block(BlockKind::Math, at, end);
        }
        let mut text = String::new();
        for index in at..end {
            let line = self.source.line(index).trim();
            if line.starts_with("//") {
                continue;
            }
            if !text.is_empty() {
                text.push('\n');
            }
            // ` +` at the end of a line breaks it.
            text.push_str(line.strip_suffix(" +").unwrap_or(line));
        }
        let body = text.get(item.unwrap_or(0)..).unwrap_or(&text);
        let body = without_checkbox(without_admonition(body.trim_start()));
        // `term:: description` is two texts.
        let (term, body) = match body.split_once("::").filter(|_| item == Some(0)) {
            Some((term, rest)) => (Some(term), rest.trim_start_matches(':').trim_start()),
            None => (None, body),
        };
        let kind = match style {
            _ if self.quote_fence.is_some() => BlockKind::Quote,
            Style::Quote => BlockKind::Quote,
            Style::Bibliography => BlockKind::Bibliography,
            _ if item.is_some() && body.starts_with("[[[") => BlockKind::Bibliography,
            _ if item.is_some() => BlockKind::ListItem,
            _ => BlockKind::Paragraph,
        };
        if let Some(term) = term {
            let shown = self.shown(term);
            self.push_shown(kind, &shown, at, at + 1);
        }
        let shown = self.shown(body);
        self.push_shown(kind, &shown, at, end);
        end
    }

    fn ends_paragraph(&self, at: usize) -> bool {
        let line = self.source.line(at).trim_end();
        let first = line.bytes().next().unwrap_or(b' ');
        let is_fence = line.len() >= 4
            && b"-._=*/+".contains(&first)
            && line.bytes().all(|byte| byte == first);
        line.is_empty()
            || line == "+"
            || line == "--"
            || is_fence
            || line.starts_with("|===")
            || line.starts_with("```")
            || item_marker(line).is_some()
            || line.starts_with('[') && line.ends_with(']') && line.len() > 2
            || self.quote_fence == Some(line)
    }

    fn push_shown(&mut self, kind: BlockKind, shown: &Shown, from: usize, to: usize) {
        let range = Some(lines(from, to));
        self.page
            .push_linked(kind, &shown.text, range, shown.link_bytes);
        for alt in &shown.pictures {
            self.page.push(BlockKind::Caption, alt, range);
        }
        for note in &shown.notes {
            self.page.push(BlockKind::Footnote, note, range);
        }
    }
}

/// What may stand above a document's title.
fn is_header_line(line: &str) -> bool {
    let line = line.trim();
    line.is_empty()
        || line.starts_with("//")
        || is_attribute_entry(line)
        || line.starts_with('[') && line.ends_with(']')
}

/// `:name: value` and `:name!:`.
fn is_attribute_entry(line: &str) -> bool {
    let Some(rest) = line.strip_prefix(':') else {
        return false;
    };
    let name = rest
        .bytes()
        .take_while(|byte| byte.is_ascii_alphanumeric() || b"-_!".contains(byte))
        .count();
    name > 0
        && rest[name..].starts_with(':')
        && (rest.len() == name + 1 || rest[name + 1..].starts_with(' '))
}

fn section_level(line: &str) -> Option<usize> {
    let sign = line
        .bytes()
        .next()
        .filter(|&byte| byte == b'=' || byte == b'#')?;
    let level = line.bytes().take_while(|&byte| byte == sign).count();
    (level <= 6 && line[level..].starts_with(' ') && !line[level..].trim().is_empty())
        .then_some(level)
}

fn style(line: &str) -> Style {
    let name = line[1..]
        .trim_start_matches('.')
        .split([',', ']', '%', '#', '.'])
        .next()
        .unwrap_or("");
    match name.trim() {
        "quote" | "verse" => Style::Quote,
        "source" | "listing" | "literal" => Style::Source,
        "stem" | "latexmath" | "asciimath" => Style::Math,
        "bibliography" => Style::Bibliography,
        // A heading under `[discrete]` is one all the same.
        _ => Style::None,
    }
}

fn is_macro(name: &str, rest: &str) -> bool {
    matches!(
        name,
        "image"
            | "video"
            | "audio"
            | "include"
            | "toc"
            | "ifdef"
            | "ifndef"
            | "ifeval"
            | "endif"
            | "stem"
    ) && rest.ends_with(']')
}

/// The bytes of an item's marker and the blanks before its text, in the trimmed line.
fn item_marker(line: &str) -> Option<usize> {
    let text = line.trim();
    for sign in ['*', '.', '-'] {
        let count = text
            .chars()
            .take_while(|&character| character == sign)
            .count();
        let count_max = if sign == '-' { 1 } else { 5 };
        if (1..=count_max).contains(&count) && text[count..].starts_with(' ') {
            return Some(count + 1);
        }
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if (1..=4).contains(&digits) && text[digits..].starts_with(". ") {
        return Some(digits + 2);
    }
    if let Some(rest) = text.strip_prefix('<') {
        let number = rest
            .bytes()
            .take_while(|byte| byte.is_ascii_digit() || *byte == b'.')
            .count();
        if number > 0 && rest[number..].starts_with("> ") {
            return Some(number + 3);
        }
    }
    // `term:: text`: the marker stands between the two.
    let is_term = text
        .split_once(":: ")
        .is_some_and(|(term, _)| !term.is_empty() && term.len() < 120)
        || text.ends_with("::") && text.len() > 2;
    is_term.then_some(0)
}

fn without_admonition(text: &str) -> &str {
    ["NOTE: ", "TIP: ", "IMPORTANT: ", "WARNING: ", "CAUTION: "]
        .iter()
        .find_map(|label| text.strip_prefix(label))
        .unwrap_or(text)
}

fn without_checkbox(text: &str) -> &str {
    ["[ ] ", "[x] ", "[X] ", "[*] "]
        .iter()
        .find_map(|mark| text.strip_prefix(mark))
        .unwrap_or(text)
}
