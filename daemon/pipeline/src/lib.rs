//! From a document to a prompt, and from generated text to a suggestion.
//!
//! Pure: values in, values out. Knows no model and no engine: tokens are counted by a function
//! that the caller brings. The daemon calls it, in this order:
//! - [`context`]: packs the prompt into a token budget; [`healing`](mod@healing) says where the model begins;
//! - [`stop`]: ends generation, fed piece by piece; [`phrase`] tells it of words and phrases,
//!   [`repetition`] of loops;
//! - [`written`]: what came of it;
//! - [`trim`]: fits the text to its [`place`] between what is before and after the caret: with the
//!   spaces of [`spacing`], the markers of a [`list`], closed [`pairs`] of marks, as a [`title`], and
//!   without what [`overlap`] finds there already and what [`references`] finds nowhere;
//! - [`verdict`]: offers the result, or drops it and says why;
//! - [`score`]: how likely its first word is the writer's next, from what [`first_word`] collected;
//! - [`alternatives`]: which of several ways to go on differ.

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        reason = "a panic is how a test fails"
    )
)]

pub mod alternatives;
pub mod context;
pub mod first_word;
pub mod healing;
pub mod list;
pub mod overlap;
pub mod pairs;
pub mod phrase;
pub mod place;
pub mod references;
pub mod repetition;
pub mod score;
pub mod spacing;
pub mod stop;
pub mod title;
pub mod trim;
pub mod verdict;
pub mod written;

pub use alternatives::{distinct, distinct_starts};
pub use context::{PackRequest, Packed, TokenCount, header, pack};
pub use first_word::FirstWord;
pub use healing::{Healing, healing};
pub use place::Place;
pub use score::{Evidence, score};
pub use stop::{CharCount, Decision, StopReason, StopRule, Stopper};
pub use trim::{Surroundings, trim, trim_shown};
pub use verdict::{DropReason, Verdict, judge};
pub use written::{Ending, Written};
