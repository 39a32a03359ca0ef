//! Org mode: blocks, drawers, keywords, headlines.
//!
//! Not tables' formulas, nor tasks. Called by `markup.rs`.

use super::inline;
use crate::lines::{Line, lines, lines_to_caret};
use crate::outline::OutlineBuilder;
use crate::zone::Zone;

/// Drawers that one knows by their name before their end is written.
const KNOWN_DRAWERS: [&str; 2] = [":properties:", ":logbook:"];

/// Reads the zone at `caret` and the headings above it.
pub(super) fn read(text: &str, caret: usize, outline: &mut OutlineBuilder) -> Zone {
    let (above, current) = lines_to_caret(text, caret);
    let drawers = drawers(text);
    let is_drawer = |line: &Line<'_>| drawers.binary_search(&line.start).is_ok();
    let mut inside = Inside::Text;
    for line in &above {
        inside = inside.after(line, is_drawer(line), outline);
    }
    match inside {
        Inside::Block(zone) => zone,
        Inside::Drawer => Zone::FrontMatter,
        Inside::OpenDrawer if current.is_blank() || is_property(current.text) => Zone::FrontMatter,
        _ if is_drawer(&current) => Zone::FrontMatter,
        _ => zone_of_line(&current, current.before(caret).len()),
    }
}

/// Where the drawers of a text begin: a line `:name:`, and `:end:` before the next one or the next
/// headline. Without it a lone `:smile:` would hide the rest of the document.
fn drawers(text: &str) -> Vec<usize> {
    let mut opened = None;
    let mut found = Vec::new();
    for line in lines(text) {
        let content = line.text.trim();
        if content.eq_ignore_ascii_case(":end:") {
            found.extend(opened.take());
        } else if headline(line.text).is_some() {
            opened = None;
        } else if content.len() > 2
            && content.starts_with(':')
            && content.ends_with(':')
            && !content.contains(' ')
        {
            opened = Some(line.start);
        }
    }
    found
}

/// `:name: value`
fn is_property(line: &str) -> bool {
    let property = line.trim().strip_prefix(':');
    property
        .and_then(|rest| rest.split_once(':'))
        .is_some_and(|(name, _)| !name.is_empty() && !name.contains(' '))
}

#[derive(Clone, Copy)]
enum Inside {
    Text,
    Block(Zone),
    Drawer,
    /// A drawer whose end is not written yet: as long as properties follow.
    OpenDrawer,
}

impl Inside {
    fn after(self, line: &Line<'_>, is_drawer: bool, outline: &mut OutlineBuilder) -> Self {
        let content = line.text.trim();
        let lower = content.to_ascii_lowercase();
        match self {
            Self::Block(_) if lower.starts_with("#+end_") => Self::Text,
            Self::Drawer if lower == ":end:" => Self::Text,
            Self::OpenDrawer if is_property(content) => Self::OpenDrawer,
            Self::Text | Self::OpenDrawer => {
                if let Some(name) = lower.strip_prefix("#+begin_") {
                    return block(name);
                }
                if is_drawer {
                    return Self::Drawer;
                }
                if KNOWN_DRAWERS.contains(&lower.as_str()) {
                    return Self::OpenDrawer;
                }
                if lower.starts_with("#+title:") {
                    outline.title(&content["#+title:".len()..]);
                }
                if let Some((level, text)) = headline(line.text) {
                    outline.heading(level, text);
                }
                Self::Text
            }
            inside => inside,
        }
    }
}

fn block(name: &str) -> Inside {
    match name.split_whitespace().next().unwrap_or_default() {
        "src" | "example" | "export" => Inside::Block(Zone::CodeFence),
        "comment" => Inside::Block(Zone::Comment),
        // Quotes, verses, centred text: prose.
        _ => Inside::Text,
    }
}

fn headline(line: &str) -> Option<(u8, &str)> {
    let text = line.trim_start_matches('*');
    let level = line.len() - text.len();
    (level > 0 && text.starts_with(' ')).then(|| (u8::try_from(level).unwrap_or(u8::MAX), text))
}

/// The zone at a byte of a line.
fn zone_of_line(line: &Line<'_>, caret: usize) -> Zone {
    let content = line.text.trim_start();
    if content.starts_with("#+") {
        let title = content.to_ascii_lowercase().starts_with("#+title:");
        return if title { Zone::Heading } else { Zone::Command };
    }
    if content == "#" || content.starts_with("# ") {
        return Zone::Comment;
    }
    if content == ":" || content.starts_with(": ") {
        return Zone::CodeFence;
    }
    if let Some(zone) = zone_of_span(line.text, caret) {
        return zone;
    }
    if headline(line.text).is_some() {
        return Zone::Heading;
    }
    if content.starts_with('|') {
        return Zone::Table;
    }
    let number = content.trim_start_matches(|c: char| c.is_ascii_digit());
    let numbered =
        number.len() < content.len() && (number.starts_with(". ") || number.starts_with(") "));
    if numbered || content.starts_with("- ") || content.starts_with("+ ") {
        return Zone::ListItem;
    }
    Zone::Prose
}

fn zone_of_span(text: &str, caret: usize) -> Option<Zone> {
    let before = &text[..caret];
    if let Some(at) = before.rfind("[[") {
        let link = &before[at..];
        // `[[destination][text]]`
        if !link.contains("]]") && !link.contains("][") {
            return Some(Zone::LinkDestination);
        }
    }
    let is_in_code = |marker| inline::open_word_span(text, caret, marker).is_some();
    if is_in_code('=') || is_in_code('~') {
        return Some(Zone::InlineCode);
    }
    let opened = before.rfind(r"\(");
    let is_formula = |at: usize| {
        inline::closes_word_span(text, at, '$') || inline::may_become_formula(&before[at + 1..])
    };
    if opened.is_some_and(|at| !before[at..].contains(r"\)"))
        || inline::open_word_span(text, caret, '$').is_some_and(is_formula)
    {
        return Some(Zone::Math);
    }
    None
}
