//! The rules that decide whether to ask the daemon, in the order in which they hold.
//!
//! Not the debounce, and not the model's own verdict on what it wrote. Called by the language
//! server for every request.

use inkstone_prose::characters::{is_spaced, is_trailing_punctuation};
use inkstone_prose::{DocumentKind, Zone, row_is_complete};

use crate::composing::is_composing;
use crate::input::{Access, Composition, PolicyInput, Selection, Trigger};
use crate::misspelt::follows_misspelling;
use crate::shown::Rest;
use crate::silent::SilentReason;
use crate::token::no_word;

/// What to do with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Ask the daemon.
    Ask,
    /// Answer with what is left of the last suggestions, without the daemon.
    Reuse {
        /// What is left of each that still fits; at least one.
        rests: Vec<Rest>,
    },
    /// Answer with nothing.
    Silent(SilentReason),
}

/// Decides on a request.
///
/// A request by key is answered wherever a suggestion can be inserted and makes sense; one that
/// comes by itself, only where it does not disturb.
pub fn decide(input: &PolicyInput<'_>) -> Decision {
    if let Some(reason) = never(input) {
        return Decision::Silent(reason);
    }
    if input.trigger == Trigger::Automatic
        && let Some(rests) = type_through(input)
    {
        return Decision::Reuse { rests };
    }
    let nowhere = by_zone(input)
        .or_else(|| row_complete(input))
        .or_else(|| nothing_to_continue(input))
        .or_else(|| no_word(input.prefix));
    if let Some(reason) = nowhere {
        return Decision::Silent(reason);
    }
    match input.trigger {
        Trigger::Invoked => Decision::Ask,
        Trigger::Automatic => disturbs(input).map_or(Decision::Ask, Decision::Silent),
    }
}

/// Where nothing can be inserted.
fn never(input: &PolicyInput<'_>) -> Option<SilentReason> {
    if !input.switches.suggestions {
        return Some(SilentReason::Disabled);
    }
    if input.access == Access::ReadOnly {
        return Some(SilentReason::ReadOnly);
    }
    if input.selection == Selection::Active {
        return Some(SilentReason::SelectionActive);
    }
    (input.composition == Composition::Active).then_some(SilentReason::Composing)
}

/// The rest of the last suggestions, while the writer types one. It goes before the zone: what was
/// right to show a moment ago still is, though its own backtick has been typed since.
fn type_through(input: &PolicyInput<'_>) -> Option<Vec<Rest>> {
    Some(input.rests_of_shown()).filter(|rests| !rests.is_empty())
}

fn by_zone(input: &PolicyInput<'_>) -> Option<SilentReason> {
    match input.zone {
        Zone::Prose | Zone::Heading | Zone::ListItem | Zone::Table => {
            (!input.kind.is_prose()).then_some(SilentReason::UnsupportedKind)
        }
        Zone::Comment if input.kind.is_prose() => Some(SilentReason::InComment),
        Zone::Comment => {
            (!input.switches.comments_in_code).then_some(SilentReason::UnsupportedKind)
        }
        Zone::Code => Some(SilentReason::UnsupportedKind),
        Zone::CodeFence => Some(SilentReason::InCodeFence),
        Zone::InlineCode => Some(SilentReason::InInlineCode),
        Zone::Url | Zone::LinkDestination => Some(SilentReason::InUrl),
        Zone::FrontMatter => Some(SilentReason::InFrontMatter),
        Zone::Math => Some(SilentReason::InMath),
        Zone::HtmlTag => Some(SilentReason::InHtmlTag),
        Zone::Command => Some(SilentReason::InCommand),
        Zone::Quote => Some(SilentReason::InQuote),
    }
}

/// After a row's last cell more text would be a column that the table does not have.
fn row_complete(input: &PolicyInput<'_>) -> Option<SilentReason> {
    let has_bars = matches!(input.kind, DocumentKind::Markdown | DocumentKind::Org);
    let complete = has_bars && input.zone == Zone::Table && row_is_complete(input.prefix);
    complete.then_some(SilentReason::RowComplete)
}

/// Without a word to go on from, a model writes the most common text there is.
fn nothing_to_continue(input: &PolicyInput<'_>) -> Option<SilentReason> {
    let has_words = input.prefix.contains(char::is_alphanumeric);
    (!has_words).then_some(SilentReason::EmptyDocument)
}

/// Where a suggestion that nobody asked for would be in the way.
fn disturbs(input: &PolicyInput<'_>) -> Option<SilentReason> {
    // A guess, where the editor does not tell: a person who asks knows better.
    if is_composing(input.prefix) {
        return Some(SilentReason::Composing);
    }
    let next = input.suffix.chars().next();
    if input.prefix.ends_with(is_spaced) && next.is_some_and(is_spaced) {
        return Some(SilentReason::MidWordInFollowing);
    }
    // Other cells of a row are other texts.
    let ends = |c: char| matches!(c, '\n' | '\r') || (c == '|' && input.zone == Zone::Table);
    let rest_of_line = input.suffix.split(ends).next().unwrap_or_default();
    // Closing marks do not need the writer's eye: an editor has often put them there itself.
    let is_free = |c: char| c.is_whitespace() || is_trailing_punctuation(c) || c == '|';
    if !rest_of_line.chars().all(is_free) {
        return Some(SilentReason::FollowingTextOnLine);
    }
    follows_misspelling(input.prefix).then_some(SilentReason::AfterMisspelling)
}
