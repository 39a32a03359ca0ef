//! Where suggestions are asked for: at the starts of words and inside of them, in prose.
//!
//! Chosen by a seed, evenly over all documents, the same for every model and setting. Not the
//! asking (`points.rs`).

use std::ops::Range;

use inkstone_prose::markup_at;
use inkstone_text::Utf8Offset;
use serde::Serialize;

use super::corpus::Document;
use super::words::words;

/// Where a caret stands in its word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Place {
    /// Before its first character.
    WordStart,
    /// Between its characters.
    InsideWord,
}

/// A caret in one of the documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Caret {
    /// Which document.
    pub(super) document: usize,
    /// Byte of its text.
    pub(super) byte: usize,
    pub(super) place: Place,
}

/// At most `limit` carets of each place, in the order of the documents.
pub(super) fn choose(documents: &[&Document], limit: usize, seed: u64) -> Vec<Caret> {
    let mut random = SplitMix(seed);
    let mut chosen = Vec::new();
    // Cut once for both places: a dictionary is at work.
    let words: Vec<Vec<Range<usize>>> = documents
        .iter()
        .map(|document| words(&document.text))
        .collect();
    for place in [Place::WordStart, Place::InsideWord] {
        let mut candidates = candidates(documents, &words, place, &mut random);
        // A shuffled beginning is a fair sample of any size, and a smaller limit a part of a
        // larger one. Whether a caret is in prose costs a look at its document, so only as many
        // are looked at as are needed.
        shuffle(&mut candidates, &mut random);
        let in_prose = candidates
            .into_iter()
            .filter(|caret| is_in_prose(documents[caret.document], caret.byte));
        chosen.extend(in_prose.take(limit));
    }
    chosen.sort_by_key(|caret| (caret.document, caret.byte));
    chosen
}

fn candidates(
    documents: &[&Document],
    words: &[Vec<Range<usize>>],
    place: Place,
    random: &mut SplitMix,
) -> Vec<Caret> {
    let mut candidates = Vec::new();
    for (index, (document, words)) in documents.iter().zip(words).enumerate() {
        for word in words {
            let byte = match place {
                Place::WordStart => Some(word.start),
                Place::InsideWord => {
                    let text = &document.text[word.clone()];
                    let inner: Vec<usize> = text.char_indices().skip(1).map(|(at, _)| at).collect();
                    let nth = random.below(inner.len());
                    inner.get(nth).map(|at| word.start + at)
                }
            };
            candidates.extend(byte.map(|byte| Caret {
                document: index,
                byte,
                place,
            }));
        }
    }
    candidates
}

/// Nothing is asked where Inkstone would stay silent anyway, nor at a document's very beginning.
fn is_in_prose(document: &Document, byte: usize) -> bool {
    let has_words = document.text[..byte].contains(char::is_alphanumeric);
    let markup = markup_at(&document.text, Utf8Offset::new(byte), document.kind);
    has_words && markup.zone.is_prose()
}

fn shuffle<T>(items: &mut [T], random: &mut SplitMix) {
    for index in (1..items.len()).rev() {
        items.swap(index, random.below(index + 1));
    }
}

/// SplitMix64 (Steele, Lea and Flood 2014): small, seeded, good enough for choices.
pub(super) struct SplitMix(pub(super) u64);

impl SplitMix {
    /// A number below `bound`; 0 when there is none.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let below = (mixed ^ (mixed >> 31)) % (bound.max(1) as u64);
        usize::try_from(below).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use inkstone_prose::{DocumentKind, Language};

    use super::*;

    fn document(text: &str) -> Document {
        Document {
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
                .map(|caret| &text[caret.byte..])
                .collect::<Vec<_>>()
        };
        assert!(
            at(Place::WordStart)
                .iter()
                .any(|rest| rest.starts_with("harbour"))
        );
        assert!(
            at(Place::WordStart)
                .iter()
                .any(|rest| rest.starts_with("早上"))
        );
        assert!(
            at(Place::InsideWord)
                .iter()
                .any(|rest| rest.starts_with("上 was"))
        );
        assert!(carets.is_sorted_by_key(|caret| caret.byte));
    }

    #[test]
    fn a_seed_repeats_itself_and_a_smaller_sample_is_part_of_a_larger() {
        let documents: Vec<Document> = (0..3)
            .map(|each| document(&format!("Title {each}\n\n{}", "one two three. ".repeat(40))))
            .collect();
        let documents: Vec<&Document> = documents.iter().collect();
        let (few, many) = (choose(&documents, 10, 7), choose(&documents, 30, 7));
        assert_eq!(few, choose(&documents, 10, 7));
        assert_ne!(few, choose(&documents, 10, 8));
        assert_eq!((few.len(), many.len()), (20, 60));
        assert!(few.iter().all(|caret| many.contains(caret)));
    }
}
