//! What a file is, by its name and its first bytes.
//!
//! Not how it is read: that is [`crate::read`], one file per format. Called by the trainer's walk,
//! which opens no file that has no format, and by the readers of archives for what lies in them.

use serde::{Deserialize, Serialize};

/// A format that has a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// CommonMark with GitHub's extensions, front matter and footnotes; MDX as far as it is Markdown.
    Markdown,
    /// Text without markup.
    PlainText,
    /// HTML and XHTML.
    Html,
    /// LaTeX.
    Latex,
    /// Typst.
    Typst,
    /// AsciiDoc.
    Asciidoc,
    /// reStructuredText.
    RestructuredText,
    /// Org mode.
    Org,
    /// One e-mail with its headers (RFC 5322).
    Email,
    /// Word (ECMA-376, Office Open XML).
    Docx,
    /// OpenDocument text (ISO 26300).
    Odt,
    /// EPUB 2 and 3.
    Epub,
    /// A Jupyter notebook: its Markdown cells.
    Notebook,
    /// The message of a commit.
    CommitMessage,
}
