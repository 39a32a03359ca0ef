//! What the daemon is told for the trainer: which text was not typed, which document was saved.
//!
//! Hashes and paths, never text. The daemon keeps the first and passes the second on; a client needs
//! no answer but that it was taken.

use serde::{Deserialize, Serialize};

/// Shingles in one message: at 21 bytes each, a tenth of what a line may hold.
pub const INSERTED_SHINGLES_MAX: usize = 4_096;

/// Bytes of a saved document's path: what Linux and macOS allow at most.
pub const SAVED_PATH_BYTES_MAX: usize = 4_096;

/// Where a text came from that was not typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InsertedOrigin {
    /// It was suggested, and taken.
    Suggested,
    /// It was inserted in one go.
    Pasted,
}

/// The process that watches the writer's folders, as `status` reports it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrainerReport {
    /// What it does.
    pub state: TrainerState,
    /// Folders that it watches.
    #[serde(default)]
    pub folders: u32,
    /// What a person should know: why it is off or failed, or that it polls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<String>,
}

/// What the trainer does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrainerState {
    /// It does not run, and need not.
    #[default]
    Off,
    /// It was started and has said nothing yet.
    Starting,
    /// It reads what changed while it was off.
    Scanning,
    /// It waits for changes.
    Watching,
    /// It ended by itself and is started again after a while.
    Failed,
    /// It says something that this build does not know.
    #[serde(other)]
    Other,
}
