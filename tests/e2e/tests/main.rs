//! The end-to-end tests: one file for each promise.
//!
//! Each runs the real binaries in a home of its own; what they share is in `src/`.

#![cfg(unix)] // Sockets, signals and modes: on Windows the same promises need words of their own.
#![allow(clippy::unwrap_used, clippy::expect_used)] // A test that fails panics.

mod adapters;
mod cli_complete;
mod cli_status;
mod completing;
mod crash;
mod doctor;
mod dying_daemon;
mod editor_gone;
mod fallback_list;
mod gate;
mod hand_over;
mod hostile_frames;
mod idle;
mod logs;
mod measured_training;
mod memory_ceiling;
mod one_daemon;
mod progress;
mod remembered;
mod remembers;
mod replay;
mod rights;
mod scores;
mod sensible;
mod silence;
mod soak;
mod stop_and_start;
mod storms;
mod superseding;
mod trains;
mod type_through;
