//! Our settings and policy's words in the daemon's protocol, and back.
//!
//! Only conversions, as in the rest of `wire/`.

use std::str::FromStr as _;

use inkstone_policy::Bound;
use inkstone_prose::Zone;
use inkstone_protocol::{Place, SAVED_PATH_BYTES_MAX, Silence, StopRule, Trigger};
use inkstone_settings::Settings;
use tower_lsp_server::ls_types as lsp;

use crate::session::documents::DocumentKey;
use crate::wire::from_wire;

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

/// The path of a document, by which the daemon knows the folder that it lies in; none where folders
/// are not watched, so that the daemon knows documents by nothing that says where they are.
pub(crate) fn path(settings: &Settings, key: &DocumentKey) -> Option<String> {
    if !settings.corpus.watch {
        return None;
    }
    let uri = lsp::Uri::from_str(key.as_str()).ok()?;
    let path = from_wire::file_path(&uri)?.into_os_string().into_string();
    path.ok().filter(|path| path.len() <= SAVED_PATH_BYTES_MAX)
}

/// A reply without text and without a reason.
pub(crate) fn empty_silence() -> Silence {
    Silence {
        reason: "empty".into(),
        message: "the model had nothing to add".into(),
        remedy: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_daemon_is_told_where_a_file_lies_only_where_folders_are_watched() {
        let mut settings = Settings::default();
        let of = |settings: &Settings, uri: &str| path(settings, &DocumentKey::new(uri));
        settings.corpus.watch = true;
        let harbour = "file:///home/ann/%E6%B8%AF%E5%8F%A3.md";
        assert_eq!(of(&settings, harbour).as_deref(), Some("/home/ann/港口.md"));
        for other in [
            "untitled:Untitled-1",
            "not a uri",
            "https://example.org/a.md",
        ] {
            assert_eq!(of(&settings, other), None, "{other}");
        }
        settings.corpus.watch = false;
        assert_eq!(of(&settings, harbour), None);
    }
}
