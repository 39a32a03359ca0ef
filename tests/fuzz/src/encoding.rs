//! Bytes in any encoding to text.

use inkstone_corpus::encoding::{decode, decode_declared};

/// Labels that pages and mails declare.
const LABELS: [&str; 6] = ["gbk", "big5", "iso-8859-1", "utf-16", "iso-2022-jp", "none"];

/// The first byte chooses what is declared, the rest is the file.
///
/// # Panics
/// When a promise is broken.
pub fn run(bytes: &[u8]) {
    let [label, payload @ ..] = bytes else { return };
    if let Ok(decoded) = decode(payload) {
        assert!(!decoded.text.contains('\r'));
        assert!(!decoded.encoding.name().is_empty());
        if let Ok(text) = std::str::from_utf8(payload)
            && !text.contains(['\r', '\0', '\u{FEFF}'])
        {
            assert_eq!(decoded.text, text, "valid UTF-8 is taken as it is");
        }
    }
    let label = LABELS[usize::from(*label) % LABELS.len()];
    let _ = decode_declared(payload, Some(label));
}
