//! Reads HTML: the text of a page in blocks, its menus, scripts and forms told apart.
//!
//! `html5gum` splits the page into tags and text by the standard's tokenizer. No tree is built: a
//! list of the open elements, as deep as the limits allow, says what a text is. A page of a hundred
//! thousand nested elements costs no stack, and what is nested deeper counts as its ancestor's.
//! Called for files, for the chapters of EPUBs, for mails and for the HTML inside Markdown.

mod elements;
mod text;

use html5gum::emitters::default::DefaultEmitter;
use html5gum::{StartTag, Token, Tokenizer};

use crate::block::{BlockKind, LineRange, Reading};

use self::elements::{Element, Role};
use self::text::Collapsed;
use super::page::Page;
use super::source::Source;
use super::{ReadLimits, plain_text, prose_shape};

/// Where a page says in which encoding it is: in its first bytes.
const DECLARATION_BYTES_MAX: usize = 2048;

/// The blocks of a page.
pub(crate) fn read(text: &str, limits: &ReadLimits) -> Reading {
    let source = Source::new(text);
    let mut emitter = DefaultEmitter::<usize>::new_with_span();
    emitter.naively_switch_states(true);
    let mut reader = Reader {
        source: &source,
        page: Page::new(limits),
        limits,
        open: Vec::new(),
        too_deep: 0,
        run: Collapsed::default(),
        table: None,
        captions: Vec::new(),
        links: 0,
        superscript: None,
    };
    for token in Tokenizer::new_with_emitter(text, emitter) {
        let Ok(token) = token;
        match token {
            Token::StartTag(tag) => reader.start(&tag),
            Token::EndTag(tag) => reader.end(&tag.name, tag.span.end),
            Token::String(string) => {
                let value = String::from_utf8_lossy(&string.value);
                reader.text(&value, string.span.start, string.span.end);
            }
            Token::Comment(comment) => reader.comment(
                &String::from_utf8_lossy(&comment.value),
                comment.span.start,
                comment.span.end,
            ),
            Token::Doctype(_) | Token::Error(_) => {}
        }
        if reader.page.is_full() {
            break;
        }
    }
    reader.flush();
    reader.flush_table();
    reader.page.finish()
}

/// The encoding that a page names in its declaration or in a `meta` element.
pub(super) fn declared_encoding(bytes: &[u8]) -> Option<&str> {
    let head = &bytes[..bytes.len().min(DECLARATION_BYTES_MAX)];
    let at = ["charset=", "encoding="]
        .iter()
        .filter_map(|key| Some(memchr::memmem::find(head, key.as_bytes())? + key.len()))
        .min()?;
    let value = head[at..].trim_ascii_start();
    let value = value
        .strip_prefix(b"\"")
        .or_else(|| value.strip_prefix(b"'"))
        .unwrap_or(value);
    let length = value
        .iter()
        .take_while(|byte| byte.is_ascii_alphanumeric() || b"-_:.".contains(byte))
        .count();
    std::str::from_utf8(&value[..length])
        .ok()
        .filter(|label| !label.is_empty())
}

/// Whether `tag` is a start tag of the element `name`.
pub(super) fn is_tag(tag: &str, name: &str) -> bool {
    let Some(rest) = tag.strip_prefix('<') else {
        return false;
    };
    rest.get(..name.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(name))
        && rest[name.len()..].starts_with([' ', '/', '>', '\n', '\t'])
}

/// How many start and end tags of `name` a text has.
pub(super) fn count_tags(text: &str, name: &str) -> (usize, usize) {
    let (mut opened, mut closed) = (0, 0);
    for at in memchr::memchr_iter(b'<', text.as_bytes()) {
        let rest = &text[at + 1..];
        let (rest, count) = match rest.strip_prefix('/') {
            Some(rest) => (rest, &mut closed),
            None => (rest, &mut opened),
        };
        *count += usize::from(
            rest.get(..name.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(name)),
        );
    }
    (opened, closed)
}

/// A table whose cells are collected.
#[derive(Default)]
struct TableText {
    text: String,
    span: Option<(usize, usize)>,
}

struct Reader<'a> {
    source: &'a Source<'a>,
    page: Page,
    limits: &'a ReadLimits,
    open: Vec<Element>,
    /// Elements that were opened below the deepest level.
    too_deep: usize,
    run: Collapsed,
    table: Option<TableText>,
    captions: Vec<(String, LineRange)>,
    links: usize,
    /// Where the text of an open `sup` starts, and how many link bytes there were before it.
    superscript: Option<(usize, usize)>,
}

impl Reader<'_> {
    fn start(&mut self, tag: &StartTag<usize>) {
        let name = String::from_utf8_lossy(&tag.name).to_ascii_lowercase();
        let span = (tag.span.start, tag.span.end);
        match name.as_str() {
            "br" => return self.line_break(span),
            "hr" => return self.flush(),
            "img" => return self.picture(tag, span),
            _ => {}
        }
        let attribute = |key: &str| {
            tag.attributes
                .get(key.as_bytes())
                .map(|value| String::from_utf8_lossy(&value.value).into_owned())
        };
        let role = elements::role(&name, &attribute, &self.open);
        if role.is_block() {
            self.block_boundary(&name, role);
        }
        while let Some(innermost) = self.open.last()
            && elements::is_ruby_part_closed_by(&innermost.name, &name)
        {
            self.close_innermost(span.0);
        }
        if elements::is_void(&name) || tag.self_closing && elements::may_close_itself(&name) {
            return;
        }
        match name.as_str() {
            "a" => self.links += 1,
            "q" if !self.is_dropped() => self.run.push_raw("“", span),
            "sup" => self.superscript = Some((self.run.text.len(), self.run.link_bytes)),
            "table" if !self.is_dropped() => {
                self.flush_table();
                self.table = Some(TableText::default());
            }
            _ => {}
        }
        if role == Role::InlineCode && !self.is_preformatted() {
            self.run.push_raw("`", span);
        }
        if self.open.len() >= self.limits.depth_max {
            self.too_deep += 1;
            self.page.problem(format!(
                "elements nest deeper than {}",
                self.limits.depth_max
            ));
            return;
        }
        self.open.push(Element {
            name,
            role,
            started: span.0,
        });
    }

    fn end(&mut self, name: &[u8], end: usize) {
        let name = String::from_utf8_lossy(name).to_ascii_lowercase();
        if self.too_deep > 0 {
            self.too_deep -= 1;
            if elements::is_block_name(&name) {
                self.flush();
            }
            return;
        }
        let Some(at) = self.open.iter().rposition(|element| element.name == name) else {
            // `</p>` without a start is an empty paragraph: it ends the text before it.
            if name == "p" || name == "br" {
                self.flush();
            }
            return;
        };
        if self.open[at..]
            .iter()
            .any(|element| element.role.is_block())
        {
            self.flush();
        }
        while self.open.len() > at {
            self.close_innermost(end);
        }
    }

    /// Takes the innermost element off, with what its end means.
    fn close_innermost(&mut self, end: usize) {
        let Some(element) = self.open.pop() else {
            return;
        };
        match element.name.as_str() {
            "a" => self.links = self.links.saturating_sub(1),
            "q" if !self.is_dropped() => self.run.push_raw("”", (element.started, end)),
            "sup" => self.end_superscript(),
            "table" => self.flush_table(),
            "tr" => self.end_row(),
            _ => {}
        }
        if element.role == Role::InlineCode && !self.is_preformatted() {
            self.run.push_raw("`", (element.started, end));
        }
    }

    /// A block starts: the text before it ends, and elements that it closes by the standard do.
    fn block_boundary(&mut self, name: &str, role: Role) {
        self.flush();
        while let Some(innermost) = self.open.last() {
            if !elements::is_closed_by(&innermost.name, name) {
                break;
            }
            self.close_innermost(0);
        }
        // A table whose cells hold blocks lays out a page.
        if self.table.is_some()
            && role.holds_prose()
            && self.open.iter().any(|element| element.role == Role::Cell)
        {
            self.flush_table();
            self.table = Some(TableText::default());
        }
    }

    fn text(&mut self, value: &str, start: usize, end: usize) {
        if self.open.iter().any(|element| element.role == Role::Title) {
            if !self.open.iter().any(|element| element.name == "svg") {
                self.page.title(value);
            }
            return;
        }
        if self.open.iter().any(|element| element.role == Role::Silent) {
            return;
        }
        let linked = self.links > 0;
        if self.is_preformatted() {
            self.run.push_preformatted(value, (start, end));
        } else {
            self.run.push(value, (start, end), self.source.text, linked);
        }
    }

    fn comment(&mut self, value: &str, start: usize, end: usize) {
        // `<?xml …?>` is a comment to HTML.
        if self.run.is_empty() && self.table.is_none() && !value.starts_with('?') {
            self.page.push(
                BlockKind::Markup,
                value,
                Some(self.source.range(start, end)),
            );
        }
    }

    fn line_break(&mut self, span: (usize, usize)) {
        // Two in a row part paragraphs on pages that know no other way.
        if self.run.ends_with_break() && !self.is_preformatted() && self.table.is_none() {
            self.flush();
        } else {
            self.run.push_break(span);
        }
    }

    fn picture(&mut self, tag: &StartTag<usize>, span: (usize, usize)) {
        let Some(alt) = tag.attributes.get(&b"alt"[..]) else {
            return;
        };
        let alt = String::from_utf8_lossy(&alt.value);
        if !elements::names_a_file(&alt) && !self.is_dropped() {
            self.captions
                .push((alt.into_owned(), self.source.range(span.0, span.1)));
        }
    }

    /// `word<sup><a href="#n1">1</a></sup>` refers to a note; `m<sup>2</sup>` does not.
    fn end_superscript(&mut self) {
        let Some((start, link_bytes)) = self.superscript.take() else {
            return;
        };
        let inner = self.run.text.get(start..).unwrap_or("").trim();
        let is_reference = !inner.is_empty()
            && inner.chars().count() <= 6
            && self.run.link_bytes > link_bytes
            && inner
                .chars()
                .all(|c| c.is_ascii_digit() || "[]()*†‡§¶ ".contains(c) || c.is_ascii_lowercase());
        if is_reference {
            self.run.text.truncate(start);
            self.run.link_bytes = link_bytes;
        }
    }

    fn is_preformatted(&self) -> bool {
        self.open
            .iter()
            .any(|element| element.role == Role::Preformatted)
    }

    fn is_dropped(&self) -> bool {
        self.open
            .iter()
            .any(|element| matches!(element.role, Role::Navigation | Role::Markup | Role::Silent))
    }

    /// What the text before this point is, by the elements around it.
    fn kind(&self) -> BlockKind {
        let has = |role: Role| self.open.iter().any(|element| element.role == role);
        let heading = self.open.iter().find_map(|element| match element.role {
            Role::Heading(level) => Some(level),
            _ => None,
        });
        if has(Role::Markup) {
            BlockKind::Markup
        } else if has(Role::Navigation) {
            BlockKind::Navigation
        } else if has(Role::Preformatted) {
            BlockKind::Code
        } else if has(Role::Signature) {
            BlockKind::Signature
        } else if has(Role::Bibliography) {
            BlockKind::Bibliography
        } else if has(Role::Quote) {
            BlockKind::Quote
        } else if has(Role::Footnote) {
            BlockKind::Footnote
        } else if has(Role::Caption) {
            BlockKind::Caption
        } else if let Some(level) = heading {
            BlockKind::Heading(level)
        } else if has(Role::Item) {
            BlockKind::ListItem
        } else {
            BlockKind::Paragraph
        }
    }

    /// Ends the text before this point.
    fn flush(&mut self) {
        let run = self.run.take();
        if let Some((start, end)) = run.span
            && !run.is_empty()
        {
            let kind = self.kind();
            let in_cell = self
                .open
                .iter()
                .rev()
                .find(|e| e.role.holds_prose() || e.role == Role::Cell)
                .is_some_and(|e| e.role == Role::Cell);
            match &mut self.table {
                Some(table)
                    if in_cell && !matches!(kind, BlockKind::Navigation | BlockKind::Markup) =>
                {
                    table.add_cell(run.text.trim(), start, end);
                }
                // A cell without its table: Markdown ends one at a blank line.
                None if in_cell && kind == BlockKind::Paragraph => {
                    self.push(BlockKind::Table, &run, start, end);
                }
                _ => self.push(kind, &run, start, end),
            }
        }
        if self.table.is_none() {
            self.push_captions();
        }
    }

    fn push_captions(&mut self) {
        for (text, lines) in std::mem::take(&mut self.captions) {
            self.page.push(BlockKind::Caption, &text, Some(lines));
        }
    }

    fn push(&mut self, kind: BlockKind, run: &Collapsed, start: usize, end: usize) {
        let lines = self.source.range(start, end);
        if kind == BlockKind::Heading(1) {
            self.page.title(&run.text);
        }
        let has_code = self
            .open
            .iter()
            .any(|element| element.role == Role::InlineCode);
        if kind == BlockKind::Code && !has_code && prose_shape::is_chinese_prose(&run.text) {
            let reading = plain_text::read_body(&run.text, self.limits);
            self.page.append(reading, lines.start);
            return;
        }
        self.page
            .push_linked(kind, &run.text, Some(lines), run.link_bytes);
    }

    fn end_row(&mut self) {
        if let Some(table) = &mut self.table
            && !table.text.is_empty()
            && !table.text.ends_with('\n')
        {
            table.text.push('\n');
        }
    }

    fn flush_table(&mut self) {
        if let Some(table) = self.table.take()
            && let Some((start, end)) = table.span
        {
            self.page.push(
                BlockKind::Table,
                &table.text,
                Some(self.source.range(start, end)),
            );
        }
        self.push_captions();
    }
}

impl TableText {
    fn add_cell(&mut self, text: &str, start: usize, end: usize) {
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push_str(" | ");
        }
        self.text.extend(
            text.chars()
                .map(|character| if character == '\n' { ' ' } else { character }),
        );
        let (first, _) = self.span.unwrap_or((start, end));
        self.span = Some((first, end));
    }
}
