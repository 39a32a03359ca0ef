//! What changed in a workspace since it was last read, found by content, whatever happened in
//! between: nothing was watching, a branch was switched, a backup was played back.
//!
//! The walk and the list of what is known come in one order and are merged, so neither is held. A
//! file whose stamp is as it was ([`FileStamp`], which a change of the same size with the time set
//! back moves too) is not opened. Every other one is read, and its hash says whether it changed. What
//! is gone is told at the end, after every file that was found could be recognised as one of them
//! under a new name: by content, or by its number in the file system and the time it was made. A
//! workspace that cannot be reached or that is suddenly empty, as the place of a disk that is away is,
//! and a folder that cannot be read, are not gone.
//!
//! [`FileStamp`]: inkstone_platform::FileStamp

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashSet, VecDeque};
use std::path::Path;

use crate::content::{self, Content, NotRead};
use crate::ledger::{Change, FileRead, KnownFile, Ledger};
use crate::options::ReadingOptions;
use crate::skipped::{SkipReason, Skipped};
use crate::walk::{self, Found, FoundFile, WalkError};
use crate::walk_order;

/// Known files asked for at a time.
const PAGE_FILES: usize = 512;
/// Folders that could not be read and are held for there, each on its own; with more, nothing counts
/// as gone.
const HELD_MAX: usize = 1_000;

/// A rescan ended early. What was told until then is kept.
#[derive(Debug, thiserror::Error)]
pub enum RescanError<E> {
    /// The walk could not begin.
    #[error(transparent)]
    Walk(#[from] WalkError),
    /// The ledger could not keep it.
    #[error("{0}")]
    Ledger(E),
}

/// What a rescan came upon.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Files whose stamp was as it was.
    pub unchanged: u64,
    /// Files that were opened.
    pub opened: u64,
    /// Files that were opened and had the same content.
    pub restamped: u64,
    /// New ones.
    pub added: u64,
    /// With another content.
    pub changed: u64,
    /// Under another name.
    pub renamed: u64,
    /// Gone.
    pub removed: u64,
    /// What is not read, by the word of its reason.
    pub skipped: BTreeMap<&'static str, u64>,
}

/// Looks at everything in a workspace.
pub fn rescan<L: Ledger>(
    root: &Path,
    options: &ReadingOptions,
    ledger: &mut L,
) -> Result<Tally, RescanError<L::Error>> {
    rescan_at(root, &[String::new()], options, ledger)
}

/// Looks at these files and folders of a workspace, and at nothing else.
pub fn rescan_at<L: Ledger>(
    root: &Path,
    scopes: &[String],
    options: &ReadingOptions,
    ledger: &mut L,
) -> Result<Tally, RescanError<L::Error>> {
    let mut rescan = Rescan {
        root,
        options,
        ledger,
        tally: Tally::default(),
        missing: Vec::new(),
        recognised: HashSet::new(),
        held: Vec::new(),
    };
    for scope in outermost(scopes) {
        rescan.merge(scope)?;
    }
    rescan.tell_removed()?;
    Ok(rescan.tally)
}

/// Without those that lie within another: a file would be told twice.
fn outermost(scopes: &[String]) -> Vec<&str> {
    let mut sorted: Vec<&str> = scopes.iter().map(String::as_str).collect();
    sorted.sort_by(|a, b| walk_order::compare(a, b));
    let mut outermost: Vec<&str> = Vec::new();
    for scope in sorted {
        let last = outermost.last();
        if !last.is_some_and(|last| walk_order::is_within(scope, last)) {
            outermost.push(scope);
        }
    }
    outermost
}

struct Rescan<'a, L> {
    root: &'a Path,
    options: &'a ReadingOptions,
    ledger: &'a mut L,
    tally: Tally,
    /// Known, and not come upon.
    missing: Vec<String>,
    /// Of the missing, those that were found under another name.
    recognised: HashSet<String>,
    /// What could not be looked at.
    held: Vec<String>,
}

impl<L: Ledger> Rescan<'_, L> {
    fn merge(&mut self, scope: &str) -> Result<(), RescanError<L::Error>> {
        let mut listing = Listing::of(scope);
        let mut cut_off = false;
        for found in walk::walk_at(self.root, scope, self.options)? {
            match found {
                Found::Folder(_) => {}
                Found::Skipped(skipped) => {
                    cut_off |= matches!(skipped.why, SkipReason::TooManyFiles(_));
                    self.skip(skipped);
                }
                Found::File(file) => {
                    let known = self.known_at(&mut listing, &file.path)?;
                    listing.walked = Some(file.path.clone());
                    self.look(file, known)?;
                }
            }
        }
        while let Some(known) = listing.next(self.ledger)? {
            // What lies behind the last file that may be read was read when there were fewer.
            if !cut_off || is_gone(self.root, &known.path) {
                self.missing.push(known.path);
            }
        }
        Ok(())
    }

    /// What is known of a file; all that the walk should have come upon before it is missing.
    fn known_at(
        &mut self,
        listing: &mut Listing<'_>,
        path: &str,
    ) -> Result<Option<KnownFile>, RescanError<L::Error>> {
        while let Some(next) = listing.peek(self.ledger)? {
            match walk_order::compare(&next.path, path) {
                Ordering::Less => {
                    let missing = next.path.clone();
                    self.missing.push(missing);
                    listing.page.pop_front();
                }
                Ordering::Equal => return Ok(listing.page.pop_front()),
                Ordering::Greater => break,
            }
        }
        Ok(None)
    }

    fn look(
        &mut self,
        file: FoundFile,
        known: Option<KnownFile>,
    ) -> Result<(), RescanError<L::Error>> {
        if known
            .as_ref()
            .is_some_and(|known| known.stamp == Some(file.stamp))
        {
            self.tally.unchanged += 1;
            return Ok(());
        }
        self.tally.opened += 1;
        let content = match content::read(&file.absolute, self.options.file_bytes_max) {
            Ok(content) => content,
            Err(NotRead::Gone) => {
                self.missing.extend(known.map(|known| known.path));
                return Ok(());
            }
            Err(NotRead::Skipped(why)) => {
                if !why.is_passing() {
                    self.missing.extend(known.map(|known| known.path));
                }
                self.skip(Skipped {
                    path: file.path,
                    why,
                });
                return Ok(());
            }
        };
        let change = match known {
            Some(known) if known.hash == content.hash => {
                if known.stamp == content.stamp {
                    return Ok(()); // Neither can be relied on yet.
                }
                self.tally.restamped += 1;
                Change::Restamped {
                    path: known.path,
                    stamp: content.stamp,
                }
            }
            Some(_) => {
                self.tally.changed += 1;
                Change::Changed(FileRead { file, content })
            }
            None => self.added(file, content)?,
        };
        self.ledger.apply(change).map_err(RescanError::Ledger)
    }

    fn added(
        &mut self,
        file: FoundFile,
        content: Content,
    ) -> Result<Change, RescanError<L::Error>> {
        let from = self.former_name(&file, &content)?;
        let read = FileRead { file, content };
        let Some(from) = from else {
            self.tally.added += 1;
            return Ok(Change::Added(read));
        };
        self.tally.renamed += 1;
        self.recognised.insert(from.clone());
        Ok(Change::Renamed { from, to: read })
    }

    /// The name under which a file is known that is not there any more and is this one.
    fn former_name(
        &mut self,
        file: &FoundFile,
        content: &Content,
    ) -> Result<Option<String>, RescanError<L::Error>> {
        let same_file = |known: &KnownFile| {
            let stamp = known.stamp.as_ref();
            stamp.is_some_and(|stamp| stamp.is_same_file(&file.stamp))
        };
        let mut candidates = Vec::new();
        if !content.bytes.is_empty() {
            let same = self.ledger.with_content(&content.hash);
            candidates = same.map_err(RescanError::Ledger)?;
        }
        // Of several with one content, the very file.
        candidates.sort_by_key(|known| !same_file(known));
        let numbered = self.ledger.with_inode(file.stamp.inode);
        let numbered = numbered.map_err(RescanError::Ledger)?;
        candidates.extend(numbered.into_iter().filter(same_file));
        let former = candidates.into_iter().find(|known| {
            !self.recognised.contains(&known.path) && is_gone(self.root, &known.path)
        });
        Ok(former.map(|known| known.path))
    }

    fn tell_removed(&mut self) -> Result<(), RescanError<L::Error>> {
        if self.held.len() > HELD_MAX {
            return Ok(());
        }
        // Looked at now and not before the walk, in which a disk can go away too.
        if !self.missing.is_empty() && walk::is_empty(self.root) {
            let path = self.root.to_owned();
            return Err(WalkError::Emptied { path }.into());
        }
        for path in std::mem::take(&mut self.missing) {
            let is_held = |held: &String| walk_order::is_within(&path, held);
            if self.recognised.contains(&path) || self.held.iter().any(is_held) {
                continue;
            }
            self.tally.removed += 1;
            let change = Change::Removed { path };
            self.ledger.apply(change).map_err(RescanError::Ledger)?;
        }
        Ok(())
    }

    fn skip(&mut self, skipped: Skipped) {
        *self.tally.skipped.entry(skipped.why.word()).or_default() += 1;
        if skipped.why.is_passing() && self.held.len() <= HELD_MAX {
            self.held.push(skipped.path.clone());
        }
        self.ledger.skipped(skipped);
    }
}

/// Whether there is surely nothing at a path.
fn is_gone(root: &Path, path: &str) -> bool {
    use std::io::ErrorKind::{NotADirectory, NotFound};
    std::fs::symlink_metadata(root.join(path))
        .is_err_and(|error| matches!(error.kind(), NotFound | NotADirectory))
}

/// What is known within a scope, page by page.
struct Listing<'a> {
    scope: &'a str,
    page: VecDeque<KnownFile>,
    /// The last that a page held.
    listed: Option<String>,
    /// The last that the walk came upon: it may have become known since, and is not asked for.
    walked: Option<String>,
    is_over: bool,
}

impl<'a> Listing<'a> {
    fn of(scope: &'a str) -> Self {
        Self {
            scope,
            page: VecDeque::new(),
            listed: None,
            walked: None,
            is_over: false,
        }
    }

    fn peek<L: Ledger>(
        &mut self,
        ledger: &mut L,
    ) -> Result<Option<&KnownFile>, RescanError<L::Error>> {
        if self.page.is_empty() && !self.is_over {
            let after = match (&self.listed, &self.walked) {
                (Some(a), Some(b)) if walk_order::compare(a, b) == Ordering::Less => Some(b),
                (None, walked) => walked.as_ref(),
                (listed, _) => listed.as_ref(),
            };
            let page = ledger.page(self.scope, after.map(String::as_str), PAGE_FILES);
            self.page = page.map_err(RescanError::Ledger)?.into();
            self.listed = self.page.back().map(|known| known.path.clone());
            self.is_over = self.page.is_empty();
        }
        Ok(self.page.front())
    }

    fn next<L: Ledger>(
        &mut self,
        ledger: &mut L,
    ) -> Result<Option<KnownFile>, RescanError<L::Error>> {
        self.peek(ledger)?;
        Ok(self.page.pop_front())
    }
}
