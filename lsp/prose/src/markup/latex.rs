//! LaTeX: commands and their arguments, environments, formulas, comments.
//!
//! Not a TeX engine: macros are not expanded, category codes are the usual ones. Called by
//! `markup.rs`.

use crate::outline::OutlineBuilder;
use crate::zone::Zone;

/// Commands one of whose arguments is prose, and which one. Those before it are not, and braces
/// after it are plain groups.
const PROSE_COMMANDS: &[(&str, usize)] = &[
    ("emph", 0),
    ("textbf", 0),
    ("textit", 0),
    ("textsc", 0),
    ("textsf", 0),
    ("textrm", 0),
    ("textsl", 0),
    ("textup", 0),
    ("textmd", 0),
    ("textnormal", 0),
    ("underline", 0),
    ("footnote", 0),
    ("footnotetext", 0),
    ("caption", 0),
    ("captionof", 1),
    ("text", 0),
    ("mbox", 0),
    ("fbox", 0),
    ("makebox", 0),
    ("framebox", 0),
    ("centerline", 0),
    ("enquote", 0),
    ("marginpar", 0),
    ("thanks", 0),
    ("abstract", 0),
    ("parbox", 1),
    ("raisebox", 1),
    ("scalebox", 1),
    ("rotatebox", 1),
    ("resizebox", 2),
    ("textcolor", 1),
    ("colorbox", 1),
    ("fcolorbox", 2),
    ("multicolumn", 2),
    ("href", 1),
    ("hyperref", 0),
    ("author", 0),
    ("date", 0),
    ("subtitle", 0),
];

/// Commands whose first argument is a heading, with its level.
const HEADING_COMMANDS: &[(&str, u8)] = &[
    ("part", 1),
    ("chapter", 1),
    ("section", 2),
    ("subsection", 3),
    ("subsubsection", 4),
    ("paragraph", 5),
    ("subparagraph", 6),
    ("frametitle", 2),
];

/// Environments of literal text and of drawings, which are programs.
const VERBATIM_ENVIRONMENTS: &[&str] = &[
    "verbatim",
    "Verbatim",
    "lstlisting",
    "minted",
    "alltt",
    "filecontents",
    "tikzpicture",
    "tikzcd",
    "pgfpicture",
    "circuitikz",
    "forest",
];

const MATH_ENVIRONMENTS: &[&str] = &[
    "equation",
    "align",
    "gather",
    "multline",
    "eqnarray",
    "math",
    "displaymath",
    "flalign",
    "alignat",
];

/// How deep braces and environments are followed; deeper ones change nothing.
const OPEN_GROUPS_MAX: usize = 128;

/// Reads the zone at `caret` and the headings above it.
pub(super) fn read(text: &str, caret: usize, outline: &mut OutlineBuilder) -> Zone {
    let mut scan = Scan {
        text,
        caret,
        at: 0,
        groups: Vec::new(),
        math: None,
        in_item: false,
        pending: None,
    };
    while scan.at < caret {
        if let Some(zone) = scan.step(outline) {
            return zone;
        }
    }
    if text[..caret].contains("\\documentclass") && !text[..caret].contains("\\begin{document}") {
        return match scan.zone() {
            heading @ Zone::Heading => heading,
            _ => Zone::FrontMatter,
        };
    }
    scan.zone()
}

/// A `{…}` that is open.
struct Group<'a> {
    zone: Option<Zone>,
    heading: Option<(HeadingKind, usize)>,
    /// The argument that may follow at once.
    next: Option<Pending<'a>>,
}

/// A command whose arguments may follow.
#[derive(Clone, Copy)]
struct Pending<'a> {
    command: &'a str,
    /// How many arguments in braces it has had.
    argument: usize,
}

impl<'a> Pending<'a> {
    fn of(command: &'a str) -> Self {
        Self {
            command,
            argument: 0,
        }
    }

    fn next(self) -> Self {
        Self {
            command: self.command,
            argument: self.argument + 1,
        }
    }

    fn heading(self) -> Option<HeadingKind> {
        if self.argument > 0 {
            return None;
        }
        if self.command == "title" {
            return Some(HeadingKind::Title);
        }
        let known = HEADING_COMMANDS.iter().find(|(n, _)| *n == self.command);
        known.map(|&(_, level)| HeadingKind::Level(level))
    }

    /// The zone of the argument; `None` for that of the text around it.
    fn zone(self) -> Option<Zone> {
        if self.heading().is_some() {
            return Some(Zone::Heading);
        }
        let heading = HEADING_COMMANDS.iter().any(|(n, _)| *n == self.command);
        let prose = PROSE_COMMANDS.iter().find(|(n, _)| *n == self.command);
        match (self.command, self.argument) {
            ("url" | "href", 0) => Some(Zone::Url),
            ("url" | "title", _) => None,
            _ if heading => None,
            (_, argument) => match prose {
                Some(&(_, prose)) if argument >= prose => None,
                _ => Some(Zone::Command),
            },
        }
    }
}

#[derive(Clone, Copy)]
enum HeadingKind {
    Title,
    Level(u8),
}

struct Scan<'a> {
    text: &'a str,
    caret: usize,
    at: usize,
    groups: Vec<Group<'a>>,
    /// What ends the formula that is open.
    math: Option<&'static str>,
    in_item: bool,
    /// The command whose arguments may follow.
    pending: Option<Pending<'a>>,
}

impl Scan<'_> {
    fn zone(&self) -> Zone {
        if self.math.is_some() {
            return Zone::Math;
        }
        let group = self.groups.iter().rev().find_map(|group| group.zone);
        group.unwrap_or(if self.in_item {
            Zone::ListItem
        } else {
            Zone::Prose
        })
    }

    /// Reads one construct. Gives the zone if the construct reaches to the caret.
    fn step(&mut self, outline: &mut OutlineBuilder) -> Option<Zone> {
        let rest = &self.text[self.at..];
        let first = rest.chars().next()?;
        if first != '{' && first != '[' && !first.is_whitespace() {
            self.pending = None;
        }
        match first {
            '\\' => return self.command(),
            '%' => return self.skip_past("\n", 1, Zone::Comment),
            '$' if rest.starts_with("$$") => self.toggle_math("$$"),
            '$' => self.toggle_math("$"),
            '{' => self.open_group(),
            '}' => self.close_group(outline),
            '[' if self.pending.is_some()
                && !self.text[..self.at].ends_with(char::is_whitespace) =>
            {
                return self.option();
            }
            '\n' if self.ends_paragraph(self.at) => {
                // TeX ends an inline formula at a paragraph's end, with an error.
                if matches!(self.math, Some("$" | r"\)")) {
                    self.math = None;
                }
                self.at += 1;
            }
            _ => self.at += first.len_utf8(),
        }
        None
    }

    fn toggle_math(&mut self, delimiter: &'static str) {
        self.math = match self.math {
            None => Some(delimiter),
            Some(open) if open == delimiter => None,
            other => other,
        };
        self.at += delimiter.len();
    }

    /// Skips to what follows `end`; gives `zone` if that lies past the caret.
    fn skip_past(&mut self, end: &str, skip_bytes: usize, zone: Zone) -> Option<Zone> {
        let from = self.at + skip_bytes;
        let found = self.text.get(from..).and_then(|rest| rest.find(end));
        let next = found.map(|at| from + at + end.len());
        match next {
            Some(next) if next <= self.caret => {
                self.at = next;
                None
            }
            _ => Some(zone),
        }
    }

    /// Skips what was opened: to `end` if it was closed there, else to the byte `end` where it
    /// ends although it was left open, so that it silences nothing beyond. Gives `zone` if the
    /// caret lies in it.
    fn skip_bounded(&mut self, end: usize, closed: bool, zone: Zone) -> Option<Zone> {
        if self.caret < end || (self.caret == end && !closed) {
            return Some(zone);
        }
        self.at = end;
        None
    }

    /// Reads `[…]`, which ends with its paragraph at the latest.
    fn option(&mut self) -> Option<Zone> {
        let bytes = self.text.as_bytes();
        let found = (self.at + 1..bytes.len()).find_map(|at| match bytes[at] {
            b']' => Some((at + 1, true)),
            b'\n' if self.ends_paragraph(at) => Some((at, false)),
            _ => None,
        });
        let (end, closed) = found.unwrap_or((bytes.len(), false));
        self.skip_bounded(end, closed, Zone::Command)
    }

    /// Whether a blank line follows the line break at a byte.
    fn ends_paragraph(&self, line_break: usize) -> bool {
        let next = &self.text[line_break + 1..];
        next.trim_start_matches([' ', '\t', '\r']).starts_with('\n')
    }

    fn open_group(&mut self) {
        self.at += 1;
        let group = Group {
            zone: self.pending.and_then(Pending::zone),
            heading: self
                .pending
                .and_then(Pending::heading)
                .map(|kind| (kind, self.at)),
            next: self.pending.map(Pending::next),
        };
        self.pending = None;
        if self.groups.len() < OPEN_GROUPS_MAX {
            self.groups.push(group);
        }
    }

    fn close_group(&mut self, outline: &mut OutlineBuilder) {
        let group = self.groups.pop();
        if let Some((kind, start)) = group.as_ref().and_then(|group| group.heading) {
            let text = &self.text[start..self.at];
            match kind {
                HeadingKind::Title => outline.title(text),
                HeadingKind::Level(level) => outline.heading(level, text),
            }
        }
        self.at += 1;
        // Braces after a space are text of their own more often than an argument.
        if self.text[self.at..].starts_with(['{', '[']) {
            self.pending = group.and_then(|group| group.next);
        }
    }

    /// Reads a `\command`, and the environment it may begin.
    fn command(&mut self) -> Option<Zone> {
        let rest = &self.text[self.at + 1..];
        let length = rest
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(rest.len());
        if length == 0 {
            self.math = match (rest.as_bytes().first(), self.math) {
                (Some(b'('), None) => Some(r"\)"),
                (Some(b'['), None) => Some(r"\]"),
                (Some(b')'), Some(r"\)")) | (Some(b']'), Some(r"\]")) => None,
                (_, math) => math,
            };
            self.at += 1 + rest.chars().next().map_or(0, char::len_utf8);
            return None;
        }
        let text = self.text;
        let name_end = self.at + 1 + length;
        let name = &text[self.at + 1..name_end];
        // `\section*` is the same command.
        let end = name_end + usize::from(text[name_end..].starts_with('*'));
        if self.caret <= end {
            return Some(Zone::Command);
        }
        self.at = end;
        match name {
            "verb" | "lstinline" => return self.verb(),
            "begin" | "end" => return self.environment(name == "begin"),
            "item" => {
                self.in_item = true;
                self.pending = Some(Pending::of(name));
            }
            _ => self.pending = Some(Pending::of(name)),
        }
        None
    }

    /// Code between two equal characters or in braces, on one line.
    fn verb(&mut self) -> Option<Zone> {
        let delimiter = self.text[self.at..].chars().next()?;
        if delimiter == '\n' {
            return None;
        }
        let closer = if delimiter == '{' { '}' } else { delimiter };
        let from = self.at + delimiter.len_utf8();
        let inside = &self.text[from..];
        let length = inside.find([closer, '\n']).unwrap_or(inside.len());
        let is_closed = inside[length..].starts_with(closer);
        let end = from + length + if is_closed { closer.len_utf8() } else { 0 };
        self.skip_bounded(end, is_closed, Zone::InlineCode)
    }

    fn environment(&mut self, begins: bool) -> Option<Zone> {
        let rest = &self.text[self.at..];
        if !rest.starts_with('{') {
            return None;
        }
        let length = rest.find(['}', '\n']).unwrap_or(rest.len());
        if !rest[length..].starts_with('}') {
            return self.skip_bounded(self.at + length, false, Zone::Command);
        }
        let length = length - 1;
        let name = rest[1..=length].trim_end_matches('*');
        let end = self.at + length + 2;
        if self.caret < end {
            return Some(Zone::Command);
        }
        self.at = end;
        // A slide's argument is its title.
        let command = if name == "frame" {
            "frametitle"
        } else {
            "begin"
        };
        self.pending = begins.then_some(Pending::of(command));
        if VERBATIM_ENVIRONMENTS.contains(&name) && begins {
            return self.skip_past(&format!("\\end{{{name}"), 0, Zone::CodeFence);
        }
        if name == "comment" && begins {
            return self.skip_past("\\end{comment", 0, Zone::Comment);
        }
        if MATH_ENVIRONMENTS.contains(&name) {
            self.math = begins.then_some("\\end");
        }
        if matches!(name, "itemize" | "enumerate" | "description") {
            self.in_item = false;
        }
        None
    }
}
