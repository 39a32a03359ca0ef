//! Why bytes are no memory. A file is hostile until it is checked: anybody may have put it there.

/// What is wrong with a file, or with what is to become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MemoryError {
    /// It is something else.
    #[error("it is no memory of n-grams")]
    Magic,
    /// It was written by a later or an earlier build.
    #[error("its format is {found}, and this build reads {known}")]
    Version {
        /// In the file.
        found: u32,
        /// What this build reads.
        known: u32,
    },
    /// It is shorter or longer than its header says.
    #[error("it has {found} bytes where its header says {expected}")]
    Length {
        /// What its header says.
        expected: u64,
        /// How many there are.
        found: u64,
    },
    /// More than is ever built.
    #[error("its header says {tokens} tokens, and at most {tokens_max} are remembered")]
    TooLarge {
        /// In the header.
        tokens: u64,
        /// The limit.
        tokens_max: u64,
    },
    /// More than is ever built.
    #[error("its header says {documents} documents, and at most {documents_max} are remembered")]
    TooManyDocuments {
        /// In the header.
        documents: u32,
        /// The limit.
        documents_max: usize,
    },
    /// Its bytes are those that were written, and contradict each other.
    #[error("its {what} cannot be: another build wrote it, or no build")]
    Content {
        /// Which part.
        what: &'static str,
    },
    /// Its bytes are not those that were written.
    #[error("its bytes are not those that were written (the checksum differs)")]
    Checksum,
}
