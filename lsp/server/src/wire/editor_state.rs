//! `inkstone/editorState`: what an editor knows about a document and the protocol cannot say.
//!
//! A notification of our own, for any editor that can tell; one that sends none is believed to
//! compose nothing, select nothing and write everywhere, and gives no notice of its focus.

use serde::{Deserialize, Serialize};
use tower_lsp_server::ls_types::Uri;

/// Name of the notification.
pub const EDITOR_STATE_METHOD: &str = "inkstone/editorState";

/// The state from now on. What is left out is false.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(clippy::struct_excessive_bools)] // Reason: each is a fact of its own, named on the wire.
pub struct EditorStateParams {
    /// The document, as it was opened.
    pub uri: Uri,
    /// An input method is composing at the caret.
    #[serde(default)]
    pub composing: bool,
    /// Text is selected.
    #[serde(default)]
    pub selection: bool,
    /// The text at the caret cannot be changed.
    #[serde(default)]
    pub read_only: bool,
    /// A person looks at it: its window has the keyboard, and the editor is in front.
    #[serde(default)]
    pub focused: bool,
}
