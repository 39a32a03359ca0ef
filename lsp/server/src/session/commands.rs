//! The commands that an editor may execute: their names, once.
//!
//! What they do is in `api/requests/execute_command/`.

/// A command of `workspace/executeCommand`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EditorCommand {
    /// Say what the language server and the daemon are doing, and why.
    Status,
    /// Switch suggestions off or on for this editor.
    Toggle,
    /// A suggestion was taken.
    Accepted,
    /// A suggestion was refused.
    Rejected,
}

impl EditorCommand {
    pub(crate) const ALL: [Self; 4] = [Self::Status, Self::Toggle, Self::Accepted, Self::Rejected];

    /// The name on the wire.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Status => "inkstone.status",
            Self::Toggle => "inkstone.toggle",
            Self::Accepted => "inkstone.accepted",
            Self::Rejected => "inkstone.rejected",
        }
    }

    /// The command of a name.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|command| command.name() == name)
    }
}
