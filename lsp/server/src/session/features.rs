//! What the editor's client can do.
//!
//! Not settings: those are the user's. Read from `initialize` once, never changed.

use inkstone_text::PositionEncoding;

/// What the client announced.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
// Independent switches of the protocol, each read in one place.
#[expect(clippy::struct_excessive_bools)]
pub(crate) struct ClientFeatures {
    /// What it counts in positions.
    pub(crate) encoding: PositionEncoding,
    /// It asks for inline completions; others live on the list.
    pub(crate) inline_completion: bool,
    /// It shows progress that we create.
    pub(crate) work_done_progress: bool,
    /// It answers `workspace/configuration`.
    pub(crate) configuration_pull: bool,
    /// It tells changes of configuration only to servers that register for them.
    pub(crate) configuration_registration: bool,
}
