//! Reads Typst: its markup in blocks, code left out, the text in content brackets kept.
//!
//! Nothing is evaluated. `#name(arguments)[content]` is the function's content; of a figure, the
//! caption; of a `let`, a `set`, a `show` and an `import`, nothing.

mod code;
mod functions;

use crate::block::{BlockKind, LineRange, Reading};

use super::ReadLimits;
use super::page::{Page, Run};
use super::searches::Searches;
use super::source::Source;

/// Content within content.
const CONTENT_DEPTH_MAX: usize = 8;

/// The blocks of a Typst text.
pub(super) fn read(text: &str, limits: &ReadLimits) -> Reading {
    let source = Source::new(text);
    let mut reader = Reader {
        source: &source,
        searches: Searches::new(text),
        page: Page::new(limits),
        run: Run::default(),
        kind: BlockKind::Paragraph,
        at: 0,
        end: text.len(),
        later: Vec::new(),
        depth: 0,
        scopes: 0,
    };
    reader.read_lines();
    reader.flush();
    reader.page.finish()
}

struct Reader<'a> {
    source: &'a Source<'a>,
    searches: Searches,
    page: Page,
    run: Run,
    /// What the open run is.
    kind: BlockKind,
    at: usize,
    end: usize,
    later: Vec<(BlockKind, String, LineRange)>,
    depth: usize,
    /// Content brackets around this point that hold blocks.
    scopes: usize,
}

impl<'a> Reader<'a> {
    fn text(&self) -> &'a str {
        self.source.text
    }

    fn rest(&self) -> &'a str {
        self.text().get(self.at..self.end).unwrap_or("")
    }

    fn read_lines(&mut self) {
        self.line_start();
        while self.at < self.end && !self.page.is_full() {
            let rest = self.rest().as_bytes();
            let special = rest
                .iter()
                .position(|byte| b"\n\\*_`$#@</~-.".contains(byte))
                .unwrap_or(rest.len());
            if special > 0 {
                self.push_source(special);
            } else {
                self.special(rest[0]);
            }
        }
    }

    fn push_source(&mut self, length: usize) {
        let (start, end) = (self.at, self.at + length);
        self.run.push(&self.text()[start..end], start, end);
        self.at = end;
    }

    fn push_instead(&mut self, text: &str, length: usize) {
        self.run.push(text, self.at, self.at + length);
        self.at += length;
    }

    fn special(&mut self, byte: u8) {
        let rest = self.rest();
        match byte {
            b'\n' => {
                self.at += 1;
                if !self.run.text.is_empty() {
                    self.run
                        .text
                        .truncate(self.run.text.trim_end_matches([' ', '\t', '\r']).len());
                    self.run.text.push('\n');
                }
                self.line_start();
            }
            b'\\' => self.escape(),
            b'*' | b'_' => self.emphasis(byte),
            b'`' => self.raw(),
            b'$' => self.formula(),
            b'#' => self.function(),
            b'@' => self.reference(),
            b'<' => self.label(),
            b'/' if rest.starts_with("//") && !self.run.text.ends_with(':') => {
                self.at += rest.find('\n').unwrap_or(rest.len());
            }
            b'/' if rest.starts_with("/*") => {
                let end = self
                    .searches
                    .find(self.text(), "*/", self.at)
                    .map_or(self.end, |end| end + 2);
                self.at = end.min(self.end);
            }
            b'~' => self.push_instead(" ", 1),
            b'-' if rest.starts_with("---") => self.push_instead("—", 3),
            b'-' if rest.starts_with("--") => self.push_instead("–", 2),
            b'.' if rest.starts_with("...") => self.push_instead("…", 3),
            _ => self.push_source(1),
        }
    }

    /// What a line starts with decides which block it belongs to.
    fn line_start(&mut self) {
        if self.depth > 0 {
            return;
        }
        let rest = self.rest();
        let line = rest.split('\n').next().unwrap_or("");
        let text = line.trim_start();
        let indent = line.len() - text.len();
        if text.trim().is_empty() {
            self.flush();
            return;
        }
        let level = text.bytes().take_while(|&byte| byte == b'=').count();
        if (1..=6).contains(&level) && text[level..].starts_with(' ') {
            self.flush();
            self.kind = BlockKind::Heading(u8::try_from(level).unwrap_or(6));
            self.run.cover(self.at, self.at + indent + level);
            self.at += indent + level + 1;
        } else if text.starts_with("- ")
            || text.starts_with("+ ")
            || text.starts_with("/ ")
            || numbered(text) > 0
        {
            self.flush();
            let marker = numbered(text).max(2);
            self.kind = BlockKind::ListItem;
            self.run.cover(self.at, self.at + indent + marker);
            self.at += indent + marker;
        } else {
            if matches!(self.kind, BlockKind::Heading(_))
                || self.kind == BlockKind::ListItem && indent == 0
            {
                self.flush();
            }
            self.at += indent;
        }
    }

    fn escape(&mut self) {
        let next = self.rest()[1..].chars().next();
        match next {
            Some(sign) if !sign.is_whitespace() => {
                self.at += 1;
                self.push_source(sign.len_utf8());
            }
            // A backslash before a blank breaks the line.
            Some('\n') | None => self.at += 1,
            Some(_) => self.push_instead("\n", 1),
        }
    }

    /// A sign inside a word is no markup.
    fn emphasis(&mut self, sign: u8) {
        let before = self.run.text.chars().next_back();
        let after = self.rest()[1..].chars().next();
        let in_word = before.is_some_and(char::is_alphanumeric)
            && after.is_some_and(char::is_alphanumeric)
            && before.is_some_and(|c| c.is_ascii())
            && after.is_some_and(|c| c.is_ascii());
        let is_alone =
            before.is_none_or(char::is_whitespace) && after.is_none_or(char::is_whitespace);
        if in_word || is_alone && sign == b'*' {
            self.push_source(1);
        } else {
            self.run.cover(self.at, self.at + 1);
            self.at += 1;
        }
    }

    fn raw(&mut self) {
        let start = self.at;
        let rest = self.rest();
        let ticks = rest.bytes().take_while(|&byte| byte == b'`').count();
        if ticks == 2 {
            self.at += 2;
            return;
        }
        let fence = &rest[..ticks];
        let Some(close) = self
            .searches
            .find(self.text(), fence, start + ticks)
            .filter(|&close| close < self.end)
        else {
            self.push_source(ticks);
            return;
        };
        let inner = &self.text()[start + ticks..close];
        let end = (close + ticks).min(self.end);
        if ticks >= 3 && inner.contains('\n') && self.depth == 0 {
            let line_end = inner.find('\n').unwrap_or(0);
            self.flush();
            self.page.push(
                BlockKind::Code,
                &inner[line_end..],
                Some(self.source.range(start, end)),
            );
        } else {
            self.run.push("`", start, end);
            self.run.text.push_str(inner.trim());
            self.run.text.push('`');
        }
        self.at = end;
    }

    /// `$x$` is in the line, `$ x $` is displayed.
    fn formula(&mut self) {
        let start = self.at;
        let mut close = self.searches.find(self.text(), "$", start + 1);
        while let Some(at) = close
            && self.text().as_bytes()[at - 1] == b'\\'
        {
            close = self.searches.find(self.text(), "$", at + 1);
        }
        let Some(close) = close.filter(|&close| close < self.end) else {
            self.push_source(1);
            return;
        };
        let inner = &self.text()[start + 1..close];
        let is_displayed = inner.starts_with([' ', '\n']) && inner.ends_with([' ', '\n']);
        if is_displayed && self.depth == 0 {
            self.flush();
            self.page.push(
                BlockKind::Math,
                &self.text()[start..=close],
                Some(self.source.range(start, close + 1)),
            );
            self.at = close + 1;
        } else {
            self.push_source(close + 1 - start);
        }
    }

    /// `@key` and `@key[supplement]`: the number is not in the source.
    fn reference(&mut self) {
        let rest = &self.rest()[1..];
        let length = rest
            .bytes()
            .take_while(|byte| byte.is_ascii_alphanumeric() || b"-_:.".contains(byte))
            .count();
        let key = rest[..length].trim_end_matches(['.', ':']);
        let in_word = self.run.text.ends_with(|c: char| c.is_ascii_alphanumeric());
        if key.is_empty() || in_word {
            self.push_source(1);
            return;
        }
        self.run
            .text
            .truncate(self.run.text.trim_end_matches([' ', '\n']).len());
        self.run.cover(self.at, self.at + 1 + key.len());
        self.at += 1 + key.len();
        if self.rest().starts_with('[')
            && let Some(close) = self.searches.closing(self.text(), self.at, Some(b'\\'))
        {
            self.at = (close + 1).min(self.end);
        }
    }

    /// `<name>` labels what stands before it.
    fn label(&mut self) {
        let rest = &self.rest()[1..];
        let length = rest
            .bytes()
            .take_while(|byte| byte.is_ascii_alphanumeric() || b"-_:.".contains(byte))
            .count();
        if length > 0 && rest[length..].starts_with('>') {
            self.run
                .text
                .truncate(self.run.text.trim_end_matches(' ').len());
            self.run.cover(self.at, self.at + length + 2);
            self.at += length + 2;
        } else {
            self.push_source(1);
        }
    }

    /// The text of a stretch of markup, as it shows in a line.
    fn inline(&mut self, start: usize, end: usize) -> String {
        if self.depth >= CONTENT_DEPTH_MAX {
            return self.text()[start..end].to_owned();
        }
        let outer = (self.at, self.end, self.run.take());
        (self.at, self.end) = (start, end);
        self.depth += 1;
        self.read_lines();
        self.depth -= 1;
        let text = self.run.take().text;
        (self.at, self.end, self.run) = outer;
        text.trim_matches('\n').to_owned()
    }

    fn flush(&mut self) {
        if self.depth > 0 {
            return;
        }
        let run = self.run.take();
        let kind = std::mem::replace(&mut self.kind, BlockKind::Paragraph);
        if let Some((start, end)) = run.span {
            let end = start + self.text()[start..end.max(start)].trim_end().len();
            if kind == BlockKind::Heading(1) {
                self.page.title(&run.text);
            }
            self.page.push_linked(
                kind,
                &run.text,
                Some(self.source.range(start, end)),
                run.link_bytes,
            );
        }
        self.push_later();
    }

    fn push_later(&mut self) {
        if self.depth == 0 {
            for (kind, text, lines) in std::mem::take(&mut self.later) {
                self.page.push(kind, &text, Some(lines));
            }
        }
    }
}

/// The bytes of `1. ` and the like.
fn numbered(text: &str) -> usize {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if (1..=4).contains(&digits) && text[digits..].starts_with(". ") {
        digits + 2
    } else {
        0
    }
}
