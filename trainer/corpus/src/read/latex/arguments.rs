//! What follows a command's name: overlays, options, arguments in braces, and what they come to.
//!
//! Braces were matched once for the whole text, so that an argument is found without a search.

use super::{OPTION_BYTES_MAX, Reader, tidied};

/// Arguments within arguments: footnotes in captions in figures.
const ARGUMENT_DEPTH_MAX: usize = 8;

impl Reader<'_> {
    /// `\item<2->`: the slides on which it shows.
    pub(super) fn overlay(&mut self) {
        const OVERLAY_BYTES_MAX: usize = 24;
        let Some(rest) = self.rest().strip_prefix('<') else {
            return;
        };
        let length = rest
            .bytes()
            .take(OVERLAY_BYTES_MAX)
            .take_while(|byte| byte.is_ascii_digit() || b"-,+.|()".contains(byte))
            .count();
        if length > 0 && rest[length..].starts_with('>') {
            self.at += length + 2;
        }
    }

    /// What stands above a character is its reading, and no text of its own.
    pub(super) fn ruby(&mut self, start: usize) {
        self.option();
        let Some((from, to)) = self.argument() else {
            return;
        };
        let text = self.inline(from, to);
        self.run.push(&text, start, to + 1);
        self.at = to + 1;
        self.skip(1, false);
    }

    /// `\def\name#1{…}`, `\let\name=\other`: nothing of it shows.
    pub(super) fn definition(&mut self) {
        let rest = self.rest();
        let line = &rest.as_bytes()[..rest.len().min(OPTION_BYTES_MAX)];
        let end = memchr::memchr2(b'{', b'\n', line).unwrap_or(line.len());
        let mut at = self.at + end;
        while !self.text().is_char_boundary(at) {
            at -= 1;
        }
        self.at = at;
        if let Some((_, close)) = self.argument() {
            self.at = close + 1;
        }
    }

    /// TeX takes the blanks after a command's name.
    pub(super) fn blanks_after_name(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t']).len();
    }

    pub(super) fn wrapped(&mut self, sign: &'static str, start: usize) {
        self.option();
        self.run.push(sign, start, self.at);
        if !self.enter_group(sign) {
            self.run.text.pop();
        }
    }

    pub(super) fn enter_group(&mut self, closing: &'static str) -> bool {
        let enters = self.rest().starts_with('{') && self.groups.len() < self.limits.depth_max;
        if enters {
            self.at += 1;
            self.groups.push(closing);
        }
        enters
    }

    /// Passes over optional arguments; says whether there was one.
    pub(super) fn option(&mut self) -> bool {
        let mut found = false;
        loop {
            let rest = self.rest();
            if !rest.starts_with('[') {
                return found;
            }
            let window = &rest.as_bytes()[..rest.len().min(OPTION_BYTES_MAX)];
            let paragraph = memchr::memmem::find(window, b"\n\n").unwrap_or(window.len());
            let Some(end) = memchr::memchr(b']', &window[..paragraph]) else {
                return found;
            };
            self.at += end + 1;
            found = true;
        }
    }

    /// Passes over arguments that hold no text.
    pub(super) fn skip(&mut self, arguments: usize, with_options: bool) {
        if with_options {
            self.option();
        }
        for _ in 0..arguments {
            let rest = self.rest();
            self.at += rest.len() - rest.trim_start_matches([' ', '\t']).len();
            if let Some((_, end)) = self.argument() {
                self.at = end + 1;
            } else if arguments > 1
                && let Some(name) = self.rest().strip_prefix('\\')
            {
                // `\setlength\parindent{0pt}` and `\newcommand\name{…}` do without the braces.
                let letters = name.bytes().take_while(u8::is_ascii_alphabetic).count();
                self.at += if letters > 0 { 1 + letters } else { 0 };
            }
            if with_options {
                self.option();
            }
        }
    }

    /// The bytes within the braces that start here.
    pub(super) fn argument(&self) -> Option<(usize, usize)> {
        if !self.rest().starts_with('{') {
            return None;
        }
        let index = self
            .braces
            .binary_search_by_key(&self.at, |&(open, _)| open)
            .ok()?;
        let (open, close) = self.braces[index];
        (close < self.end).then_some((open + 1, close))
    }

    /// The text of a stretch of source, as it shows in a line.
    pub(super) fn inline(&mut self, start: usize, end: usize) -> String {
        if self.depth >= ARGUMENT_DEPTH_MAX {
            return self.text()[start..end].to_owned();
        }
        let outer = (
            self.at,
            self.end,
            self.run.take(),
            std::mem::take(&mut self.groups),
        );
        (self.at, self.end) = (start, end);
        self.depth += 1;
        while self.at < self.end {
            self.read_body();
            if self.page.is_full() {
                break;
            }
        }
        self.depth -= 1;
        let text = self.run.take().text;
        (self.at, self.end, self.run, self.groups) = outer;
        tidied(&text)
    }
}
