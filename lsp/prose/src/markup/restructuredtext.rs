//! reStructuredText: literal blocks, directives, roles, underlined headings.
//!
//! Not nested directives' own syntax. Called by `markup.rs`.

use crate::lines::{Line, lines, lines_to_caret};
use crate::outline::OutlineBuilder;
use crate::zone::Zone;

/// Directives whose content is prose.
const PROSE_DIRECTIVES: &[&str] = &[
    "admonition",
    "attention",
    "caution",
    "compound",
    "container",
    "danger",
    "epigraph",
    "error",
    "figure",
    "hint",
    "important",
    "note",
    "rubric",
    "seealso",
    "sidebar",
    "tip",
    "topic",
    "versionadded",
    "versionchanged",
    "deprecated",
    "warning",
];

/// Reads the zone at `caret` and the headings above it.
pub(super) fn read(text: &str, caret: usize, outline: &mut OutlineBuilder) -> Zone {
    let (above, current) = lines_to_caret(text, caret);
    let mut scan = Scan::default();
    for line in &above {
        scan.pass(line, outline);
    }
    let next = lines(&text[current.end()..]).nth(1);
    scan.zone_of_line(&current, current.before(caret), next)
}

#[derive(Default)]
struct Scan<'a> {
    /// The indented block that is open: the indent above it, and what it holds.
    block: Option<(usize, Zone)>,
    previous: Option<Line<'a>>,
    /// The characters of underlines in the order in which they appeared: their level.
    underlines: Vec<char>,
}

impl<'a> Scan<'a> {
    fn pass(&mut self, line: &Line<'a>, outline: &mut OutlineBuilder) {
        if line.is_blank() {
            self.previous = None;
            return;
        }
        self.leave_block(line);
        if self.block.is_some_and(|(_, zone)| !zone.is_prose()) {
            return;
        }
        if let (Some(mark), Some(above)) = (underline(line.text), self.previous)
            && underline(above.text).is_none()
        {
            let known = self.underlines.iter().position(|&known| known == mark);
            let index = known.unwrap_or_else(|| {
                self.underlines.push(mark);
                self.underlines.len() - 1
            });
            let level = u8::try_from(index + 1).unwrap_or(u8::MAX);
            outline.heading(level, above.text);
        }
        if let Some(zone) = opens_block(line.text) {
            self.block = Some((line.indent(), zone));
        }
        self.previous = Some(*line);
    }

    fn leave_block(&mut self, line: &Line<'_>) {
        if self
            .block
            .is_some_and(|(indent, _)| line.indent() <= indent)
        {
            self.block = None;
        }
    }

    fn zone_of_line(&mut self, line: &Line<'_>, before: &str, next: Option<Line<'_>>) -> Zone {
        if !line.is_blank() {
            self.leave_block(line);
        }
        if let Some((indent, zone)) = self.block
            && !zone.is_prose()
            && (line.indent() > indent || line.is_blank() && !line.text.is_empty())
        {
            return zone;
        }
        let content = line.text.trim_start();
        if let Some(explicit) = content.strip_prefix("..")
            && (explicit.is_empty() || explicit.starts_with(' '))
        {
            return zone_of_explicit(explicit.trim_start());
        }
        if is_option(content) {
            return if self.block.is_some() {
                Zone::Command
            } else {
                Zone::FrontMatter
            };
        }
        if content.starts_with(">>> ") {
            return Zone::CodeFence;
        }
        if let Some(zone) = zone_of_span(before) {
            return zone;
        }
        let underlined = next.is_some_and(|next| underline(next.text).is_some());
        if underline(line.text).is_some() || (underlined && !line.is_blank()) {
            return Zone::Heading;
        }
        if content.starts_with("| ") || content.starts_with("+-") {
            return Zone::Table;
        }
        let number = content.trim_start_matches(|c: char| c.is_ascii_digit() || c == '#');
        let numbered = number.len() < content.len() && number.starts_with(". ");
        if numbered || content.starts_with("- ") || content.starts_with("* ") {
            return Zone::ListItem;
        }
        Zone::Prose
    }
}

/// What the indented text under a line is, if the line says so.
fn opens_block(line: &str) -> Option<Zone> {
    let content = line.trim();
    if let Some(explicit) = content.strip_prefix(".. ") {
        let Some((name, _)) = explicit.split_once("::") else {
            let named = explicit.starts_with(['_', '[', '|']);
            return Some(if named { Zone::Prose } else { Zone::Comment });
        };
        return Some(match name.trim() {
            name if PROSE_DIRECTIVES.contains(&name) => Zone::Prose,
            "math" => Zone::Math,
            "code" | "code-block" | "sourcecode" | "highlight" | "parsed-literal" | "raw" => {
                Zone::CodeFence
            }
            _ => Zone::Command,
        });
    }
    content.ends_with("::").then_some(Zone::CodeFence)
}

fn zone_of_explicit(explicit: &str) -> Zone {
    if explicit.starts_with('_') {
        return Zone::LinkDestination;
    }
    if explicit.starts_with('[') {
        return Zone::Prose;
    }
    if explicit.contains("::") || explicit.starts_with('|') {
        return Zone::Command;
    }
    Zone::Comment
}

/// `:name: value`, but not a role such as `:ref:` before its backtick.
fn is_option(content: &str) -> bool {
    let field = content
        .strip_prefix(':')
        .and_then(|rest| rest.split_once(':'));
    field.is_some_and(|(name, value)| {
        !name.is_empty() && !name.contains(' ') && (value.is_empty() || value.starts_with(' '))
    })
}

/// The character of a line that underlines a heading.
fn underline(line: &str) -> Option<char> {
    let content = line.trim_end();
    let first = content.chars().next()?;
    let alone = content.len() >= 3 && content.chars().all(|c| c == first);
    (alone && first.is_ascii_punctuation()).then_some(first)
}

fn zone_of_span(before: &str) -> Option<Zone> {
    if before.matches("``").count() % 2 == 1 {
        return Some(Zone::InlineCode);
    }
    let single = before.replace("``", "  ");
    if single.matches('`').count().is_multiple_of(2) {
        return None;
    }
    let at = single.rfind('`')?;
    let (role, inside) = (&single[..at], &single[at..]);
    if role.ends_with(":math:") {
        return Some(Zone::Math);
    }
    if role.ends_with(':') {
        return Some(Zone::Command);
    }
    inside.contains('<').then_some(Zone::LinkDestination)
}
