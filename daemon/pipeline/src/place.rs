//! What kind of place in a document a suggestion goes to.
//!
//! Not how it is found: the language server reads it out of the document's markup and sends it
//! along. Read by the stopper and by what fits the text to the caret.

use inkstone_text::last_line;

use crate::list::{ListCaret, list_at};

/// The longest run of marks before a heading of Markdown.
const HEADING_MARKS_MAX: usize = 6;

/// A place in a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Place {
    /// Running text.
    #[default]
    Prose,
    /// A heading or title: one line, no sentence.
    Heading,
    /// An item of a list: it ends with its line.
    ListItem,
    /// A table: a cell ends at the next bar.
    Table,
}

impl Place {
    /// The place as the caret's line tells it, read as Markdown: for clients that know nothing of
    /// markup.
    pub fn guess(prefix: &str) -> Self {
        let line = last_line(prefix);
        let content = line.trim_start();
        let marks = content.len() - content.trim_start_matches('#').len();
        if (1..=HEADING_MARKS_MAX).contains(&marks) && content[marks..].starts_with(' ') {
            return Self::Heading;
        }
        if content.starts_with('|') {
            return Self::Table;
        }
        match list_at(prefix) {
            ListCaret::Elsewhere => Self::Prose,
            ListCaret::InItem { .. } | ListCaret::BelowItem { .. } => Self::ListItem,
        }
    }

    /// Where in a list the caret at the end of `prefix` is. Headings and tables have lines of their
    /// own.
    pub(crate) fn list_at(self, prefix: &str) -> ListCaret {
        match self {
            Self::Heading | Self::Table => ListCaret::Elsewhere,
            Self::Prose | Self::ListItem => list_at(prefix),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_carets_line_tells_its_place() {
        let check = |prefix, place| assert_eq!(Place::guess(prefix), place, "{prefix:?}");
        check("Text\n\n## ", Place::Heading);
        check("# 砚", Place::Heading);
        check("#hashtag", Place::Prose);
        check("####### seven", Place::Prose);
        check("| a | b |\n|---|---|\n| ", Place::Table);
        check("- a\n- ", Place::ListItem);
        check("一、砚\n", Place::ListItem);
        check("今天早上\r\n", Place::Prose);
        check("", Place::Prose);
    }
}
