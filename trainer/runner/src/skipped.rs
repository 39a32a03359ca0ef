//! A file or folder that is not read, and why. One closed list: reports, the survey and the tests
//! speak of the same reasons.

/// Something that is not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Relative to the workspace, with `/`; empty for the workspace itself.
    pub path: String,
    /// Why.
    pub why: SkipReason,
}

/// Why a file or folder is not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SkipReason {
    /// Its name is that of no format with a reader.
    #[error("no format that is read")]
    NoFormat,
    /// Its format is not in `corpus.formats`.
    #[error("the format {0} is not in corpus.formats")]
    FormatOff(&'static str),
    /// Larger than its owner lets the trainer read.
    #[error("{bytes} bytes, more than {bytes_max} (corpus.file_mb_max)")]
    TooLarge {
        /// Its size.
        bytes: u64,
        /// The limit.
        bytes_max: u64,
    },
    /// It may lead out of the folder that was added, or in circles.
    #[error("a symbolic link, which may lead out of the folder; add the folder that it leads to")]
    SymbolicLink,
    /// A pipe, socket or device.
    #[error("not a regular file")]
    NotAFile,
    /// The database and the reports keep paths as text.
    #[error("the name is not text: not UTF-8, or with control characters; rename it")]
    NameNotText,
    /// Another file system begins here.
    #[error("another file system is mounted here (corpus.other_file_systems)")]
    OtherFileSystem,
    /// Its owner had it forgotten.
    #[error("you had it forgotten; let it be read again with: inkstone forget --undo PATH")]
    Forgotten,
    /// Further files than may be read.
    #[error("the folder has more than {0} files (corpus.files_max); the rest is left out")]
    TooManyFiles(u32),
    /// A line of an ignore file is no pattern.
    #[error("an ignore file has a line that is no pattern: {0}")]
    BadPattern(String),
    /// The system refused. What is known of it stays.
    #[error("cannot be read: {0}")]
    Unreadable(String),
}

impl SkipReason {
    /// A word for counts.
    pub fn word(&self) -> &'static str {
        match self {
            Self::NoFormat => "no_format",
            Self::FormatOff(_) => "format_off",
            Self::TooLarge { .. } => "too_large",
            Self::SymbolicLink => "symbolic_link",
            Self::NotAFile => "not_a_file",
            Self::NameNotText => "name_not_text",
            Self::OtherFileSystem => "other_file_system",
            Self::Forgotten => "forgotten",
            Self::TooManyFiles(_) => "too_many_files",
            Self::BadPattern(_) => "bad_pattern",
            Self::Unreadable(_) => "unreadable",
        }
    }

    /// Whether what was read before stays known: the system could not show it now, which does not
    /// mean that it is gone.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Unreadable(_))
    }
}
