//! What a caret is in.
//!
//! Not whether one may suggest there: `inkstone-policy` decides. Read out of a document by
//! `markup`.

/// The innermost thing that holds a caret and matters to a writing assistant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Zone {
    /// Running text.
    Prose,
    /// A heading, a title, a commit's subject.
    Heading,
    /// An item of a list.
    ListItem,
    /// A table.
    Table,
    /// Text of somebody else that is quoted by a program: the `>` lines of a mail. What an author
    /// quotes with block quotes is prose.
    Quote,
    /// A comment, which readers do not see. In code files: where prose may be.
    Comment,
    /// A block of code or other literal text, whether fenced, indented or an environment.
    CodeFence,
    /// Code within a line.
    InlineCode,
    /// Source code of a code file, outside of comments.
    Code,
    /// A bare or bracketed address.
    Url,
    /// Where a link leads to, but not its text.
    LinkDestination,
    /// Metadata above the text: YAML or TOML front matter, a LaTeX preamble, a mail's headers.
    FrontMatter,
    /// The inside of an HTML tag, and scripts and styles.
    HtmlTag,
    /// A formula.
    Math,
    /// A command of the markup and its arguments: `\ref{…}`, `#set …`, `.. image::`.
    Command,
}

impl Zone {
    /// Whether its text is written to be read, so that prose may continue it.
    pub const fn is_prose(self) -> bool {
        matches!(
            self,
            Self::Prose | Self::Heading | Self::ListItem | Self::Table
        )
    }

    /// Every zone.
    pub const ALL: [Self; 15] = [
        Self::Prose,
        Self::Heading,
        Self::ListItem,
        Self::Table,
        Self::Quote,
        Self::Comment,
        Self::CodeFence,
        Self::InlineCode,
        Self::Code,
        Self::Url,
        Self::LinkDestination,
        Self::FrontMatter,
        Self::HtmlTag,
        Self::Math,
        Self::Command,
    ];
}
