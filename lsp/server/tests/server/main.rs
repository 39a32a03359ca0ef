//! The language server as an editor meets it: in this process against a scripted daemon, and as
//! the real binary. One program for all of them, so that it is linked once.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a test fails"
)]

mod alternatives;
mod arrivals;
mod away;
mod binary;
mod gate;
mod initialize;
mod lifecycle;
mod replay;
mod reveal;
mod settings;
mod suggest;
mod support;
mod sync;
mod training;
