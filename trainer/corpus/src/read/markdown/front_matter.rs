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
            page.title(title);
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

fn title(line: &str, sign: char) -> Option<&str> {
    let (key, value) = line.split_once(sign)?;
    let value = value.trim();
    let is_title = key
        .trim_end()
        .trim_matches('"')
        .eq_ignore_ascii_case("title")
        && !key.starts_with([' ', '\t']);
    let unquoted = ['"', '\'']
        .iter()
        .find_map(|&quote| value.strip_prefix(quote)?.split(quote).next())
        .unwrap_or(value);
    (is_title && !unquoted.is_empty() && !matches!(unquoted, "|" | ">" | ">-" | "|-"))
        .then_some(unquoted)
}
