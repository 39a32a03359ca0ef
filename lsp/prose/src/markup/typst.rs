//! Typst: raw text, formulas, comments, and code that begins with `#`.
//!
//! Not an interpreter. Called by `markup.rs`.

use crate::outline::OutlineBuilder;
use crate::zone::Zone;

/// How deep code and content are followed; deeper ones change nothing.
const OPEN_MODES_MAX: usize = 128;

/// Keywords whose code reaches to the end of the line.
const STATEMENTS: [&str; 8] = [
    "let", "set", "show", "import", "include", "if", "for", "while",
];

/// Reads the zone at `caret` and the headings above it.
pub(super) fn read(text: &str, caret: usize, outline: &mut OutlineBuilder) -> Zone {
    let mut scan = Scan {
        text,
        caret,
        at: 0,
        modes: Vec::new(),
        line: LineStart::Text,
    };
    scan.begin_line(outline);
    while scan.at < caret {
        if let Some(zone) = scan.step(outline) {
            return zone;
        }
    }
    scan.zone()
}

/// What a bracket has opened, with the character that closes it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Content: prose again.
    Content,
    /// Code in parentheses or braces.
    Code(char),
    /// Code that ends with its line.
    Statement,
}

#[derive(Clone, Copy)]
enum LineStart {
    Text,
    Heading,
    Item,
}

impl LineStart {
    fn zone(self) -> Zone {
        match self {
            Self::Text => Zone::Prose,
            Self::Heading => Zone::Heading,
            Self::Item => Zone::ListItem,
        }
    }
}

struct Scan<'a> {
    text: &'a str,
    caret: usize,
    at: usize,
    modes: Vec<Mode>,
    line: LineStart,
}

impl Scan<'_> {
    fn zone(&self) -> Zone {
        match self.modes.last() {
            None | Some(Mode::Content) => self.line.zone(),
            Some(Mode::Code(_) | Mode::Statement) => Zone::Command,
        }
    }

    fn in_code(&self) -> bool {
        matches!(self.modes.last(), Some(Mode::Code(_) | Mode::Statement))
    }

    /// Reads one construct. Gives the zone if the construct reaches to the caret.
    fn step(&mut self, outline: &mut OutlineBuilder) -> Option<Zone> {
        let rest = &self.text[self.at..];
        let first = rest.chars().next()?;
        let before = self.text[..self.at].chars().next_back();
        match first {
            '/' if rest.starts_with("//") && before != Some(':') => {
                self.skip_to('\n', Zone::Comment)
            }
            '/' if rest.starts_with("/*") => self.skip_past("*/", 2, Zone::Comment),
            '`' => self.raw(),
            '$' => self.skip_past("$", 1, Zone::Math),
            '"' if self.in_code() => self.skip_past("\"", 1, Zone::Command),
            '\\' => {
                let escaped = rest.chars().nth(1).map_or(0, char::len_utf8);
                self.at += 1 + escaped;
                None
            }
            '#' if !self.in_code() => self.code(),
            '\n' => {
                if self.modes.last() == Some(&Mode::Statement) {
                    self.modes.pop();
                }
                self.at += 1;
                self.begin_line(outline);
                None
            }
            _ => {
                self.bracket(first);
                self.at += first.len_utf8();
                None
            }
        }
    }

    fn bracket(&mut self, c: char) {
        let opened = match c {
            '[' if self.in_code() => Some(Mode::Content),
            '(' if self.in_code() => Some(Mode::Code(')')),
            '{' if self.in_code() => Some(Mode::Code('}')),
            _ => None,
        };
        match (opened, self.modes.last()) {
            (Some(mode), _) if self.modes.len() < OPEN_MODES_MAX => self.modes.push(mode),
            (None, Some(Mode::Content)) if c == ']' => self.close(),
            (None, Some(&Mode::Code(end))) if c == end => self.close(),
            _ => {}
        }
    }

    /// After `)` of a call its content may follow at once: `#figure(…)[…]`.
    fn close(&mut self) {
        self.modes.pop();
        let next = self.text[self.at + 1..].chars().next();
        if self.modes.last() != Some(&Mode::Statement) && !self.in_code() {
            match next {
                Some('[') => self.open_after_call(Mode::Content),
                Some('(') => self.open_after_call(Mode::Code(')')),
                _ => {}
            }
        }
    }

    fn open_after_call(&mut self, mode: Mode) {
        if self.modes.len() < OPEN_MODES_MAX {
            self.modes.push(mode);
            self.at += 1;
        }
    }

    /// Reads `#name`, and what it opens.
    fn code(&mut self) -> Option<Zone> {
        let rest = &self.text[self.at + 1..];
        let length = rest
            .find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '-' | '.'))
            .unwrap_or(rest.len());
        let end = self.at + 1 + length;
        let opener = self.text[end..].chars().next();
        if self.caret <= end && length > 0 {
            return Some(Zone::Command);
        }
        self.at = end;
        let name = &rest[..length];
        if STATEMENTS.contains(&name) {
            self.modes.push(Mode::Statement);
            return None;
        }
        match opener {
            Some('(') => self.open_after_call(Mode::Code(')')),
            Some('{') => self.open_after_call(Mode::Code('}')),
            Some('[') => self.open_after_call(Mode::Content),
            _ => {}
        }
        None
    }

    fn raw(&mut self) -> Option<Zone> {
        let rest = &self.text[self.at..];
        let run = rest.len() - rest.trim_start_matches('`').len();
        if run == 2 {
            self.at += 2;
            return None;
        }
        let zone = if run >= 3 {
            Zone::CodeFence
        } else {
            Zone::InlineCode
        };
        self.skip_past(&"`".repeat(run), run, zone)
    }

    fn skip_past(&mut self, end: &str, skip_bytes: usize, zone: Zone) -> Option<Zone> {
        let from = self.at + skip_bytes;
        let found = self.text.get(from..).and_then(|rest| rest.find(end));
        match found.map(|at| from + at + end.len()) {
            Some(next) if next <= self.caret => {
                self.at = next;
                None
            }
            _ => Some(zone),
        }
    }

    fn skip_to(&mut self, end: char, zone: Zone) -> Option<Zone> {
        match self.text[self.at..].find(end) {
            Some(length) if self.at + length < self.caret => {
                self.at += length;
                None
            }
            _ => Some(zone),
        }
    }

    fn begin_line(&mut self, outline: &mut OutlineBuilder) {
        let rest = &self.text[self.at..];
        let line = &rest[..rest.find('\n').unwrap_or(rest.len())];
        let content = line.trim_start();
        let level = content.len() - content.trim_start_matches('=').len();
        let marked = content.trim_start_matches('=');
        self.line = if level > 0 && marked.starts_with(' ') {
            if self.at + line.len() < self.caret && !self.in_code() {
                outline.heading(u8::try_from(level).unwrap_or(u8::MAX), marked);
            }
            LineStart::Heading
        } else if content.starts_with("- ") || content.starts_with("+ ") {
            LineStart::Item
        } else {
            LineStart::Text
        };
    }
}
