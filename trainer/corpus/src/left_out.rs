//! Why a block is not in the dataset. One closed list, so that counts, the review and the tests
//! speak of the same reasons.

use serde::{Deserialize, Serialize};

use crate::block::LineRange;

/// A block that stays out, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Why.
    pub reason: Reason,
    /// The rule that refused it, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Its text with secrets and personal data replaced, cut at [`EXCERPT_BYTES_MAX`].
    pub excerpt: String,
    /// Where it stands.
    pub lines: Option<LineRange>,
}

/// Enough of a block to judge the reason by.
pub const EXCERPT_BYTES_MAX: usize = 400;

/// Why a block stays out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Program code, terminal output, preformatted text.
    Code,
    /// A table: numbers or words without sentences.
    Table,
    /// A formula.
    Math,
    /// Metadata before the text.
    FrontMatter,
    /// A list of links.
    LinkList,
    /// Menus, breadcrumbs, page headers and footers, tables of contents.
    Navigation,
    /// A licence, a copyright notice, a disclaimer.
    Licence,
    /// A bibliography.
    Bibliography,
    /// Markup without text.
    Markup,
    /// A block quotation: somebody else's words.
    Quotation,
    /// What an e-mail quotes.
    QuotedMail,
    /// A signature.
    Signature,
    /// A note that an edition's editors put under the text.
    EditorsNote,
    /// Too little text to learn from.
    TooShort,
    /// Not in a language that is trained.
    OtherLanguage,
    /// Another author's lines, by git.
    OtherAuthor,
    /// Known from another source.
    KnownSource,
    /// Inserted in one go, from elsewhere.
    Pasted,
    /// A suggestion that was taken as it was.
    Suggested,
    /// One side of a translation of another document.
    Translation,
    /// A template's text, the same in many documents.
    Template,
    /// The same paragraph stands in other files.
    Boilerplate,
    /// As good as the same text as a newer one.
    Duplicate,
    /// An older version of a whole document.
    OlderVersion,
    /// Text whose characters were destroyed.
    Mojibake,
    /// Little information: repetition, filler, word lists.
    LowInformation,
    /// A language model finds it far more surprising, or far more predictable, than the writer's other
    /// text.
    Perplexity,
    /// Unsolicited mail and the like.
    Spam,
    /// Advertising and text for search engines.
    Advertising,
    /// Garbage of another script inside the text.
    Garbage,
    /// A person reviewed it and dropped it, or one that looks like it.
    Reviewed,
    /// A person excluded its source.
    Excluded,
}

impl Reason {
    /// Every reason, in the order in which they are reported.
    pub const ALL: &[Self] = &[
        Self::Code,
        Self::Table,
        Self::Math,
        Self::FrontMatter,
        Self::LinkList,
        Self::Navigation,
        Self::Licence,
        Self::Bibliography,
        Self::Markup,
        Self::Quotation,
        Self::QuotedMail,
        Self::Signature,
        Self::EditorsNote,
        Self::TooShort,
        Self::OtherLanguage,
        Self::OtherAuthor,
        Self::KnownSource,
        Self::Pasted,
        Self::Suggested,
        Self::Translation,
        Self::Template,
        Self::Boilerplate,
        Self::Duplicate,
        Self::OlderVersion,
        Self::Mojibake,
        Self::LowInformation,
        Self::Perplexity,
        Self::Spam,
        Self::Advertising,
        Self::Garbage,
        Self::Reviewed,
        Self::Excluded,
    ];
}
