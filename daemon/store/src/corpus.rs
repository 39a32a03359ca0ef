//! The tables of the trainer's corpus, and one transaction over them.
//!
//! Rows in, rows out: what a hash, a signature or a record means, and which text is dropped, is the
//! trainer's to know (`assemble` of `inkstone-trainer`).
//!
//! - [`document`]: files that were read, and those that were skipped;
//! - [`wording`]: distinct texts, and the pieces they stand in;
//! - [`band`]: the index by which alike texts find each other;
//! - [`score`]: what language models said of texts;
//! - [`genre`]: what kind of writing the files are;
//! - [`version`]: records, published versions, what is kept of them;
//! - [`state`]: what is left to be done, and whether the newest version is that of today;
//! - [`removed`]: folders of which nothing may be kept any more;
//! - [`decision`]: what a person decided in the review.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension as _, Params, Row, TransactionBehavior};

use crate::database::Store;
use crate::error::StoreError;

pub mod band;
pub mod decision;
pub mod document;
pub mod genre;
pub mod removed;
pub mod score;
pub mod state;
pub mod version;
pub mod wording;

/// The corpus inside one transaction.
#[derive(Debug)]
pub struct Corpus<'c> {
    connection: &'c Connection,
    path: &'c Path,
}

impl Store {
    /// Changes the corpus: all that `work` does happens, or nothing where it fails or the process
    /// ends before.
    pub fn change_corpus<T, E: From<StoreError>>(
        &mut self,
        work: impl FnOnce(&Corpus<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.corpus(TransactionBehavior::Immediate, work)
    }

    /// Reads the corpus as it is at one moment.
    pub fn read_corpus<T, E: From<StoreError>>(
        &mut self,
        work: impl FnOnce(&Corpus<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.corpus(TransactionBehavior::Deferred, work)
    }

    fn corpus<T, E: From<StoreError>>(
        &mut self,
        behavior: TransactionBehavior,
        work: impl FnOnce(&Corpus<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let (connection, path) = self.parts();
        let failed = |source| StoreError::from_sqlite(path, source);
        let transaction = connection
            .transaction_with_behavior(behavior)
            .map_err(failed)?;
        let value = work(&Corpus {
            connection: &transaction,
            path,
        })?;
        transaction.commit().map_err(failed)?;
        Ok(value)
    }
}

impl Corpus<'_> {
    /// Runs a statement; how many rows it changed.
    fn execute(&self, sql: &str, params: impl Params) -> Result<usize, StoreError> {
        let run = || self.connection.prepare_cached(sql)?.execute(params);
        run().map_err(|source| self.failed(source))
    }

    /// Runs an insertion; the row's number.
    fn insert(&self, sql: &str, params: impl Params) -> Result<i64, StoreError> {
        let run = || self.connection.prepare_cached(sql)?.insert(params);
        run().map_err(|source| self.failed(source))
    }

    /// The first row, if there is one.
    fn first<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, StoreError> {
        let run = || {
            let mut statement = self.connection.prepare_cached(sql)?;
            statement.query_row(params, read).optional()
        };
        run().map_err(|source| self.failed(source))
    }

    /// A number that is always there, such as a count.
    fn number(&self, sql: &str, params: impl Params) -> Result<i64, StoreError> {
        let found = self.first(sql, params, |row| row.get(0))?;
        Ok(found.unwrap_or_default())
    }

    /// Every row; for statements whose rows a limit bounds.
    fn rows<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let run = || {
            let mut statement = self.connection.prepare_cached(sql)?;
            let rows = statement.query_map(params, read)?;
            rows.collect::<rusqlite::Result<Vec<T>>>()
        };
        run().map_err(|source| self.failed(source))
    }

    /// One row after the other, until `take` says false.
    fn each<T, E: From<StoreError>>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
        mut take: impl FnMut(T) -> Result<bool, E>,
    ) -> Result<(), E> {
        let failed = |source| self.failed(source);
        let mut statement = self.connection.prepare_cached(sql).map_err(failed)?;
        let mut rows = statement.query(params).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            if !take(read(row).map_err(failed)?)? {
                break;
            }
        }
        Ok(())
    }

    fn failed(&self, source: rusqlite::Error) -> StoreError {
        StoreError::from_sqlite(self.path, source)
    }
}
