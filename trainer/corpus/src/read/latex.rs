//! Reads LaTeX: the text of the document's body in blocks, macros resolved as far as they are text.
//!
//! Not TeX: nothing is expanded. A command that is known to take no text loses its arguments, any
//! other one keeps them, so that `\newtext{words}` of a preamble nobody reads stays words. Formulas
//! in a line stay source between `$`; references and citations are dropped with the blank before
//! them, for their numbers are not in the source.

mod accents;
mod arguments;
mod commands;
mod signs;

use crate::block::{BlockKind, LineRange, Reading};

use self::commands::{Command, Environment};
use self::signs::tidied;
use super::ReadLimits;
use super::page::{Page, Run};
use super::searches::Searches;
use super::source::Source;

/// An optional argument is no longer; a bracket that is closed later is text.
const OPTION_BYTES_MAX: usize = 400;

/// The blocks of a LaTeX text.
pub(super) fn read(text: &str, limits: &ReadLimits) -> Reading {
    let source = Source::new(text);
    let mut reader = Reader {
        source: &source,
        braces: matching_braces(text),
        searches: Searches::new(text),
        page: Page::new(limits),
        run: Run::default(),
        at: 0,
        end: text.len(),
        groups: Vec::new(),
        environments: Vec::new(),
        later: Vec::new(),
        limits,
        depth: 0,
    };
    reader.skip_preamble();
    reader.read_body();
    reader.flush();
    reader.page.finish()
}

/// The bytes of each `{` and of the `}` that closes it, in the order of the former.
///
/// One pass for all: an argument is then found without a search, however the braces nest.
fn matching_braces(text: &str) -> Vec<(usize, usize)> {
    let bytes = text.as_bytes();
    let (mut open, mut pairs) = (Vec::new(), Vec::new());
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b'%' => {
                at = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |length| at + length);
            }
            b'{' => open.push(at),
            b'}' => {
                if let Some(start) = open.pop() {
                    pairs.push((start, at));
                }
            }
            _ => {}
        }
        at += 1;
    }
    pairs.sort_unstable();
    pairs
}

struct Reader<'a> {
    source: &'a Source<'a>,
    braces: Vec<(usize, usize)>,
    searches: Searches,
    page: Page,
    run: Run,
    at: usize,
    end: usize,
    /// What the end of each open group adds to the text.
    groups: Vec<&'static str>,
    environments: Vec<Environment>,
    /// Footnotes and captions that stand inside the open paragraph.
    later: Vec<(BlockKind, String, LineRange)>,
    limits: &'a ReadLimits,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn text(&self) -> &'a str {
        self.source.text
    }

    fn rest(&self) -> &'a str {
        self.text().get(self.at..self.end).unwrap_or("")
    }

    /// Everything before `\begin{document}` but the title; a chapter's file has no preamble.
    fn skip_preamble(&mut self) {
        const BEGIN: &str = "\\begin{document}";
        let Some(begin) = self.searches.find(self.text(), BEGIN, 0) else {
            return;
        };
        // `\titleformat` is another command.
        let text = self.text();
        let title = text[..begin]
            .rmatch_indices("\\title")
            .map(|(at, name)| at + name.len())
            .find(|&after| !text[after..].starts_with(|c: char| c.is_ascii_alphabetic()));
        if let Some(after) = title {
            self.at = after;
            self.option();
            if let Some((start, end)) = self.argument() {
                let title = self.inline(start, end);
                self.page.title(&title);
            }
        }
        self.page.push(
            BlockKind::Markup,
            &self.text()[..begin],
            Some(self.source.range(0, begin)),
        );
        self.at = begin + BEGIN.len();
    }

    fn read_body(&mut self) {
        while self.at < self.end && !self.page.is_full() {
            let rest = self.rest().as_bytes();
            // One search for all signs: one for some of them would look at a long line again for each
            // of the others.
            let special = rest
                .iter()
                .position(|byte| b"\\\n%{}$~-`'&#^_".contains(byte))
                .unwrap_or(rest.len());
            if special > 0 {
                self.push_source(special);
                continue;
            }
            self.special(rest[0]);
        }
    }

    fn push_source(&mut self, length: usize) {
        let (start, end) = (self.at, self.at + length);
        let text = &self.text()[start..end];
        if self.run.text.is_empty() && text.trim().is_empty() {
            self.at = end;
            return;
        }
        self.run.push(text, start, end);
        self.at = end;
    }

    /// Adds text that stands for `length` bytes of the source.
    fn push_instead(&mut self, text: &str, length: usize) {
        self.run.push(text, self.at, self.at + length);
        self.at += length;
    }

    fn special(&mut self, byte: u8) {
        match byte {
            b'\\' => self.command(),
            b'\n' => self.line_end(),
            b'%' => self.comment(),
            b'{' => {
                self.at += 1;
                self.open_group("");
            }
            b'}' => {
                self.at += 1;
                if let Some(closing) = self.groups.pop() {
                    self.run.text.push_str(closing);
                }
            }
            b'$' => self.dollar(),
            b'~' | b'&' => self.push_instead(" ", 1),
            _ => self.ligature(),
        }
    }

    fn open_group(&mut self, closing: &'static str) {
        if self.groups.len() < self.limits.depth_max {
            self.groups.push(closing);
        }
    }

    /// A block of source, outside a paragraph.
    fn block(&mut self, kind: BlockKind, start: usize, end: usize) {
        if self.depth > 0 {
            return;
        }
        self.flush();
        self.page.push(
            kind,
            &self.text()[start..end],
            Some(self.source.range(start, end)),
        );
    }

    fn command(&mut self) {
        let rest = self.rest();
        let name = &rest[1..];
        let letters = name.bytes().take_while(u8::is_ascii_alphabetic).count();
        let start = self.at;
        if letters == 0 {
            return self.control_symbol(name.chars().next());
        }
        let name = &name[..letters];
        let starred = usize::from(rest[1 + letters..].starts_with('*'));
        self.at += 1 + letters + starred;
        if !matches!(name, "verb" | "lstinline") {
            self.overlay();
        }
        match name {
            "begin" => self.begin(start),
            "end" => self.end_environment(),
            "verb" | "lstinline" => self.verbatim(start),
            "item" => self.item(start),
            "par" => self.flush(),
            _ => self.named(name, start),
        }
    }

    fn named(&mut self, name: &str, start: usize) {
        match commands::command(name) {
            Command::Text(text) => {
                self.run.push(text, start, self.at);
                self.blanks_after_name();
            }
            Command::Accent(mark) => self.accent(mark),
            Command::Skip { arguments } => self.skip(arguments, true),
            Command::Reference => {
                self.skip(1, true);
                self.run
                    .text
                    .truncate(self.run.text.trim_end_matches([' ', '\n', '~']).len());
            }
            Command::Heading(level) => self.heading(level, start),
            Command::Footnote => self.aside(BlockKind::Footnote, start),
            Command::Caption => self.aside(BlockKind::Caption, start),
            Command::Title => self.title(),
            Command::Code => self.wrapped("`", start),
            Command::TextAfter { arguments } => {
                self.skip(arguments, true);
                self.option();
            }
            Command::Ruby => self.ruby(start),
            Command::Definition => self.definition(),
            Command::Epigraph => {
                self.aside(BlockKind::Quote, start);
                self.skip(1, false);
            }
            Command::Quotes => {
                self.run.push("“", start, self.at);
                self.enter_group("”");
            }
            Command::Unknown => {
                self.option();
                if self.rest().starts_with(' ')
                    && !self.run.text.ends_with([' ', '\n'])
                    && !self.run.text.is_empty()
                {
                    return;
                }
                self.blanks_after_name();
            }
        }
    }

    fn heading(&mut self, level: u8, start: usize) {
        self.flush();
        self.option();
        let Some((from, to)) = self.argument() else {
            return;
        };
        let text = self.inline(from, to);
        self.page.push(
            BlockKind::Heading(level),
            &text.replace('\n', " "),
            Some(self.source.range(start, to + 1)),
        );
        self.at = to + 1;
        self.push_later();
    }

    /// A footnote or a caption: a block of its own, after the paragraph that it stands in.
    fn aside(&mut self, kind: BlockKind, start: usize) {
        self.option();
        let Some((from, to)) = self.argument() else {
            return;
        };
        let text = self.inline(from, to);
        self.later
            .push((kind, text, self.source.range(start, to + 1)));
        self.at = to + 1;
        self.run.cover(start, to + 1);
    }

    fn title(&mut self) {
        self.option();
        let Some((from, to)) = self.argument() else {
            return;
        };
        let text = self.inline(from, to);
        self.page.title(&text);
        self.at = to + 1;
    }

    fn item(&mut self, start: usize) {
        self.flush();
        self.run.cover(start, self.at);
        let rest = self.rest();
        let window = &rest.as_bytes()[..rest.len().min(OPTION_BYTES_MAX)];
        if rest.starts_with('[')
            && let Some(end) = memchr::memchr(b']', window)
        {
            let label = self.inline(self.at + 1, self.at + end);
            self.run.push(&label, start, self.at + end);
            self.run.text.push(' ');
            self.at += end + 1;
        }
        self.blanks_after_name();
    }

    fn begin(&mut self, start: usize) {
        let Some((from, to)) = self.argument() else {
            return;
        };
        let name = self.text()[from..to]
            .trim()
            .trim_end_matches('*')
            .to_owned();
        self.at = to + 1;
        let environment = commands::environment(&name);
        if let Environment::Source(kind) = environment {
            let closing = format!("\\end{{{}}}", self.text()[from..to].trim());
            let found = self.searches.find(self.text(), &closing, self.at);
            let end = found
                .map_or(self.end, |end| end + closing.len())
                .min(self.end);
            self.block(kind, start, end);
            self.at = end;
            return;
        }
        self.flush();
        if self.environments.len() < self.limits.depth_max {
            self.environments.push(environment);
        }
        self.overlay();
        self.option();
        match commands::environment_heading(&name) {
            Some(level) if self.depth == 0 => {
                // A slide's second argument is its subtitle.
                for level in level..=level + u8::from(level == 1) {
                    if self.rest().starts_with('{') {
                        self.heading(level, self.at);
                    }
                }
            }
            _ => self.skip(commands::environment_arguments(&name), true),
        }
    }

    fn end_environment(&mut self) {
        let Some((from, to)) = self.argument() else {
            return;
        };
        let name = self.text()[from..to].trim();
        self.flush();
        self.at = to + 1;
        if name == "document" && self.depth == 0 {
            let at = self.at;
            self.page.push(
                BlockKind::Markup,
                &self.text()[at..self.end],
                Some(self.source.range(at, self.end)),
            );
            self.at = self.end;
            return;
        }
        self.environments.pop();
    }

    /// What the text before this point is, by the environments around it.
    fn kind(&self) -> BlockKind {
        let has = |kind: Environment| self.environments.contains(&kind);
        if has(Environment::Bibliography) {
            BlockKind::Bibliography
        } else if has(Environment::Quote) {
            BlockKind::Quote
        } else if has(Environment::List) {
            BlockKind::ListItem
        } else {
            BlockKind::Paragraph
        }
    }

    /// Ends the paragraph before this point.
    fn flush(&mut self) {
        if self.depth > 0 {
            if !self.run.text.is_empty() && !self.run.text.ends_with('\n') {
                self.run.text.push('\n');
            }
            return;
        }
        let run = self.run.take();
        if let Some((start, end)) = run.span {
            let text = tidied(&run.text);
            let end = start.max(end.min(start + self.text()[start..end].trim_end().len()));
            self.page
                .push(self.kind(), &text, Some(self.source.range(start, end)));
        }
        self.push_later();
    }

    fn push_later(&mut self) {
        if self.depth > 0 {
            return;
        }
        for (kind, text, lines) in std::mem::take(&mut self.later) {
            self.page.push(kind, &text, Some(lines));
        }
    }
}
