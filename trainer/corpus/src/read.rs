//! A reader per format: from bytes to blocks.
//!
//! Every byte is hostile: a reader stops at its limits with a reason and never panics. Broken
//! markup is normal input and is read as far as it makes sense.

/// How much a reader may take in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadLimits {
    /// Bytes of the file.
    pub file_bytes_max: usize,
    /// Bytes of what is unpacked from an archive, all members together.
    pub unpacked_bytes_max: usize,
    /// Unpacked bytes for each packed one: above it, an archive is a bomb.
    pub unpack_ratio_max: usize,
    /// Members of an archive.
    pub members_max: usize,
    /// Bytes of one line: a longer one was not written by a person.
    pub line_bytes_max: usize,
    /// Elements within elements.
    pub depth_max: usize,
    /// Blocks of one document.
    pub blocks_max: usize,
}

impl Default for ReadLimits {
    fn default() -> Self {
        Self {
            file_bytes_max: 16 << 20,
            unpacked_bytes_max: 64 << 20,
            unpack_ratio_max: 200,
            members_max: 4096,
            line_bytes_max: 1 << 20,
            depth_max: 256,
            blocks_max: 100_000,
        }
    }
}

/// Why a file is skipped as a whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Larger than its owner lets the trainer read.
    #[error("the file has {bytes} bytes, more than {bytes_max} (corpus.file_mb_max)")]
    TooLarge {
        /// Its size.
        bytes: u64,
        /// The limit.
        bytes_max: u64,
    },
    /// Not text in any encoding that is known.
    #[error("the bytes are not text: {0}")]
    NotText(String),
    /// One line is longer than any that a person writes.
    #[error("line {line} has more than {bytes_max} bytes")]
    LineTooLong {
        /// Counted from 1.
        line: usize,
        /// The limit.
        bytes_max: usize,
    },
    /// The archive or document is broken.
    #[error("the {format} file is broken: {what}")]
    Broken {
        /// Such as `EPUB`.
        format: &'static str,
        /// What is wrong.
        what: String,
    },
    /// The archive unpacks to more than any document.
    #[error("the {format} file unpacks to too much: {what}")]
    Bomb {
        /// Such as `EPUB`.
        format: &'static str,
        /// Which limit it passes.
        what: String,
    },
    /// Encrypted.
    #[error("the {0} file is protected by a password")]
    Encrypted(&'static str),
}
