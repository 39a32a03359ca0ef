//! Sources that their owner had forgotten, and the adapters that are retired with them.
//!
//! Not what was read of them, which `corpus::purge` takes away. The trainer writes here when it is
//! asked to forget, and asks before it reads; whoever trains asks what is to be trained anew.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, params};

use crate::adapters::{self, AdapterId, AdapterRow, AdapterState};
use crate::corpus::Corpus;
use crate::database::Store;
use crate::error::StoreError;
use crate::workspaces::{WorkspaceId, text_of};

/// Paths that are kept; a person names them one by one, and each file of a walk is compared with all.
pub const FORGOTTEN_MAX: usize = 1_000;
/// Stands for all folders where a language's adapter is to be trained anew.
const ALL_FOLDERS: i64 = 0;

/// An adapter that is to be trained anew.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Retraining {
    /// Its language.
    pub language: String,
    /// The folder whose documents alone it is for; none for all.
    pub workspace: Option<WorkspaceId>,
}

impl Store {
    /// Every path that is never read.
    pub fn forgotten(&self) -> Result<Vec<PathBuf>, StoreError> {
        self.read(|connection| {
            let mut select =
                connection.prepare_cached("SELECT path FROM forgotten ORDER BY path")?;
            let rows = select.query_map([], |row| row.get::<_, String>(0))?;
            rows.map(|row| row.map(PathBuf::from)).collect()
        })
    }

    /// Lets a path be read again; whether it was forgotten.
    pub fn remember_again(&mut self, path: &Path) -> Result<bool, StoreError> {
        let text = text_of(path)?;
        self.write(|transaction| {
            let gone = transaction.execute("DELETE FROM forgotten WHERE path = ?1", [text])?;
            Ok(gone > 0)
        })
    }

    /// What is to be trained anew.
    pub fn retrainings(&self) -> Result<Vec<Retraining>, StoreError> {
        self.read(|connection| {
            let sql = "SELECT language, workspace FROM retraining ORDER BY language, workspace";
            let mut select = connection.prepare_cached(sql)?;
            let rows = select.query_map([], |row| {
                let workspace: i64 = row.get(1)?;
                Ok(Retraining {
                    language: row.get(0)?,
                    workspace: (workspace != ALL_FOLDERS).then(|| WorkspaceId::of_row(workspace)),
                })
            })?;
            rows.collect()
        })
    }

    /// Says that something was trained anew, or need not be; whether it was to be.
    pub fn retrained(&mut self, done: &Retraining) -> Result<bool, StoreError> {
        self.write(|transaction| {
            let sql = "DELETE FROM retraining WHERE language = ?1 AND workspace = ?2";
            Ok(transaction.execute(sql, params![done.language, number_of(done)])? > 0)
        })
    }
}

impl Corpus<'_> {
    /// Has a path never read from now on. Refused where there are too many.
    pub fn insert_forgotten(&self, path: &Path, made_at_s: i64) -> Result<(), StoreError> {
        let text = text_of(path)?;
        let sql = "INSERT OR IGNORE INTO forgotten (path, made_at_s) VALUES (?1, ?2)";
        self.execute(sql, params![text, made_at_s])?;
        let count = self.number("SELECT count(*) FROM forgotten", [])?;
        if usize::try_from(count).is_ok_and(|count| count > FORGOTTEN_MAX) {
            let (what, max) = ("forgotten paths", FORGOTTEN_MAX);
            return Err(StoreError::TooMany { what, max });
        }
        Ok(())
    }

    /// Asks for something to be trained anew.
    pub fn insert_retraining(&self, wish: &Retraining) -> Result<(), StoreError> {
        let sql = "INSERT OR IGNORE INTO retraining (language, workspace) VALUES (?1, ?2)";
        self.execute(sql, params![wish.language, number_of(wish)])?;
        Ok(())
    }

    /// Every adapter, the newest first.
    pub fn adapters(&self) -> Result<Vec<AdapterRow>, StoreError> {
        adapters::all(self.connection()).map_err(|source| self.failed(source))
    }

    /// Retires adapters: each is off for ever, and where one was live, the nearest before it that may
    /// be worn is live again.
    pub fn retire_adapters(&self, ids: &[AdapterId]) -> Result<(), StoreError> {
        retire(self.connection(), ids).map_err(|source| self.failed(source))
    }
}

fn number_of(wish: &Retraining) -> i64 {
    wish.workspace.map_or(ALL_FOLDERS, WorkspaceId::as_i64)
}

fn retire(connection: &Connection, ids: &[AdapterId]) -> rusqlite::Result<()> {
    let mut live = Vec::new();
    for id in ids {
        let Some(row) = adapters::one(connection, *id)? else {
            continue;
        };
        connection.execute(
            "UPDATE adapter SET state = 'off', retired_at_s = unixepoch() \
             WHERE id = ?1 AND retired_at_s IS NULL",
            [id.as_i64()],
        )?;
        if row.state == AdapterState::Live {
            live.push(row);
        }
    }
    // Once all of them are: none may take the place of another.
    for row in live {
        adapters::go_back(connection, row.replaced)?;
    }
    Ok(())
}
