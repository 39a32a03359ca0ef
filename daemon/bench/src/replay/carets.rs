//! Where suggestions are asked for: in short passages, at the starts of words and inside of them.
//!
//! Passages, because a caret a few words after the last one costs the daemon a few tokens, and one
//! anywhere else its whole context. They are spread evenly over all documents, the same for every
//! model and setting. Not the asking (`points.rs`).

use std::ops::Range;

use inkstone_prose::markup_at;
use inkstone_text::Utf8Offset;
use inkstone_words::words;
use serde::Serialize;

use super::corpus::Document;
use super::spread::spread;
use crate::seeded::Seeded;

/// Words of a passage. Carets of one passage resemble each other, so that many short passages say
/// more than a few long ones; shorter ones would cost more than they say.
const PASSAGE_WORDS: usize = 20;

/// Where a caret stands in its word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Place {
    /// Before its first character.
    WordStart,
    /// Between its characters.
    InsideWord,
}

impl Place {
    pub(super) const ALL: [Self; 2] = [Self::WordStart, Self::InsideWord];
}

/// A caret in one of the documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Caret {
    /// Which document.
    pub(super) document: usize,
    /// Which passage of all that the documents have.
    pub(super) passage: usize,
    /// Byte of its text.
    pub(super) byte: usize,
    /// Where the word ends that starts there or goes on.
    pub(super) word_end: usize,
    pub(super) place: Place,
}

/// Neighbouring words of a document.
struct Passage {
    number: usize,
    document: usize,
    words: Vec<Range<usize>>,
}

/// At most `limit` carets of each place, in the order of the documents. Those of a smaller limit
/// are among those of a larger one.
pub(super) fn choose(documents: &[&Document], limit: usize, seed: u64) -> Vec<Caret> {
    let mut chosen: Vec<Caret> = Vec::new();
    let mut left = Place::ALL.map(|place| (place, limit));
    for passage in spread(passages(documents), seed) {
        if left.iter().all(|(_, left)| *left == 0) {
            break;
        }
        let document = documents[passage.document];
        for caret in passage.carets(document, seed) {
            let of_place = left.iter_mut().find(|(place, _)| *place == caret.place);
            // Whether a caret is in prose costs a look at its document, so the limit goes first.
            if let Some((_, left)) = of_place
                && *left > 0
                && is_in_prose(document, caret.byte)
            {
                *left -= 1;
                chosen.push(caret);
            }
        }
    }
    chosen.sort_by_key(|caret| (caret.document, caret.byte));
    chosen
}

fn passages(documents: &[&Document]) -> Vec<Passage> {
    let mut passages = Vec::new();
    for (document, text) in documents.iter().map(|each| &each.text).enumerate() {
        for words in words(text).chunks(PASSAGE_WORDS) {
            passages.push(Passage {
                number: passages.len(),
                document,
                words: words.to_vec(),
            });
        }
    }
    passages
}

impl Passage {
    /// The start of each word, and a place inside of each that has one.
    fn carets(&self, document: &Document, seed: u64) -> Vec<Caret> {
        // By the passage alone: what was chosen before it makes no difference.
        let mut random = Seeded::new(seed ^ self.number as u64);
        let mut carets = Vec::new();
        for word in &self.words {
            let mut add = |byte, place| {
                carets.push(Caret {
                    document: self.document,
                    passage: self.number,
                    byte,
                    word_end: word.end,
                    place,
                });
            };
            add(word.start, Place::WordStart);
            let text = &document.text[word.clone()];
            let inner: Vec<usize> = text.char_indices().skip(1).map(|(at, _)| at).collect();
            if let Some(at) = inner.get(random.below(inner.len())) {
                add(word.start + at, Place::InsideWord);
            }
        }
        carets
    }
}

/// Nothing is asked where Inkstone would stay silent anyway, nor at a document's very beginning.
fn is_in_prose(document: &Document, byte: usize) -> bool {
    let has_words = document.text[..byte].contains(char::is_alphanumeric);
    let markup = markup_at(&document.text, Utf8Offset::new(byte), document.kind);
    has_words && markup.zone.is_prose()
}

#[cfg(test)]
mod tests {
    use inkstone_prose::{DocumentKind, Language};

    use super::*;

    fn document(text: &str) -> Document {
        Document {
            name: "notes.md".to_owned(),
            language_id: "markdown",
            kind: DocumentKind::from_language_id("markdown"),
            language: Language::English,
            text: text.to_owned(),
        }
    }

    #[test]
    fn carets_stand_at_and_in_words_of_prose_only() {
        let text = "# Notes\n\nThe harbour 今天早上 was quiet.\n\n```sh\nls harbour\n```\n";
        let document = document(text);
        let carets = choose(&[&document], 100, 1);
        let code = text.find("```").unwrap();
        for caret in &carets {
            assert!(
                caret.byte < code && text.is_char_boundary(caret.byte),
                "{caret:?}"
            );
        }
        let at = |place| {
            let of_place = carets.iter().filter(move |caret| caret.place == place);
            of_place
                .map(|caret| &text[caret.byte..caret.word_end])
                .collect::<Vec<_>>()
        };
        let starts = at(Place::WordStart);
        for word in ["harbour", "今天", "早上", "quiet"] {
            assert!(starts.contains(&word), "{word} {starts:?}");
        }
        let inside = at(Place::InsideWord);
        assert!(
            inside.iter().any(|rest| "harbour".ends_with(rest)),
            "{inside:?}"
        );
        assert!(inside.contains(&"上"), "{inside:?}");
        assert!(carets.is_sorted_by_key(|caret| caret.byte));
    }

    #[test]
    fn carets_come_in_passages_of_neighbouring_words_spread_over_the_documents() {
        let documents: Vec<Document> = (0..5)
            .map(|each| {
                document(&format!(
                    "Title {each}\n\n{}",
                    "one two three. ".repeat(100)
                ))
            })
            .collect();
        let documents: Vec<&Document> = documents.iter().collect();
        let carets = choose(&documents, 200, 7);
        for of_passage in carets.chunk_by(|a, b| a.passage == b.passage) {
            let span = of_passage[of_passage.len() - 1].byte - of_passage[0].byte;
            assert!(span < 8 * PASSAGE_WORDS, "{of_passage:?}");
            assert!(of_passage.len() <= 2 * PASSAGE_WORDS, "{of_passage:?}");
        }
        let passages = carets.chunk_by(|a, b| a.passage == b.passage).count();
        assert!((10..=13).contains(&passages), "{passages}");
        for document in 0..5 {
            let of_document = carets.iter().filter(|caret| caret.document == document);
            let count = of_document.count();
            assert!((40..=120).contains(&count), "{count} in {document}");
        }
    }

    #[test]
    fn a_seed_repeats_itself_and_a_smaller_sample_is_part_of_a_larger() {
        let documents: Vec<Document> = (0..3)
            .map(|each| document(&format!("Title {each}\n\n{}", "one two three. ".repeat(40))))
            .collect();
        let documents: Vec<&Document> = documents.iter().collect();
        let (few, many) = (choose(&documents, 10, 7), choose(&documents, 30, 7));
        assert_eq!(few, choose(&documents, 10, 7));
        assert_ne!(few, choose(&documents, 10, u64::MAX / 3));
        assert_eq!((few.len(), many.len()), (20, 60));
        assert!(few.iter().all(|caret| many.contains(caret)));
    }
}
