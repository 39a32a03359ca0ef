//! The text by which the daemon chooses the model to load when a document is opened.
//!
//! Not a prompt: only its language matters. The caret is not known yet; writers continue where
//! they stopped, which is mostly the end.

use inkstone_text::{Snapshot, TextRange, Utf8Offset};

/// Enough to tell a language, little enough to send at every opening.
const WARM_SAMPLE_BYTES: usize = 2 * 1024;

/// The document's end.
pub(crate) fn warm_sample(snapshot: &Snapshot) -> String {
    let end = snapshot.len();
    let start = Utf8Offset::new(end.get().saturating_sub(WARM_SAMPLE_BYTES));
    snapshot.slice(TextRange::new(start, end)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use inkstone_text::DocumentVersion;

    #[test]
    fn a_long_document_is_sampled_at_its_end_in_whole_characters() {
        let text = "砚".repeat(5_000);
        let sample = warm_sample(&Snapshot::of(&text, DocumentVersion::new(0)));
        assert!(sample.len() <= WARM_SAMPLE_BYTES + 4 && sample.len() > WARM_SAMPLE_BYTES - 4);
        assert!(sample.chars().all(|c| c == '砚'));
    }
}
