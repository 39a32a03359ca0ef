//! What can go wrong with the catalogue and the installed models.

use std::io;
use std::path::PathBuf;

use inkstone_settings::{ModelName, SettingsError};

/// Why a model cannot be found, kept or removed.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// No file of this name is installed.
    #[error("model `{name}` is not installed; run: {}", remedy.command(name))]
    NotInstalled {
        /// The model.
        name: ModelName,
        /// How to get it.
        remedy: Remedy,
    },
    /// No file of this name is installed, and none was wanted.
    #[error(
        "model `{name}` is not installed, so there is nothing to remove; run: inkstone model list"
    )]
    NothingToRemove {
        /// The model.
        name: ModelName,
    },
    /// Neither the catalogue nor the registry has the name.
    #[error("there is no model `{name}`{}; run: inkstone model list", suggestion(nearest.as_deref()))]
    Unknown {
        /// What was asked for.
        name: String,
        /// The most similar name.
        nearest: Option<String>,
    },
    /// A role still names the model.
    #[error(
        "model `{name}` serves {uses}; choose another with `inkstone model use`, or remove it with --force"
    )]
    InUse {
        /// The model.
        name: ModelName,
        /// Its roles and languages, in words.
        uses: String,
    },
    /// The model lies in `INKSTONE_MODELS`, which we only read.
    #[error("model `{name}` lies in the read-only directory INKSTONE_MODELS ({}); remove the file there", path.display())]
    ReadOnly {
        /// The model.
        name: ModelName,
        /// Its file.
        path: PathBuf,
    },
    /// The installed file cannot be loaded.
    #[error("`{}` cannot be used: {why}; run: {}", path.display(), remedy.command(name))]
    Unusable {
        /// The model.
        name: ModelName,
        /// Its file.
        path: PathBuf,
        /// Why.
        why: Unusable,
        /// How to get a whole one.
        remedy: Remedy,
    },
    /// A file or directory could not be read or changed.
    #[error("cannot {action} `{}`: {source}", path.display())]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A text is not a SHA-256.
    #[error("`{text}` is not a SHA-256; give 64 hexadecimal digits")]
    Digest {
        /// What was given.
        text: String,
    },
    /// The sidecar could not be written as TOML.
    #[error("cannot describe model `{name}`: {message}")]
    Describe {
        /// The model.
        name: ModelName,
        /// What the writer said.
        message: String,
    },
    /// A name or a directory is not usable.
    #[error(transparent)]
    Settings(#[from] SettingsError),
}

/// How a whole file comes under a model's name, also where a damaged one lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// The catalogue has the model.
    Pull,
    /// Only its owner has the file.
    Import,
}

impl Remedy {
    /// The command for a model.
    pub fn command(self, name: &ModelName) -> String {
        match self {
            Self::Pull => format!("inkstone model pull {name}"),
            Self::Import => format!("inkstone model import FILE.gguf --name {name}"),
        }
    }
}

/// Why a file is not a model that llama.cpp here can load.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// Its header cannot be read, or it is shorter than its header says.
    #[error(transparent)]
    Header(#[from] inkstone_gguf::GgufError),
    /// Its architecture is not one of llama.cpp's.
    #[error(
        "its architecture is `{architecture}`, which llama.cpp here does not know; use a model of another architecture or a newer Inkstone"
    )]
    UnknownArchitecture {
        /// What the header names.
        architecture: String,
    },
    /// llama.cpp loads it, but it writes no text.
    #[error(
        "its architecture is `{architecture}`, which does not continue texts (it embeds them, or decodes something else); use a model that generates text"
    )]
    ContinuesNoText {
        /// What the header names.
        architecture: String,
    },
    /// llama.cpp loads it, but each keystroke would read the whole text again.
    #[error(
        "its architecture is `{architecture}`, which keeps a running state that no keystroke can take back a word; use a model with plain attention, such as one of `inkstone model list`"
    )]
    NeverRewinds {
        /// What the header names.
        architecture: String,
    },
}

fn suggestion(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |nearest| {
        format!("; did you mean `{nearest}`?")
    })
}
