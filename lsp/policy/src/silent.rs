//! Why nothing is suggested.
//!
//! Not the rules that lead there (`decide.rs`). Codes go to logs and tests, sentences to the
//! writer who asks why.

/// A reason to stay silent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SilentReason {
    /// The user switched suggestions off.
    Disabled,
    /// The document cannot be changed.
    ReadOnly,
    /// Text is selected.
    SelectionActive,
    /// An input method is composing at the caret.
    Composing,
    /// The document is not prose.
    UnsupportedKind,
    /// The caret is in a block of code.
    InCodeFence,
    /// The caret is in code within a line.
    InInlineCode,
    /// The caret is in an address.
    InUrl,
    /// The caret is in a key, a hash, a password.
    InSecret,
    /// The caret is in metadata.
    InFrontMatter,
    /// The caret is in a formula.
    InMath,
    /// The caret is in a tag.
    InHtmlTag,
    /// The caret is in a command of the markup.
    InCommand,
    /// The caret is in what somebody else wrote.
    InQuote,
    /// The caret is in a comment.
    InComment,
    /// There is no text to continue.
    EmptyDocument,
    /// The caret is inside a word.
    MidWordInFollowing,
    /// Text follows on the caret's line.
    FollowingTextOnLine,
    /// The word before the caret is misspelt.
    AfterMisspelling,
    /// The table's row has a cell in every column.
    RowComplete,
}

impl SilentReason {
    /// Every reason.
    pub const ALL: [Self; 20] = [
        Self::Disabled,
        Self::ReadOnly,
        Self::SelectionActive,
        Self::Composing,
        Self::UnsupportedKind,
        Self::InCodeFence,
        Self::InInlineCode,
        Self::InUrl,
        Self::InSecret,
        Self::InFrontMatter,
        Self::InMath,
        Self::InHtmlTag,
        Self::InCommand,
        Self::InQuote,
        Self::InComment,
        Self::EmptyDocument,
        Self::MidWordInFollowing,
        Self::FollowingTextOnLine,
        Self::AfterMisspelling,
        Self::RowComplete,
    ];

    /// A short stable name for logs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Disabled => "disabled",
            Self::ReadOnly => "read_only",
            Self::SelectionActive => "selection_active",
            Self::Composing => "composing",
            Self::UnsupportedKind => "unsupported_kind",
            Self::InCodeFence => "in_code_fence",
            Self::InInlineCode => "in_inline_code",
            Self::InUrl => "in_url",
            Self::InSecret => "in_secret",
            Self::InFrontMatter => "in_front_matter",
            Self::InMath => "in_math",
            Self::InHtmlTag => "in_html_tag",
            Self::InCommand => "in_command",
            Self::InQuote => "in_quote",
            Self::InComment => "in_comment",
            Self::EmptyDocument => "empty_document",
            Self::MidWordInFollowing => "mid_word_in_following",
            Self::FollowingTextOnLine => "following_text_on_line",
            Self::AfterMisspelling => "after_misspelling",
            Self::RowComplete => "row_complete",
        }
    }

    /// One sentence for the writer.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Disabled => "Suggestions are switched off; inkstone.toggle switches them on.",
            Self::ReadOnly => "This document cannot be changed.",
            Self::SelectionActive => "Text is selected; suggestions come when nothing is.",
            Self::Composing => "An input method is composing; suggestions come when it is done.",
            Self::UnsupportedKind => "Inkstone helps with prose, and this is not prose.",
            Self::InCodeFence => "The caret is in a block of code.",
            Self::InInlineCode => "The caret is in a piece of code.",
            Self::InUrl => "The caret is in an address or a link's destination.",
            Self::InSecret => "The caret is in a key, a hash or a password.",
            Self::InFrontMatter => "The caret is in the document's metadata.",
            Self::InMath => "The caret is in a formula.",
            Self::InHtmlTag => "The caret is in an HTML tag.",
            Self::InCommand => "The caret is in a command of the document's markup.",
            Self::InQuote => "The caret is in quoted text that somebody else wrote.",
            Self::InComment => "The caret is in a comment that readers do not see.",
            Self::EmptyDocument => "There is no text before the caret to continue.",
            Self::MidWordInFollowing => {
                "The caret is inside a word; ask by key to get a suggestion here."
            }
            Self::FollowingTextOnLine => {
                "Text follows on this line; ask by key to get a suggestion here."
            }
            Self::AfterMisspelling => {
                "The word before the caret seems misspelt; ask by key to go on all the same."
            }
            Self::RowComplete => "The table's row has a cell in every column.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_its_own_code_and_one_sentence() {
        let mut codes: Vec<&str> = SilentReason::ALL
            .iter()
            .map(|reason| reason.code())
            .collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), SilentReason::ALL.len());
        for reason in SilentReason::ALL {
            let sentence = reason.sentence();
            assert!(sentence.ends_with('.') && sentence.starts_with(char::is_uppercase));
        }
    }
}
