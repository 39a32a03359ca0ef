//! A reader per format: from bytes to blocks.
//!
//! Every byte is hostile: a reader stops at its limits with a reason and never panics. Broken
//! markup is normal input and is read as far as it makes sense. Called by the trainer with what it
//! read from a file; the readers of archives and of mail call those of Markdown and HTML.
//!
//! Adding a format: its reader in a file of its own here, an arm in [`read()`], a fuzz target.

mod archive;
mod asciidoc;
mod assembly;
mod commit_message;
mod docx;
mod edition_notes;
mod email;
mod emphasis;
mod epub;
pub(crate) mod html;
mod latex;
pub(crate) mod markdown;
mod notebook;
mod odt;
mod org;
mod page;
pub(crate) mod plain_text;
mod prose_shape;
mod restructured_text;
mod searches;
mod source;
mod style_name;
mod typst;
mod xml;

use crate::block::Reading;
use crate::encoding;
use crate::format::Format;

/// The blocks of a file of `format` with the content `bytes`.
///
/// The lines of blocks are those of the decoded text, which are Git's.
pub fn read(format: Format, bytes: &[u8], limits: &ReadLimits) -> Result<Reading, Unreadable> {
    if bytes.len() > limits.file_bytes_max {
        return Err(Unreadable::TooLarge {
            bytes: bytes.len() as u64,
            bytes_max: limits.file_bytes_max as u64,
        });
    }
    let of_text: fn(&str, &ReadLimits) -> Reading = match format {
        Format::Email => return email::read(bytes, limits),
        Format::Docx => return docx::read(bytes, limits),
        Format::Odt => return odt::read(bytes, limits),
        Format::Epub => return epub::read(bytes, limits),
        Format::Notebook => return notebook::read(bytes, limits),
        Format::Markdown => markdown::read,
        Format::PlainText => plain_text::read,
        Format::Html => html::read,
        Format::Latex => latex::read,
        Format::Typst => typst::read,
        Format::Asciidoc => asciidoc::read,
        Format::RestructuredText => restructured_text::read,
        Format::Org => org::read,
        Format::CommitMessage => commit_message::read,
    };
    let text = decoded_text(format, bytes, limits)?;
    Ok(of_text(&text, limits))
}

/// The text, when none of its lines is too long.
fn decoded_text(format: Format, bytes: &[u8], limits: &ReadLimits) -> Result<String, Unreadable> {
    // First in the bytes: a line of two hundred megabytes is refused before it is copied.
    check_lines(bytes, limits)?;
    let label = (format == Format::Html)
        .then(|| html::declared_encoding(bytes))
        .flatten();
    let decoded = encoding::decode_declared(bytes, label)?;
    // Again in the text, whose lines are longer where a byte in a UTF-16 unit looked like a line end.
    check_lines(decoded.text.as_bytes(), limits)?;
    Ok(decoded.text)
}

fn check_lines(bytes: &[u8], limits: &ReadLimits) -> Result<(), Unreadable> {
    let mut start = 0;
    let ends = memchr::memchr_iter(b'\n', bytes).chain(std::iter::once(bytes.len()));
    for (index, end) in ends.enumerate() {
        if end - start > limits.line_bytes_max {
            return Err(Unreadable::LineTooLong {
                line: index + 1,
                bytes_max: limits.line_bytes_max,
            });
        }
        start = end + 1;
    }
    Ok(())
}

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
