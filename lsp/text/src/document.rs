//! A document that its client edits: text, version, and the application of changes.
//!
//! Not the wire format of changes, and no history: the editor owns undo. The language server
//! holds one per open file and is the only one to change it.

use ropey::Rope;

use crate::error::TextError;
use crate::offset::Utf8Offset;
use crate::position::{Position, PositionEncoding};
use crate::snapshot::Snapshot;

/// The largest document served. A novel has 1 MiB; past this lies data, not prose. A larger
/// document is refused with [`TextError::TooLarge`].
pub const DOCUMENT_BYTES_MAX: usize = 16 * 1024 * 1024;

/// The version that a client gives to a document's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct DocumentVersion(i32);

impl DocumentVersion {
    /// The version that the client calls `number`.
    pub const fn new(number: i32) -> Self {
        Self(number)
    }

    /// The client's number.
    pub const fn get(self) -> i32 {
        self.0
    }
}

/// One edit of a notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// From where up to where text is replaced; `None` replaces the whole document.
    pub range: Option<(Position, Position)>,
    /// What replaces it.
    pub text: String,
}

/// A text that changes.
#[derive(Debug, Clone)]
pub struct Document {
    current: Snapshot,
}

impl Document {
    /// A document as its client opened it.
    pub fn new(text: &str, version: DocumentVersion) -> Result<Self, TextError> {
        check_size(text.len())?;
        let current = Snapshot::of(text, version);
        Ok(Self { current })
    }

    /// The text as it is now; stays as it is when the document changes. Cheap.
    pub fn snapshot(&self) -> Snapshot {
        self.current.clone()
    }

    /// The version of the text as it is now.
    pub fn version(&self) -> DocumentVersion {
        self.current.version()
    }

    /// Applies the changes of one notification, each to the text that the one before it left.
    ///
    /// All or nothing: after an error the document is as before, hence no longer what its client
    /// shows, and the caller must not use it until a whole-document change arrives.
    pub fn apply(
        &mut self,
        changes: &[Change],
        version: DocumentVersion,
        encoding: PositionEncoding,
    ) -> Result<(), TextError> {
        let mut text = self.current.clone();
        for (index, change) in changes.iter().enumerate() {
            text = apply_one(&text, index, change, encoding)?;
        }
        self.current = Snapshot::from_rope(text.rope().clone(), version);
        Ok(())
    }
}

fn apply_one(
    text: &Snapshot,
    index: usize,
    change: &Change,
    encoding: PositionEncoding,
) -> Result<Snapshot, TextError> {
    let version = text.version();
    let Some((start, end)) = change.range else {
        check_size(change.text.len())?;
        return Ok(Snapshot::of(&change.text, version));
    };
    if start > end {
        return Err(TextError::ReversedRange { index, start, end });
    }
    let start = text.offset_at(start, encoding);
    let end = text.offset_at(end, encoding);
    let kept = text.len().get() - (end.get() - start.get());
    check_size(kept.saturating_add(change.text.len()))?;
    let edited = replace(text.rope().clone(), start, end, &change.text);
    Ok(Snapshot::from_rope(edited, version))
}

fn replace(mut rope: Rope, start: Utf8Offset, end: Utf8Offset, text: &str) -> Rope {
    let start = rope.byte_to_char(start.get());
    let end = rope.byte_to_char(end.get());
    rope.remove(start..end);
    rope.insert(start, text);
    rope
}

fn check_size(bytes: usize) -> Result<(), TextError> {
    if bytes > DOCUMENT_BYTES_MAX {
        return Err(TextError::TooLarge {
            bytes,
            limit_bytes: DOCUMENT_BYTES_MAX,
        });
    }
    Ok(())
}
