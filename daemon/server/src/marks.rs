//! Remembers which text was not typed, as hashes, for the trainer.
//!
//! Not what that means (`inkstone-corpus`). Written on a blocking thread, one batch after another, so
//! that neither the engine nor a session waits for the disk. The database is opened for each batch:
//! they are rare, and an idle daemon holds no memory for it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use inkstone_protocol::{ErrorCode, INSERTED_SHINGLES_MAX, InsertedOrigin, WireError};
use inkstone_store::{Origin, Store, StoreError};
use tokio::sync::Mutex;

/// Where the marks lie, and whose turn it is to write.
#[derive(Debug, Clone)]
pub(crate) struct Marks {
    database: Arc<Path>,
    turn: Arc<Mutex<()>>,
}

impl Marks {
    /// In this database, which is made with the first mark.
    pub(crate) fn new(database: PathBuf) -> Self {
        Self {
            database: database.into(),
            turn: Arc::default(),
        }
    }

    /// Remembers a batch of shingles. Who stops waiting leaves it to be written.
    pub(crate) async fn remember(
        &self,
        origin: InsertedOrigin,
        shingles: Vec<u64>,
    ) -> Result<(), WireError> {
        if shingles.len() > INSERTED_SHINGLES_MAX {
            let message = format!(
                "{} shingles in one message; there may be {INSERTED_SHINGLES_MAX}",
                shingles.len()
            );
            return Err(WireError::new(ErrorCode::InvalidMessage, message));
        }
        if shingles.is_empty() {
            return Ok(());
        }
        let turn = Arc::clone(&self.turn).lock_owned().await;
        let database = Arc::clone(&self.database);
        let written = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            write(&database, origin, &shingles)
        });
        match written.await {
            Ok(Ok(added)) => {
                tracing::debug!(added, "inserted text is remembered");
                Ok(())
            }
            Ok(Err(error)) => {
                tracing::warn!(%error, "inserted text cannot be remembered");
                Err(WireError::new(ErrorCode::Internal, error.to_string()))
            }
            Err(error) => {
                tracing::error!(%error, "a task failed; please report this bug");
                Err(WireError::new(ErrorCode::Internal, "a task failed"))
            }
        }
    }
}

fn write(database: &Path, origin: InsertedOrigin, shingles: &[u64]) -> Result<u64, StoreError> {
    let origin = match origin {
        InsertedOrigin::Suggested => Origin::Suggested,
        InsertedOrigin::Pasted => Origin::Pasted,
    };
    // A clock before 1970 is wrong anyway.
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let now_s = since.map_or(0, |since| {
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    });
    Store::open(database)?.remember_inserted(origin, shingles, now_s)
}
