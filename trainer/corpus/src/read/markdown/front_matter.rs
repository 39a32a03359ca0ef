//! The metadata before a Markdown text: YAML between `---`, TOML between `+++`.
//!
//! Only its title is read; a parser of YAML for one line would be a larger surface than the line.

use crate::block::BlockKind;

use crate::read::page::Page;
use crate::read::source::{Source, lines};

/// Metadata has no more lines; what goes on longer is a text between two rules.
const LINES_MAX: usize = 500;

/// Puts the metadata onto the page; returns the byte at which the text after it starts.
pub(super) fn read(source: &Source<'_>, page: &mut Page) -> usize {
    let first = source.line(0).trim_end();
    let (is_yaml, closings): (bool, &[&str]) = match first {
        "---" => (true, &["---", "..."]),
        "+++" => (false, &["+++"]),
        _ => return 0,
    };
    let last = (1..source.len().min(LINES_MAX))
        .find(|&index| closings.contains(&source.line(index).trim_end()));
    let Some(last) = last else { return 0 };
    // A rule at the start of a text is followed by a blank line or by prose.
    let has_key = (1..last)
        .map(|index| source.line(index))
        .find(|line| !line.trim().is_empty())
        .is_none_or(is_key_or_comment);
    if !has_key {
        return 0;
    }
    for index in 1..last {
        if let Some(title) = title(source.line(index), if is_yaml { ':' } else { '=' }) {
            page.title(&title);
        }
    }
    page.push(
        BlockKind::FrontMatter,
        source.lines(0, last + 1),
        Some(lines(0, last + 1)),
    );
    source.start_of(last + 1)
}

fn is_key_or_comment(line: &str) -> bool {
    let key = line.split([':', '=']).next().unwrap_or("");
    line.starts_with(['#', '[', '{', '-'])
        || key.len() < line.len()
            && !key.trim().is_empty()
            && !key.trim_matches('"').trim().contains(' ')
}

fn title(line: &str, sign: char) -> Option<String> {
    let (key, value) = line.split_once(sign)?;
    let is_title = key
        .trim_end()
        .trim_matches('"')
        .eq_ignore_ascii_case("title")
        && !key.starts_with([' ', '\t']);
    let title = unquoted(value.trim());
    (is_title && !title.is_empty() && !matches!(title.as_str(), "|" | ">" | ">-" | "|-"))
        .then_some(title)
}

/// A value without its quotation marks; within double ones a backslash stands before such a mark.
fn unquoted(value: &str) -> String {
    let Some(quote) = value.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
        return value.to_owned();
    };
    let mut text = String::new();
    let mut characters = value[1..].chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' if quote == '"' => text.extend(characters.next()),
            _ if character == quote => return text,
            _ => text.push(character),
        }
    }
    value.to_owned()
}
