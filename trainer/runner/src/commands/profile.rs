//! `inkstone-trainer profile`: the habits of the writer of a version of the dataset, counted.
//!
//! Kept beside the database under the version's name, for diagnostics and gates, as long as there is
//! that version; made anew when it is counted otherwise.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use inkstone_corpus::dataset::{DatasetId, Record};
use inkstone_corpus::profile::{PROFILE_VERSION, Profile, Style};
use inkstone_corpus::{Genre, Piece};
use inkstone_platform::private;
use inkstone_store::Store;
use serde::Serialize;

use super::{Desk, answer, stats};
use crate::assemble;

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
    let folder = desk.directories.profiles_dir();
    // Within the data directory, which is its owner's alone.
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    let kept: Vec<PathBuf> = versions
        .iter()
        .map(|one| file_of(&folder, one.id))
        .collect();
    forget_others(&folder, &kept)?;
    let file = file_of(&folder, id);
    let profile = match read(&file) {
        Some(profile) => profile,
        None => make(&mut store, id, &file)?,
    };
    answer(&Answer {
        dataset: id.to_string(),
        version: profile.version,
        styles: described(&profile),
        file,
    })
}

fn file_of(folder: &Path, id: DatasetId) -> PathBuf {
    folder.join(format!("{id}.json"))
}

/// A profile that was counted as it is counted today; whatever else lies there is made anew.
fn read(file: &Path) -> Option<Profile> {
    let profile: Profile = serde_json::from_slice(&fs::read(file).ok()?).ok()?;
    (profile.version == PROFILE_VERSION).then_some(profile)
}

fn make(store: &mut Store, id: DatasetId, file: &Path) -> anyhow::Result<Profile> {
    let mut profile = Profile::default();
    assemble::read_version(store, id, |record| {
        let genre = record.genre;
        profile.add(&piece(record), genre, &segment);
        anyhow::Ok(())
    })?;
    let bytes = serde_json::to_vec(&profile)?;
    private::replace(file, &bytes).with_context(|| file.display().to_string())?;
    Ok(profile)
}

/// Profiles of versions that are no longer kept.
fn forget_others(folder: &Path, kept: &[PathBuf]) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        let is_profile = path.extension().is_some_and(|ending| ending == "json");
        if is_profile && !kept.contains(&path) {
            fs::remove_file(&path).with_context(|| path.display().to_string())?;
        }
    }
    Ok(())
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
