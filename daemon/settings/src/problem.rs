//! A value or file that could not be used: where, what, and the remedy. Nothing here stops the rest
//! from loading; programs log these, `inkstone doctor` lists them, editors show them once.

use std::fmt;
use std::path::PathBuf;

use crate::layers::Layer;
use crate::value::Shortened;

/// One problem in one layer.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// Layer it was found in.
    pub layer: Layer,
    /// The file, when the layer is one.
    pub file: Option<PathBuf>,
    /// The line, from 1, when the file could be parsed that far.
    pub line: Option<usize>,
    /// What is wrong.
    pub fault: Fault,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault {
    /// The file exists but cannot be read.
    Unreadable {
        /// What the system said.
        message: String,
    },
    /// The file is larger than any settings file.
    TooLarge {
        /// Its size.
        bytes: u64,
        /// The limit.
        max_bytes: u64,
    },
    /// The file is not TOML from this line on; what could be read counts.
    Syntax {
        /// What the parser said.
        message: String,
    },
    /// No setting has this key.
    UnknownKey {
        /// The key.
        key: String,
        /// The setting with the most similar key.
        nearest: Option<&'static str>,
    },
    /// The value is of the wrong type or out of range.
    BadValue {
        /// The key.
        key: String,
        /// The value, cut for the message.
        found: String,
        /// What would fit.
        expected: String,
        /// What applies instead.
        kept: String,
    },
    /// The layer may not set this.
    WrongLayer {
        /// The key.
        key: String,
    },
    /// A workspace file tried to switch on what is off.
    WorkspaceLoosens {
        /// The key.
        key: String,
    },
    /// The same key twice in one layer, with and without the leading `inkstone.`.
    SetTwice {
        /// The key.
        key: String,
    },
    /// The settings of an editor are not a table at all.
    NotATable {
        /// What they are.
        found: String,
    },
    /// More problems than a person reads.
    More {
        /// How many were left out.
        count: usize,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.file, self.line) {
            (Some(file), Some(line)) => write!(f, "{} line {line}: ", file.display())?,
            (Some(file), None) => write!(f, "{}: ", file.display())?,
            (None, _) => write!(f, "{}: ", self.layer.description())?,
        }
        self.fault.fmt(f)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { message } => write!(
                f,
                "cannot be read ({message}); its settings do not apply until it can"
            ),
            Self::TooLarge { bytes, max_bytes } => write!(
                f,
                "has {bytes} bytes, more than the {max_bytes} of any settings file; its settings do not apply"
            ),
            Self::Syntax { message } => write!(f, "not valid TOML ({message}); correct this line"),
            Self::UnknownKey {
                key,
                nearest: Some(nearest),
            } => write!(
                f,
                "there is no setting `{}`; did you mean `{nearest}`?",
                Shortened(key)
            ),
            Self::UnknownKey { key, nearest: None } => write!(
                f,
                "there is no setting `{}`; remove it or see the settings reference",
                Shortened(key)
            ),
            Self::BadValue {
                key,
                found,
                expected,
                kept,
            } => write!(
                f,
                "`{key}` is {found}, but must be {expected}; until then {kept} applies"
            ),
            Self::WrongLayer { key } => write!(
                f,
                "`{key}` can only be set in the user's inkstone.toml, because all editors share it; move it there"
            ),
            Self::WorkspaceLoosens { key } => write!(
                f,
                "`{key}` is off in your own settings, and a workspace file cannot switch it on; switch it on in your own file if you want it"
            ),
            Self::SetTwice { key } => write!(
                f,
                "`{key}` is set twice, with and without the leading `inkstone`; keep one"
            ),
            Self::NotATable { found } => write!(f, "settings must be a table, not {found}"),
            Self::More { count } => write!(f, "{count} more problems are not listed"),
        }
    }
}
