//! Plain text to blocks: the input is a file, the promises are those of `readers`.

use inkstone_corpus::format::Format;

use crate::readers::check;

/// The bytes are a file.
///
/// # Panics
/// When a promise is broken.
pub fn run(bytes: &[u8]) {
    check(Format::PlainText, bytes);
}
