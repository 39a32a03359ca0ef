//! Fits generated text between what stands before and after the caret.
//!
//! Not whether the result is worth offering (`verdict.rs`). Called by it, and by nothing else but
//! tests and tools that want to see what was cut.

use crate::overlap::{cut_following, repeats_preceding};
use crate::spacing::{fit_end, fit_start};
use crate::verdict::DropReason;

/// The text around the caret.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'a> {
    /// The text before the caret, or its last part.
    pub prefix: &'a str,
    /// The text after the caret, or its first part.
    pub suffix: &'a str,
    /// The spaces at the end of `prefix` that the model did not see
    /// ([`crate::Packed::held_back`]).
    pub held_back: &'a str,
}

/// The suggestion as it can be inserted at the caret, or why nothing of it can.
pub fn trim(suggestion: &str, around: &Surroundings<'_>) -> Result<String, DropReason> {
    let unix = suggestion.replace("\r\n", "\n").replace('\r', "\n");
    if unix.trim().is_empty() {
        return Err(DropReason::Empty);
    }
    let started = fit_start(&unix, around)?;
    let cut = cut_following(started, around.suffix);
    if cut.trim().is_empty() {
        return Err(DropReason::RepeatsFollowing);
    }
    if repeats_preceding(cut, around.prefix) {
        return Err(DropReason::RepeatsPreceding);
    }
    Ok(fit_end(cut, around))
}
