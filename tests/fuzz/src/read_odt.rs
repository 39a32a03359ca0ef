//! OpenDocument texts: as archives, and as the XML within, which a mutated archive seldom reaches.

use inkstone_corpus::format::Format;

use crate::container::packed;
use crate::readers::check;

/// The bytes as an archive, as its text and as its styles.
///
/// # Panics
/// When a promise is broken.
pub fn run(bytes: &[u8]) {
    check(Format::Odt, bytes);
    check(
        Format::Odt,
        &packed(&[("content.xml", bytes), ("styles.xml", bytes)]),
    );
}
