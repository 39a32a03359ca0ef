//! The daemon: one per user, the only one that holds models.
//!
//! In reading order: [`start`] (from a process to a listening socket), [`reachability`] (whether that
//! can be found), [`daemon`] (the event loop that owns the rest), [`event`] (what wakes it), [`session`] (one connection), [`completions`]
//! (what sessions need of the models), [`serving`] (the models), [`marks`] (what was not typed),
//! [`trainer`] (the process that watches folders), [`request_log`] and [`logging`]
//! (what is written down), [`thread_waiting`] (kindness to a busy machine), [`raw_decode`] (plain
//! llama.cpp, for comparison).
//!
//! The binary is thin: [`daemon::run`] takes its listener, its models and its end as arguments, so
//! that tests bind their own socket and stop when they like.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))] // A test that fails panics.

pub mod completions;
pub mod daemon;
pub mod event;
pub mod flags;
pub mod logging;
mod marks;
pub mod measure;
mod outcomes;
pub mod raw_decode;
mod reachability;
mod request_log;
pub mod serving;
mod session;
pub mod start;
mod status;
pub mod thread_waiting;
pub mod trainer;

pub use completions::Completions;
pub use daemon::{Daemon, run};
pub use event::EndReason;
pub use trainer::TrainerProgram;
