//! The table of ARCHITECTURE.md that says who may use whom, read from its Markdown.

use std::collections::BTreeMap;

/// Head of the table.
const HEAD: [&str; 2] = ["crate", "may use"];

/// The row of each crate: the names that it may use, as the page writes them.
pub type Table = BTreeMap<String, Vec<String>>;

/// Reads the table.
pub fn read(page: &str) -> Result<Table, String> {
    let mut rows = page.lines().map(cells).skip_while(|cells| *cells != HEAD);
    if rows.next().is_none() {
        return Err(format!(
            "there is no table with the columns `{}`",
            HEAD.join("` and `")
        ));
    }
    let mut table = Table::new();
    // The line under the head is dashes.
    for row in rows.skip(1).take_while(|row| !row.is_empty()) {
        let [name, uses] = row.as_slice() else {
            return Err(format!("a row has {} cells: {row:?}", row.len()));
        };
        let uses = uses
            .split(',')
            .map(str::trim)
            .filter(|name| !["", "–", "-"].contains(name));
        let uses = uses.map(str::to_owned).collect();
        if table.insert((*name).to_owned(), uses).is_some() {
            return Err(format!("`{name}` has two rows"));
        }
    }
    Ok(table)
}

/// The cells of a table's line; none when it is no such line.
fn cells(line: &str) -> Vec<&str> {
    let Some(inner) = line
        .trim()
        .strip_prefix('|')
        .and_then(|line| line.strip_suffix('|'))
    else {
        return Vec::new();
    };
    inner
        .split('|')
        .map(|cell| cell.trim().trim_matches('`'))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rows_are_read_up_to_the_end_of_the_table() {
        let page = "| folder | crate |\n|---|---|\n| a | b |\n\n| crate | may use |\n|---|---|\n\
                    | text | – |\n| prose | text |\n| lsp/server | text, prose |\n\nEnd.\n| x | y |\n";
        let table = read(page).unwrap();
        assert_eq!(table.len(), 3);
        assert_eq!(table["text"], Vec::<String>::new());
        assert_eq!(table["lsp/server"], ["text", "prose"]);
    }

    #[test]
    fn a_page_without_the_table_or_with_a_row_twice_is_refused() {
        assert!(read("# Inkstone\n").is_err());
        assert!(read("| crate | may use |\n|---|---|\n| a | – |\n| a | b |\n").is_err());
    }
}
