//! Watches its owner's workspaces, reads files and git, and builds datasets of their prose.
//!
//! A process of its own, started by the daemon or the CLI. What is prose, whose it is and what is
//! wrong with it is decided in `inkstone-corpus`.
//!
//! In reading order:
//! - [`options`]: what the settings let it read;
//! - [`walk`]: the files of a workspace, in [`walk_order`], and what is [`skipped`], with the reason;
//! - [`content`]: reading one of them;
//! - [`ledger`]: what is known of a workspace, and the changes of it;
//! - [`rescan`]: from a walk and a ledger to changes;
//! - [`mod@watch`]: when to look again;
//! - [`git`]: whose lines and messages they are;
//! - [`mod@survey`]: what would be read of a folder, before it is added;
//! - [`keep`]: from files to documents of the store;
//! - [`scores`]: how surprising a language model finds their pieces;
//! - [`assemble`]: from documents to versions of the dataset, [`mod@build`]: all of it;
//! - [`review`]: a person's conversation with what was read;
//! - [`tokens`]: the tokens of a text, [`profiles`]: where the writer's habits are kept, [`memories`]: and their n-grams,
//!   `swept_folder`: how both go;
//! - [`train`]: adapters that learn from it, [`forget`]: a source goes out of all of that;
//! - [`single`]: one trainer at a time, `clock`: what time it is;
//! - [`command_line`]: what it can be asked, [`commands`]: the answers.

// Methods of the borrowed corpus are for one lifetime, where `read_corpus` asks for all: a closure is.
#![allow(clippy::redundant_closure_for_method_calls)]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::float_cmp,
        reason = "a panic is how a test fails, and some numbers must be the same to the bit"
    )
)]

pub mod assemble;
pub mod build;
mod clock;
pub mod command_line;
pub mod commands;
pub mod content;
pub mod forget;
pub mod git;
pub mod keep;
pub mod ledger;
pub mod memories;
pub mod options;
pub mod profiles;
pub mod rescan;
pub mod review;
pub mod scores;
pub mod single;
pub mod skipped;
pub mod survey;
mod swept_folder;
pub mod tokens;
pub mod train;
pub mod walk;
pub mod walk_order;
pub mod watch;
