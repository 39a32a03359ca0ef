//! The trainer's reading half on real files, a real git and the real watcher.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test that fails panics.
#![allow(clippy::redundant_closure_for_method_calls)] // See the library.

mod desk;
mod excluding;
#[cfg(unix)]
mod forgetting;
mod git_authors;
mod git_messages;
mod hostile;
mod interrupted;
#[cfg(unix)]
mod program;
mod remembering;
mod rescanning;
mod walking;
#[cfg(unix)]
mod watched_memories;
mod watching;
