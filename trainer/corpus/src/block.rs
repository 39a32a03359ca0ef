//! What a reader finds in a document: blocks in document order, each with its kind and lines.
//!
//! Decides nothing: which blocks are prose is the filter's, whose they are is authorship's.

use serde::{Deserialize, Serialize};

/// What a reader made of one document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// The document's title, where its markup or metadata has one.
    pub title: Option<String>,
    /// In document order.
    pub blocks: Vec<Block>,
    /// What was odd, for the person who asks why text is missing; reading went on.
    pub problems: Vec<String>,
}

/// A run of text that belongs together: a paragraph, a heading, an item, a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// What it is in the document.
    pub kind: BlockKind,
    /// As a reader of the page sees it: without markup, entities resolved, lines of one paragraph
    /// joined by one line feed where the source breaks them. Of code and tables, the source.
    pub text: String,
    /// Where it stands, for blame; none in formats whose text has no lines in git (archives).
    pub lines: Option<LineRange>,
}

/// Lines of the decoded source, counted from 0, `end` excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LineRange {
    /// The first line.
    pub start: u32,
    /// The line after the last.
    pub end: u32,
}

/// What a block is in its document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlockKind {
    /// Running text.
    Paragraph,
    /// A heading, 1 to 6.
    Heading(u8),
    /// One item of a list, without its nested items.
    ListItem,
    /// Text quoted as a block: somebody else's words, as a rule.
    Quote,
    /// A footnote's or an endnote's text.
    Footnote,
    /// A note of an edition's editors under somebody's text.
    EditorsNote,
    /// The caption of a picture or a table, alternative text included.
    Caption,
    /// A table, whole.
    Table,
    /// Program code, terminal output, preformatted text.
    Code,
    /// A displayed formula.
    Math,
    /// Metadata before the text.
    FrontMatter,
    /// An item of a list whose items are links and nothing else.
    LinkList,
    /// Menus, breadcrumbs, headers and footers of a page.
    Navigation,
    /// What an e-mail quotes of the one it answers, its attribution line included.
    QuotedMail,
    /// The signature of an e-mail.
    Signature,
    /// A bibliography or list of references.
    Bibliography,
    /// Markup that holds no text of the document: comments, scripts, macros, raw blocks.
    Markup,
}
