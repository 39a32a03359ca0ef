//! Which request runs next, in which sequence of the KV cache: a pure state machine.
//!
//! The engine thread owns one [`Scheduler`] per model. It submits and cancels requests, asks for
//! the next [`Step`], runs it, and reports the tokens it chose. Nothing here computes, waits or
//! looks at a clock. In reading order: [`request`] (what is asked), [`slot`] (what a sequence
//! holds), `alignment` (what of it serves a prompt), [`scheduler`] (who is admitted and ended),
//! `assignment` (which sequence serves whom), `running` (a request at work), `batch` (what the next
//! step computes), `turn` (with which adapter), `draft` (what it guesses beyond), `branch` (several
//! ways to go on), `prefill` (texts that are read ahead), `restoring` (what is kept when the cache
//! goes).

mod alignment;
mod assignment;
mod batch;
mod branch;
mod draft;
mod prefill;
pub mod request;
mod restoring;
mod running;
pub mod scheduler;
pub mod slot;
mod turn;

pub use draft::{Drafts, Guess};
pub use request::{Adapter, Admission, Document, Rejection, Request, RequestKey};
pub use restoring::Kept;
pub use scheduler::{Limits, Progress, Scheduler};
pub use slot::{Change, Entry, Sequence, Step};
