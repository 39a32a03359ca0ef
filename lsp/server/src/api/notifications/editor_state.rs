//! `inkstone/editorState`: composing, selection, read-only, focus, as the editor knows them.

use inkstone_policy::{Access, Composition, Selection};

use crate::session::Session;
use crate::session::editor_facts::EditorFacts;
use crate::session::warm::warm;
use crate::wire::editor_state::EditorStateParams;
use crate::wire::from_wire;

pub(crate) fn handle(session: &mut Session, params: &EditorStateParams) {
    let key = from_wire::document_key(&params.uri);
    let facts = EditorFacts {
        composition: if params.composing {
            Composition::Active
        } else {
            Composition::None
        },
        selection: if params.selection {
            Selection::Active
        } else {
            Selection::None
        },
        access: if params.read_only {
            Access::ReadOnly
        } else {
            Access::Writable
        },
    };
    let Some(document) = session.documents.get_mut(&key) else {
        tracing::debug!("the state of a document that is not open");
        return;
    };
    document.facts = facts;
    let was_focused = std::mem::replace(&mut document.is_focused, params.focused);
    let is_looked_at = params.focused && !was_focused;
    // What is on its way would appear over the input method, or beside the selection.
    if facts != EditorFacts::default() {
        session.cancel_ask(&key);
    }
    // Who comes back after a pause finds the model there by the first key.
    if is_looked_at {
        warm(session, &key);
    }
}
