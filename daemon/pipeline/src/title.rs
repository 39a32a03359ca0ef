//! A suggestion for a heading: one line that names what comes, not a sentence of it.
//!
//! Not which place is a heading (`place.rs`). Called by `trim.rs`.

/// The longest line that is compared with a new heading.
const LINE_BYTES_MAX: usize = 400;

/// The suggestion as the end of a title: without the full stop and the marks that close a heading
/// in some markups, which the writer puts in if they like them.
pub fn fit_title(suggestion: &str) -> &str {
    let line = suggestion.trim_end();
    let unmarked = line.trim_end_matches('#');
    let line = if unmarked.ends_with(' ') {
        unmarked.trim_end()
    } else {
        line
    };
    // Three dots and more leave something open; one ends a sentence, which a title is not.
    if line.ends_with("..") {
        return line;
    }
    line.strip_suffix(['.', '。', '\u{FF0E}']).unwrap_or(line)
}

/// What [`fit_title`] keeps in any case of a title that begins with `shown`.
pub fn fit_title_so_far(shown: &str) -> &str {
    shown.trim_end_matches(['.', '。', '\u{FF0E}', '#', ' '])
}

/// Whether another line of the document is the heading that the caret's line and the suggestion
/// make.
pub fn repeats_heading(suggestion: &str, prefix: &str, suffix: &str) -> bool {
    let line_start = prefix.rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let (above, begun) = prefix.split_at(line_start);
    if begun.len() + suggestion.len() > LINE_BYTES_MAX {
        return false;
    }
    let whole = format!("{begun}{suggestion}");
    let title = bare(&whole);
    let below = suffix.find(['\n', '\r']).map_or("", |at| &suffix[at..]);
    let lines = above.split(['\n', '\r']).chain(below.split(['\n', '\r']));
    !title.is_empty()
        && lines
            .filter(|line| line.len() <= LINE_BYTES_MAX)
            .any(|line| same_title(bare(line), title))
}

fn same_title(one: &str, other: &str) -> bool {
    one.chars()
        .flat_map(char::to_lowercase)
        .eq(other.chars().flat_map(char::to_lowercase))
}

/// The text of a heading without its markup: marks, a LaTeX command, an HTML tag.
fn bare(line: &str) -> &str {
    let mut text = line.trim();
    if text.starts_with('\\')
        && let Some((_, argument)) = text.split_once('{')
    {
        text = argument;
    } else if text.starts_with('<')
        && let Some((_, content)) = text.split_once('>')
    {
        text = content.split('<').next().unwrap_or(content);
    }
    text.trim_matches(|c: char| !c.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_has_no_full_stop_and_no_closing_marks() {
        assert_eq!(fit_title("The harbour."), "The harbour");
        assert_eq!(fit_title("港口的早晨。"), "港口的早晨");
        assert_eq!(fit_title("The harbour ##"), "The harbour");
        assert_eq!(fit_title("Why C#"), "Why C#");
        assert_eq!(fit_title("And then..."), "And then...");
        assert_eq!(fit_title("Where to?"), "Where to?");
        assert_eq!(fit_title("为什么？"), "为什么？");
        assert_eq!(fit_title("用 Rust 写的 👨‍👩‍👧."), "用 Rust 写的 👨‍👩‍👧");
    }

    #[test]
    fn a_heading_that_is_there_is_known_in_any_markup() {
        let check = |prefix: &str, title: &str, suffix: &str, expected: bool| {
            assert_eq!(
                repeats_heading(title, prefix, suffix),
                expected,
                "{prefix:?} {title:?}"
            );
        };
        check("# Notes\n\n## The Storm\n\n## ", "The storm", "", true);
        check("## The storm\n\n## The ", "storm", "\n", true);
        check("# 港口\n\n## ", "港口", "", true);
        check("Storm\n=====\n\n", "Storm", "", true);
        check("## ", "Storm", "\n\nText\r\n\r\n## Storm ##\r\n", true);
        check("\\section{Storm}\n\\section{", "Storm}", "", true);
        check("<h2>Storm</h2>\n<h2>", "Storm", "</h2>", true);
        check("* Storm\n* ", "Storm", "", true);
        check("== 用 Rust\n\n== ", "用 Rust", "", true);
        check(
            "## The storm\n\n## ",
            "The storm and the harbour",
            "",
            false,
        );
        check("The storm came.\n\n## ", "The storm", "", false);
        check("## ", "...", "", false);
    }
}
