//! What can stop a program before it has settings at all. A wrong *value* is no error but a
//! [`Problem`](crate::Problem): the rest of the settings still loads.

use std::io;
use std::path::PathBuf;

/// Why a directory or the user's file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// Neither `INKSTONE_HOME` nor `HOME` says where files belong.
    #[error(
        "no home directory: neither INKSTONE_HOME nor HOME is set; set INKSTONE_HOME to a folder of yours"
    )]
    NoHome,
    /// A variable holds a relative path, which would change meaning with the working directory.
    #[error("{variable} is `{}`, which is not an absolute path; give the full path", value.display())]
    NotAbsolute {
        /// Name of the environment variable.
        variable: &'static str,
        /// What it holds.
        value: PathBuf,
    },
    /// The socket's path does not fit into the address the operating system takes.
    #[error(
        "the socket path `{}` has {len_bytes} bytes, but the system allows {max_bytes}; set INKSTONE_HOME (or XDG_RUNTIME_DIR) to a shorter path",
        path.display()
    )]
    SocketPathTooLong {
        /// The path.
        path: PathBuf,
        /// Its length.
        len_bytes: usize,
        /// The limit.
        max_bytes: usize,
    },
    /// A directory could not be created or its rights could not be set.
    #[error("cannot prepare the directory `{}`: {source}; check its owner and free space", path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The directory of the socket belongs to somebody else.
    #[error("`{}` belongs to user {owner}, not to user {own}; remove it or set INKSTONE_HOME to a folder of yours", path.display())]
    ForeignDirectory {
        /// The directory.
        path: PathBuf,
        /// Who owns it.
        owner: u32,
        /// Who runs this program.
        own: u32,
    },
    /// The directory's name leads somewhere else or names a file.
    #[error("`{}` is not a directory but a link or file; remove it", path.display())]
    NotADirectory {
        /// The path.
        path: PathBuf,
    },
    /// The user's file could not be read or written.
    #[error("cannot write `{}`: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The user's file is not TOML, so that it cannot be edited in place.
    #[error("`{}` line {line} is not valid TOML ({message}); correct the line, then run the command again", path.display())]
    NotToml {
        /// The file.
        path: PathBuf,
        /// First bad line, from 1.
        line: usize,
        /// What the parser said.
        message: String,
    },
    /// A part of the key is already something else than a table.
    #[error("`{key}` cannot be set in `{}`: `{part}` is a value there, not a table; remove that line", path.display())]
    KeyBlocked {
        /// The file.
        path: PathBuf,
        /// The whole key.
        key: String,
        /// The part in the way.
        part: String,
    },
    /// The value is not one the table accepts.
    #[error("{0}")]
    Rejected(Box<crate::Problem>),
    /// A model's name is not usable as a file name.
    #[error(
        "`{name}` is not a model name; use 1 to 64 small letters, digits, `.`, `_` and `-`, starting with a letter or digit"
    )]
    ModelName {
        /// What was given.
        name: String,
    },
    /// A language is not a tag like `en` or `zh`.
    #[error(
        "`{tag}` is not a language; use a tag of two or three small letters, like `en` or `zh`"
    )]
    LanguageTag {
        /// What was given.
        tag: String,
    },
}
