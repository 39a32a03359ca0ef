//! E-mails: header, parts, encodings, quotes and signatures.

use inkstone_corpus::format::Format;

use crate::readers::check;

/// The bytes as a mail.
///
/// # Panics
/// When a promise is broken.
pub fn run(bytes: &[u8]) {
    check(Format::Email, bytes);
}
