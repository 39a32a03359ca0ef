//! The files of a workspace that may be read, one after the other, in [`walk_order`].
//!
//! Opens nothing but folders and ignore files: names and sizes decide. Hidden files and what
//! `.gitignore`, `.ignore`, `.inkstoneignore`, git's own excludes and the settings name is passed over
//! in silence; everything else that is not read comes with its reason.
//!
//! [`walk_order`]: crate::walk_order

use std::collections::VecDeque;
use std::fs::{FileType, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ignore::overrides::OverrideBuilder;
use ignore::{DirEntry, WalkBuilder};
use inkstone_corpus::format::Format;
use inkstone_platform::{FileStamp, mount};

use crate::options::ReadingOptions;
use crate::skipped::{SkipReason, Skipped};
use crate::walk_order;

/// The ignore file that is ours alone.
pub const IGNORE_FILE: &str = ".inkstoneignore";
/// Folders within folders; deeper than any person's, and short of what a stack holds.
const DEPTH_MAX: usize = 256;

/// A walk cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum WalkError {
    /// The folder is gone, or its disk is not there now. What is known of it stays.
    #[error("{}: {source}; is its disk connected? If the folder is gone: inkstone workspace rm DIR", path.display())]
    NoFolder {
        /// The workspace.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Files of the folder are known, and there is nothing at all in it: the place where a disk is
    /// mounted looks so while it is away. What is known of it stays.
    #[error("{} is empty, and files of yours were in it; is its disk connected? They stay known until something lies there again. If you emptied it yourself: inkstone workspace rm DIR", path.display())]
    Emptied {
        /// The workspace.
        path: PathBuf,
    },
    /// A pattern of the settings is none.
    #[error("`{pattern}` in corpus.exclude is no pattern: {what}; correct it in inkstone.toml")]
    Pattern {
        /// The pattern.
        pattern: String,
        /// What is wrong.
        what: String,
    },
}

/// What a walk comes upon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A file that may be read.
    File(FoundFile),
    /// A folder that is entered; the empty path is the workspace.
    Folder(String),
    /// Something that is not read.
    Skipped(Skipped),
}

/// A file that may be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundFile {
    /// Relative to the workspace, with `/`.
    pub path: String,
    /// Where it lies.
    pub absolute: PathBuf,
    /// By its name.
    pub format: Format,
    /// When it was seen.
    pub stamp: FileStamp,
}

/// A walk under way.
pub struct Walk {
    entries: ignore::Walk,
    root: PathBuf,
    options: ReadingOptions,
    /// What the filter of folders refused, told before the next entry.
    refused: Refused,
    waiting: VecDeque<Found>,
    files: u32,
    is_over: bool,
}

type Refused = Arc<Mutex<VecDeque<Skipped>>>;

/// Walks the whole of a workspace.
pub fn walk(root: &Path, options: &ReadingOptions) -> Result<Walk, WalkError> {
    walk_at(root, "", options)
}

/// Walks what lies at a path of a workspace, by the same rules as if the whole were walked: what an
/// ignore file above it names is not found.
pub fn walk_at(root: &Path, at: &str, options: &ReadingOptions) -> Result<Walk, WalkError> {
    let no_folder = |source| WalkError::NoFolder {
        path: root.to_owned(),
        source,
    };
    let metadata = std::fs::metadata(root).map_err(no_folder)?;
    if !metadata.is_dir() {
        return Err(no_folder(io::ErrorKind::NotADirectory.into()));
    }
    let refused = Refused::default();
    let gate = Gate {
        root: root.to_owned(),
        at: root.join(at),
        device: (!options.other_file_systems).then(|| mount::device(&metadata)),
        forgotten: options.forgotten.clone(),
        refused: Arc::clone(&refused),
    };
    let mut builder = WalkBuilder::new(root);
    builder
        .follow_links(false)
        .max_depth(Some(DEPTH_MAX))
        .add_custom_ignore_filename(IGNORE_FILE)
        .overrides(excluded(root, &options.exclude)?)
        .sort_by_file_name(Ord::cmp)
        .filter_entry(move |entry| gate.lets_in(entry));
    Ok(Walk {
        entries: builder.build(),
        root: root.to_owned(),
        options: options.clone(),
        refused,
        waiting: VecDeque::new(),
        files: 0,
        is_over: false,
    })
}

/// Whether nothing at all can be found in a folder, not even what is hidden; nor can it in one that went
/// away a moment ago.
pub fn is_empty(folder: &Path) -> bool {
    let entries = std::fs::read_dir(folder);
    entries.map_or(true, |mut entries| entries.next().is_none())
}

/// The patterns of the settings.
fn excluded(root: &Path, patterns: &[String]) -> Result<ignore::overrides::Override, WalkError> {
    let mut builder = OverrideBuilder::new(root);
    let wrong = |pattern: &str, error: &ignore::Error| WalkError::Pattern {
        pattern: pattern.to_owned(),
        what: error.to_string(),
    };
    for pattern in patterns {
        if pattern.starts_with('!') {
            let what = "it begins with `!`, which only .inkstoneignore can use".to_owned();
            let pattern = pattern.clone();
            return Err(WalkError::Pattern { pattern, what });
        }
        // In this matcher what is listed is let in, and `!` keeps it out.
        let turned = format!("!{pattern}");
        builder
            .add(&turned)
            .map_err(|error| wrong(pattern, &error))?;
    }
    builder
        .build()
        .map_err(|error| wrong(&patterns.join(", "), &error))
}

/// Decides which entries are looked at, before a folder is opened.
struct Gate {
    root: PathBuf,
    /// Only what is at, below or above this is wanted.
    at: PathBuf,
    /// The file system that may not be left.
    device: Option<u64>,
    /// Not even opened.
    forgotten: Vec<PathBuf>,
    refused: Refused,
}

impl Gate {
    fn lets_in(&self, entry: &DirEntry) -> bool {
        let path = entry.path();
        if entry.depth() == 0 {
            return true;
        }
        if !path.starts_with(&self.at) && !self.at.starts_with(path) {
            return false;
        }
        if self.forgotten.iter().any(|gone| path.starts_with(gone)) {
            return self.refuse(path, SkipReason::Forgotten);
        }
        if !entry.file_type().is_some_and(|kind| kind.is_dir()) {
            return true;
        }
        let why = match (walk_order::relative(&self.root, path), self.device) {
            (None, _) => SkipReason::NameNotText,
            (Some(_), Some(device)) => match entry.metadata() {
                Ok(metadata) if mount::device(&metadata) == device => return true,
                Ok(_) => SkipReason::OtherFileSystem,
                Err(error) => SkipReason::Unreadable(plain(&error)),
            },
            (Some(_), None) => return true,
        };
        self.refuse(path, why)
    }

    fn refuse(&self, path: &Path, why: SkipReason) -> bool {
        let path = shown(&self.root, path);
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        refused.push_back(Skipped { path, why });
        false
    }
}

impl Iterator for Walk {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        loop {
            if let Some(found) = self.waiting.pop_front() {
                return Some(found);
            }
            if self.is_over {
                return None;
            }
            let entry = self.entries.next();
            let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
            self.waiting.extend(refused.drain(..).map(Found::Skipped));
            drop(refused);
            match entry {
                None => self.is_over = true,
                Some(Ok(entry)) => self.take(&entry),
                Some(Err(error)) => {
                    let path =
                        error_path(&error).map_or_else(String::new, |path| shown(&self.root, path));
                    let why = SkipReason::Unreadable(plain(&error));
                    self.skip(path, why);
                }
            }
        }
    }
}

impl Walk {
    fn take(&mut self, entry: &DirEntry) {
        let Some(path) = walk_order::relative(&self.root, entry.path()) else {
            return self.skip(shown(&self.root, entry.path()), SkipReason::NameNotText);
        };
        if let Some(error) = entry.error() {
            self.skip(path.clone(), SkipReason::BadPattern(plain(error)));
        }
        if entry.file_type().is_some_and(|kind| kind.is_dir()) {
            self.waiting.push_back(Found::Folder(path));
            return;
        }
        match self.judge(entry, &path) {
            Err(why) => self.skip(path, why),
            Ok(_) if self.files >= self.options.files_max => {
                self.is_over = true;
                self.skip(path, SkipReason::TooManyFiles(self.options.files_max));
            }
            Ok((format, metadata)) => {
                self.files += 1;
                self.waiting.push_back(Found::File(FoundFile {
                    path,
                    absolute: entry.path().to_owned(),
                    format,
                    stamp: FileStamp::of(&metadata),
                }));
            }
        }
    }

    fn judge(&self, entry: &DirEntry, path: &str) -> Result<(Format, Metadata), SkipReason> {
        let name = path.rsplit('/').next().unwrap_or(path);
        let format = Format::of(name, &[]).ok_or(SkipReason::NoFormat)?;
        if !self.options.formats.contains(&format) {
            return Err(SkipReason::FormatOff(format.name()));
        }
        let kind = entry.file_type();
        if kind.as_ref().is_some_and(FileType::is_symlink) {
            return Err(SkipReason::SymbolicLink);
        }
        if !kind.is_some_and(|kind| kind.is_file()) {
            return Err(SkipReason::NotAFile);
        }
        let metadata = entry.metadata();
        let metadata = metadata.map_err(|error| SkipReason::Unreadable(plain(&error)))?;
        let (bytes, bytes_max) = (metadata.len(), self.options.file_bytes_max);
        if bytes > bytes_max {
            return Err(SkipReason::TooLarge { bytes, bytes_max });
        }
        Ok((format, metadata))
    }

    fn skip(&mut self, path: String, why: SkipReason) {
        self.waiting
            .push_back(Found::Skipped(Skipped { path, why }));
    }
}

/// A path for people, whatever is in it.
fn shown(root: &Path, path: &Path) -> String {
    let relative = path.strip_prefix(root).unwrap_or(path);
    let text = relative.to_string_lossy();
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

/// What the system said, without the path that stands beside it anyway.
fn plain(error: &ignore::Error) -> String {
    match error {
        ignore::Error::WithPath { err, .. }
        | ignore::Error::WithDepth { err, .. }
        | ignore::Error::WithLineNumber { err, .. } => plain(err),
        other => other.to_string(),
    }
}

fn error_path(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
            error_path(err)
        }
        ignore::Error::Partial(errors) => errors.iter().find_map(error_path),
        _ => None,
    }
}
