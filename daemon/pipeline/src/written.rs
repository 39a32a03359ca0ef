//! What a model wrote, and how it came to its end.
//!
//! Made by the stopper; judged by `verdict.rs`.

/// A generated text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written<'a> {
    /// The text.
    pub text: &'a str,
    /// How it ended.
    pub ending: Ending,
}

/// How a text came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ending {
    /// Somewhere: more was to come.
    Cut,
    /// With a sentence; another one followed.
    Sentence,
    /// With its item, cell or paragraph: nothing more was to come.
    Whole,
}

/// Whether a text has a letter or digit in it.
pub(crate) fn has_word(text: &str) -> bool {
    text.contains(char::is_alphanumeric)
}

/// Whether a text ends as a sentence does.
pub(crate) fn ends_sentence(text: &str) -> bool {
    let last = text.trim_end().chars().next_back();
    last.is_some_and(|c| matches!(c, '.' | '!' | '?' | '…' | '。' | '！' | '？'))
}

impl<'a> From<&'a str> for Written<'a> {
    fn from(text: &'a str) -> Self {
        Self {
            text,
            ending: Ending::Cut,
        }
    }
}
