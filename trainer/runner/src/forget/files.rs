//! What lies beside the database and goes with a source: files of retired adapters, trainings that had
//! begun, memories and profiles of other versions than the newest.
//!
//! Told by what the database says now, so that a second run finds what a first one that was killed had
//! left.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use inkstone_corpus::dataset::DatasetId;
use inkstone_settings::Directories;
use inkstone_store::corpus::version::TRAINING_HOLDER;
use inkstone_store::{AdapterState, Store};

use crate::assemble;
use crate::profiles;
use crate::swept_folder::remove_but;
use crate::train::folder::TrainingFolder;
use crate::train::register;

/// Trainings below the state directory, one for each language and workspace.
const TRAININGS_MAX: usize = 1_000;

/// The folders of trainings that had begun on one of these versions.
pub fn trainings_on<T>(
    directories: &Directories,
    versions: &BTreeMap<DatasetId, T>,
) -> Vec<String> {
    let is_on = |folder: &TrainingFolder| {
        let about = folder.about();
        about.is_some_and(|about| versions.keys().any(|id| id.to_string() == about.dataset))
    };
    let names = begun(directories).into_iter();
    names
        .filter(|(_, folder)| is_on(folder))
        .map(|(name, _)| name)
        .collect()
}

/// Takes away trainings whose version is no longer held for them; their names. The caller holds the
/// lock of trainings.
pub fn remove_trainings(
    directories: &Directories,
    store: &mut Store,
) -> anyhow::Result<Vec<String>> {
    let versions = assemble::versions(store)?;
    let mut gone = Vec::new();
    for (name, folder) in begun(directories) {
        let holder = format!("{TRAINING_HOLDER}{name}");
        let about = folder.about();
        let is_held = about.is_some_and(|about| {
            let of_it = |one: &&assemble::Version| one.id.to_string() == about.dataset;
            versions
                .iter()
                .find(of_it)
                .is_some_and(|one| one.pins.contains(&holder))
        });
        if !is_held {
            let named = || folder.path().display().to_string();
            folder.clear().with_context(named)?;
            gone.push(name);
        }
    }
    Ok(gone)
}

/// Takes away the files of retired adapters; how many there were.
pub fn remove_adapters(directories: &Directories, store: &Store) -> anyhow::Result<u64> {
    let rows = store.adapters()?;
    let (retired, kept): (Vec<_>, Vec<_>) = rows
        .into_iter()
        .partition(|row| row.state == AdapterState::Retired);
    let mut gone = 0;
    for row in retired {
        // The same file may be another one's, that was taken in by hand.
        if kept.iter().any(|other| other.sha256 == row.sha256) {
            continue;
        }
        gone += u64::from(register::unpublish(directories, &row.sha256)?);
    }
    Ok(gone)
}

/// Takes away the profiles of all versions but one.
pub fn remove_profiles(directories: &Directories, newest: DatasetId) -> anyhow::Result<()> {
    let kept = profiles::file_of(directories, newest);
    remove_but(&directories.profiles_dir(), || {
        Ok(move |path: &Path| path == kept)
    })
}

fn begun(directories: &Directories) -> Vec<(String, TrainingFolder)> {
    /// The model's own samples, which are nobody's text.
    const SAMPLES: &str = "samples";
    let training = directories.training_dir();
    let entries = fs::read_dir(&training).into_iter().flatten().flatten();
    let folders = entries
        .map(|entry| entry.path())
        .filter(|path| path.is_dir());
    let name = |path: PathBuf| path.file_name()?.to_str().map(str::to_owned);
    let names = folders.filter_map(name).filter(|name| name != SAMPLES);
    names
        .take(TRAININGS_MAX)
        .map(|name| {
            let folder = TrainingFolder::new(&training, &name);
            (name, folder)
        })
        .collect()
}
