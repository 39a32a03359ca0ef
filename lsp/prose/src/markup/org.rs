//! Org mode: blocks, drawers, keywords, headlines.
//!
//! Not tables' formulas, nor tasks. Called by `markup.rs`.

use super::inline;
use crate::lines::{Line, lines_to_caret};
use crate::outline::OutlineBuilder;
use crate::zone::Zone;

/// Reads the zone at `caret` and the headings above it.
pub(super) fn read(text: &str, caret: usize, outline: &mut OutlineBuilder) -> Zone {
    let (above, current) = lines_to_caret(text, caret);
    let mut inside = Inside::Text;
    for line in &above {
        inside = inside.after(line, outline);
    }
    match inside {
        Inside::Block(zone) => zone,
        Inside::Drawer => Zone::FrontMatter,
        Inside::Text => zone_of_line(&current, current.before(caret)),
    }
}

#[derive(Clone, Copy)]
enum Inside {
    Text,
    Block(Zone),
    Drawer,
}

impl Inside {
    fn after(self, line: &Line<'_>, outline: &mut OutlineBuilder) -> Self {
        let content = line.text.trim();
        let lower = content.to_ascii_lowercase();
        match self {
            Self::Block(_) if lower.starts_with("#+end_") => Self::Text,
            Self::Drawer if lower == ":end:" => Self::Text,
            Self::Text => {
                if let Some(name) = lower.strip_prefix("#+begin_") {
                    return block(name);
                }
                let drawer =
                    content.len() > 2 && content.starts_with(':') && content.ends_with(':');
                if drawer && !content.contains(' ') {
                    return Self::Drawer;
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

fn zone_of_line(line: &Line<'_>, before: &str) -> Zone {
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
    if let Some(zone) = zone_of_span(before) {
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

fn zone_of_span(before: &str) -> Option<Zone> {
    if let Some(at) = before.rfind("[[") {
        let link = &before[at..];
        // `[[destination][text]]`
        if !link.contains("]]") && !link.contains("][") {
            return Some(Zone::LinkDestination);
        }
    }
    if inline::is_in_word_span(before, '=') || inline::is_in_word_span(before, '~') {
        return Some(Zone::InlineCode);
    }
    let opened = before.rfind(r"\(");
    if opened.is_some_and(|at| !before[at..].contains(r"\)"))
        || inline::is_in_word_span(before, '$')
    {
        return Some(Zone::Math);
    }
    None
}
