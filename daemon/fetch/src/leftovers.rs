//! Where files of a model lie while it is fetched, all hidden and named after it, and how they go:
//! after a pull that succeeded, and with the model.

use std::fs;
use std::path::{Path, PathBuf};

use inkstone_models::{ModelName, Registry, Sha256};

use crate::error::FetchError;
use crate::lock::PullLock;

/// Digits of the hash in the name of a part.
const SHORT_DIGITS: usize = 12;
/// Deepest folder that is measured: wheels lie two below the workshop.
const DEPTH_MAX: usize = 4;

/// The places of one model's unfinished files.
#[derive(Debug)]
pub(crate) struct Unpublished<'a> {
    registry: &'a Registry,
    name: &'a ModelName,
}

impl<'a> Unpublished<'a> {
    pub(crate) fn of(registry: &'a Registry, name: &'a ModelName) -> Self {
        Self { registry, name }
    }

    /// Where a file that cannot be resumed lies until it is published.
    pub(crate) fn staged(&self) -> PathBuf {
        self.place("new")
    }

    /// Where wheels and their members lie.
    pub(crate) fn workshop(&self) -> PathBuf {
        self.place("wheels")
    }

    /// Where a download lies. The hash in the name keeps an older version's part apart.
    pub(crate) fn part(&self, sha256: Sha256) -> PathBuf {
        self.place(&format!("{}.part", sha256.short()))
    }

    /// Removes everything; gives how many bytes that freed. The caller holds the model's lock.
    pub(crate) fn remove(&self) -> u64 {
        let mut all = self.parts();
        all.extend([
            self.staged(),
            self.workshop(),
            self.registry.staged_sidecar_of(self.name),
        ]);
        all.iter().map(|path| remove(path)).sum()
    }

    /// The parts of every version.
    fn parts(&self) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(self.registry.directory()) else {
            return Vec::new();
        };
        let is_part = |file: &str| {
            let rest = file
                .strip_prefix('.')
                .and_then(|file| file.strip_prefix(self.name.as_str()));
            rest.and_then(|rest| rest.strip_prefix('.')?.strip_suffix(".part"))
                .is_some_and(|hash| hash.len() == SHORT_DIGITS && !hash.contains('.'))
        };
        entries
            .flatten()
            .filter(|entry| entry.file_name().to_str().is_some_and(is_part))
            .map(|entry| entry.path())
            .collect()
    }

    fn place(&self, ending: &str) -> PathBuf {
        self.registry
            .directory()
            .join(format!(".{}.{ending}", self.name))
    }
}

/// Removes what interrupted pulls of a model have kept, and gives its size, after `remove` has done
/// what else is to be done while no pull of it is under way. What that refuses ends it. `waiting` is
/// called once if a pull is under way, whose end is awaited.
pub fn discard_unfinished<T, E: From<FetchError>>(
    registry: &Registry,
    name: &ModelName,
    waiting: impl FnMut(),
    remove: impl FnOnce() -> Result<T, E>,
) -> Result<(T, u64), E> {
    if !registry.directory().is_dir() {
        return Ok((remove()?, 0));
    }
    let _lock = PullLock::acquire(registry.directory(), name, waiting)?;
    let removed = remove()?;
    Ok((removed, Unpublished::of(registry, name).remove()))
}

/// Removes a file or folder; gives the bytes that are gone.
fn remove(path: &Path) -> u64 {
    let size_bytes = size_of(path, DEPTH_MAX);
    let removed = match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    // What cannot be removed is harmless but large; the next pull tries again.
    if removed.is_ok() { size_bytes } else { 0 }
}

/// Size of a file, or of all files below a folder; what cannot be read counts nothing.
pub(crate) fn size_of(path: &Path, depth: usize) -> u64 {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_file() => metadata.len(),
        Ok(metadata) if metadata.is_dir() && depth > 0 => fs::read_dir(path)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| size_of(&entry.path(), depth - 1))
            .sum(),
        _ => 0,
    }
}
