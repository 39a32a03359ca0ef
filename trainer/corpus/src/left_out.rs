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

/// Enough of a block to judge it by, which is a paragraph in English and in Chinese: a person who wants
/// it back decides by this.
pub const EXCERPT_BYTES_MAX: usize = 1_200;

/// What it takes to bring a text back that is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WayBack {
    /// A person wants it.
    Open,
    /// Its words were taken for another's: a person wants it and says that they are theirs.
    IfTheirs,
    /// It stays out whatever a person wants; why, and what else they can do.
    Closed(&'static str),
}

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
    /// What it takes to bring a text back that was left out for this.
    pub const fn way_back(self) -> WayBack {
        match self {
            Self::Code
            | Self::Table
            | Self::Math
            | Self::FrontMatter
            | Self::LinkList
            | Self::Navigation
            | Self::Bibliography
            | Self::Markup
            | Self::Signature
            | Self::TooShort
            | Self::OtherLanguage
            | Self::Boilerplate
            | Self::OlderVersion
            | Self::Mojibake
            | Self::LowInformation
            | Self::Perplexity
            | Self::Spam
            | Self::Advertising
            | Self::Garbage
            | Self::Reviewed => WayBack::Open,
            Self::Licence
            | Self::Quotation
            | Self::QuotedMail
            | Self::EditorsNote
            | Self::OtherAuthor
            | Self::KnownSource
            | Self::Pasted
            | Self::Suggested
            | Self::Translation
            | Self::Template => WayBack::IfTheirs,
            Self::Duplicate => WayBack::Closed(
                "the same text is in already, and must not stand on both sides of what is held out",
            ),
            Self::Excluded => WayBack::Closed(
                "its file or folder was excluded in a review or is marked as not yours; take the first back by keeping a text of the file in: inkstone dataset review, the second with: inkstone workspace mark PATH mine",
            ),
        }
    }

    /// Its word, as exports, statistics and decisions spell it.
    pub fn word(self) -> String {
        let word = serde_json::to_value(self).ok();
        let word = word.as_ref().and_then(serde_json::Value::as_str);
        word.unwrap_or_default().to_owned()
    }

    /// The reason of a word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|reason| reason.word() == word)
    }

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
