//! Makes a generated text fit where it goes: between what is before and after the caret.
//!
//! Not whether the result is worth offering (`verdict.rs`). Called by it, by the daemon's streams
//! for what can be shown before the end is known, and by tests that want to see what was cut.

use inkstone_prose::characters::{is_unspaced, is_word_joiner};

use crate::list::{fit_item, marker_bytes};
use crate::overlap::{cut_following, cut_possibly_following, repeats_preceding};
use crate::pairs::{fit_pairs, fit_pairs_so_far};
use crate::place::Place;
use crate::references::{cut_invented, cut_invented_so_far};
use crate::spacing::{fit_end, fit_start};
use crate::title::{fit_title, fit_title_so_far, repeats_heading};
use crate::verdict::DropReason;
use crate::written::{Ending, Written, has_word};

/// The text around the caret.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'a> {
    /// What is before it, as much as is known.
    pub prefix: &'a str,
    /// What is after it, as much as is known.
    pub suffix: &'a str,
    /// The spaces at the end of `prefix` that the model did not see
    /// ([`crate::Packed::held_back`]).
    pub held_back: &'a str,
    /// What kind of place the caret is in. Without it the text is fitted to no place, and its marks
    /// and references are not looked at: only to measure what that is worth.
    pub place: Option<Place>,
}

/// The suggestion as it can be inserted at the caret, or why nothing of it can.
pub fn trim<'a>(
    suggestion: impl Into<Written<'a>>,
    around: &Surroundings<'_>,
) -> Result<String, DropReason> {
    let written = suggestion.into();
    let unix = unix_lines(written.text);
    if unix.trim().is_empty() {
        return Err(DropReason::Empty);
    }
    let started = fit_start(&unix, around)?;
    let text = match around.place {
        Some(place) => fit_to(place, started, written.ending, around)?,
        None => new_text(started, around.suffix)?.to_owned(),
    };
    if repeats_preceding(&text, around.prefix) {
        return Err(DropReason::RepeatsPreceding);
    }
    Ok(fit_end(&text, around))
}

/// What can be shown of a suggestion whose first words are `shown` and whose end is not known yet:
/// whatever comes, [`trim`] returns a text that begins with this, unless it returns none at all.
///
/// `shown` ends between two words ([`crate::Stopper::shown`]). What may turn out to be the text
/// after the caret, a reference or an open quotation is held back until the next words say that it
/// is not.
pub fn trim_shown(shown: &str, around: &Surroundings<'_>) -> String {
    let unix = unix_lines(shown);
    if unix.trim().is_empty() {
        return String::new();
    }
    match (fit_start(&unix, around), around.place) {
        (Ok(started), Some(place)) => fit_so_far(place, started, around),
        (Ok(started), None) => cut_possibly_following(started, around.suffix)
            .trim_end()
            .to_owned(),
        // Nothing that comes after such a start is offered.
        (Err(_), _) => String::new(),
    }
}

/// The text as its place wants it, without what the document has or lacks.
fn fit_to(
    place: Place,
    text: &str,
    ending: Ending,
    around: &Surroundings<'_>,
) -> Result<String, DropReason> {
    let (prefix, suffix) = (around.prefix, around.suffix);
    let item = fit_item(text, &place.list_at(prefix));
    if item.trim().is_empty() {
        return Err(DropReason::Empty);
    }
    let fresh = new_text(&item, suffix)?;
    let known = cut_invented(fresh, prefix, suffix);
    if !has_word(known) && has_word(fresh) {
        return Err(DropReason::InventedReference);
    }
    let ending = if known.len() < item.len() {
        Ending::Cut
    } else {
        ending
    };
    let paired = fit_pairs(known, prefix, suffix, ending)?;
    if place != Place::Heading {
        return Ok(paired.into_owned());
    }
    let title = fit_title(&paired);
    if repeats_heading(title, prefix, suffix) {
        return Err(DropReason::RepeatsHeading);
    }
    Ok(title.to_owned())
}

/// What [`fit_to`] keeps in any case of a text that begins with `text`.
fn fit_so_far(place: Place, text: &str, around: &Surroundings<'_>) -> String {
    let (prefix, suffix) = (around.prefix, around.suffix);
    let list = place.list_at(prefix);
    if is_first_word(text) || (list.may_bring_marker() && marker_bytes(text).is_none()) {
        return String::new();
    }
    let item = fit_item(text, &list);
    // What follows the caret may be cut out of the middle of a reference.
    let fresh = cut_possibly_following(&item, suffix).len();
    let known = cut_invented_so_far(&item, prefix, suffix).len();
    let known = cut_invented_so_far(&item[..fresh.min(known)], prefix, suffix);
    let paired = fit_pairs_so_far(known, prefix, suffix);
    let text = match place {
        Place::Heading => fit_title_so_far(&paired),
        Place::Prose | Place::ListItem | Place::Table => &paired,
    };
    text.trim_end().to_owned()
}

/// The text up to what follows the caret already.
fn new_text<'a>(text: &'a str, suffix: &str) -> Result<&'a str, DropReason> {
    let cut = cut_following(text, suffix);
    if cut.trim().is_empty() {
        return Err(DropReason::RepeatsFollowing);
    }
    Ok(cut)
}

/// Whether a text is one word so far. It may go on, be it as an address.
fn is_first_word(text: &str) -> bool {
    let in_word = |c: char| (c.is_alphanumeric() || is_word_joiner(c)) && !is_unspaced(c);
    text.trim_end_matches(in_word).trim().is_empty()
}

/// Models have seen line feeds, but a few say what Windows does.
fn unix_lines(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}
