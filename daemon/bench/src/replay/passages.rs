//! Which stretches of the documents are scored: a fixed number, spread evenly over all of them, so
//! that a long corpus costs no more than a short one. The same for every model and setting.

use inkstone_text::floor_char_boundary;

use super::corpus::Document;
use super::spread::spread;

/// Bytes that are wanted for each token that is to be scored: some more than English and Chinese have,
/// so that a passage is as long as asked for.
const BYTES_PER_TOKEN: usize = 5;
/// A passage that no paragraph ends is cut at so many times what is wanted.
const OVERLONG: usize = 2;
/// The rest of a document that is shorter than one in so many of what is wanted says little.
const REST_SHARE: usize = 4;

/// A stretch of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stretch<'a> {
    /// Which document.
    pub(super) document: usize,
    pub(super) text: &'a str,
}

/// At most so many stretches of about so many tokens, in the order of the documents.
pub(super) fn choose<'a>(
    documents: &[&'a Document],
    count: usize,
    tokens: u32,
    seed: u64,
) -> Vec<Stretch<'a>> {
    let bytes = (tokens as usize).saturating_mul(BYTES_PER_TOKEN).max(1);
    let all = documents.iter().enumerate().flat_map(|(document, of)| {
        let stretches = stretches(&of.text, bytes).into_iter();
        stretches.map(move |text| Stretch { document, text })
    });
    let numbered: Vec<(usize, Stretch<'a>)> = (0..).zip(all).collect();
    let mut chosen: Vec<_> = spread(numbered, seed).into_iter().take(count).collect();
    chosen.sort_by_key(|(number, _)| *number);
    chosen.into_iter().map(|(_, stretch)| stretch).collect()
}

/// A text cut between paragraphs, each part as soon as it has so many bytes.
fn stretches(text: &str, bytes: usize) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while !rest.trim_end().is_empty() {
        let from = floor_char_boundary(rest, bytes);
        let overlong = floor_char_boundary(rest, bytes * OVERLONG);
        let end = rest[from..].find("\n\n").map_or(rest.len(), |at| from + at);
        let end = end.min(overlong).max(from);
        // A first character that is longer than what is wanted.
        let end = if end == 0 { rest.len() } else { end };
        let stretch = rest[..end].trim_end();
        if stretch.len() >= bytes / REST_SHARE {
            found.push(stretch);
        }
        rest = rest[end..].trim_start();
    }
    found
}

#[cfg(test)]
mod tests {
    use inkstone_prose::{DocumentKind, Language};

    use super::*;

    fn document(text: String) -> Document {
        Document {
            name: "a.md".to_owned(),
            language_id: "markdown",
            kind: DocumentKind::from_language_id("markdown"),
            language: Language::English,
            text,
        }
    }

    #[test]
    fn stretches_end_between_paragraphs_and_lose_nothing_but_short_ends() {
        let paragraph = "The harbour 港口 was quiet 👩‍👩‍👧.\n\n";
        let text = paragraph.repeat(20);
        let parts = stretches(&text, 100);
        assert!(
            parts.len() > 5 && parts.iter().all(|part| part.ends_with("👧.")),
            "{parts:?}"
        );
        let solid = |text: &str| text.split_whitespace().collect::<String>();
        let joined: String = parts.concat();
        assert!(solid(&text).starts_with(&solid(&joined)));
        let all = stretches("船在夜里走。", 400);
        assert!(all.is_empty(), "too short to say anything");
    }

    #[test]
    fn a_text_without_paragraphs_is_cut_between_characters() {
        for bytes in [1, 2, 3, 10] {
            let text = "海e\u{301}👩‍👩‍👧".repeat(50);
            let parts = stretches(&text, bytes);
            assert_eq!(parts.concat(), text, "{bytes}");
        }
        assert!(stretches("", 10).is_empty() && stretches(" \n\n ", 10).is_empty());
    }

    #[test]
    fn a_seed_repeats_itself_and_every_document_has_its_share() {
        let documents: Vec<Document> = (0..4)
            .map(|each| document(format!("{each} word\n\n").repeat(200)))
            .collect();
        let documents: Vec<&Document> = documents.iter().collect();
        let chosen = choose(&documents, 8, 20, 7);
        assert_eq!(chosen, choose(&documents, 8, 20, 7));
        assert_ne!(chosen, choose(&documents, 8, 20, u64::MAX / 3));
        assert!(chosen.is_sorted_by_key(|one| one.document));
        for each in 0..4 {
            let count = chosen.iter().filter(|one| one.document == each).count();
            assert!((1..=3).contains(&count), "{chosen:?}");
        }
        let everything = choose(&documents, 100_000, 20, 7);
        assert!(chosen.iter().all(|one| everything.contains(one)));
    }
}
