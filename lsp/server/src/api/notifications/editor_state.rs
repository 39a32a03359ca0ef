//! `inkstone/editorState`: composing, selection, read-only, as the editor knows them.

use inkstone_policy::{Access, Composition, Selection};

use crate::session::Session;
use crate::session::editor_facts::EditorFacts;
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
    // What is on its way would appear over the input method, or beside the selection.
    if facts != EditorFacts::default() {
        session.cancel_ask(&key);
    }
}
