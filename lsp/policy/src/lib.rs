//! When to ask for a completion, when to reuse the last one, and when to stay silent.
//!
//! Pure: values in, a decision with its reason out. Knows neither the protocol nor the daemon; the
//! language server calls [`decide`] for every request and acts on the answer.
//!
//! In reading order:
//! - [`input`]: what is known about a request;
//! - [`decide`]: the rules, in order; `composing` (with `pinyin`), `token` and `misspelt` tell what
//!   stands at the caret;
//! - [`bound`](mod@bound): how far a suggestion may go;
//! - [`gate`]: how sure a suggestion must be to be shown unasked;
//! - [`shown`]: the last suggestion, and whether the writer is typing it;
//! - [`outcome`]: what became of it; [`learned`]: how that moves the gate for this writer;
//! - [`rhythm`]: how long a request waits for a fast typist, and who is one;
//! - [`silent`]: the reasons for silence, each with a code and a sentence.

pub mod bound;
mod composing;
pub mod decide;
pub mod gate;
pub mod input;
pub mod learned;
mod misspelt;
pub mod outcome;
mod pinyin;
pub mod rhythm;
pub mod shown;
pub mod silent;
mod token;

pub use bound::{Bound, BoundInput, bound, tokens_max};
pub use decide::{Decision, decide};
pub use gate::score_min;
pub use input::{Access, Composition, PolicyInput, Selection, Switches, Trigger};
pub use learned::{Learned, Lesson, Threshold};
pub use outcome::{Look, Outcome, Watch};
pub use rhythm::{Debounce, Rhythm};
pub use shown::{Rest, Shown, Taken};
pub use silent::SilentReason;
