//! Fetches model files from the sources of the catalogue and publishes them.
//!
//! In reading order: [`fetcher`] (pull and import: which sources, in which order, what is checked
//! before a file gets its name), `source` (one file for each kind of source), `sink` (bytes to a
//! file, counted and hashed), [`progress`] (what is told on the way), [`environment`] (what the
//! process's surroundings say: hub, token, programs), `lock` (one pull of a model at a time),
//! `leftovers` (where unfinished files lie and how they go), `space` (room on the disk).
//!
//! This is the only code of the project that reaches the network, and only the command line links
//! it. Not here: what the catalogue holds and how files are named (`inkstone-models`).

pub mod environment;
mod error;
pub mod fetcher;
mod leftovers;
mod lock;
pub mod progress;
mod sink;
mod source;
mod space;

pub use environment::FetchEnvironment;
pub use error::{FetchError, SourceFailure};
pub use fetcher::{Consent, Fetcher, Pulled};
pub use leftovers::discard_unfinished;
pub use progress::{Pace, Phase, Progress};
