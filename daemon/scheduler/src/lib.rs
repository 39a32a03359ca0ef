//! Which request runs next, in which sequence of the KV cache: a pure state machine.
//!
//! The engine thread owns one [`Scheduler`] per model. It submits and cancels requests, asks for
//! the next [`Step`], runs it, and reports the tokens it chose. Nothing here computes, waits or
//! looks at a clock. In reading order: [`request`] (what is asked), [`slot`] (what a sequence
//! holds), [`scheduler`] (the rules).

pub mod request;
pub mod scheduler;
pub mod slot;

pub use request::{Admission, Document, Rejection, Request, RequestKey};
pub use scheduler::{Limits, Progress, Scheduler};
pub use slot::{Entry, Rewind, Sequence, Step};
