//! Opening the database: owner-only, write-ahead log, migrations in order.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::error::StoreError;

/// Each brings the database one version further. Never change one that was released: add one.
const MIGRATIONS: &[&str] = &[
    include_str!("../migrations/0001_workspaces.sql"),
    include_str!("../migrations/0002_corpus.sql"),
    include_str!("../migrations/0003_inserted.sql"),
    include_str!("../migrations/0004_review.sql"),
    include_str!("../migrations/0005_forgetting.sql"),
    include_str!("../migrations/0006_scores.sql"),
    include_str!("../migrations/0007_adapters.sql"),
    include_str!("../migrations/0008_exclusions.sql"),
    include_str!("../migrations/0009_forget.sql"),
    include_str!("../migrations/0010_outliers.sql"),
];

/// How long to wait for another process that writes.
const BUSY_WAIT: Duration = Duration::from_secs(30);

/// Memory for pages, in KiB: enough for the upper levels of every index.
const CACHE_KIB: i64 = 64 * 1024;

/// What the log may keep of the disk once its pages are in the database. It is larger while a big
/// transaction runs.
const LOG_BYTES_MAX: i64 = 64 * 1024 * 1024;

/// Pages of the log before they are brought into the database: 32 MiB. A build touches the same pages
/// again and again, and each is brought over once.
const LOG_PAGES: i64 = 8_192;

/// Statements kept prepared: a build runs the same few for each piece.
const STATEMENTS_MAX: usize = 128;

/// The open database. One per thread.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
    path: PathBuf,
}

impl Store {
    /// Opens the database and brings it up to date; makes it where there is none.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let file = |source| StoreError::File {
            path: path.to_owned(),
            source,
        };
        // SQLite makes its log and index with the mode of the database itself.
        inkstone_platform::private::file_options()
            .append(true)
            .open(path)
            .map_err(file)?;
        let database = |source| StoreError::from_sqlite(path, source);
        let connection = Connection::open(path).map_err(database)?;
        let mut store = Self {
            connection,
            path: path.to_owned(),
        };
        store.prepare().map_err(database)?;
        store.migrate()?;
        Ok(store)
    }

    fn prepare(&self) -> rusqlite::Result<()> {
        self.connection.busy_timeout(BUSY_WAIT)?;
        self.connection.pragma_update(None, "journal_mode", "WAL")?;
        self.connection
            .pragma_update(None, "synchronous", "NORMAL")?;
        // Negative means KiB.
        self.connection
            .pragma_update(None, "cache_size", -CACHE_KIB)?;
        self.connection
            .pragma_update(None, "journal_size_limit", LOG_BYTES_MAX)?;
        self.connection
            .pragma_update(None, "wal_autocheckpoint", LOG_PAGES)?;
        // What a writer takes back is overwritten where it lay, not only left out of the lists.
        self.connection.pragma_update(None, "secure_delete", true)?;
        self.connection
            .set_prepared_statement_cache_capacity(STATEMENTS_MAX);
        // Otherwise a statement is planned anew for other values, which takes longer than to run it.
        self.connection
            .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        self.connection.pragma_update(None, "foreign_keys", true)
    }

    fn migrate(&mut self) -> Result<(), StoreError> {
        let path = self.path.clone();
        let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
        // Whoever only reads waits for nobody who writes.
        let version = |connection: &Connection| {
            connection.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0))
        };
        if self.read(version)? == known {
            return Ok(());
        }
        let found = self.write(|transaction| {
            let found = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
            let done = usize::try_from(found).unwrap_or(usize::MAX);
            for migration in MIGRATIONS.iter().skip(done) {
                transaction.execute_batch(migration)?;
            }
            if found < known {
                transaction.pragma_update(None, "user_version", known)?;
            }
            Ok(found)
        })?;
        if found > known {
            return Err(StoreError::Newer { path, found, known });
        }
        Ok(())
    }

    /// Runs one transaction that writes: all of it happens, or nothing.
    pub(crate) fn write<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let run = |connection: &mut Connection| {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let value = work(&transaction)?;
            transaction.commit()?;
            Ok(value)
        };
        run(&mut self.connection).map_err(|source| self.failed(source))
    }

    /// Runs one transaction that only reads: all statements see one moment, and nobody who writes is
    /// waited for.
    pub(crate) fn read_at_once<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let run = |connection: &mut Connection| {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Deferred)?;
            work(&transaction)
        };
        run(&mut self.connection).map_err(|source| self.failed(source))
    }

    /// Empties the log of the database, so that what was deleted is in no file of it any more: pages
    /// as they were before lie there until then. False where another process reads for so long that
    /// it cannot be done now; the next time does it.
    pub fn empty_log(&self) -> Result<bool, StoreError> {
        self.read(|connection| {
            let busy: i64 =
                connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
            Ok(busy == 0)
        })
    }

    /// Reads. Several statements may see different states; use [`Self::read_at_once`] where that
    /// matters.
    pub(crate) fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        work(&self.connection).map_err(|source| self.failed(source))
    }

    /// For the transactions of one concern's tables.
    pub(crate) fn parts(&mut self) -> (&mut Connection, &Path) {
        (&mut self.connection, &self.path)
    }

    fn failed(&self, source: rusqlite::Error) -> StoreError {
        StoreError::from_sqlite(&self.path, source)
    }
}
