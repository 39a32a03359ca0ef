//! AsciiDoc: delimited blocks, attributes, macros, titles.
//!
//! Not includes, nor conditionals. Called by `markup.rs`.

use super::inline;
use crate::lines::{Line, lines_to_caret};
use crate::outline::OutlineBuilder;
use crate::zone::Zone;

/// Characters that, four or more times, delimit a block that is not prose.
const BLOCKS: [(char, Zone); 4] = [
    ('-', Zone::CodeFence),
    ('.', Zone::CodeFence),
    ('+', Zone::CodeFence),
    ('/', Zone::Comment),
];

/// Reads the zone at `caret` and the headings above it.
pub(super) fn read(text: &str, caret: usize, outline: &mut OutlineBuilder) -> Zone {
    let (above, current) = lines_to_caret(text, caret);
    let mut scan = Scan::default();
    for line in &above {
        scan.pass(line, outline);
    }
    scan.zone_of_line(&current, current.before(caret))
}

#[derive(Default)]
struct Scan<'a> {
    /// The delimiter that closes the block that is open.
    block: Option<(&'a str, Zone)>,
    in_table: bool,
    /// Whether the next block is a formula: `[stem]` stands above it.
    announces_math: bool,
    paragraph: Paragraph,
}

/// What a line that follows goes on with.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Paragraph {
    #[default]
    Text,
    Literal,
    /// A blank line: a paragraph may begin.
    Ended,
}

impl<'a> Scan<'a> {
    fn pass(&mut self, line: &Line<'a>, outline: &mut OutlineBuilder) {
        let content = line.text.trim_end();
        if let Some((delimiter, _)) = self.block {
            if content == delimiter {
                self.block = None;
            }
            return;
        }
        self.paragraph = if line.is_blank() {
            Paragraph::Ended
        } else if self.is_literal(line) {
            Paragraph::Literal
        } else {
            Paragraph::Text
        };
        if let Some(mut block) = delimiter(content) {
            if self.announces_math {
                block.1 = Zone::Math;
            }
            self.block = Some(block);
        } else if content == "|===" {
            self.in_table = !self.in_table;
        } else if let Some((level, text)) = title(content) {
            outline.heading(level, text);
        }
        let attributes = content.trim_matches(['[', ']']);
        let is_math = matches!(attributes, "stem" | "latexmath" | "asciimath");
        self.announces_math = content.starts_with('[') && is_math;
    }

    /// An indented paragraph is literal text.
    fn is_literal(&self, line: &Line<'_>) -> bool {
        let content = line.text.trim_start();
        let item = content.starts_with(['*', '-', '.']) || content.contains(":: ");
        line.indent() > 0 && !line.is_blank() && !item && self.paragraph != Paragraph::Text
    }

    fn zone_of_line(&self, line: &Line<'_>, before: &str) -> Zone {
        if let Some((_, zone)) = self.block {
            return zone;
        }
        let content = line.text.trim_end();
        if let Some((_, zone)) = delimiter(content) {
            return zone;
        }
        if content.starts_with("//") {
            return Zone::Comment;
        }
        if is_attribute(content) {
            return Zone::FrontMatter;
        }
        let block_macro = content.find("::").is_some_and(|at| {
            at > 0
                && content[..at].bytes().all(|byte| byte.is_ascii_lowercase())
                && content.contains('[')
        });
        if (content.starts_with('[') && !content.starts_with("[[")) || block_macro {
            return Zone::Command;
        }
        if self.is_literal(line) {
            return Zone::CodeFence;
        }
        if inline::is_in_code_span(before, b'`') {
            return Zone::InlineCode;
        }
        if in_macro(before, "stem:[") || in_macro(before, "latexmath:[") {
            return Zone::Math;
        }
        if title(content).is_some() {
            return Zone::Heading;
        }
        if self.in_table {
            return Zone::Table;
        }
        let item = content.trim_start().trim_start_matches(['*', '.', '-']);
        if item.len() < content.trim_start().len() && item.starts_with(' ') {
            return Zone::ListItem;
        }
        Zone::Prose
    }
}

fn delimiter(content: &str) -> Option<(&str, Zone)> {
    if content.starts_with("```") {
        return Some(("```", Zone::CodeFence));
    }
    let first = content.chars().next()?;
    let &(_, zone) = BLOCKS.iter().find(|(marker, _)| *marker == first)?;
    let alone = content.len() >= 4 && content.chars().all(|c| c == first);
    alone.then_some((content, zone))
}

fn title(content: &str) -> Option<(u8, &str)> {
    let text = content.trim_start_matches('=');
    let level = content.len() - text.len();
    ((1..=6).contains(&level) && text.starts_with(' '))
        .then(|| (u8::try_from(level).unwrap_or(u8::MAX), text))
}

/// `:name: value`
fn is_attribute(content: &str) -> bool {
    let name = content
        .strip_prefix(':')
        .and_then(|rest| rest.split_once(':'));
    name.is_some_and(|(name, _)| !name.is_empty() && !name.contains(' '))
}

fn in_macro(before: &str, start: &str) -> bool {
    before
        .rfind(start)
        .is_some_and(|at| !before[at..].contains(']'))
}
