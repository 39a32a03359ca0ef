//! Looks for what is left of a source: its hashes, shingles and words in every row and in every file.
//!
//! Texts in the database are deflated, so rows are unpacked and compared; files are searched for the
//! words as they are and, where they are a model's memory, as its tokens. Models are not searched, nor
//! is what other programs keep.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

use aho_corasick::AhoCorasick;
use anyhow::Context as _;
use inkstone_settings::{Directories, Settings};
use inkstone_store::Store;
use serde::Serialize;

use super::evidence::Evidence;
use crate::assemble::AssembleError;
use crate::assemble::purge::{Row, each_row};
use crate::memories;

/// Places that are told.
const LEFT_TOLD_MAX: usize = 50;
/// Folders below ours.
const DEPTH_MAX: usize = 8;
/// Bytes of a file that are searched at once.
const READ_BYTES: usize = 1 << 20;

/// What was looked at, and what was found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Search {
    /// Readings and records that were unpacked.
    pub rows: u64,
    /// Files that were searched.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Hashes that were looked for.
    pub hashes: u64,
    /// Runs of words.
    pub shingles: u64,
    /// Stretches of text, and of tokens.
    pub needles: u64,
    /// Whether the source was too long to be looked for as a whole.
    pub is_partial: bool,
    /// Where something was found, and what.
    pub left: Vec<String>,
}

/// Looks everywhere.
pub fn seek(
    directories: &Directories,
    settings: &Settings,
    store: &mut Store,
    evidence: &Evidence,
) -> anyhow::Result<Search> {
    let mut search = Search {
        hashes: evidence.hashes().len() as u64,
        shingles: evidence.shingles().len() as u64,
        is_partial: evidence.is_cut(),
        ..Search::default()
    };
    search.look_for_hashes(store, evidence)?;
    let mut in_rows = Vec::new();
    search.rows = each_row(store, &mut |id, row| {
        let (what, is_in) = match row {
            Row::Reading(document) => {
                let pieces = document.pieces.iter();
                let mut texts = pieces
                    .flat_map(|piece| [&piece.text, &piece.original])
                    .chain(document.left_out.iter().map(|block| &block.excerpt));
                ("reading", texts.any(|text| evidence.is_in(text)))
            }
            Row::Records(records) => {
                let mut texts = records.iter().map(|record| &record.text);
                ("record", texts.any(|text| evidence.is_in(text)))
            }
        };
        if is_in {
            in_rows.push(format!("the database: {what} {id}"));
        }
    })?;
    for place in in_rows {
        search.tell(place);
    }
    search.look_through_files(directories, settings, evidence)?;
    Ok(search)
}

impl Search {
    fn tell(&mut self, place: String) {
        if self.left.len() < LEFT_TOLD_MAX {
            self.left.push(place);
        }
    }

    fn look_for_hashes(&mut self, store: &mut Store, evidence: &Evidence) -> anyhow::Result<()> {
        let found = store.read_corpus(|corpus| {
            let mut found = Vec::new();
            for hash in evidence.hashes() {
                found.extend(corpus.rows_with_hash(hash)?);
            }
            Ok::<_, AssembleError>(found)
        })?;
        for (table, rows) in found {
            self.tell(format!("the database: {rows} {table} with a hash of it"));
        }
        let marks = store.inserted(&evidence.shingles())?;
        if !marks.is_empty() {
            let count = marks.len();
            self.tell(format!("the database: {count} marks of its words"));
        }
        Ok(())
    }

    fn look_through_files(
        &mut self,
        directories: &Directories,
        settings: &Settings,
        evidence: &Evidence,
    ) -> anyhow::Result<()> {
        let words = evidence.needles();
        let mut needles: Vec<Vec<u8>> = words.iter().map(|one| one.as_bytes().to_vec()).collect();
        needles.extend(memories::as_tokens(directories, settings, &words));
        self.needles = needles.len() as u64;
        if needles.is_empty() {
            return Ok(());
        }
        let searcher =
            AhoCorasick::new(&needles).context("the words of it cannot be searched for")?;
        let models = directories.models_dir();
        for folder in [
            directories.data_dir(),
            directories.state_dir(),
            directories.cache_dir(),
        ] {
            self.look_into(folder, &models, &searcher, 0)?;
        }
        Ok(())
    }

    fn look_into(
        &mut self,
        folder: &Path,
        models: &Path,
        searcher: &AhoCorasick,
        depth: usize,
    ) -> anyhow::Result<()> {
        let Ok(entries) = fs::read_dir(folder) else {
            // It was never made, or went meanwhile.
            return Ok(());
        };
        let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        paths.sort();
        for path in paths {
            let Ok(metadata) = fs::symlink_metadata(&path) else {
                continue;
            };
            if metadata.is_dir() && depth < DEPTH_MAX && path != models {
                self.look_into(&path, models, searcher, depth + 1)?;
            } else if metadata.is_file() {
                self.look_at(&path, metadata.len(), searcher)?;
            }
        }
        Ok(())
    }

    fn look_at(&mut self, path: &Path, bytes: u64, searcher: &AhoCorasick) -> anyhow::Result<()> {
        let file = match File::open(path) {
            Ok(file) => BufReader::with_capacity(READ_BYTES, file),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error).with_context(|| path.display().to_string()),
        };
        let found = searcher.stream_find_iter(file).next().transpose();
        if found.with_context(|| path.display().to_string())?.is_some() {
            self.tell(path.display().to_string());
        }
        self.files += 1;
        self.bytes += bytes;
        Ok(())
    }
}
