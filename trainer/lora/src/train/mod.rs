//! From gradients to an adapter that has learned.
//!
//! In reading order: [`schedule`] (how fast, when), [`optimizer`] (how a gradient becomes a change;
//! `eight_bit`: with a fourth of the memory), [`training`] (micro-batches, clipping, a step),
//! `checkpoint` (a training as bytes), `saved` (the file that those are). When to stop, what to keep
//! and what to do when a training runs away is for its caller to decide, by the numbers of each step:
//! [`crate::run`].

pub(crate) mod checkpoint;
mod eight_bit;
pub mod optimizer;
pub(crate) mod saved;
pub mod schedule;
pub mod training;
