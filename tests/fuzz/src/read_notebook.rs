//! Jupyter notebooks of any bytes, which are read or refused.

use inkstone_corpus::format::Format;

use crate::readers::check;

/// The bytes as a notebook.
///
/// # Panics
/// When a promise is broken.
pub fn run(bytes: &[u8]) {
    check(Format::Notebook, bytes);
}
