//! `inkstone-trainer profile`: the habits of the writer of a version of the dataset, counted.
//!
//! Made where there is none that was counted as today; where it lies is [`crate::profiles`]'s.

use std::path::{Path, PathBuf};

use inkstone_corpus::dataset::{DatasetId, Record};
use inkstone_corpus::profile::{Profile, Style};
use inkstone_corpus::{Genre, Piece};
use inkstone_store::Store;
use serde::Serialize;

use super::{Desk, answer, stats};
use crate::assemble;
use crate::profiles;

/// Names that a summary of one language has; the file has all.
const SHOWN_MAX: usize = 12;

/// What the command line gets.
#[derive(Debug, Serialize)]
struct Answer {
    dataset: String,
    version: u32,
    /// Where all of it lies.
    file: PathBuf,
    styles: Vec<Described>,
}

/// One language, or one genre of it.
#[derive(Debug, Serialize)]
struct Described {
    language: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    genre: Option<Genre>,
    style: Style,
}

/// Prints the styles of a version: the newest, unless named by its hash or the beginning of it.
pub fn run(dataset: Option<&str>) -> anyhow::Result<()> {
    let desk = Desk::of_user()?;
    let mut store = desk.store()?;
    let versions = assemble::versions(&mut store)?;
    let id = stats::find(&versions, dataset)?.id;
    let file = profiles::file_of(&desk.directories, id);
    let profile = match profiles::read(&file) {
        Some(profile) => profile,
        None => make(&mut store, id, &file)?,
    };
    // The version may have been taken away while it was counted.
    profiles::forget_old(&desk.directories, &mut store)?;
    answer(&Answer {
        dataset: id.to_string(),
        version: profile.version,
        styles: described(&profile),
        file,
    })
}

fn make(store: &mut Store, id: DatasetId, file: &Path) -> anyhow::Result<Profile> {
    let mut profile = Profile::default();
    assemble::read_version(store, id, |record| {
        let genre = record.genre;
        profile.add(&piece(record), genre, &segment);
        anyhow::Ok(())
    })?;
    profiles::write(file, &profile)?;
    Ok(profile)
}

fn segment(text: &str) -> Vec<&str> {
    let words = inkstone_words::words(text);
    words.into_iter().map(|word| &text[word]).collect()
}

fn piece(record: Record) -> Piece {
    Piece {
        kind: record.kind,
        headings: record.headings,
        original: String::new(),
        text: record.text,
        rules: record.provenance.rules,
        redacted: record.provenance.redacted,
        language: record.language,
        author: record.author,
        lines: record.provenance.lines,
        brought_back: record.provenance.brought_back,
    }
}

/// Each language as a whole, then by genre, with the most frequent words and names only.
fn described(profile: &Profile) -> Vec<Described> {
    let languages = profile.tallies.keys().map(|language| Described {
        language: language.clone(),
        genre: None,
        style: Style::of(&profile.of_language(language)),
    });
    let genres = profile.iter().map(|(language, genre, tally)| Described {
        language: language.to_owned(),
        genre: Some(genre),
        style: Style::of(tally),
    });
    let mut described: Vec<Described> = languages.chain(genres).collect();
    for one in &mut described {
        one.style.vocabulary.truncate(SHOWN_MAX);
        one.style.names.truncate(SHOWN_MAX);
    }
    described
}
