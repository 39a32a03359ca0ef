//! What the end-to-end tests share: an editor, a shell, a socket, and a text to compare with.
//!
//! The tests themselves are in `tests/`, a file for each promise. They run the real binaries on
//! the real models, each in a home of its own (`inkstone-test-support`), and drive the language
//! server with the client that the measurements use too (`inkstone-bench`).
//!
//! In reading order: [`turn`] (who has the processor), [`home`] (where it happens), [`shell`] (commands as a person types
//! them), [`editor`] (a language server with a document), [`wire`] (the daemon's socket, byte by
//! byte), [`mirror`] (the client's own text),
//! [`prose`] (much of it), [`storm`] (random edits).
//!
//! For tests only: a failure here is a panic that says what was expected.

pub mod editor;
pub mod home;
pub mod mirror;
pub mod prose;
pub mod shell;
pub mod storm;
pub mod turn;
#[cfg(unix)]
pub mod wire;
