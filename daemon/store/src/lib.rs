//! What the trainer knows, in one SQLite database of the owner's (`data/inkstone.db`).
//!
//! Not the text of models and adapters, which are files. The trainer, the daemon and the CLI open
//! it; the language server never does.
//!
//! - [`database`]: opening it, with its migrations;
//! - [`error`]: what can go wrong;
//! - [`workspaces`]: the folders that their owner added;
//! - [`seen_files`]: what the files in them were like when they were last read;
//! - [`corpus`]: what was read of the writer's files, which of it is the same, and the versions of
//!   the dataset;
//! - [`inserted`]: what came into documents otherwise than by typing, as hashes;
//! - [`adapters`]: what was trained, what the gate said of it, and which of it is worn.
//!
//! Each further file holds one concern's tables: its statements and the values they return.

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        reason = "a panic is how a test fails"
    )
)]

pub mod adapters;
pub mod corpus;
pub mod database;
pub mod error;
pub mod inserted;
pub mod seen_files;
pub mod workspaces;

pub use adapters::{AdapterId, AdapterRow, AdapterScope, AdapterState, NewAdapter};
pub use corpus::Corpus;
pub use corpus::genre::DocumentGenre;
pub use database::Store;
pub use error::StoreError;
pub use inserted::{AllInserted, InsertedMark, Origin};
pub use seen_files::SeenFile;
pub use workspaces::{Added, Identities, Mark, Workspace, WorkspaceId};
