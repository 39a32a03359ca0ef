//! The cells of a table whose columns are divided by bars: Markdown's and Org's.
//!
//! Not which text is a table (`markup`). Read by the policy: a row has as many cells as its table.

/// How many lines above the caret are read for the first row.
const ROWS_MAX: usize = 500;

/// Whether the row before the caret has all the cells that its table has columns, so that anything
/// more would be a column of its own. `prefix` ends at the caret. The first row has no such end.
pub fn row_is_complete(prefix: &str) -> bool {
    let mut lines = prefix.rsplit('\n').take(ROWS_MAX);
    let row = lines.next().unwrap_or_default();
    let first = lines.take_while(|line| line.contains('|')).last();
    first.is_some_and(|first| cells_begun(row) > columns(first))
}

/// How many cells a row has begun before the caret.
fn cells_begun(row: &str) -> usize {
    let row = row.trim_start();
    1 + bars(row.strip_prefix('|').unwrap_or(row))
}

/// How many cells a whole row has.
fn columns(row: &str) -> usize {
    let row = row.trim();
    let row = row.strip_prefix('|').unwrap_or(row);
    let ends_with_bar = row.ends_with('|') && !row.ends_with("\\|");
    1 + bars(row) - usize::from(ends_with_bar)
}

/// Bars that divide: those after a backslash are text.
fn bars(text: &str) -> usize {
    let mut escaped = false;
    let divides = |c: char| {
        let bar = c == '|' && !escaped;
        escaped = c == '\\' && !escaped;
        bar
    };
    text.chars().map(divides).filter(|&bar| bar).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_complete_after_its_last_bar() {
        let table = "Text\n\n| a | 二 |\n|---|---|\n";
        let check = |row: &str, expected| {
            assert_eq!(
                row_is_complete(&format!("{table}{row}")),
                expected,
                "{row:?}"
            );
        };
        check("| ", false);
        check("| 一 | ", false);
        check("| one | two", false);
        check("| one | two |", true);
        check("| one | two | ", true);
        check("| a \\| b | ", false);
        check("one | two", false);
        check("one | two | ", true);
    }

    #[test]
    fn the_first_row_and_text_without_bars_are_never_complete() {
        for prefix in [
            "| a | b | c | ",
            "Text\n| a | b |",
            "Text",
            "",
            "|\r\n",
            "a\r\n👨‍👩‍👧",
        ] {
            assert!(!row_is_complete(prefix), "{prefix:?}");
        }
        assert!(row_is_complete("| a |\r\n|---|\r\n| b |"));
    }
}
