//! What the editor told of a document's state, in the policy's words.
//!
//! Not what a request says. Kept per document; without news nothing silences.

use inkstone_policy::{Access, Composition, Selection};

/// The facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EditorFacts {
    pub(crate) composition: Composition,
    pub(crate) selection: Selection,
    pub(crate) access: Access,
}

impl Default for EditorFacts {
    fn default() -> Self {
        Self {
            composition: Composition::None,
            selection: Selection::None,
            access: Access::Writable,
        }
    }
}
