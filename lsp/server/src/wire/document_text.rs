//! `inkstone/documentText`: the server's text of a document, for clients that compare it with
//! theirs.
//!
//! A diagnostics request of our own, no part of the protocol's standard: an editor asks for its
//! own text, which never leaves the machine by it.

use serde::{Deserialize, Serialize};
use tower_lsp_server::ls_types::Uri;

/// Name of the request.
pub const DOCUMENT_TEXT_METHOD: &str = "inkstone/documentText";

/// Which document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentTextParams {
    /// As it was opened.
    pub uri: Uri,
}

/// What the server holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentTextResult {
    /// The whole text.
    pub text: String,
    /// The version of the last change applied to it.
    pub version: i32,
}
