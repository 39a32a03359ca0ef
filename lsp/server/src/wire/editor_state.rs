//! `inkstone/editorState`: what an editor knows about a document and the protocol cannot say.
//!
//! A notification of our own, for any editor that can tell; one that sends none is believed to
//! compose nothing, select nothing and write everywhere.

use serde::{Deserialize, Serialize};
use tower_lsp_server::ls_types::Uri;

/// Name of the notification.
pub const EDITOR_STATE_METHOD: &str = "inkstone/editorState";

/// The state from now on. What is left out is false.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
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
}
