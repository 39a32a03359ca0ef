//! Secrets in any text: findings lie in order on characters, and redacting twice is redacting once.

use inkstone_privacy::{find, redact};

/// The bytes as a text, with what is no UTF-8 replaced.
///
/// # Panics
/// When a promise is broken.
pub fn run(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut end = 0;
    for finding in find(&text) {
        assert!(finding.range.start >= end && finding.range.start < finding.range.end);
        assert!(text.get(finding.range.clone()).is_some());
        end = finding.range.end;
    }
    let once = redact(&text);
    let twice = redact(&once.text);
    assert!(twice.counts.is_empty(), "{:?} is found in what was redacted", twice.counts);
    assert_eq!(twice.text, once.text);
}
