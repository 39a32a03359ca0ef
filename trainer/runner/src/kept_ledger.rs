//! The ledger of a workspace in the database. A change is first handed to whoever reads documents, and
//! known when they have kept what they read of it: ended in between, the next rescan tells it again.

use inkstone_store::{SeenFile, Store, StoreError, WorkspaceId};

use crate::content::ContentHash;
use crate::ledger::{Change, KnownFile, Ledger};
use crate::skipped::Skipped;

/// Who keeps what is read of the files of a workspace. Each change may come a second time.
pub trait Reader {
    /// Why it could not be kept.
    type Error: From<StoreError>;

    /// Keeps what a change comes to.
    fn change(&mut self, store: &mut Store, change: &Change) -> Result<(), Self::Error>;

    /// Hears of what is not read.
    fn skipped(&mut self, skipped: Skipped);
}

/// The files of one workspace, as the database knows them.
pub struct KeptLedger<'a, R> {
    store: &'a mut Store,
    workspace: WorkspaceId,
    reader: R,
}

impl<'a, R: Reader> KeptLedger<'a, R> {
    /// Of a workspace; `reader` gets what changes in it.
    pub fn new(store: &'a mut Store, workspace: WorkspaceId, reader: R) -> Self {
        Self {
            store,
            workspace,
            reader,
        }
    }

    /// What the reader has become.
    pub fn into_reader(self) -> R {
        self.reader
    }
}

fn known(seen: SeenFile) -> KnownFile {
    KnownFile {
        path: seen.path,
        stamp: seen.stamp,
        hash: ContentHash::from_bytes(seen.hash),
    }
}

fn seen(known: KnownFile) -> SeenFile {
    SeenFile {
        path: known.path,
        hash: *known.hash.as_bytes(),
        stamp: known.stamp,
    }
}

fn all_known(seen: Vec<SeenFile>) -> Vec<KnownFile> {
    seen.into_iter().map(known).collect()
}

impl<R: Reader> Ledger for KeptLedger<'_, R> {
    type Error = R::Error;

    fn page(
        &mut self,
        within: &str,
        after: Option<&str>,
        files_max: usize,
    ) -> Result<Vec<KnownFile>, R::Error> {
        let page = self
            .store
            .seen_files(self.workspace, within, after, files_max)?;
        Ok(all_known(page))
    }

    fn with_content(&mut self, hash: &ContentHash) -> Result<Vec<KnownFile>, R::Error> {
        let same = self
            .store
            .seen_with_content(self.workspace, hash.as_bytes())?;
        Ok(all_known(same))
    }

    fn with_inode(&mut self, inode: u64) -> Result<Vec<KnownFile>, R::Error> {
        Ok(all_known(
            self.store.seen_with_inode(self.workspace, inode)?,
        ))
    }

    fn apply(&mut self, change: Change) -> Result<(), R::Error> {
        self.reader.change(self.store, &change)?;
        let workspace = self.workspace;
        match change {
            Change::Added(read) | Change::Changed(read) => {
                self.store.see_file(workspace, &seen(read.known()), None)?;
            }
            Change::Renamed { from, to } => {
                let to = seen(to.known());
                self.store.see_file(workspace, &to, Some(&from))?;
            }
            Change::Restamped { path, stamp } => {
                self.store.restamp_file(workspace, &path, stamp)?;
            }
            Change::Removed { path } => self.store.forget_file(workspace, &path)?,
        }
        Ok(())
    }

    fn skipped(&mut self, skipped: Skipped) {
        self.reader.skipped(skipped);
    }
}
