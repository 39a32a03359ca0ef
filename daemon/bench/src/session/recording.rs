//! The keys of a session and the document they are typed into.
//!
//! A file of its own, so that a session is recorded once and played many times. It holds text of the
//! corpus, so it is not committed.

use std::fs;
use std::path::Path;

use inkstone_prose::characters::is_unspaced;
use serde::{Deserialize, Serialize};

use crate::error::BenchError;
use crate::typist::Stroke;

/// Tokens of the document before the first key; what the issue of this comparison asks for.
const DOCUMENT_TOKENS: f64 = 4_000.0;
/// Tokens in a byte of spaced text and in a character of text without spaces, roughly, for the
/// catalogue's models; the real count of what is read is reported.
const TOKENS_PER_BYTE: f64 = 1.0 / 4.6;
const TOKENS_PER_UNSPACED_CHAR: f64 = 0.7;
/// Seed of the writer's choices.
const SEED: u64 = 0x1245_7057_04e1;

/// A session to play.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recording {
    /// Of the writer's choices.
    pub seed: u64,
    /// The document before the first key.
    pub opening: String,
    /// What the writer wants to write, from the same document.
    pub continuation: String,
    /// What was pressed.
    pub keys: Vec<Key>,
}

/// One key of a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// The key.
    pub(crate) stroke: Stroke,
    /// Milliseconds for which the writer stops before it.
    pub(crate) pause_ms: u64,
}

impl Recording {
    /// A recording without keys: the document is the beginning of a file.
    pub(super) fn begin(file: &Path, keys: usize) -> Result<Self, BenchError> {
        let text = fs::read_to_string(file).map_err(|source| unreadable(file, source))?;
        let text = text.replace("\r\n", "\n");
        let cut = opening_bytes(&text);
        let (opening, rest) = text.split_at(cut);
        // No more than a character for each key: the writer also takes what is suggested.
        let continuation: String = rest.chars().take(keys).collect();
        if continuation.trim().is_empty() {
            let what = format!(
                "{} is shorter than a document of 4,000 tokens",
                file.display()
            );
            return Err(BenchError::TooFew { what });
        }
        Ok(Self {
            seed: SEED,
            opening: opening.to_owned(),
            continuation,
            keys: Vec::new(),
        })
    }

    /// Reads a recording.
    pub fn read(file: &Path) -> Result<Self, BenchError> {
        let bytes = fs::read(file).map_err(|source| unreadable(file, source))?;
        serde_json::from_slice(&bytes).map_err(|error| unreadable(file, error.into()))
    }

    /// Writes it.
    pub fn write(&self, file: &Path) -> Result<(), BenchError> {
        let written = serde_json::to_vec(self)
            .map_err(std::io::Error::from)
            .and_then(|json| fs::write(file, json));
        written.map_err(|source| unreadable(file, source))
    }
}

/// Where the document ends: after the first word end beyond its size.
fn opening_bytes(text: &str) -> usize {
    let mut tokens = 0.0;
    for (at, c) in text.char_indices() {
        tokens += if is_unspaced(c) {
            TOKENS_PER_UNSPACED_CHAR
        } else {
            TOKENS_PER_BYTE * c.len_utf8() as f64
        };
        if tokens >= DOCUMENT_TOKENS && (c == ' ' || is_unspaced(c)) {
            return at + c.len_utf8();
        }
    }
    text.len()
}

fn unreadable(path: &Path, source: std::io::Error) -> BenchError {
    BenchError::Recording {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recording_is_read_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let corpus = folder.path().join("text.md");
        fs::write(&corpus, "The ferry 渡船 crossed.\r\n".repeat(2_000)).unwrap();
        let mut recording = Recording::begin(&corpus, 50).unwrap();
        recording.keys = vec![
            Key {
                stroke: Stroke::Type('渡'),
                pause_ms: 0,
            },
            Key {
                stroke: Stroke::Delete,
                pause_ms: 300,
            },
        ];
        let file = folder.path().join("keys.json");
        recording.write(&file).unwrap();
        assert_eq!(Recording::read(&file).unwrap(), recording);
        assert!(recording.opening.ends_with(' ') && !recording.opening.contains('\r'));
        assert_eq!(recording.continuation.chars().count(), 50);
    }

    #[test]
    fn a_document_has_four_thousand_tokens_in_words_or_characters() {
        let english = opening_bytes(&"word and ".repeat(5_000));
        assert!((18_300..=18_500).contains(&english), "{english}");
        let chinese = opening_bytes(&"渡船过河".repeat(5_000));
        assert!((17_000..=17_300).contains(&chinese), "{chinese}");
    }

    #[test]
    fn a_file_without_enough_text_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let corpus = folder.path().join("short.md");
        fs::write(&corpus, "Too short.").unwrap();
        let problem = Recording::begin(&corpus, 50).unwrap_err().to_string();
        assert!(problem.contains("short.md"), "{problem}");
    }
}
