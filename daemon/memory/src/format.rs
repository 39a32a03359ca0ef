//! How a file lies: a header, the tokens of all documents, their places in the order of what follows,
//! sums of weights in that order, and which documents these are. Numbers are little-endian.
//!
//! ```text
//!   0  magic                  8 bytes
//!   8  version                u32
//!  12  documents              u32   of which there is something in the stream
//!  16  hash of the model     32 bytes
//!  48  name of the dataset   32 bytes
//!  80  built at              i64, milliseconds since 1970
//!  88  entries of the stream u32   tokens, and a separator after each document
//!  92  places                u32   tokens
//!  96  checksum              32 bytes, SHA-256 of all other bytes
//! 128  rows of the table     u32   documents that were read
//! 132  left out              u32   documents that found no room
//! 136  stream                u32 each
//!      places                u32 each, sorted by the tokens from there on
//!      weights               u32 each, one more than places: sums up to each place
//!      table                 52 bytes each, in the order of the stream and of the keys:
//!                            key 16 bytes, name of the content 32 bytes, first entry u32
//! ```
//!
//! A suffix array (Manber and Myers, 1993) instead of tables of n-grams, as in infini-gram (Liu et
//! al., 2024): every length of context in 12 bytes a token, and nothing to parse. The table is for
//! whoever makes the next file of this one (`former`); a look-up never reads it.

use std::fmt::Write as _;

use crate::build::{DOCUMENTS_MAX, TOKENS_MAX};
use crate::error::MemoryError;

/// Tokens of context that are looked up at most: longer ones repeat within one writer's prose only
/// where a text is copied.
pub const CONTEXT_TOKENS_MAX: usize = 5;
/// Bytes of the hash of a model and of a dataset's name.
pub const HASH_BYTES: usize = 32;

/// Bytes of a document's key.
pub const KEY_BYTES: usize = 16;

/// How a file begins.
pub(crate) const MAGIC: [u8; 8] = *b"INKNGRAM";
/// The format that is written and read here.
pub(crate) const VERSION: u32 = 2;
/// Where the checksum lies, which covers what is before and after it.
pub(crate) const CHECKSUM_AT: usize = 96;
/// Where it ends.
pub(crate) const CHECKSUM_END: usize = CHECKSUM_AT + HASH_BYTES;
/// Bytes of the header, its checksum included.
pub(crate) const HEADER_BYTES: usize = 136;
/// Ends a document in the stream; no token has this number. It sorts after all tokens.
pub(crate) const SEPARATOR: u32 = u32::MAX;
/// Bytes of each number after the header.
pub(crate) const NUMBER_BYTES: usize = 4;
/// Bytes of each row of the table.
pub(crate) const ROW_BYTES: usize = KEY_BYTES + HASH_BYTES + NUMBER_BYTES;

/// By what a document is found again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DocumentName {
    /// Which document.
    pub key: [u8; KEY_BYTES],
    /// A hash of all that its tokens and weights come from.
    pub content: [u8; HASH_BYTES],
}

/// What a file says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Hash of the model whose tokens these are.
    pub model: [u8; HASH_BYTES],
    /// Name of the version of the dataset.
    pub dataset: [u8; HASH_BYTES],
    /// When it was built, in milliseconds since 1970.
    pub built_ms: i64,
    /// Documents that it remembers something of.
    pub documents: u32,
    /// Tokens of them.
    pub tokens: u32,
    /// Documents that found no room.
    pub left_out: u32,
    /// Rows of the table.
    pub(crate) rows: u32,
    /// Tokens and separators.
    pub(crate) entries: u32,
}

/// How the name of a memory's file ends.
pub const FILE_ENDING: &str = ".ngrams";
/// Bytes of a model's hash in the name of its files: enough to tell models apart.
const NAMED_BYTES: usize = 8;

/// How the names of the files of a model begin.
pub fn file_prefix(model: &[u8; HASH_BYTES]) -> String {
    format!("{}-", hex(&model[..NAMED_BYTES]))
}

/// The name of a model's file of one version of the dataset.
pub fn file_name(model: &[u8; HASH_BYTES], dataset: &[u8; HASH_BYTES]) -> String {
    format!("{}{}{FILE_ENDING}", file_prefix(model), hex(dataset))
}

/// The longest file that is ever built.
pub const FILE_BYTES_MAX: u64 =
    (HEADER_BYTES + (4 * TOKENS_MAX + 1) * NUMBER_BYTES + DOCUMENTS_MAX * ROW_BYTES) as u64;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // proof: writing into a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl Header {
    /// The header's bytes, with room for the checksum.
    pub(crate) fn to_bytes(self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        bytes[..8].copy_from_slice(&MAGIC);
        bytes[8..12].copy_from_slice(&VERSION.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.documents.to_le_bytes());
        bytes[16..48].copy_from_slice(&self.model);
        bytes[48..80].copy_from_slice(&self.dataset);
        bytes[80..88].copy_from_slice(&self.built_ms.to_le_bytes());
        bytes[88..92].copy_from_slice(&self.entries.to_le_bytes());
        bytes[92..96].copy_from_slice(&self.tokens.to_le_bytes());
        bytes[128..132].copy_from_slice(&self.rows.to_le_bytes());
        bytes[132..136].copy_from_slice(&self.left_out.to_le_bytes());
        bytes
    }

    /// The header of a whole file, when the file is as long as it says.
    pub(crate) fn of(file: &[u8]) -> Result<Self, MemoryError> {
        if !file.starts_with(&MAGIC) {
            return Err(MemoryError::Magic);
        }
        let length = |expected| MemoryError::Length {
            expected,
            found: file.len() as u64,
        };
        // Before its length, which another version has another of.
        let found = number(file, 8);
        if found != VERSION {
            return Err(MemoryError::Version {
                found,
                known: VERSION,
            });
        }
        let header = file.get(..HEADER_BYTES);
        let header = header.ok_or_else(|| length(HEADER_BYTES as u64))?;
        let this = Self {
            documents: number(header, 12),
            model: array(header, 16),
            dataset: array(header, 48),
            built_ms: i64::from_le_bytes(array(header, 80)),
            entries: number(header, 88),
            tokens: number(header, 92),
            rows: number(header, 128),
            left_out: number(header, 132),
        };
        let (entries, tokens_max) = (u64::from(this.entries), TOKENS_MAX as u64);
        if entries > 2 * tokens_max || this.tokens > this.entries {
            return Err(MemoryError::TooLarge {
                tokens: u64::from(this.tokens.max(this.entries)),
                tokens_max,
            });
        }
        if this.rows as usize > DOCUMENTS_MAX || this.documents > this.rows {
            return Err(MemoryError::TooManyDocuments {
                documents: this.rows.max(this.documents),
                documents_max: DOCUMENTS_MAX,
            });
        }
        let expected = this.file_bytes();
        if expected == file.len() as u64 {
            Ok(this)
        } else {
            Err(length(expected))
        }
    }

    /// How long the whole file is.
    pub(crate) fn file_bytes(&self) -> u64 {
        self.table_at() + u64::from(self.rows) * ROW_BYTES as u64
    }

    /// Where the table begins.
    pub(crate) fn table_at(&self) -> u64 {
        let numbers = u64::from(self.entries) + 2 * u64::from(self.tokens) + 1;
        HEADER_BYTES as u64 + numbers * NUMBER_BYTES as u64
    }
}

/// The number at a place of the header.
fn number(header: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(array(header, at))
}

/// Bytes at a place of the header or of a row; zeros beyond it.
pub(crate) fn array<const N: usize>(header: &[u8], at: usize) -> [u8; N] {
    let bytes = header
        .get(at..at + N)
        .and_then(|bytes| bytes.try_into().ok());
    bytes.unwrap_or([0; N])
}
