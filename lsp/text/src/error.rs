//! Why a document cannot be opened or changed.
//!
//! Not for broken prose, which is normal input. The language server logs these and drops the
//! document until its client sends the whole text again.

use crate::position::Position;

/// A change or a text that no document accepts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// The range of a change ends before it starts: client and server disagree about the text.
    #[error(
        "change {index} has a reversed range: it starts at {start} and ends at {end}; \
         close and reopen the document to send its text again"
    )]
    ReversedRange {
        /// Which change of the notification, zero-based.
        index: usize,
        /// Where the client says that the range starts.
        start: Position,
        /// Where the client says that it ends.
        end: Position,
    },
    /// The document would outgrow [`crate::DOCUMENT_BYTES_MAX`].
    #[error(
        "document is too large: {bytes} bytes, at most {limit_bytes} are served; \
         split the document to get suggestions in it"
    )]
    TooLarge {
        /// How large the document would be.
        bytes: usize,
        /// The limit.
        limit_bytes: usize,
    },
}
