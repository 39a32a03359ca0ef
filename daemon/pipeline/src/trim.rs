//! Fits generated text between what stands before and after the caret.
//!
//! Not whether the result is worth offering (`verdict.rs`). Called by it, by the daemon's streams
//! for what can be shown before the end is known, and by tests that want to see what was cut.

use crate::overlap::{cut_following, cut_possibly_following, repeats_preceding};
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
    let unix = unix_lines(suggestion);
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

/// What can be shown of a suggestion whose first words are `shown` and whose end is not known yet:
/// whatever comes, [`trim`] returns a text that begins with this, unless it returns none at all.
///
/// `shown` ends between two words ([`crate::Stopper::shown`]). What may turn out to be the text
/// after the caret is held back until the next word says that it is not.
pub fn trim_shown(shown: &str, around: &Surroundings<'_>) -> String {
    let unix = unix_lines(shown);
    if unix.trim().is_empty() {
        return String::new();
    }
    match fit_start(&unix, around) {
        Ok(started) => cut_possibly_following(started, around.suffix)
            .trim_end()
            .to_owned(),
        // Nothing that comes after such a start is offered.
        Err(_) => String::new(),
    }
}

/// Models have seen line feeds, but a few say what Windows does.
fn unix_lines(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}
