//! Owned handles over llama.cpp's C API: each frees what it holds, none hands out raw pointers.
//!
//! Called by the modules of this crate only. Every `unsafe` block says which invariant it needs and
//! who keeps it.

pub(crate) mod adapter;
pub(crate) mod backend;
pub(crate) mod context;
pub(crate) mod log;
pub(crate) mod model;
mod state;
