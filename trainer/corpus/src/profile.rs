//! The habits of a writer, counted: words and names, the length of sentences and paragraphs, marks,
//! function words, person and tense, by language and genre.
//!
//! Not a judgement of them, which the diagnostics and the gates of a training run make. Built by the
//! trainer, for a version of the dataset as a whole: a version never changes, so its profile is counted
//! once, when somebody asks for it. Sums do not depend on their order, and everything is in sorted
//! order: the same pieces give the same bytes.
//!
//! Only [`AuthorState::Own`] paragraphs, items and footnotes count: what a model suggested would
//! make a writer's profile the model's, and headings have a grammar of their own.
//!
//! - [`mod@tally`] has what is counted, and how counts are added;
//! - [`mod@histogram`] has lengths;
//! - [`mod@mark`] has punctuation;
//! - [`mod@english`] and [`mod@chinese`] have what each language has for itself;
//! - [`mod@style`] has the numbers that follow: rates, shares and the most frequent words.

pub mod chinese;
pub mod english;
pub mod histogram;
pub mod mark;
pub mod style;
pub mod tally;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::block::BlockKind;
use crate::piece::{AuthorState, Genre, Piece};

pub use histogram::Histogram;
pub use mark::Mark;
pub use style::Style;
pub use tally::{Habit, Tally};

/// How profiles are counted. One that was kept by another version is counted anew.
pub const PROFILE_VERSION: u32 = 2;

/// Cuts a run of Han characters into words. The caller has a dictionary; this crate has none.
pub type Segment<'f> = &'f dyn for<'t> Fn(&'t str) -> Vec<&'t str>;

/// What is counted of a writer's documents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// [`PROFILE_VERSION`] of who counted it.
    pub version: u32,
    /// By language (`en`, `zh`), then genre.
    pub tallies: BTreeMap<String, BTreeMap<Genre, Tally>>,
}

impl Default for Profile {
    fn default() -> Self {
        Self {
            version: PROFILE_VERSION,
            tallies: BTreeMap::new(),
        }
    }
}

impl Profile {
    /// Counts a piece of a document of this genre, if it is its owner's running text.
    pub fn add(&mut self, piece: &Piece, genre: Genre, segment: Segment<'_>) {
        let is_running = matches!(
            piece.kind,
            BlockKind::Paragraph | BlockKind::ListItem | BlockKind::Footnote
        );
        if is_running && piece.author == AuthorState::Own {
            let tally = self.tally_mut(&piece.language, genre);
            tally.add(&piece.text, &piece.language, segment);
        }
    }

    /// Every tally with its language and genre.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Genre, &Tally)> {
        self.tallies.iter().flat_map(|(language, genres)| {
            let tallies = genres.iter();
            tallies.map(move |(genre, tally)| (language.as_str(), *genre, tally))
        })
    }

    /// All genres of a language together.
    pub fn of_language(&self, language: &str) -> Tally {
        let mut sum = Tally::default();
        for tally in self
            .tallies
            .get(language)
            .into_iter()
            .flat_map(BTreeMap::values)
        {
            sum.merge(tally);
        }
        sum
    }

    fn tally_mut(&mut self, language: &str, genre: Genre) -> &mut Tally {
        let genres = self.tallies.entry(language.to_owned()).or_default();
        genres.entry(genre).or_default()
    }
}
