//! What can go wrong with the database, by remedy.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// What can go wrong with the database.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A newer build wrote it: its owner updates this one.
    #[error(
        "{path} was written by a newer Inkstone (version {found} of the database, this build knows {known}); update Inkstone"
    )]
    Newer {
        /// The database.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The newest that this build knows.
        known: i64,
    },
    /// The file or its folder cannot be made or read.
    #[error("{path}: {source}")]
    File {
        /// The database or its folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It is no database, or its pages contradict each other.
    #[error(
        "{path} is damaged ({source}); move it and the files beside it that begin with its name away, and build the dataset again: it is made anew from your files"
    )]
    Damaged {
        /// The database.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// SQLite refused.
    #[error(
        "{path}: {source}; see that its disk has room and that it is yours to write, and try again"
    )]
    Database {
        /// The database.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// The database keeps paths as text.
    #[error("{} cannot be added: its name is not valid UTF-8; rename it", path.display())]
    PathNotText {
        /// The folder or file.
        path: PathBuf,
    },
    /// A folder in a workspace, or around one.
    #[error(
        "{} and the workspace {} lie within each other; keep one: inkstone workspace rm DIR",
        path.display(),
        with.display()
    )]
    Overlaps {
        /// The folder that was to be added.
        path: PathBuf,
        /// The workspace that is there.
        with: PathBuf,
    },
    /// No workspace holds it.
    #[error("{} is in no workspace; see: inkstone workspace list", path.display())]
    NoWorkspace {
        /// The file or folder.
        path: PathBuf,
    },
    /// What an adapter was trained on is no longer there to be held for it.
    #[error("there is no dataset {dataset}; see: inkstone dataset stats, and train again")]
    NoDataset {
        /// Its name.
        dataset: String,
    },
    /// No adapter has this name.
    #[error("there is no adapter {name}; see: inkstone adapter list")]
    NoAdapter {
        /// The name.
        name: String,
    },
    /// An adapter that is not worn again, whatever is asked.
    #[error(
        "{name} is retired: it learned from a source that you had forgotten; train anew with: inkstone train"
    )]
    Retired {
        /// Its name.
        name: String,
    },
    /// More than a person has.
    #[error("there may be at most {max} {what}; remove some first")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// The limit.
        max: usize,
    },
}

impl StoreError {
    /// What SQLite said, by remedy.
    pub(crate) fn from_sqlite(path: &Path, source: rusqlite::Error) -> Self {
        let path = path.to_owned();
        match source.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Damaged { path, source }
            }
            _ => Self::Database { path, source },
        }
    }
}
