//! What is known about a request for a completion.
//!
//! Not where it comes from: the language server fills it in from its snapshot, its settings and
//! the protocol.

use inkstone_prose::{DocumentKind, Zone};
use inkstone_text::Utf8Offset;

use crate::shown::{Rest, Shown};

/// Why the editor asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Trigger {
    /// The writer typed or moved the caret.
    Automatic,
    /// The writer pressed a key for it.
    Invoked,
}

/// What the editor has selected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Selection {
    /// Nothing, or the editor does not tell.
    None,
    /// Some text.
    Active,
}

/// Whether the document can be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Access {
    /// It can, or the editor does not tell.
    Writable,
    /// It cannot.
    ReadOnly,
}

/// Whether an input method is composing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Composition {
    /// None is, or the editor does not tell.
    None,
    /// One is: what stands at the caret is not written yet.
    Active,
}

/// What the user has switched on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Switches {
    /// Suggestions at all.
    pub suggestions: bool,
    /// Suggestions in the comments of source code.
    pub comments_in_code: bool,
}

/// A request for a completion, and what surrounds its caret.
#[derive(Debug, Clone, Copy)]
pub struct PolicyInput<'a> {
    /// Why the editor asks.
    pub trigger: Trigger,
    /// What the user has switched on.
    pub switches: Switches,
    /// What the editor has selected.
    pub selection: Selection,
    /// Whether the document can be changed.
    pub access: Access,
    /// Whether an input method is composing.
    pub composition: Composition,
    /// What kind of document it is.
    pub kind: DocumentKind,
    /// What the caret is in.
    pub zone: Zone,
    /// Where the caret is in the document.
    pub caret: Utf8Offset,
    /// The text before the caret, or its last part.
    pub prefix: &'a str,
    /// The text after the caret, or its first part.
    pub suffix: &'a str,
    /// The suggestions that this document was given last.
    pub shown: Option<&'a Shown>,
}

impl PolicyInput<'_> {
    /// What is left of those of the last suggestions that still fit what stands at the caret.
    pub fn rests_of_shown(&self) -> Vec<Rest> {
        let rests = |shown: &Shown| shown.rests_at(self.caret, self.prefix, self.suffix);
        self.shown.map(rests).unwrap_or_default()
    }
}
