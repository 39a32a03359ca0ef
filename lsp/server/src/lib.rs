//! The language server: one process per editor window, light, and alive without the daemon.
//!
//! It owns the documents' text, decides whether and what to ask, and puts the daemon's answers
//! into the protocol's form. It links no inference engine. In reading order:
//! - [`serve`]: wires one editor's connection; [`host`]: what it needs from the machine;
//!   [`flags`], [`logging`]: the process around it;
//! - `intake`: bytes to good messages; `api`: one file per method; `wire`: their types and ours;
//! - `event`, `event_loop`: everything that may wake the process, and the one task that owns the
//!   state; `cancel`: generations of work;
//! - `session`: that state, as a pure machine from events to effects;
//! - `arrival`: what text that was not typed is remembered by; `learned_file`: what feedback taught, kept for all editors;
//! - `daemon`: the connection to the daemon; `outbox`: what the editor is told unasked;
//!   `watch_editor`: ends us with the editor, `watch_training`: whether a training runs;
//! - [`replay`]: any bytes as messages, for fuzzing.

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        reason = "a panic is how a test fails"
    )
)]

mod api;
mod arrival;
mod cancel;
mod daemon;
mod event;
mod event_loop;
pub mod flags;
pub mod host;
mod intake;
mod learned_file;
pub mod logging;
mod outbox;
pub mod replay;
pub mod serve;
mod session;
mod watch_editor;
mod watch_training;
pub mod wire;
