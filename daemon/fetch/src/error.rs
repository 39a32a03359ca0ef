//! What can go wrong while a model is fetched. Each message is for the person who ran the command
//! and ends with what they can do.

use std::fmt::Write as _;
use std::io;
use std::path::PathBuf;

use inkstone_models::{ModelError, ModelName, Sha256, Terms, Unusable};

/// Why a model could not be fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The terms were not accepted; the caller shows them.
    #[error("model `{name}` comes under the {}; read them, then run the command again with --accept-license", terms.name)]
    LicenceNotAccepted {
        /// The model.
        name: ModelName,
        /// What is to be read.
        terms: Box<Terms>,
    },
    /// Every source failed.
    #[error("cannot get model `{name}`:{}", listed(failures))]
    AllSourcesFailed {
        /// The model.
        name: ModelName,
        /// Each source with its failure, in the order tried.
        failures: Vec<SourceFailure>,
    },
    /// The disk has too little room.
    #[error("the disk of `{}` has {} MB free, but {} MB are needed; free some space or set INKSTONE_HOME to another disk", path.display(), mb(*free_bytes), mb(*needed_bytes))]
    NoSpace {
        /// The directory.
        path: PathBuf,
        /// Room needed.
        needed_bytes: u64,
        /// Room there is.
        free_bytes: u64,
    },
    /// The disk filled up while writing.
    #[error("the disk of `{}` is full ({source}); free some space, then run the command again", path.display())]
    DiskFull {
        /// The file being written.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The content is not what the catalogue or the hub says; it was deleted.
    #[error(
        "the file has another content than expected and was deleted (SHA-256 expected {expected}, found {found}); if it goes on, the source is wrong or was tampered with"
    )]
    WrongHash {
        /// What it should be.
        expected: Sha256,
        /// What it is.
        found: Sha256,
    },
    /// The server answers with something that cannot be the file; nothing of it was read.
    #[error(
        "{url} answers with something else ({message}); if the network wants a login, open a page in a browser, then run the command again"
    )]
    NotTheFile {
        /// The address.
        url: String,
        /// How that shows.
        message: String,
    },
    /// The file is longer or shorter than it should be.
    #[error("the file should have {expected_bytes} bytes, but the source has {found_bytes}")]
    WrongSize {
        /// What it should be.
        expected_bytes: u64,
        /// What it is, as far as was read.
        found_bytes: u64,
    },
    /// The file arrived whole but is not a model that can be loaded.
    #[error("not a usable GGUF file: {0}")]
    Unusable(#[from] Unusable),
    /// The file to import is not a model that can be loaded.
    #[error("`{}` is not a usable GGUF file: {why}", path.display())]
    NotAModel {
        /// The file.
        path: PathBuf,
        /// Why.
        why: Unusable,
    },
    /// The file is of another architecture than the catalogue says.
    #[error(
        "the file is of the architecture `{found}`, but the catalogue says `{expected}`; correct the entry"
    )]
    ArchitectureMismatch {
        /// What the catalogue says.
        expected: String,
        /// What the header names.
        found: String,
    },
    /// The server cannot be reached or broke off too often.
    #[error("no answer from {url} ({message}); check the network, then run the command again{}", if *kept_bytes > 0 { ": it goes on where it stopped" } else { "" })]
    Unreachable {
        /// The address.
        url: String,
        /// What happened last.
        message: String,
        /// What is kept to go on from.
        kept_bytes: u64,
    },
    /// The server answered, but not with the file.
    #[error("{url} answers {status}{}", status_hint(*status))]
    Status {
        /// The address.
        url: String,
        /// The HTTP status.
        status: u16,
    },
    /// The hub does not publish the file's hash, so it could not be checked.
    #[error(
        "{url} gives no SHA-256 for the file, so it could not be checked; import it by hand: inkstone model import FILE.gguf"
    )]
    NoHash {
        /// The address.
        url: String,
    },
    /// No program that downloads wheels is installed.
    #[error("no pip found (tried {tried}); install it, on Debian: apt install python3-pip")]
    NoPip {
        /// The commands that were tried.
        tried: String,
    },
    /// The program ran and failed.
    #[error("`{command}` failed: {message}")]
    PipFailed {
        /// The command.
        command: String,
        /// The end of what it wrote.
        message: String,
    },
    /// The program did nothing for too long and was ended.
    #[error(
        "`{command}` received nothing for {stalled_s} s and was ended; check the network, then run the command again"
    )]
    PipStalled {
        /// The command.
        command: String,
        /// How long.
        stalled_s: u64,
    },
    /// The wheel cannot be read or lacks the file.
    #[error("the wheel of `{package}` has no readable `{member}` ({message})")]
    Wheel {
        /// The package.
        package: String,
        /// The file in it.
        member: String,
        /// What is wrong.
        message: String,
    },
    /// The file to copy cannot be read.
    #[error("cannot read `{}`: {source}; check the path and its rights", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file or directory of ours could not be read or written.
    #[error("cannot {action} `{}`: {source}", path.display())]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The person ended it.
    #[error("interrupted; run the command again: it goes on with what is here already")]
    Cancelled,
    /// The HTTP client could not be made.
    #[error("cannot start the HTTP client: {message}; check the system's certificates")]
    Client {
        /// What it said.
        message: String,
    },
    /// The name a file would be imported under is not usable.
    #[error("`{}` gives no usable model name; add --name NAME", path.display())]
    NoName {
        /// The file.
        path: PathBuf,
    },
    /// A model of that name is already there.
    #[error(
        "a model `{name}` is installed already; remove it with `inkstone model rm {name}`, or import under another --name"
    )]
    NameTaken {
        /// The name.
        name: ModelName,
    },
    /// The registry refused.
    #[error(transparent)]
    Model(#[from] ModelError),
}

/// One source and why it failed.
#[derive(Debug)]
pub struct SourceFailure {
    /// The source in words.
    pub source: String,
    /// Why.
    pub error: FetchError,
}

impl FetchError {
    /// Whether another source would fail for the same reason.
    pub(crate) fn is_final(&self) -> bool {
        matches!(
            self,
            Self::NoSpace { .. }
                | Self::DiskFull { .. }
                | Self::Cancelled
                | Self::Io { .. }
                | Self::Model(_)
        )
    }

    /// Whether what came so far is good to go on from: the failure says nothing against it.
    pub(crate) fn keeps_what_came(&self) -> bool {
        matches!(
            self,
            Self::Cancelled
                | Self::Unreachable { .. }
                | Self::Status { .. }
                | Self::NotTheFile { .. }
                | Self::NoSpace { .. }
                | Self::NoPip { .. }
                | Self::PipFailed { .. }
                | Self::PipStalled { .. }
        )
    }

    /// A write error with its cause told apart: a full disk is the user's to solve.
    pub(crate) fn of_write(path: &std::path::Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::StorageFull
            | io::ErrorKind::QuotaExceeded
            | io::ErrorKind::FileTooLarge => Self::DiskFull { path, source },
            _ => Self::Io {
                action: "write",
                path,
                source,
            },
        }
    }
}

/// Bytes as whole megabytes, as people compare them.
fn mb(bytes: u64) -> u64 {
    bytes.div_ceil(1_000_000)
}

fn listed(failures: &[SourceFailure]) -> String {
    failures.iter().fold(String::new(), |mut list, failure| {
        // proof: writing into a string cannot fail.
        let _ = write!(list, "\n  {}: {}", failure.source, failure.error);
        list
    })
}

fn status_hint(status: u16) -> &'static str {
    match status {
        401 | 403 => {
            " (not allowed; if the model needs an account, accept its terms there and set HF_TOKEN)"
        }
        404 => " (no such file)",
        _ => "",
    }
}
