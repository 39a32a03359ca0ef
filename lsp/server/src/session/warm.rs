//! A document is opened or looked at again: its model is loaded before it is needed.
//!
//! The daemon chooses the model by a sample, which is no prompt: only its language matters. The caret
//! is not known; writers continue where they stopped, which is mostly the end.

use inkstone_text::{Snapshot, TextRange, Utf8Offset};

use super::Session;
use super::documents::DocumentKey;
use super::effect::Effect;

/// Enough to tell a language, little enough to send at every opening.
const WARM_SAMPLE_BYTES: usize = 2 * 1024;

/// Tells the daemon that the writer will want suggestions here, if they are served any.
pub(crate) fn warm(session: &mut Session, key: &DocumentKey) {
    let Some(document) = session.documents.get(key) else {
        return;
    };
    let is_served =
        session.configuration.is_on() && session.serves(&document.language_id, document.kind);
    let Ok(snapshot) = document.snapshot() else {
        return;
    };
    if is_served && !snapshot.is_empty() {
        let sample = warm_sample(&snapshot);
        session.effect(Effect::Warm { sample });
    }
}

/// The document's end.
fn warm_sample(snapshot: &Snapshot) -> String {
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
