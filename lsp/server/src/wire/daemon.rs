//! Our settings and policy's words in the daemon's protocol, and back.
//!
//! Only conversions, as in the rest of `wire/`.

use inkstone_policy::Bound;
use inkstone_prose::Zone;
use inkstone_protocol::{Place, Silence, StopRule, Trigger};

pub(crate) fn policy_trigger(trigger: Trigger) -> inkstone_policy::Trigger {
    match trigger {
        Trigger::Automatic => inkstone_policy::Trigger::Automatic,
        Trigger::Invoked => inkstone_policy::Trigger::Invoked,
    }
}

pub(crate) fn stop_rule(bound: Bound) -> StopRule {
    match bound {
        Bound::Word => StopRule::Word,
        Bound::Phrase => StopRule::Phrase,
        Bound::Sentence => StopRule::Sentence,
        Bound::Line => StopRule::Line,
        Bound::Paragraph => StopRule::Paragraph,
    }
}

/// What of a zone shapes a suggestion.
pub(crate) fn place(zone: Zone) -> Place {
    match zone {
        Zone::Heading => Place::Heading,
        Zone::ListItem => Place::ListItem,
        Zone::Table => Place::Table,
        _ => Place::Prose,
    }
}

/// A reply without text and without a reason.
pub(crate) fn empty_silence() -> Silence {
    Silence {
        reason: "empty".into(),
        message: "the model had nothing to add".into(),
        remedy: None,
    }
}
