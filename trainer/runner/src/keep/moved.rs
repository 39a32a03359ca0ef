//! Tells a folder that was renamed from files that were moved out of it: only with the first do the
//! decisions about the folder go along.
//!
//! Not the moving of decisions (`assemble`). The keeper asks for each file that was renamed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use inkstone_store::{Store, StoreError, Workspace};

/// Files that are listed at once.
const LISTED_FILES_MAX: usize = 1_024;

/// What one look has seen of folders that came and went.
#[derive(Default)]
pub(super) struct Moved {
    /// Under which nothing was known before this look.
    new: BTreeSet<String>,
    /// Folders that are gone, with where all of each went; none where its files parted.
    whole: BTreeMap<String, Option<String>>,
}

/// What becomes of the decisions about one folder above a renamed file.
pub(super) enum Fate<'p> {
    /// They go to this folder.
    Goes { old: &'p str, new: &'p str },
    /// The folder is gone, and its files parted.
    Parted { old: &'p str },
}

impl Moved {
    /// Notes the folders of a file that comes, before it is known.
    pub(super) fn comes(
        &mut self,
        store: &Store,
        workspace: &Workspace,
        path: &str,
    ) -> Result<(), StoreError> {
        // From within: what is known there is known further out.
        let ends = path.rmatch_indices('/').map(|(end, _)| end);
        for folder in ends.map(|end| &path[..end]) {
            if self.new.contains(folder) {
                continue;
            }
            if !store.seen_files(workspace.id, folder, None, 1)?.is_empty() {
                break;
            }
            self.new.insert(folder.to_owned());
        }
        Ok(())
    }

    /// The folders above a renamed file that are there no more, the outermost first.
    pub(super) fn fates<'p>(
        &mut self,
        store: &Store,
        workspace: &Workspace,
        from: &'p str,
        to: &'p str,
    ) -> Result<Vec<Fate<'p>>, StoreError> {
        let mut fates = Vec::new();
        for (end, _) in from.match_indices('/') {
            let (old, below) = from.split_at(end);
            if workspace.path.join(old).exists() {
                continue;
            }
            let new = to.strip_suffix(below).filter(|new| !new.is_empty());
            if !self.whole.contains_key(old) {
                let went = match new.filter(|new| self.new.contains(*new)) {
                    Some(new) if all_went(store, workspace, old, new)? => Some(new.to_owned()),
                    _ => None,
                };
                self.whole.insert(old.to_owned(), went);
            }
            let went = self.whole.get(old).and_then(Option::as_deref);
            fates.push(match new.filter(|new| went == Some(*new)) {
                Some(new) => Fate::Goes { old, new },
                None => Fate::Parted { old },
            });
        }
        Ok(fates)
    }
}

/// Whether every file that was known in a folder lies in another now.
fn all_went(
    store: &Store,
    workspace: &Workspace,
    old: &str,
    new: &str,
) -> Result<bool, StoreError> {
    let is_there = |root: &Path, path: &str| {
        let below = path.strip_prefix(old);
        below.is_some_and(|below| root.join(format!("{new}{below}")).exists())
    };
    let mut after: Option<String> = None;
    loop {
        let files = store.seen_files(workspace.id, old, after.as_deref(), LISTED_FILES_MAX)?;
        if !files
            .iter()
            .all(|file| is_there(&workspace.path, &file.path))
        {
            return Ok(false);
        }
        match files.into_iter().last() {
            Some(last) => after = Some(last.path),
            None => return Ok(true),
        }
    }
}
