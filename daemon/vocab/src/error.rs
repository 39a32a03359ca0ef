//! Why no tokenizer can be made from a file, by remedy. The caller adds the path.

/// An error of [`crate::Vocab::from_gguf`].
#[derive(Debug, thiserror::Error)]
pub enum VocabError {
    /// The metadata has no vocabulary.
    #[error(
        "metadata key `{key}` is missing or has another type; the file has no vocabulary: pick another file"
    )]
    MissingKey {
        /// The key.
        key: &'static str,
    },
    /// A vocabulary that this crate cannot reproduce exactly; llama.cpp may still serve the model.
    #[error(
        "{what} `{name}` is not supported here; pick a model with a `gpt2` or `llama` tokenizer"
    )]
    Unsupported {
        /// Which part.
        what: &'static str,
        /// What the file asks for.
        name: String,
    },
    /// The vocabulary contradicts itself.
    #[error("{what} is invalid: {found}; the file is damaged: fetch it again")]
    Invalid {
        /// Which part.
        what: &'static str,
        /// What was found there.
        found: String,
    },
}

impl VocabError {
    pub(crate) fn invalid(what: &'static str, found: impl Into<String>) -> Self {
        Self::Invalid {
            what,
            found: found.into(),
        }
    }
}
