//! When to ask for a completion, when to reuse the last one, and when to stay silent.
//!
//! Pure: values in, a decision with its reason out. Knows neither the protocol nor the daemon; the
//! language server calls [`decide`] for every request and acts on the answer.
//!
//! In reading order:
//! - [`input`]: what is known about a request;
//! - [`decide`]: the rules, in order;
//! - [`gate`]: how sure a suggestion must be to be shown unasked;
//! - [`shown`]: the last suggestion, and whether the writer is typing it;
//! - [`silent`]: the reasons for silence, each with a code and a sentence.

pub mod decide;
pub mod gate;
pub mod input;
pub mod shown;
pub mod silent;

pub use decide::{Decision, decide};
pub use gate::score_min;
pub use input::{Access, PolicyInput, Selection, Switches, Trigger};
pub use shown::Shown;
pub use silent::SilentReason;
