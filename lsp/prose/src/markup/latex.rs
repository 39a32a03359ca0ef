//! LaTeX: commands and their arguments, environments, formulas, comments.
//!
//! Not a TeX engine: macros are not expanded, category codes are the usual ones. Called by
//! `markup.rs`.

use crate::outline::OutlineBuilder;
use crate::zone::Zone;

/// Commands whose braces hold prose, with the level of those that are headings.
const PROSE_COMMANDS: &[&str] = &[
    "emph",
    "textbf",
    "textit",
    "textsc",
    "textsf",
    "textrm",
    "textsl",
    "underline",
    "footnote",
    "caption",
    "text",
    "mbox",
    "enquote",
    "marginpar",
    "thanks",
    "abstract",
    "parbox",
    "textcolor",
    "author",
    "date",
    "subtitle",
];

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

const VERBATIM_ENVIRONMENTS: &[&str] = &["verbatim", "Verbatim", "lstlisting", "minted", "alltt"];

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
struct Group {
    zone: Option<Zone>,
    heading: Option<(HeadingKind, usize)>,
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
    groups: Vec<Group>,
    /// What ends the formula that is open.
    math: Option<&'static str>,
    in_item: bool,
    /// The command whose arguments may follow.
    pending: Option<&'a str>,
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
            '[' if self.pending.is_some() => return self.skip_past("]", 1, Zone::Command),
            '\n' if rest[1..]
                .trim_start_matches([' ', '\t', '\r'])
                .starts_with('\n') =>
            {
                // TeX ends an inline formula at a paragraph's end, with an error.
                if self.math == Some("$") {
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

    fn open_group(&mut self) {
        let start = self.at + 1;
        let command = self.pending;
        let heading = command.and_then(|command| {
            if command == "title" {
                return Some((HeadingKind::Title, start));
            }
            let known = HEADING_COMMANDS.iter().find(|(name, _)| *name == command);
            known.map(|&(_, level)| (HeadingKind::Level(level), start))
        });
        let zone = match command {
            _ if heading.is_some() => Some(Zone::Heading),
            Some(command) if PROSE_COMMANDS.contains(&command) => None,
            Some("url" | "href") => Some(Zone::Url),
            Some(_) => Some(Zone::Command),
            None => None,
        };
        // The second argument of a link is its text.
        if command == Some("href") {
            self.pending = Some("emph");
        }
        if self.groups.len() < OPEN_GROUPS_MAX {
            self.groups.push(Group { zone, heading });
        }
        self.at = start;
    }

    fn close_group(&mut self, outline: &mut OutlineBuilder) {
        if let Some((kind, start)) = self.groups.pop().and_then(|group| group.heading) {
            let text = &self.text[start..self.at];
            match kind {
                HeadingKind::Title => outline.title(text),
                HeadingKind::Level(level) => outline.heading(level, text),
            }
        }
        self.at += 1;
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
        let end = self.at + 1 + length;
        let name = &self.text[self.at + 1..end];
        if self.caret <= end {
            return Some(Zone::Command);
        }
        self.at = end;
        match name {
            "verb" | "lstinline" => return self.verb(),
            "begin" | "end" => return self.environment(name == "begin"),
            "item" => {
                self.in_item = true;
                self.pending = Some("item");
            }
            _ => self.pending = Some(name),
        }
        None
    }

    fn verb(&mut self) -> Option<Zone> {
        let rest = self.text[self.at..].trim_start_matches('*');
        let delimiter = rest.chars().next()?;
        self.at = self.text.len() - rest.len();
        let mut buffer = [0; 4];
        let end = delimiter.encode_utf8(&mut buffer);
        self.skip_past(end, delimiter.len_utf8(), Zone::InlineCode)
    }

    fn environment(&mut self, begins: bool) -> Option<Zone> {
        let rest = &self.text[self.at..];
        let Some(length) = rest.strip_prefix('{').and_then(|rest| rest.find('}')) else {
            return rest.starts_with('{').then_some(Zone::Command);
        };
        let name = rest[1..=length].trim_end_matches('*');
        let end = self.at + length + 2;
        if self.caret < end {
            return Some(Zone::Command);
        }
        self.at = end;
        self.pending = begins.then_some("begin");
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
