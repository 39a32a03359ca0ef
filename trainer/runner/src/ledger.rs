//! What is known of a workspace's files, and what becomes of it when they change. A rescan compares
//! the one with the disk and tells the other.
//!
//! The store keeps it; [`MemoryLedger`] is for looking on, and for tests.

use std::collections::BTreeMap;
use std::convert::Infallible;

use inkstone_platform::FileStamp;

use crate::content::{Content, ContentHash};
use crate::skipped::Skipped;
use crate::walk::FoundFile;
use crate::walk_order;

/// A file as it was when it was last read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownFile {
    /// Relative to the workspace, with `/`.
    pub path: String,
    /// None when it cannot be relied on: the file is read again.
    pub stamp: Option<FileStamp>,
    /// Of its bytes.
    pub hash: ContentHash,
}

/// A file that was read, because it may have changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRead {
    /// Where it is and what.
    pub file: FoundFile,
    /// What it holds.
    pub content: Content,
}

impl FileRead {
    /// What is to be known of it from now on.
    pub fn known(&self) -> KnownFile {
        KnownFile {
            path: self.file.path.clone(),
            stamp: self.content.stamp,
            hash: self.content.hash,
        }
    }
}

/// One change of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A file that was not known.
    Added(FileRead),
    /// A known file with another content.
    Changed(FileRead),
    /// A known file under another name; its content may be another too.
    Renamed {
        /// The name under which it is known.
        from: String,
        /// As it is now.
        to: FileRead,
    },
    /// A known file with the same content and another stamp: only that is to be kept.
    Restamped {
        /// The file.
        path: String,
        /// Its stamp now.
        stamp: Option<FileStamp>,
    },
    /// A known file that is gone, or may not be read any more.
    Removed {
        /// The file.
        path: String,
    },
}

impl Change {
    /// The file that changed, by its name now.
    pub fn path(&self) -> &str {
        match self {
            Self::Added(read) | Self::Changed(read) | Self::Renamed { to: read, .. } => {
                &read.file.path
            }
            Self::Restamped { path, .. } | Self::Removed { path } => path,
        }
    }
}

/// What keeps the files of one workspace.
pub trait Ledger {
    /// What can go wrong with keeping.
    type Error;

    /// Known files at or below `within` that a walk comes upon after `after`, in walk order
    /// ([`walk_order::compare`]), at most `files_max` of them; none when there are no more.
    fn page(
        &mut self,
        within: &str,
        after: Option<&str>,
        files_max: usize,
    ) -> Result<Vec<KnownFile>, Self::Error>;

    /// Known files with this content, a few of them at least.
    fn with_content(&mut self, hash: &ContentHash) -> Result<Vec<KnownFile>, Self::Error>;

    /// Known files whose stamp has this inode.
    fn with_inode(&mut self, inode: u64) -> Result<Vec<KnownFile>, Self::Error>;

    /// Takes a change. When it returns, the change is kept: a rescan that is ended at any moment
    /// finds the rest the next time.
    fn apply(&mut self, change: Change) -> Result<(), Self::Error>;

    /// Hears of what is not read.
    fn skipped(&mut self, skipped: Skipped);
}

/// Keeps the files of a workspace in memory, and hands every change on.
pub struct MemoryLedger<F> {
    /// By the path with `/` before every other character, as a walk sorts.
    files: BTreeMap<String, KnownFile>,
    hear: F,
}

/// What a [`MemoryLedger`] hands on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// A change.
    Change(Change),
    /// Something that is not read.
    Skipped(Skipped),
}

impl<F: FnMut(Heard)> MemoryLedger<F> {
    /// Knows nothing yet; `hear` gets what comes.
    pub fn new(hear: F) -> Self {
        Self {
            files: BTreeMap::new(),
            hear,
        }
    }

    /// What is known.
    pub fn files(&self) -> impl Iterator<Item = &KnownFile> {
        self.files.values()
    }

    fn keep(&mut self, known: KnownFile) {
        self.files.insert(key(&known.path), known);
    }
}

fn key(path: &str) -> String {
    path.replace('/', "\u{1}")
}

impl<F: FnMut(Heard)> Ledger for MemoryLedger<F> {
    type Error = Infallible;

    fn page(
        &mut self,
        within: &str,
        after: Option<&str>,
        files_max: usize,
    ) -> Result<Vec<KnownFile>, Infallible> {
        use std::ops::Bound;
        let start = match after {
            Some(after) => Bound::Excluded(key(after)),
            None => Bound::Included(key(within)),
        };
        let from = self.files.range((start, Bound::Unbounded));
        // A file before the folder in the order cannot be within it, and one after the last cannot.
        let within = from.filter(|(_, known)| walk_order::is_within(&known.path, within));
        Ok(within
            .take(files_max)
            .map(|(_, known)| known.clone())
            .collect())
    }

    fn with_content(&mut self, hash: &ContentHash) -> Result<Vec<KnownFile>, Infallible> {
        let same = self.files.values().filter(|known| known.hash == *hash);
        Ok(same.cloned().collect())
    }

    fn with_inode(&mut self, inode: u64) -> Result<Vec<KnownFile>, Infallible> {
        let has_it = |known: &&KnownFile| known.stamp.is_some_and(|stamp| stamp.inode == inode);
        Ok(self.files.values().filter(has_it).cloned().collect())
    }

    fn apply(&mut self, change: Change) -> Result<(), Infallible> {
        match &change {
            Change::Added(read) | Change::Changed(read) => self.keep(read.known()),
            Change::Renamed { from, to } => {
                self.files.remove(&key(from));
                self.keep(to.known());
            }
            Change::Restamped { path, stamp } => {
                if let Some(known) = self.files.get_mut(&key(path)) {
                    known.stamp = *stamp;
                }
            }
            Change::Removed { path } => {
                self.files.remove(&key(path));
            }
        }
        (self.hear)(Heard::Change(change));
        Ok(())
    }

    fn skipped(&mut self, skipped: Skipped) {
        (self.hear)(Heard::Skipped(skipped));
    }
}
