//! Reads Org mode: headings, paragraphs, lists, blocks, drawers, footnotes.
//!
//! The manual's syntax; what only the agenda reads (dates, properties, clocks) is markup.

use crate::block::{BlockKind, Reading};

use super::ReadLimits;
use super::emphasis::{Mark, Markup, Shown, Special, shown};
use super::page::Page;
use super::searches::Searches;
use super::source::{Source, lines};

const MARKUP: Markup = Markup {
    marks: &[
        Mark::text("*"),
        Mark::text("/"),
        Mark::text("_"),
        Mark::text("+"),
        Mark::code("="),
        Mark::code("~"),
    ],
    specials: b"[{<h\\@",
    special,
    escape: None,
};

/// Words before a heading that are its state.
const STATES: &[&str] = &[
    concat!("TO", "DO"),
    "DONE",
    "NEXT",
    "WAITING",
    "CANCELLED",
    "CANCELED",
    "HOLD",
    "SOMEDAY",
    "DOING",
];

/// The blocks of an Org text.
pub(super) fn read(text: &str, limits: &ReadLimits) -> Reading {
    let source = Source::new(text);
    let mut reader = Reader {
        source: &source,
        searches: Searches::new(text),
        page: Page::new(limits),
        quoted: false,
    };
    let mut at = 0;
    while at < source.len() && !reader.page.is_full() {
        at = reader.block(at).max(at + 1);
    }
    reader.page.finish()
}

struct Reader<'a> {
    source: &'a Source<'a>,
    searches: Searches,
    page: Page,
    /// Inside `#+BEGIN_QUOTE` or `#+BEGIN_VERSE`.
    quoted: bool,
}

impl Reader<'_> {
    /// Reads the block at a line; returns the line after it.
    fn block(&mut self, at: usize) -> usize {
        let line = self.source.line(at);
        let text = line.trim();
        if text.is_empty() || is_rule(text) {
            return at + 1;
        }
        if let Some(level) = heading_level(line) {
            return self.heading(at, level);
        }
        if let Some(rest) = text.strip_prefix("#+") {
            return self.keyword(at, rest);
        }
        if text == "#" || text.starts_with("# ") {
            return self.run(at, BlockKind::Markup, |line| {
                line == "#" || line.starts_with("# ")
            });
        }
        if is_drawer(text) {
            return self.up_to(at, BlockKind::Markup, |line| {
                line.eq_ignore_ascii_case(":END:")
            });
        }
        if text == ":" || text.starts_with(": ") {
            return self.run(at, BlockKind::Code, |line| {
                line == ":" || line.starts_with(": ")
            });
        }
        if text.starts_with('|') {
            return self.run(at, BlockKind::Table, |line| line.starts_with('|'));
        }
        if text.starts_with("\\[") || text.starts_with("\\begin{") || text.starts_with("$$") {
            return self.formula(at, text);
        }
        if is_planning(text) {
            return self.source_block(BlockKind::Markup, at, at + 1);
        }
        self.paragraph(at)
    }

    fn source_block(&mut self, kind: BlockKind, from: usize, to: usize) -> usize {
        self.page
            .push(kind, self.source.lines(from, to), Some(lines(from, to)));
        to
    }

    /// Lines in a row of which all are alike.
    fn run(&mut self, at: usize, kind: BlockKind, is_alike: fn(&str) -> bool) -> usize {
        let end = (at..self.source.len())
            .find(|&index| !is_alike(self.source.line(index).trim()))
            .unwrap_or(self.source.len());
        self.source_block(kind, at, end.max(at + 1))
    }

    /// Everything up to a closing line; without one, only this line.
    fn up_to(&mut self, at: usize, kind: BlockKind, closes: impl Fn(&str) -> bool) -> usize {
        let end = self
            .find_line(at + 1, closes)
            .map_or(at + 1, |close| close + 1);
        self.source_block(kind, at, end)
    }

    fn find_line(&mut self, from: usize, is_it: impl Fn(&str) -> bool) -> Option<usize> {
        for index in from..self.source.len() {
            let line = self.source.line(index);
            if self.searches.bytes_left() == 0 || heading_level(line).is_some() {
                return None;
            }
            self.searches.spend(line.len());
            if is_it(line.trim()) {
                return Some(index);
            }
        }
        None
    }

    fn heading(&mut self, at: usize, level: u8) -> usize {
        let mut text = self.source.line(at)[usize::from(level)..].trim();
        let (first, rest) = text.split_once(' ').unwrap_or((text, ""));
        if first == "COMMENT" {
            return self.commented_out(at, level);
        }
        if STATES.contains(&first) {
            text = rest.trim_start();
        }
        if text.starts_with("[#") && text[2..].find(']') == Some(1) {
            text = text[4..].trim_start();
        }
        if let Some(tags) = text.rfind(char::is_whitespace).map(|at| at + 1)
            && text[tags..].len() > 2
            && text[tags..].starts_with(':')
            && text.ends_with(':')
        {
            text = text[..tags].trim_end();
        }
        let shown = shown(text, &MARKUP, &mut self.searches);
        self.page.push(
            BlockKind::Heading(level.min(6)),
            &shown.text,
            Some(lines(at, at + 1)),
        );
        at + 1
    }

    /// A heading whose text is not exported, with all below it.
    fn commented_out(&mut self, at: usize, level: u8) -> usize {
        let end = (at + 1..self.source.len())
            .find(|&index| heading_level(self.source.line(index)).is_some_and(|l| l <= level))
            .unwrap_or(self.source.len());
        self.source_block(BlockKind::Markup, at, end)
    }

    fn keyword(&mut self, at: usize, rest: &str) -> usize {
        let lower = rest.to_ascii_lowercase();
        if let Some(name) = lower.strip_prefix("begin_") {
            let name = name.split_whitespace().next().unwrap_or("").to_owned();
            return self.delimited(at, &name);
        }
        if lower.starts_with("end_") {
            self.quoted = false;
            return at + 1;
        }
        if lower.starts_with("begin:") {
            return self.up_to(at, BlockKind::Markup, |line| {
                line.eq_ignore_ascii_case("#+END:")
            });
        }
        let (key, value) = rest.split_once(':').unwrap_or((rest, ""));
        let value = value.trim();
        let kind = match key.to_ascii_lowercase().as_str() {
            "title" => {
                self.page.title(value);
                BlockKind::FrontMatter
            }
            "caption" => {
                let text = shown(value, &MARKUP, &mut self.searches);
                self.page
                    .push(BlockKind::Caption, &text.text, Some(lines(at, at + 1)));
                return at + 1;
            }
            "author" | "date" | "email" | "language" | "description" | "keywords" | "subtitle"
            | "filetags" => BlockKind::FrontMatter,
            _ => BlockKind::Markup,
        };
        self.source_block(kind, at, at + 1)
    }

    fn delimited(&mut self, at: usize, name: &str) -> usize {
        let kind = match name {
            "quote" | "verse" => {
                self.quoted = true;
                return at + 1;
            }
            "src" | "example" => BlockKind::Code,
            "export" | "comment" => BlockKind::Markup,
            _ => return at + 1,
        };
        let closing = format!("#+end_{name}");
        let close = self.find_line(at + 1, |line| {
            line.to_ascii_lowercase().starts_with(&closing)
        });
        let Some(close) = close else { return at + 1 };
        self.page.push(
            kind,
            self.source.lines(at + 1, close),
            Some(lines(at, close + 1)),
        );
        close + 1
    }

    fn formula(&mut self, at: usize, text: &str) -> usize {
        let closing = if text.starts_with("\\[") {
            "\\]".to_owned()
        } else if text.starts_with("$$") {
            if text.len() > 4 && text.ends_with("$$") {
                return self.source_block(BlockKind::Math, at, at + 1);
            }
            "$$".to_owned()
        } else {
            text.replacen("\\begin", "\\end", 1)
                .split_inclusive('}')
                .next()
                .unwrap_or("")
                .to_owned()
        };
        if text.len() > closing.len() && text[2..].contains(&closing) {
            return self.source_block(BlockKind::Math, at, at + 1);
        }
        match self.find_line(at + 1, |line| line.contains(&closing)) {
            Some(close) => self.source_block(BlockKind::Math, at, close + 1),
            None => self.paragraph(at),
        }
    }

    /// A paragraph, an item or a footnote, to the next line that starts something else.
    fn paragraph(&mut self, at: usize) -> usize {
        let line = self.source.line(at);
        let footnote = footnote_label(line);
        let item = item_marker(line);
        let mut end = at + 1;
        while end < self.source.len() && !starts_block(self.source.line(end)) {
            end += 1;
        }
        let mut text = String::new();
        for index in at..end {
            if index > at {
                text.push('\n');
            }
            text.push_str(self.source.line(index).trim());
        }
        let skipped = footnote.or(item).unwrap_or(0);
        let kind = match (self.quoted, footnote, item) {
            (true, ..) => BlockKind::Quote,
            (_, Some(_), _) => BlockKind::Footnote,
            (_, _, Some(_)) => BlockKind::ListItem,
            _ => BlockKind::Paragraph,
        };
        let text = text.get(skipped..).unwrap_or(&text).trim_start();
        let text = without_checkbox(text);
        // `- term :: description` is two texts.
        let (term, text) = match text.split_once(" :: ") {
            Some((term, text)) if item.is_some() && !term.contains('\n') => (term, text),
            _ => ("", text),
        };
        if !term.is_empty() {
            let shown = shown(term, &MARKUP, &mut self.searches);
            self.push_shown(kind, &shown, at, at + 1);
        }
        // `\\` at the end of a line breaks it, which the line feed says already.
        let shown = shown(&text.replace("\\\\\n", "\n"), &MARKUP, &mut self.searches);
        self.push_shown(kind, &shown, at, end);
        end
    }

    fn push_shown(&mut self, kind: BlockKind, shown: &Shown, from: usize, to: usize) {
        let range = Some(lines(from, to));
        self.page
            .push_linked(kind, &shown.text, range, shown.link_bytes);
        for note in &shown.notes {
            self.page.push(BlockKind::Footnote, note, range);
        }
    }
}

fn heading_level(line: &str) -> Option<u8> {
    let stars = line.bytes().take_while(|&byte| byte == b'*').count();
    (stars > 0 && line[stars..].starts_with(' ')).then(|| u8::try_from(stars).unwrap_or(u8::MAX))
}

fn is_rule(text: &str) -> bool {
    text.len() >= 5 && text.bytes().all(|byte| byte == b'-')
}

fn is_drawer(text: &str) -> bool {
    text.len() > 2
        && text.starts_with(':')
        && text.ends_with(':')
        && !text.eq_ignore_ascii_case(":end:")
        && text[1..text.len() - 1]
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

fn is_planning(text: &str) -> bool {
    ["SCHEDULED:", "DEADLINE:", "CLOSED:", "CLOCK:"]
        .iter()
        .any(|key| text.starts_with(key))
        || text == ":END:"
}

fn starts_block(line: &str) -> bool {
    let text = line.trim();
    text.is_empty()
        || heading_level(line).is_some()
        || text.starts_with("#+")
        || text.starts_with('|')
        || text.starts_with(": ")
        || text.starts_with("\\[")
        || text.starts_with("\\begin{")
        || item_marker(line).is_some()
        || footnote_label(line).is_some()
        || is_drawer(text)
        || is_planning(text)
}

/// The bytes of an item's marker in the trimmed line.
fn item_marker(line: &str) -> Option<usize> {
    let text = line.trim_start();
    if text.starts_with("- ")
        || text.starts_with("+ ")
        || text.starts_with("* ") && text.len() < line.len()
    {
        return Some(2);
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let rest = &text[digits..];
    ((1..=4).contains(&digits) && (rest.starts_with(". ") || rest.starts_with(") ")))
        .then_some(digits + 2)
}

fn without_checkbox(text: &str) -> &str {
    let bytes = text.as_bytes();
    let is_box = bytes.len() > 3
        && bytes[0] == b'['
        && matches!(bytes[1], b' ' | b'X' | b'x' | b'-')
        && bytes[2] == b']';
    if is_box { text[3..].trim_start() } else { text }
}

/// `[fn:1] ` at the start of a line.
fn footnote_label(line: &str) -> Option<usize> {
    let rest = line.strip_prefix("[fn:")?;
    let close = rest.find(']')?;
    let is_label = close > 0 && !rest[..close].contains([':', ' ']);
    is_label.then_some("[fn:".len() + close + 1)
}

fn special(before: Option<char>, text: &str) -> Option<Special<'_>> {
    if let Some(rest) = text.strip_prefix("[[") {
        let close = rest.find("]]")?;
        let (target, description) = rest[..close]
            .split_once("][")
            .map_or((&rest[..close], None), |(t, d)| (t, Some(d)));
        let length = close + 4;
        return Some(match description {
            Some(description) => Special::Link(length, description),
            None if is_picture(target) => Special::Nothing(length),
            None => Special::Verbatim(
                length,
                target
                    .trim_start_matches("file:")
                    .trim_start_matches('*')
                    .to_owned(),
            ),
        });
    }
    if let Some(rest) = text.strip_prefix("[fn:") {
        let close = closing_bracket(text)?;
        return Some(match rest.find(':').filter(|&colon| colon + 4 < close) {
            Some(colon) => Special::Note(close + 1, &text[4 + colon + 1..close]),
            None => Special::Nothing(close + 1),
        });
    }
    // `@@html:<b>@@` is for one kind of export.
    if let Some(rest) = text.strip_prefix("@@") {
        let close = rest.find("@@")?;
        let names_export = rest[..close].contains(':') && !rest[..close].contains('\n');
        return names_export.then(|| Special::Verbatim(close + 4, String::new()));
    }
    if text.starts_with("[cite") {
        return Some(Special::Nothing(closing_bracket(text)? + 1));
    }
    if text.starts_with("{{{") {
        return Some(Special::Nothing(text.find("}}}")? + 3));
    }
    if let Some(rest) = text.strip_prefix("<<") {
        let close = rest.find(">>")?;
        let is_target = !rest[..close].contains('\n') && !rest.starts_with('<');
        return is_target.then_some(Special::Nothing(close + 4));
    }
    // A bare address holds slashes and underscores that mark nothing.
    if text.starts_with("http")
        && !before.is_some_and(char::is_alphanumeric)
        && text.get(..8).is_some_and(|start| start.contains("://"))
    {
        let length = text
            .find(|c: char| c.is_whitespace() || !c.is_ascii() || "<>\"])".contains(c))
            .unwrap_or(text.len());
        return Some(Special::Verbatim(length, text[..length].to_owned()));
    }
    if text.starts_with("\\(") {
        let close = text.find("\\)")?;
        return Some(Special::Verbatim(
            close + 2,
            format!("${}$", &text[2..close]),
        ));
    }
    None
}

fn is_picture(target: &str) -> bool {
    let lower = target.to_ascii_lowercase();
    [".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".pdf"]
        .iter()
        .any(|ending| lower.ends_with(ending))
}

fn closing_bracket(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'[' => depth += 1,
            b']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}
