//! The genre of a document: one of eight, by a sum of weighted features.
//!
//! Linear and written out, so that `inkstone dataset stats` can say why a document is what it is,
//! and its writer can correct it. A trained classifier would need labelled texts of many writers,
//! which nobody here has, and would not say why. The weights were set by hand on one half of a
//! labelled sample; `tests/eval/genre.md` has the accuracy on the other.

use super::feature::{Feature, Features};
use super::place;
use crate::block::Block;
use crate::format::Format;
use crate::piece::Genre;

/// What a genre is told by.
#[derive(Debug, Clone, Copy)]
pub struct GenreInput<'a> {
    /// Of the file, within its workspace; empty if there is none.
    pub path: &'a str,
    /// Of the file.
    pub format: Format,
    /// The document's title.
    pub title: Option<&'a str>,
    /// As the reader found them, code, quotations and metadata among them.
    pub blocks: &'a [Block],
}

/// A genre with its reasons.
#[derive(Debug, Clone, PartialEq)]
pub struct GenreVerdict {
    /// The one with the highest score.
    pub genre: Genre,
    /// All scores, highest first.
    pub scores: Vec<(Genre, f32)>,
    /// What spoke for the genre, strongest first: a feature or a word of the path, and its weight.
    pub reasons: Vec<(String, f32)>,
}

/// A text that says nothing is an essay: the genre that asks least of a text.
const BIAS: [f32; 8] = [0.0, 0.0, 0.0, 0.6, 0.0, 0.0, 0.0, 0.0];

/// A feature, the value above which more of it says no more, and what one of it adds to each genre.
struct Weight(Feature, f32, [f32; 8]);

/// Columns: news, marketing, documentation, blog, fiction, correspondence, notes, comment.
const WEIGHTS: &[Weight] = &[
    Weight(
        Feature::First,
        8.0,
        [-0.4, -0.3, -0.25, 0.25, 0.05, 0.1, -0.15, 0.1],
    ),
    Weight(
        Feature::Plural,
        4.0,
        [-0.1, 0.15, 0.0, 0.1, 0.0, 0.15, -0.1, 0.0],
    ),
    Weight(
        Feature::Second,
        8.0,
        [-0.4, 0.2, 0.05, 0.0, -0.15, 0.2, -0.2, 0.2],
    ),
    Weight(
        Feature::Third,
        10.0,
        [-0.05, -0.2, -0.2, 0.0, 0.3, 0.0, -0.1, -0.1],
    ),
    Weight(
        Feature::Past,
        10.0,
        [0.1, -0.15, -0.15, 0.05, 0.15, 0.0, -0.1, -0.05],
    ),
    Weight(
        Feature::Said,
        4.0,
        [0.1, -0.2, -0.2, 0.0, 0.4, 0.0, -0.1, 0.0],
    ),
    Weight(
        Feature::Attribution,
        10.0,
        [0.35, -0.05, -0.1, -0.1, -0.15, -0.05, -0.05, -0.05],
    ),
    Weight(
        Feature::Sell,
        12.0,
        [-0.1, 0.35, -0.05, -0.05, -0.1, -0.05, -0.05, -0.05],
    ),
    Weight(
        Feature::Scene,
        10.0,
        [-0.1, -0.05, -0.1, 0.0, 0.25, -0.05, -0.05, -0.1],
    ),
    Weight(
        Feature::Reflect,
        8.0,
        [-0.1, -0.1, -0.1, 0.35, 0.0, 0.0, -0.05, 0.05],
    ),
    Weight(
        Feature::Addressed,
        10.0,
        [-0.1, 0.0, -0.1, 0.0, -0.1, 0.1, 0.0, 0.35],
    ),
    Weight(
        Feature::Memo,
        12.0,
        [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.2, 0.0],
    ),
    Weight(
        Feature::Instruct,
        14.0,
        [-0.05, 0.0, 0.25, 0.0, -0.1, -0.05, 0.0, 0.0],
    ),
    Weight(
        Feature::Imperative,
        0.6,
        [-2.0, 1.0, 3.0, 0.0, -2.0, 0.0, 1.0, 0.0],
    ),
    Weight(
        Feature::Exclamation,
        4.0,
        [-0.5, 0.4, -0.4, 0.0, 0.0, 0.2, 0.0, 0.25],
    ),
    Weight(
        Feature::Price,
        4.0,
        [0.1, 0.4, 0.0, 0.0, -0.2, 0.0, 0.0, 0.0],
    ),
    Weight(
        Feature::CodeWord,
        6.0,
        [-0.3, -0.1, 0.4, 0.0, -0.4, -0.1, 0.0, 0.1],
    ),
    Weight(
        Feature::CodeBlock,
        0.5,
        [-1.0, -1.0, 6.0, 0.0, -2.0, -1.0, 0.5, 0.5],
    ),
    Weight(
        Feature::Dialogue,
        0.6,
        [0.5, 0.0, -2.0, 0.0, 4.0, 0.0, -1.0, 0.0],
    ),
    Weight(
        Feature::Heading,
        1.0,
        [0.0, 0.0, 0.8, 0.3, 0.0, -1.0, 0.3, -1.5],
    ),
    Weight(
        Feature::Item,
        1.0,
        [-0.5, 0.0, 0.8, 0.0, -1.5, -0.5, 1.5, -0.5],
    ),
    Weight(
        Feature::Fragment,
        1.0,
        [-0.5, 0.0, 0.0, -0.5, -0.5, 0.0, 1.5, 0.0],
    ),
    Weight(
        Feature::ShortSentence,
        1.0,
        [-0.8, 0.3, 0.0, -0.3, 0.0, 0.0, 1.2, 0.2],
    ),
    Weight(
        Feature::Label,
        1.0,
        [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.5, 0.2],
    ),
    Weight(
        Feature::Checkbox,
        1.0,
        [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 3.0, 0.0],
    ),
    Weight(
        Feature::Dateline,
        1.0,
        [4.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    ),
    Weight(
        Feature::Salutation,
        1.0,
        [0.0, 0.0, 0.0, 0.0, 0.0, 3.5, -0.5, 0.0],
    ),
    Weight(
        Feature::SignOff,
        1.0,
        [0.0, 0.0, 0.0, 0.0, 0.0, 2.5, 0.0, 0.0],
    ),
    Weight(
        Feature::Mention,
        1.0,
        [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 3.0],
    ),
    Weight(
        Feature::Quoting,
        1.0,
        [0.0, 0.0, 0.0, 0.0, 0.0, 0.5, 0.0, 3.0],
    ),
    Weight(
        Feature::Silent,
        1.0,
        [0.0, 0.0, 0.0, 0.3, -1.2, 0.0, 0.0, 0.0],
    ),
    Weight(
        Feature::Long,
        1.0,
        [0.0, -0.5, 0.5, 0.5, 0.5, 0.0, -0.5, -3.0],
    ),
];

/// The genre of a document. Looks at ten pages at most.
pub fn genre(input: &GenreInput<'_>) -> GenreVerdict {
    let features = Features::of(input.blocks);
    let mut scores = BIAS;
    let mut said: Vec<(Genre, String, f32)> = Vec::new();
    for Weight(feature, most, weights) in WEIGHTS {
        let value = features.get(*feature).min(*most);
        for ((score, weight), genre) in scores.iter_mut().zip(weights).zip(Genre::ALL) {
            *score += value * weight;
            if value * weight > 0.0 {
                said.push((genre, format!("{feature:?}"), value * weight));
            }
        }
    }
    place::say(
        input.path,
        input.format,
        input.title,
        input.blocks,
        |genre, weight, word| {
            scores[genre as usize] += weight;
            said.push((genre, word.to_owned(), weight));
        },
    );
    let mut scores: Vec<(Genre, f32)> = Genre::ALL.into_iter().zip(scores).collect();
    // The sort is stable: of equal scores, the first in the list counts.
    scores.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    let genre = scores.first().map_or(Genre::Blog, |(genre, _)| *genre);
    let mut reasons: Vec<(String, f32)> = said
        .into_iter()
        .filter(|(other, ..)| *other == genre)
        .map(|(_, reason, weight)| (reason, weight))
        .collect();
    reasons.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    GenreVerdict {
        genre,
        scores,
        reasons,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::BlockKind;

    #[test]
    fn columns_and_features_are_each_there_once() {
        for (at, genre) in Genre::ALL.into_iter().enumerate() {
            assert_eq!(genre as usize, at);
        }
        let mut features: Vec<Feature> =
            WEIGHTS.iter().map(|Weight(feature, ..)| *feature).collect();
        features.sort_unstable();
        features.dedup();
        assert_eq!(features.len(), WEIGHTS.len());
        assert_eq!(features.len(), super::super::feature::FEATURES);
    }

    #[test]
    fn the_path_tips_a_text_that_could_be_either() {
        let blocks = [Block {
            kind: BlockKind::Paragraph,
            text: "The tide comes in twice a day. It takes some six hours to rise.".into(),
            lines: None,
        }];
        let of = |path| {
            let format = Format::Markdown;
            genre(&GenreInput {
                path,
                format,
                title: None,
                blocks: &blocks,
            })
        };
        assert_eq!(of("docs/tides.md").genre, Genre::Documentation);
        assert_eq!(of("notes/tides.md").genre, Genre::Notes);
        let verdict = of("docs/tides.md");
        assert!(
            verdict.reasons.iter().any(|(reason, _)| reason == "docs"),
            "{verdict:?}"
        );
    }

    #[test]
    fn nothing_has_a_genre_too() {
        let input = GenreInput {
            path: "",
            format: Format::PlainText,
            title: None,
            blocks: &[],
        };
        assert_eq!(genre(&input).genre, Genre::Blog);
    }
}
