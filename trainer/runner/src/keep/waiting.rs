//! Documents that were made and wait to be kept together: a transaction for each would write the same
//! pages of the database once for each.
//!
//! Nothing is lost with them: their files are not noted as read before they are kept.

use inkstone_corpus::CleanDocument;
use inkstone_corpus::dataset::Digest;
use inkstone_store::SeenFile;
use inkstone_store::corpus::document::At;

use super::Keeper;
use crate::assemble::{self, AssembleError, Source};

/// Documents that wait at most, and bytes of their files. Small enough for a writer's other programs
/// to wait for the transaction.
const DOCUMENTS_MAX: usize = 128;
const BYTES_MAX: usize = 2 * 1024 * 1024;

/// A document that waits.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) path: String,
    /// Of the file's bytes.
    pub(super) hash: Digest,
    pub(super) modified_ms: i64,
    pub(super) made_by: Vec<u8>,
    pub(super) document: CleanDocument,
    /// Length of the file.
    pub(super) bytes: usize,
    /// What is noted of the file then; none where it is no file.
    pub(super) noted: Option<Noted>,
}

/// What a file was like when it was read.
#[derive(Debug)]
pub(super) struct Noted {
    pub(super) row: SeenFile,
    /// Under which name it was known, if that was another.
    pub(super) from: Option<String>,
}

impl Keeper<'_> {
    /// Keeps a document, now or with the next ones; of a folder that was removed meanwhile, nothing is
    /// read any further.
    pub(super) fn wait(&mut self, document: Waiting) -> Result<(), AssembleError> {
        let workspace = self.workspace.id.as_i64();
        if self
            .store
            .read_corpus(|corpus| corpus.is_removed(workspace))?
        {
            return Err(AssembleError::Removed);
        }
        self.waiting.push(document);
        let bytes: usize = self.waiting.iter().map(|one| one.bytes).sum();
        if self.waiting.len() < DOCUMENTS_MAX && bytes < BYTES_MAX {
            return Ok(());
        }
        self.keep_waiting()
    }

    /// Keeps the documents that wait. Whoever reads in the database what was kept calls this before.
    pub fn keep_waiting(&mut self) -> Result<(), AssembleError> {
        let waiting = std::mem::take(&mut self.waiting);
        if waiting.is_empty() {
            return Ok(());
        }
        let (workspace, folder) = (self.workspace.id.as_i64(), self.folder.as_str());
        let sources = waiting.iter().map(|one| {
            let path = one.path.as_bytes();
            let source = Source {
                at: At { workspace, path },
                folder,
                content_hash: one.hash,
                modified_ms: one.modified_ms,
                made_by: &one.made_by,
            };
            (source, &one.document)
        });
        assemble::put_all(self.store, &sources.collect::<Vec<_>>())?;
        let noted = waiting.iter().filter_map(|one| one.noted.as_ref());
        let noted = noted.map(|noted| (&noted.row, noted.from.as_deref()));
        Ok(self.store.see_files(self.workspace.id, noted)?)
    }
}
