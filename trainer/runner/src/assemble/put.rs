//! Files that came, changed, moved or went. Nothing is compared here: what has to be is noted.

use inkstone_corpus::CleanDocument;
use inkstone_corpus::dataset::{Digest, DocumentKey};
use inkstone_corpus::dedup::DocumentFingerprint;
use inkstone_store::corpus::decision::ExcludedRow;
use inkstone_store::corpus::document::{At, DocumentRow, NewDocument, SkippedRow};
use inkstone_store::{Corpus, Store};

use super::documents::withdraw;
use super::{AssembleError, outliers, packed, publish};

/// Documents of a workspace that go in one transaction.
const REMOVED_DOCUMENTS_MAX: u32 = 256;

/// A file that was read.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Where it lies.
    pub at: At<'a>,
    /// The workspace's name: in every record's provenance, and in the key of a document that is seen
    /// for the first time. Best the name of its folder, which outlives a move of the folder, so that
    /// documents stay on their side of the split.
    pub folder: &'a str,
    /// Of the file's bytes.
    pub content_hash: Digest,
    /// When it was last changed, in milliseconds since 1970. Of what is alike, the newest is in.
    pub modified_ms: i64,
    /// The rules, settings and authorship that it was read by, so that the caller knows when to read
    /// it again. What training sees does not depend on it.
    pub made_by: &'a [u8],
}

/// What became of a file's document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Everything was so already.
    Unchanged,
    /// It was there and is another now.
    Changed,
    /// It is new.
    Added,
}

/// Keeps what came of reading a file. It counts from the next [`super::settle()`] on.
pub fn put(
    store: &mut Store,
    source: &Source<'_>,
    document: &CleanDocument,
) -> Result<Change, AssembleError> {
    store.change_corpus(|corpus| put_one(corpus, source, document))
}

/// Keeps what came of reading several files, in one transaction: each of its own would cost as much as
/// the file. The caller bounds how many these are.
pub fn put_all(
    store: &mut Store,
    files: &[(Source<'_>, &CleanDocument)],
) -> Result<(), AssembleError> {
    store.change_corpus(|corpus| {
        for (source, document) in files {
            put_one(corpus, source, document)?;
        }
        Ok(())
    })
}

/// Says that a file was written anew with the bytes that it had: whether it is known.
pub fn touched(store: &mut Store, at: At<'_>, modified_ms: i64) -> Result<bool, AssembleError> {
    store.change_corpus(|corpus| {
        let Some(row) = corpus.document_at(at)? else {
            return Ok(false);
        };
        if row.modified != modified_ms {
            withdraw(corpus, &row)?;
            corpus.set_modified(row.id, modified_ms)?;
            corpus.ask_wordings_of(row.id)?;
        }
        Ok(true)
    })
}

/// Takes a file's document away; whether there was one.
pub fn remove(store: &mut Store, at: At<'_>) -> Result<bool, AssembleError> {
    store.change_corpus(|corpus| {
        corpus.delete_skipped(at)?;
        remove_one(corpus, at)
    })
}

/// Says that a file lies elsewhere now. Its document stays the same one, on the same side of the
/// split, and what its owner decided about it goes with it; what lay at the new place goes. Whether it
/// is known.
pub fn renamed(
    store: &mut Store,
    from: At<'_>,
    to: At<'_>,
    folder: &str,
) -> Result<bool, AssembleError> {
    store.change_corpus(|corpus| {
        if from != to {
            move_decisions(corpus, from, to)?;
        }
        let Some(row) = corpus.document_at(from)? else {
            if let Some(there) = corpus.document_at(to)? {
                follow_exclusion(corpus, to, &there.content_hash)?;
                corpus.ask_document(there.id)?;
            }
            return Ok(false);
        };
        if from != to {
            corpus.delete_skipped(to)?;
            remove_one(corpus, to)?;
        }
        corpus.move_document(row.id, to, folder)?;
        follow_exclusion(corpus, to, &row.content_hash)?;
        Ok(true)
    })
}

/// Says that a folder of a workspace has another name now: what its owner decided about it as a whole
/// goes with it.
pub fn folder_renamed(store: &mut Store, from: At<'_>, to: At<'_>) -> Result<(), AssembleError> {
    store.change_corpus(|corpus| {
        if move_decisions(corpus, from, to)? {
            corpus.ask_folder(to)?;
        }
        Ok(())
    })
}

/// Says that a file was moved out of a folder that is gone, and others of it elsewhere: where the folder
/// was excluded, the file stays so by its own path.
pub fn left_folder(store: &mut Store, folder: At<'_>, file: At<'_>) -> Result<(), AssembleError> {
    store.change_corpus(|corpus| {
        let Some(of_folder) = corpus.exclusion_at(folder)? else {
            return Ok(());
        };
        if corpus.exclusion_at(file)?.is_none() {
            let holds = corpus.document_at(file)?.map(|row| row.content_hash);
            corpus.insert_excluded(&ExcludedRow {
                prefix: file.path.to_vec(),
                content_hash: holds,
                ..of_folder
            })?;
        }
        Ok(())
    })
}

/// Notes that a file is not read, and why; what was read of it before goes.
pub fn skip(store: &mut Store, workspace: i64, row: &SkippedRow) -> Result<(), AssembleError> {
    store.change_corpus(|corpus| {
        refuse_removed(corpus, workspace)?;
        let path = &row.path;
        remove_one(corpus, At { workspace, path })?;
        corpus.set_skipped(workspace, row)?;
        Ok(())
    })
}

/// Takes away all that is known of a workspace, in several transactions, and the versions that show
/// any of it, as far as no adapter names them. These go first, since a process that ends midway must
/// leave none that shows a folder of which half is gone, and once more at the end.
pub fn remove_workspace(store: &mut Store, workspace: i64) -> Result<(), AssembleError> {
    let first = At {
        workspace,
        path: b"",
    };
    store.change_corpus(|corpus| Ok::<_, AssembleError>(corpus.delete_versions_of(workspace)?))?;
    loop {
        let removed = store.change_corpus(|corpus| {
            let rows = corpus.documents_after(first, REMOVED_DOCUMENTS_MAX)?;
            for row in &rows {
                remove_row(corpus, row)?;
            }
            if rows.is_empty() {
                // A version that was published between two of these shows documents that are gone now.
                corpus.delete_versions_of(workspace)?;
                corpus.forget_workspace(workspace)?;
                corpus.forget_left_scores()?;
            }
            Ok::<_, AssembleError>(rows.len())
        })?;
        if removed == 0 {
            break;
        }
    }
    publish::clear(store)?;
    // Last: a process that ends before this takes the rest away the next time.
    store.change_corpus(|corpus| Ok::<_, AssembleError>(corpus.set_swept(workspace)?))
}

/// Keeps nothing of a folder that was removed while it was being read or reviewed.
pub(super) fn refuse_removed(corpus: &Corpus<'_>, workspace: i64) -> Result<(), AssembleError> {
    if corpus.is_removed(workspace)? {
        return Err(AssembleError::Removed);
    }
    Ok(())
}

fn put_one(
    corpus: &Corpus<'_>,
    source: &Source<'_>,
    document: &CleanDocument,
) -> Result<Change, AssembleError> {
    refuse_removed(corpus, source.at.workspace)?;
    let texts = document.pieces.iter().map(|piece| piece.text.as_str());
    let (likeness, fingerprints) = DocumentFingerprint::of(texts);
    let reading = packed::json("a reading", document)?;
    let reading = packed::pack("a reading", &reading)?;
    let known = corpus.document_at(source.at)?;
    let key = match &known {
        Some(row) => packed::key(&row.key)?,
        None => new_key(corpus, source)?,
    };
    let new = NewDocument {
        at: source.at,
        key: &key.0,
        content_hash: &source.content_hash.0,
        modified: source.modified_ms,
        made_by: source.made_by,
        folder: source.folder,
        likeness: &likeness.to_bytes(),
        reading: &reading,
    };
    let (id, change) = match &known {
        Some(row) if is_same(corpus, row, &new)? => return Ok(Change::Unchanged),
        Some(row) => {
            withdraw(corpus, row)?;
            corpus.delete_pieces(row.id)?;
            corpus.replace_document(row.id, &new)?;
            (row.id, Change::Changed)
        }
        None => {
            corpus.delete_skipped(source.at)?;
            (corpus.insert_document(&new)?, Change::Added)
        }
    };
    follow_exclusion(corpus, source.at, new.content_hash)?;
    for (ordinal, fingerprint) in (0..).zip(&fingerprints) {
        let signature = fingerprint.signature.as_ref();
        let signature = signature.map(inkstone_corpus::dedup::Signature::to_bytes);
        let exact = &fingerprint.exact.0;
        let wording = corpus.wording_for(exact, fingerprint.words, signature.as_deref())?;
        corpus.insert_piece(id, ordinal, wording)?;
    }
    outliers::put_passages(corpus, id, document)?;
    Ok(change)
}

/// Has what was decided about one place hold for another; whether anything was. What was decided about
/// that one before counts no more, but for the copies of what it held.
fn move_decisions(corpus: &Corpus<'_>, from: At<'_>, to: At<'_>) -> Result<bool, AssembleError> {
    if corpus.exclusion_at(from)?.is_some()
        && let Some(row) = corpus.exclusion_at(to)?
        && let Some(held) = row.content_hash
    {
        corpus.exclude_content(&held, row.made)?;
        corpus.exclude_former(to, &held)?;
    }
    Ok(corpus.move_decisions(from, to)?)
}

/// Notes what a file that is excluded holds now. Copies of what it held were left out with it, and stay
/// so: that is still the text that its owner did not want.
fn follow_exclusion(
    corpus: &Corpus<'_>,
    at: At<'_>,
    content_hash: &[u8],
) -> Result<(), AssembleError> {
    let Some(mut row) = corpus.exclusion_at(at)? else {
        return Ok(());
    };
    if row.content_hash.as_deref() == Some(content_hash) {
        return Ok(());
    }
    if let Some(held) = row.content_hash.replace(content_hash.to_vec()) {
        corpus.exclude_content(&held, row.made)?;
        corpus.exclude_former(at, &held)?;
    }
    corpus.insert_excluded(&row)?;
    Ok(corpus.ask_content(content_hash)?)
}

fn is_same(
    corpus: &Corpus<'_>,
    row: &DocumentRow,
    new: &NewDocument<'_>,
) -> Result<bool, AssembleError> {
    Ok(row.content_hash == new.content_hash
        && row.modified == new.modified
        && row.made_by == new.made_by
        && row.folder == new.folder
        && corpus.reading(row.id)?.as_deref() == Some(new.reading))
}

/// The key of the path, or, while a document that lay there before has it, the next one.
fn new_key(corpus: &Corpus<'_>, source: &Source<'_>) -> Result<DocumentKey, AssembleError> {
    let mut turn = 0;
    loop {
        let key = DocumentKey::new(source.folder.as_bytes(), source.at.path, turn);
        if !corpus.is_key_taken(&key.0)? {
            return Ok(key);
        }
        turn += 1;
    }
}

fn remove_one(corpus: &Corpus<'_>, at: At<'_>) -> Result<bool, AssembleError> {
    match corpus.document_at(at)? {
        Some(row) => remove_row(corpus, &row).map(|()| true),
        None => Ok(false),
    }
}

pub(super) fn remove_row(corpus: &Corpus<'_>, row: &DocumentRow) -> Result<(), AssembleError> {
    withdraw(corpus, row)?;
    corpus.delete_document(row.id)?;
    Ok(())
}
