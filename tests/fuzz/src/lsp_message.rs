//! What an editor may send: every request is answered, nothing panics.

/// The bytes as messages of a fresh session; its own promises are asserted inside.
///
/// # Panics
/// When a promise is broken.
pub fn run(bytes: &[u8]) {
    inkstone_lsp::replay::run(bytes);
}
