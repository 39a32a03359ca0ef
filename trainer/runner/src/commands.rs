//! What the trainer is asked for, each in a file: the I/O around [`crate::build`] and
//! [`crate::assemble`]. Answers are JSON on standard output, for the daemon and `inkstone`, which
//! makes words and tables of them.

pub mod adapter_peft;
pub mod build;
pub mod export;
pub mod failure;
pub mod follow;
pub mod forget;
pub mod profile;
pub mod review;
pub mod stats;
pub mod survey;
pub mod train;
pub mod watch;

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use inkstone_corpus::dataset::DatasetId;
use inkstone_settings::{Directories, Loaded, Settings};
use inkstone_store::Store;

use crate::clock::now_ms;
use crate::memories::{self, Made};
use crate::profiles;

use failure::WrongUse;

/// How long a build waits for the watcher's look to end, or for another build.
const ALONE_WAIT: Duration = Duration::from_secs(120);

/// The user's directories and settings; what is wrong with these is said.
pub(crate) struct Desk {
    pub(crate) directories: Directories,
    pub(crate) settings: Settings,
}

impl Desk {
    pub(crate) fn of_user() -> anyhow::Result<Self> {
        let directories = Directories::from_env()?;
        let loaded = Loaded::of_user(&directories);
        for problem in &loaded.problems {
            eprintln!("inkstone-trainer: {problem}");
        }
        Ok(Self {
            directories,
            settings: loaded.settings,
        })
    }

    pub(crate) fn store(&self) -> anyhow::Result<Store> {
        self.directories.ensure_private()?;
        Ok(Store::open(&self.directories.database())?)
    }

    /// Takes away what was read of removed folders, and what was made of it; whether nothing of it is
    /// left in the files of the database.
    pub(crate) fn sweep(&self, store: &mut Store) -> anyhow::Result<bool> {
        let is_clean = crate::build::sweep(store)?;
        profiles::forget_old(&self.directories, store)?;
        memories::forget_old(&self.directories, store)?;
        Ok(is_clean)
    }

    /// Brings what is made of the dataset's versions up to date with the newest; what models remember.
    pub(crate) fn follow_version(
        &self,
        store: &mut Store,
        newest: DatasetId,
    ) -> anyhow::Result<Vec<Made>> {
        let (directories, settings) = (&self.directories, &self.settings);
        profiles::forget_old(directories, store)?;
        memories::update(directories, settings, store, newest, now_ms())
    }
}

/// Prints one answer on a line of its own.
pub(crate) fn answer(value: &impl serde::Serialize) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    serde_json::to_writer(&mut out, value)?;
    writeln!(out)?;
    Ok(out.flush()?)
}

pub(crate) fn canonical(folder: &Path) -> anyhow::Result<PathBuf> {
    let path = folder.to_owned();
    Ok(folder
        .canonicalize()
        .map_err(|source| WrongUse::Folder { path, source })?)
}
