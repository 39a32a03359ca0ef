//! An LSP client and the measurements of the contract.
//!
//! In reading order: [`lsp_client`] (drives the real language server, in tests too), [`latency`]
//! (`inkstone bench latency`), [`replay`] (`inkstone bench replay`), [`error`]. Under all of it: `stage` (a private home and its processes),
//! `observer` (what the daemon says of itself), `percentiles`.
//!
//! Links no model code: the binaries under measurement run as their users run them, and plain
//! llama.cpp, to which they are compared, runs as `inkstoned raw-decode`.

pub mod error;
pub mod latency;
pub mod lsp_client;
mod observer;
mod percentiles;
pub mod replay;
mod stage;

pub use error::BenchError;
