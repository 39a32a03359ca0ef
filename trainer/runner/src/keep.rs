//! Keeps what the files of one workspace come to: the ledger of a rescan whose files lie in the
//! store, with the documents that were made of them.
//!
//! A document is kept before its file is noted as read, so that a process that is killed in between
//! reads the file once more and comes to the same. In reading order: [`manner`] (how files are read),
//! [`whose`] (the evidence of a file), `marks` (text that was not typed), `siblings` (files that are translations of each other),
//! [`waiting`] (several documents are kept at once), [`messages`] (commits). Made anew for each look:
//! marks, authors and rules are those of its beginning, but for what goes with a file that was renamed.

mod manner;
mod marks;
mod messages;
mod moved;
mod siblings;
mod waiting;
mod whose;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use inkstone_corpus::authorship::Claim;
use inkstone_corpus::dataset::Digest;
use inkstone_corpus::document::{Source, clean_document, shingles_of};
use inkstone_corpus::format::Format;
use inkstone_corpus::read::Unreadable;
use inkstone_corpus::{CleanDocument, Reason};
use inkstone_prose::Language;
use inkstone_store::corpus::document::{At, SkippedRow};
use inkstone_store::{Mark, SeenFile, Store, Workspace};

use crate::assemble::{self, AssembleError};
use crate::clock::now_ms;
use crate::content::{Content, ContentHash};
use crate::git::authors::Authors;
use crate::ledger::{Change, FileRead, KnownFile, Ledger};
use crate::skipped::Skipped;
use crate::walk::FoundFile;

pub use manner::{Manner, rules_of};
use marks::Marks;
use moved::{Fate, Moved};
use siblings::Siblings;
use waiting::{Noted, Waiting};
use whose::Whose;

/// Keeps one workspace's files for one look at it.
pub struct Keeper<'a> {
    store: &'a mut Store,
    workspace: &'a Workspace,
    /// What is marked by hand in it now.
    marked: BTreeMap<String, Mark>,
    manner: Cow<'a, Manner>,
    folder: String,
    authors: Authors<'a>,
    marks: Marks,
    /// Marks of sources that are not the writer's: with more of them, every file is judged anew.
    known_sources: u64,
    siblings: Siblings,
    moved: Moved,
    waiting: Vec<Waiting>,
    /// The folder that was last asked about, and what its files are read by.
    read_by: Option<(String, Vec<u8>)>,
    kept: Kept,
    tell: Option<&'a mut dyn FnMut(&Kept)>,
}

/// What was kept.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize)]
pub struct Kept {
    /// Files that were read.
    pub files_read: u64,
    /// Their bytes.
    pub bytes_read: u64,
    /// Milliseconds of making documents of them.
    pub clean_ms: f64,
    /// Messages of commits that were read.
    pub messages_read: u64,
    /// Files that have to be read again, since another one of theirs changed.
    pub to_reread: u64,
    /// Files that are no documents that can be read, by the reason.
    pub unreadable: BTreeMap<String, String>,
}

/// Names of unreadable files that a report holds; the store has all.
const UNREADABLE_NAMED_MAX: usize = 1_000;

impl<'a> Keeper<'a> {
    /// For one look at a workspace.
    pub fn of(
        store: &'a mut Store,
        workspace: &'a Workspace,
        manner: &'a Manner,
        git_deadline: Duration,
    ) -> Result<Self, AssembleError> {
        let name = workspace.path.file_name();
        Ok(Self {
            marked: store.marks(workspace.id)?,
            manner: manner.with_places(assemble::rules_off(store)?),
            folder: name.map_or_else(String::new, |name| name.to_string_lossy().into_owned()),
            marks: Marks::of(store)?,
            known_sources: store.known_sources_added()?,
            store,
            workspace,
            authors: Authors::of(workspace, git_deadline),
            siblings: Siblings::default(),
            moved: Moved::default(),
            waiting: Vec::new(),
            read_by: None,
            kept: Kept::default(),
            tell: None,
        })
    }

    /// Tells after every file what was kept until then.
    #[must_use]
    pub fn telling(mut self, tell: &'a mut dyn FnMut(&Kept)) -> Self {
        self.tell = Some(tell);
        self
    }

    /// Keeps what still waits; what was kept in all.
    pub fn finish(mut self) -> Result<Kept, AssembleError> {
        self.keep_waiting()?;
        Ok(self.kept)
    }

    fn at<'p>(&self, path: &'p str) -> At<'p> {
        At {
            workspace: self.workspace.id.as_i64(),
            path: path.as_bytes(),
        }
    }

    /// What a file is read by: with another value it is read again.
    fn read_by(&mut self, path: &str) -> Vec<u8> {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mark = Mark::nearest(&self.marked, path);
        let base = match &self.read_by {
            Some((of, base)) if of == folder => base.clone(),
            _ => {
                let file = self.workspace.path.join(path);
                let attribution = whose::attribution(&mut self.authors, &file);
                let known = self.known_sources.to_le_bytes();
                let base = self
                    .manner
                    .fingerprint(&[&known, &attribution[..]].concat());
                self.read_by = Some((folder.to_owned(), base.clone()));
                base
            }
        };
        let mark = mark.map_or(0, |mark| mark as u8 + 1);
        let workspace = self.workspace.id.as_i64();
        let off_here = self.manner.fingerprint_at(workspace, path);
        [&base[..], &[mark], &off_here].concat()
    }

    fn known(&mut self, row: SeenFile) -> KnownFile {
        let is_current = row.read_by == self.read_by(&row.path);
        KnownFile {
            // A file that is to be read again is one whose content is another than is known.
            hash: ContentHash::from_bytes(if is_current { row.hash } else { [0; 32] }),
            stamp: row.stamp.filter(|_| is_current),
            path: row.path,
        }
    }

    fn take(&mut self, read: &FileRead, from: Option<&str>) -> Result<(), AssembleError> {
        let FileRead { file, content } = read;
        let was = self
            .store
            .seen_file(self.workspace.id, from.unwrap_or(&file.path))?;
        let is_new = from.is_some() || was.is_none_or(|was| was.hash != *content.hash.as_bytes());
        let made = self.make(file, content)?;
        let is_whole = made.is_whole();
        let row = SeenFile {
            path: file.path.clone(),
            hash: *content.hash.as_bytes(),
            // What git could not say, it is asked again: in no manner was the file read.
            read_by: if is_whole {
                self.read_by(&file.path)
            } else {
                Vec::new()
            },
            stamp: content.stamp.filter(|_| is_whole),
        };
        match made {
            Made::Document(document) => {
                let modified_ns = content.stamp.unwrap_or(file.stamp).modified_ns;
                self.wait(Waiting {
                    path: file.path.clone(),
                    hash: Digest(*content.hash.as_bytes()),
                    modified_ms: modified_ns / 1_000_000,
                    made_by: row.read_by.clone(),
                    document,
                    bytes: content.bytes.len(),
                    noted: Some(Noted {
                        row,
                        from: from.map(str::to_owned),
                    }),
                })?;
            }
            Made::Nothing { .. } => self.store.see_file(self.workspace.id, &row, from)?,
        }
        self.kept.files_read += 1;
        self.kept.bytes_read += content.bytes.len() as u64;
        if let Some(tell) = &mut self.tell {
            tell(&self.kept);
        }
        if is_new {
            self.reread_siblings_of(&file.path)?;
        }
        Ok(())
    }

    /// Makes a file's document.
    fn make(&mut self, file: &FoundFile, content: &Content) -> Result<Made, AssembleError> {
        let whose = Whose::of(&mut self.authors, file, &content.bytes);
        let line_authors = match &whose {
            Whose::Owner => None,
            Whose::Lines(lines) => Some(&lines[..]),
            Whose::Nobody { why, is_final } => {
                self.skip(&file.path, content, why)?;
                let is_whole = *is_final;
                return Ok(Made::Nothing { is_whole });
            }
        };
        let others = self.siblings_read(&file.path)?;
        let origin_of = |shingle| self.marks.origin_of(self.store, shingle);
        let workspace = self.workspace.id.as_i64();
        let rules = self.manner.rules_at(workspace, &file.path);
        let source = Source {
            format: file.format,
            bytes: &content.bytes,
            limits: &self.manner.limits,
            evidence: inkstone_corpus::authorship::Evidence {
                path: &file.path,
                line_authors,
                origin_of: &origin_of,
                claim: whose::claim(Mark::nearest(&self.marked, &file.path)),
                main_language: self.manner.main_language,
            },
            rules: &rules,
            wanted: &self.manner.wanted,
        };
        let theirs = match source.evidence.claim {
            Claim::NotMine => shingles_of(&source),
            Claim::Mine | Claim::Auto => Vec::new(),
        };
        let begun = Instant::now();
        let main = self.manner.main_language;
        let made = document(&self.workspace.path, &source, &others, main);
        self.kept.clean_ms += begun.elapsed().as_secs_f64() * 1e3;
        self.marks.check()?;
        self.know(&theirs)?;
        match made {
            Ok(document) => Ok(Made::Document(document)),
            Err(why) => {
                self.skip(&file.path, content, &why.to_string())?;
                Ok(Made::Nothing { is_whole: true })
            }
        }
    }

    /// Remembers somebody else's text. What was read before it was known is judged anew.
    fn know(&mut self, shingles: &[u64]) -> Result<(), AssembleError> {
        if !shingles.is_empty() {
            self.keep_waiting()?;
            let origin = inkstone_store::Origin::KnownSource;
            let now_s = now_ms() / 1_000;
            self.kept.to_reread += self.store.remember_inserted(origin, shingles, now_s)?;
            self.marks.added();
        }
        Ok(())
    }

    fn skip(&mut self, path: &str, content: &Content, why: &str) -> Result<(), AssembleError> {
        let row = SkippedRow {
            path: path.as_bytes().to_vec(),
            content_hash: content.hash.as_bytes().to_vec(),
            made_by: self.read_by(path),
            why: why.to_owned(),
        };
        if self.kept.unreadable.len() < UNREADABLE_NAMED_MAX {
            self.kept.unreadable.insert(path.to_owned(), why.to_owned());
        }
        assemble::skip(self.store, self.workspace.id.as_i64(), &row)
    }

    /// What was decided about a file, and about folders that have another name now, goes with it.
    fn rename(&mut self, from: &str, to: &str) -> Result<(), AssembleError> {
        self.moved.comes(self.store, self.workspace, to)?;
        let fates = self.moved.fates(self.store, self.workspace, from, to)?;
        let at = |path| At {
            workspace: self.workspace.id.as_i64(),
            path,
        };
        for fate in &fates {
            if let Fate::Goes { old, new } = fate {
                assemble::folder_renamed(self.store, at(old.as_bytes()), at(new.as_bytes()))?;
            }
        }
        for fate in fates {
            if let Fate::Parted { old } = fate {
                assemble::left_folder(self.store, at(old.as_bytes()), at(from.as_bytes()))?;
            }
        }
        assemble::renamed(self.store, self.at(from), self.at(to), &self.folder)?;
        self.marked = self.store.marks(self.workspace.id)?;
        let off = assemble::rules_off(self.store)?;
        let changed = match self.manner.with_places(off) {
            Cow::Owned(manner) => Some(manner),
            Cow::Borrowed(_) => None,
        };
        if let Some(manner) = changed {
            self.manner = Cow::Owned(manner);
        }
        Ok(())
    }

    /// Files that are read and may be this one in another language.
    fn siblings_read(&mut self, path: &str) -> Result<Vec<String>, AssembleError> {
        let mut read = Vec::new();
        for sibling in self.siblings.of(&self.workspace.path, path) {
            self.keep_waiting()?;
            if self.store.seen_file(self.workspace.id, &sibling)?.is_some() {
                read.push(sibling);
            }
        }
        Ok(read)
    }

    /// These are judged anew when this one has changed.
    fn reread_siblings_of(&mut self, path: &str) -> Result<(), AssembleError> {
        for sibling in self.siblings.of(&self.workspace.path, path) {
            self.keep_waiting()?;
            if self.store.reread_file(self.workspace.id, &sibling)? {
                self.kept.to_reread += 1;
            }
        }
        Ok(())
    }
}

impl Ledger for Keeper<'_> {
    type Error = AssembleError;

    fn page(
        &mut self,
        within: &str,
        after: Option<&str>,
        files_max: usize,
    ) -> Result<Vec<KnownFile>, AssembleError> {
        let rows = self
            .store
            .seen_files(self.workspace.id, within, after, files_max)?;
        Ok(rows.into_iter().map(|row| self.known(row)).collect())
    }

    fn with_content(&mut self, hash: &ContentHash) -> Result<Vec<KnownFile>, AssembleError> {
        let rows = self
            .store
            .seen_with_content(self.workspace.id, hash.as_bytes())?;
        Ok(rows.into_iter().map(as_stored).collect())
    }

    fn with_inode(&mut self, inode: u64) -> Result<Vec<KnownFile>, AssembleError> {
        let rows = self.store.seen_with_inode(self.workspace.id, inode)?;
        Ok(rows.into_iter().map(as_stored).collect())
    }

    fn apply(&mut self, change: Change) -> Result<(), AssembleError> {
        // Only files that come and change wait for each other: what else happens may be about one of
        // them.
        if !matches!(change, Change::Added(_) | Change::Changed(_)) {
            self.keep_waiting()?;
        }
        match change {
            Change::Added(read) => {
                let path = &read.file.path;
                self.moved.comes(self.store, self.workspace, path)?;
                self.take(&read, None)
            }
            Change::Changed(read) => self.take(&read, None),
            Change::Renamed { from, to } => {
                self.rename(&from, &to.file.path)?;
                self.take(&to, Some(&from))?;
                self.reread_siblings_of(&from)
            }
            Change::Restamped { path, stamp } => {
                if let Some(stamp) = stamp {
                    assemble::touched(self.store, self.at(&path), stamp.modified_ns / 1_000_000)?;
                }
                Ok(self.store.restamp_file(self.workspace.id, &path, stamp)?)
            }
            Change::Removed { path } => {
                assemble::remove(self.store, self.at(&path))?;
                self.store.forget_file(self.workspace.id, &path)?;
                self.reread_siblings_of(&path)
            }
        }
    }

    /// What has no format or is not to be read is in no dataset; the survey tells it.
    fn skipped(&mut self, skipped: Skipped) {
        if skipped.why.is_passing() && self.kept.unreadable.len() < UNREADABLE_NAMED_MAX {
            let why = skipped.why.to_string();
            self.kept.unreadable.insert(skipped.path, why);
        }
    }
}

/// What came of reading a file.
enum Made {
    Document(CleanDocument),
    /// It is no document of its owner's, and noted as skipped. It has to be asked about again where
    /// that is not the whole answer.
    Nothing {
        is_whole: bool,
    },
}

impl Made {
    fn is_whole(&self) -> bool {
        match self {
            Self::Document(_) => true,
            Self::Nothing { is_whole } => *is_whole,
        }
    }
}

/// The document of a file; nothing of it, where it is the translation of another.
fn document(
    root: &Path,
    source: &Source<'_>,
    others: &[String],
    main: Language,
) -> Result<CleanDocument, Unreadable> {
    let mut document = clean_document(source)?;
    let may_be = !others.is_empty() && !document.pieces.is_empty();
    if may_be && Siblings::is_translation(root, source, others, main) {
        document.leave_out_all(Reason::Translation, source.wanted);
    }
    Ok(document)
}

/// A file by its content, whatever it was read by: under another name it is the same.
fn as_stored(row: SeenFile) -> KnownFile {
    KnownFile {
        hash: ContentHash::from_bytes(row.hash),
        stamp: row.stamp,
        path: row.path,
    }
}

/// Whether lines of this format's text are lines of its file.
fn has_lines(format: Format) -> bool {
    !format.is_archive()
}
