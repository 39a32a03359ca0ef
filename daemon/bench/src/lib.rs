//! An LSP client and the measurements of the contract.
//!
//! In reading order: [`lsp_client`] (drives the real language server, in tests too); the
//! measurements [`latency`], [`session`], [`load`], [`soak`], [`idle`], [`corpus`], [`train`],
//! [`yielding`] and [`replay`], each `inkstone bench` and its name; [`held_out`] (what a dataset keeps to measure by);
//! [`error`]. Under all of it: [`subject`] (what is measured), `stage` (a private home and its
//! processes), `trainer_home` (the trainer's), `typist` (a document and its keys), `observer` (what the daemon says
//! of itself), [`percentiles`], `rss`, `cpu_time`, `seeded`.
//!
//! Links no model code: the binaries under measurement run as their users run them, and plain
//! llama.cpp, to which they are compared, runs as `inkstoned raw-decode`.

pub mod corpus;
mod cpu_time;
pub mod error;
pub mod held_out;
pub mod idle;
pub mod latency;
pub mod load;
pub mod lsp_client;
mod observer;
pub mod percentiles;
pub mod replay;
mod rss;
mod seeded;
pub mod session;
pub mod soak;
mod stage;
pub mod subject;
pub mod train;
mod trainer_home;
mod typist;
pub mod yielding;

pub use error::BenchError;
pub use subject::Subject;
