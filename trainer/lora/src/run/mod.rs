//! A whole run: steps, evaluations, checkpoints, what to do when it runs away, and when it ends.
//!
//! In reading order: [`config`] (what a run is told), [`batches`] (what it learns from and is judged
//! by), [`stopping`] (early stopping), [`guard`] (what shows that it runs away), [`event`] (what it
//! tells), [`course`] (the run itself), `checkpoint` (a run as bytes); and before it: [`automatic`]
//! (values for whoever sets none), [`plan`] (how a step fits into memory), [`rate_search`] (which
//! learning rate).
//!
//! No file, clock or thread: the caller, the trainer, asks for one event after the other, stores
//! checkpoints, tells the writer, and may look at samples of the adapter on the way.

pub mod automatic;
pub mod batches;
mod checkpoint;
pub mod config;
pub mod course;
pub mod event;
pub mod guard;
pub mod plan;
pub mod rate_search;
pub mod stopping;
