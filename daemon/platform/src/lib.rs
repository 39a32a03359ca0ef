//! What only the operating system knows, behind functions that mean the same everywhere.
//!
//! In reading order: [`memory`] and [`cores`] (what the machine has), [`process`] (who is alive, who
//! we are), [`login`] (since when), [`detach`] (leaving the terminal), [`private`] (files for their
//! owner alone), [`identity`] (which file a path leads to), [`disk`] (free space),
//! [`rotating_file`] (a log that cannot fill a disk), [`watch`] (what changes in a directory),
//! [`regular_file`] (opening what lies in a folder of anybody's), [`mapped_file`] (a file as bytes
//! without reading it), [`file_stamp`] (whether a file may
//! have changed), [`mount`] (which file system), [`priority`] (working only when nobody else does).
//!
//! Linux answers everything, macOS and Windows most; what a system cannot tell is `None` or an
//! error of kind `Unsupported`, never a guess. Not here: where our files lie (`inkstone-settings`).

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))] // A test that fails panics.

pub mod cores;
pub mod detach;
pub mod disk;
pub mod file_stamp;
pub mod identity;
pub mod login;
pub mod mapped_file;
pub mod memory;
pub mod mount;
pub mod power;
pub mod priority;
pub mod private;
pub mod process;
pub mod regular_file;
pub mod rotating_file;
mod system;
#[cfg(unix)]
pub mod watch;

pub use cores::{logical_cores, physical_cores};
pub use disk::free_bytes;
pub use file_stamp::FileStamp;
pub use identity::FileIdentity;
pub use login::boot_id;
pub use mapped_file::MappedFile;
pub use memory::{give_back_freed_memory, memory_available_bytes, own_rss_bytes, rss_bytes};
pub use process::{is_alive, user_id};
pub use rotating_file::RotatingFile;
