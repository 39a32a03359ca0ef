//! Watches its owner's workspaces, reads files and git, and builds datasets of their prose.
//!
//! A process of its own, started by the daemon or the CLI. What is prose, whose it is and what is
//! wrong with it is decided in `inkstone-corpus`.
//!
//! - [`assemble`]: from documents to versions of the dataset.

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        reason = "a panic is how a test fails"
    )
)]

pub mod assemble;
