//! Compares whole documents: which are older versions of others.

use inkstone_store::Corpus;
use inkstone_store::corpus::document::{At, DocumentRow};

use super::AssembleError;
use super::node::Node;

/// Compares a document, and notes what has to be looked at because of what it came to.
pub(super) fn compare(corpus: &Corpus<'_>, id: i64) -> Result<(), AssembleError> {
    let Some(mut row) = corpus.document(id)? else {
        return Ok(());
    };
    let (was_counted, was_excluded) = (row.counted, row.excluded);
    row.excluded = is_excluded(corpus, &row)?;
    if row.excluded {
        if row.live {
            withdraw(corpus, &row)?;
        }
        row.live = false;
        row.witness = None;
    } else {
        let node = Node::document(&row)?;
        let witness = node.witness(corpus)?;
        if !row.live {
            corpus.insert_bands(&node.bands(witness.is_some()))?;
            for dropped in node.drops(corpus)? {
                corpus.ask_document(dropped)?;
            }
        } else if witness.is_some() != row.witness.is_some() {
            corpus.delete_bands(&node.bands(row.witness.is_some()))?;
            corpus.insert_bands(&node.bands(witness.is_some()))?;
        }
        row.live = true;
        row.witness = witness;
    }
    row.counted = row.live && row.witness.is_none();
    // What is wanted of an older version is led by a piece of a document that does not count.
    if row.counted != was_counted || row.excluded != was_excluded {
        corpus.ask_wordings_of(id)?;
    }
    corpus.set_compared(&row)?;
    Ok(())
}

/// Takes a document out of the comparison: before it goes, or before what it is compared by changes.
pub(super) fn withdraw(corpus: &Corpus<'_>, row: &DocumentRow) -> Result<(), AssembleError> {
    if row.live {
        let node = Node::document(row)?;
        corpus.delete_bands(&node.bands(row.witness.is_some()))?;
        corpus.ask_older_versions(row.id)?;
    }
    corpus.set_withdrawn(row.id)?;
    Ok(())
}

/// Whether a person excluded the file or a folder above it, or a file that says the very same: what
/// came as a copy is left out until it says something else.
fn is_excluded(corpus: &Corpus<'_>, row: &DocumentRow) -> Result<bool, AssembleError> {
    let path = row.path.as_slice();
    let ends = path.iter().enumerate();
    let folders = ends.filter_map(|(end, byte)| (*byte == b'/').then_some(end));
    for end in std::iter::once(0).chain(folders).chain([path.len()]) {
        let above = At {
            workspace: row.workspace,
            path: &path[..end],
        };
        if corpus.exclusion_at(above)?.is_some() {
            return Ok(true);
        }
    }
    Ok(corpus.is_content_excluded(&row.content_hash)?)
}
