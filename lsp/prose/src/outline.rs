//! Title and headings above a caret: what a reader at this place knows the text is about.
//!
//! Not a table of contents: headings that do not enclose the caret are left out. Sent by the
//! language server with each request; used by the daemon where the headings lie outside of what
//! its model sees.

/// The longest title or heading kept. Longer ones are sentences, not headings, and are cut.
pub const HEADING_CHARS_MAX: usize = 160;

/// The most headings in a path: no format has more levels that mean something.
const HEADING_PATH_MAX: usize = 8;

/// What a document is called, and the headings that enclose a caret.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outline {
    /// The title in the metadata, else the first heading of the first level.
    pub title: Option<String>,
    /// The headings that enclose the caret, outermost first. A heading does not enclose itself.
    pub heading_path: Vec<String>,
}

/// Collects an outline while a document is read from its start to the caret.
#[derive(Debug, Default)]
pub(crate) struct OutlineBuilder {
    metadata_title: Option<String>,
    first_top_heading: Option<String>,
    path: Vec<(u8, String)>,
}

impl OutlineBuilder {
    /// The metadata name a title. The first one counts.
    pub(crate) fn title(&mut self, text: &str) {
        if self.metadata_title.is_none() {
            self.metadata_title = tidy(text);
        }
    }

    /// A heading, `level` 1 being the outermost.
    pub(crate) fn heading(&mut self, level: u8, text: &str) {
        let Some(text) = tidy(text) else { return };
        if level <= 1 && self.first_top_heading.is_none() {
            self.first_top_heading = Some(text.clone());
        }
        self.path.retain(|(above, _)| *above < level);
        if self.path.len() < HEADING_PATH_MAX {
            self.path.push((level, text));
        }
    }

    /// What was collected.
    pub(crate) fn build(self) -> Outline {
        Outline {
            title: self.metadata_title.or(self.first_top_heading),
            heading_path: self.path.into_iter().map(|(_, text)| text).collect(),
        }
    }
}

/// One line without outer spaces and quotes, of bounded length; `None` if nothing is left.
fn tidy(text: &str) -> Option<String> {
    let text = text.trim();
    let quoted = ['"', '\'']
        .into_iter()
        .find_map(|quote| text.strip_prefix(quote)?.strip_suffix(quote));
    let words: Vec<&str> = quoted.unwrap_or(text).split_whitespace().collect();
    let tidy: String = words.join(" ").chars().take(HEADING_CHARS_MAX).collect();
    (!tidy.is_empty()).then_some(tidy)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outline(headings: &[(u8, &str)]) -> Outline {
        let mut builder = OutlineBuilder::default();
        for (level, text) in headings {
            builder.heading(*level, text);
        }
        builder.build()
    }

    #[test]
    fn a_heading_ends_its_siblings_and_their_children() {
        let outline = outline(&[(1, "山"), (2, "One"), (3, "Deep"), (2, "Two")]);
        assert_eq!(outline.heading_path, ["山", "Two"]);
        assert_eq!(outline.title.as_deref(), Some("山"));
    }

    #[test]
    fn a_title_in_the_metadata_goes_before_the_first_heading() {
        let mut builder = OutlineBuilder::default();
        builder.title(" \"Ink  stone\" ");
        builder.heading(1, "Other");
        assert_eq!(builder.build().title.as_deref(), Some("Ink stone"));
    }

    #[test]
    fn a_heading_without_text_is_none() {
        assert_eq!(outline(&[(1, "  ")]), Outline::default());
    }

    #[test]
    fn a_long_heading_is_cut_between_characters() {
        let outline = outline(&[(1, &"长".repeat(500))]);
        let title = outline.title.expect("has one");
        assert_eq!(title.chars().count(), HEADING_CHARS_MAX);
    }
}
