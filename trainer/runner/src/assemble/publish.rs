//! Versions: the whole of what training would see, named by its content, kept as long as it is among
//! the newest or an adapter names it.

use std::collections::HashSet;

use inkstone_corpus::dataset::{
    CountTokens, DatasetHasher, DatasetId, Digest, DocumentKey, Record, Statistics,
};
use inkstone_store::Store;
use inkstone_store::corpus::document::At;
use inkstone_store::corpus::version::{CountedRow, VersionRow};

use super::{AssembleError, Measures, damaged, outliers, packed, settle};

/// Documents that are read at once for an export.
const READ_DOCUMENTS_MAX: u32 = 32;
/// Documents whose keys are read at once.
const READ_KEYS_MAX: u32 = 1_024;
/// Counts that are read, and counted anew where they have to be, at once.
const COUNTED_DOCUMENTS_MAX: u32 = 256;

/// How the holder of a version begins while it is exported; the number of the process follows.
pub const EXPORT_HOLDER: &str = "export ";

/// A published version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Its name.
    pub id: DatasetId,
    /// When it was last published, in milliseconds since 1970.
    pub published_ms: i64,
    /// Who holds on to it.
    pub pins: Vec<String>,
}

/// A document of a version of which training sees something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// The document.
    pub key: DocumentKey,
    /// Of all that training sees of it.
    pub digest: Digest,
    /// When its file was last changed, in milliseconds since 1970; none where it is gone.
    pub modified_ms: Option<i64>,
    record: i64,
}

/// Counts the tokens of a text.
#[derive(Clone, Copy)]
pub struct Tokenizer<'a> {
    /// Which, so that what it counted is not counted again: the hash of its model, say.
    pub name: &'a str,
    /// Counts.
    pub count: CountTokens<'a>,
}

/// Compares what is left to compare, keeps the whole as a version, and deletes the versions beyond
/// the newest `versions_max` that nobody pinned.
pub fn publish(
    store: &mut Store,
    measures: Measures,
    versions_max: usize,
    now_ms: i64,
) -> Result<DatasetId, AssembleError> {
    settle(store, measures)?;
    let id = store.change_corpus(|corpus| {
        let mut hasher = DatasetHasher::default();
        corpus.each_digest(|key, digest| {
            hasher.add(packed::key(key)?, packed::digest(digest)?)?;
            Ok::<_, AssembleError>(())
        })?;
        let id = hasher.finish();
        corpus.insert_version(&id.0, now_ms)?;
        outliers::sign(corpus, &id.0)?;
        Ok::<_, AssembleError>(id)
    })?;
    prune(store, versions_max.max(1))?;
    Ok(id)
}

/// Every version, the newest first.
pub fn versions(store: &mut Store) -> Result<Vec<Version>, AssembleError> {
    let rows = store.read_corpus(|corpus| corpus.versions())?;
    rows.into_iter().map(version).collect()
}

/// Whether every document of a version is still there, as it was or changed.
pub fn is_whole(store: &mut Store, id: DatasetId) -> Result<bool, AssembleError> {
    let version = find(store, id)?;
    Ok(store.read_corpus(|corpus| corpus.version_is_whole(version))?)
}

/// Holds on to a version for an adapter that names it.
pub fn pin(store: &mut Store, id: DatasetId, holder: &str) -> Result<(), AssembleError> {
    let version = find(store, id)?;
    store.change_corpus(|corpus| Ok(corpus.insert_pin(version, holder)?))
}

/// The documents of a workspace as they are now, by their keys.
pub fn keys_of(store: &mut Store, workspace: i64) -> Result<HashSet<DocumentKey>, AssembleError> {
    store.read_corpus(|corpus| {
        let (mut keys, mut after) = (HashSet::new(), Vec::new());
        loop {
            let path = &after[..];
            let page = corpus.documents_after(At { workspace, path }, READ_KEYS_MAX)?;
            for row in &page {
                keys.insert(packed::key(&row.key)?);
            }
            match page.into_iter().last() {
                Some(last) => after = last.path,
                None => return Ok(keys),
            }
        }
    })
}

/// Whether a holder holds on to a version. Who takes a text back lets go for everybody.
pub fn is_held(store: &mut Store, id: DatasetId, holder: &str) -> Result<bool, AssembleError> {
    store.read_corpus(|corpus| {
        let Some(version) = corpus.version(&id.0)? else {
            return Ok(false);
        };
        Ok(version.pins.iter().any(|pin| pin == holder))
    })
}

/// Lets go of a version; whether it was held. It is deleted with the next publishing, if it is no
/// longer among the newest.
pub fn unpin(store: &mut Store, id: DatasetId, holder: &str) -> Result<bool, AssembleError> {
    let version = find(store, id)?;
    store.change_corpus(|corpus| Ok(corpus.delete_pin(version, holder)?))
}

/// Lets go of what exports held that ended without doing so themselves: nothing would ever delete it.
pub fn let_go_of_ended(
    store: &mut Store,
    is_alive: impl Fn(u32) -> bool,
) -> Result<(), AssembleError> {
    let has_ended = |holder: &str| {
        let process = holder.strip_prefix(EXPORT_HOLDER);
        process.is_some_and(|process| process.parse().map_or(true, |process| !is_alive(process)))
    };
    store.change_corpus(|corpus| {
        for version in corpus.versions()? {
            for holder in version.pins.iter().filter(|holder| has_ended(holder)) {
                corpus.delete_pin(version.id, holder)?;
            }
        }
        Ok(())
    })
}

/// The records of a version, document by document in the order of their keys, whatever became of the
/// documents since. The version must not be deleted meanwhile: pin it where that may happen.
pub fn read_version<E: From<AssembleError>>(
    store: &mut Store,
    id: DatasetId,
    mut take: impl FnMut(Record) -> Result<(), E>,
) -> Result<(), E> {
    let mut after = Vec::new();
    loop {
        let version = find(store, id)?;
        // No transaction stays open while the caller writes: the log could not be cut meanwhile.
        let page = store
            .read_corpus(|corpus| corpus.version_records_after(version, &after, READ_DOCUMENTS_MAX))
            .map_err(AssembleError::from)?;
        let Some((last, _)) = page.last() else {
            return Ok(());
        };
        after.clone_from(last);
        for (_, bytes) in page {
            let records: Vec<Record> = packed::unpack("a record", &bytes)?;
            records.into_iter().try_for_each(&mut take)?;
        }
    }
}

/// The documents of a version of which training sees something, in the order of their keys. Reads none
/// of their texts, and holds them all: some sixty bytes each.
pub fn seen(store: &mut Store, id: DatasetId) -> Result<Vec<Seen>, AssembleError> {
    let version = find(store, id)?;
    let mut all: Vec<Seen> = Vec::new();
    loop {
        let after = all.last().map_or(Vec::new(), |last| last.key.0.to_vec());
        let page = store.read_corpus(|corpus| {
            corpus.version_seen_after(version, &after, COUNTED_DOCUMENTS_MAX)
        })?;
        if page.is_empty() {
            return Ok(all);
        }
        for row in page {
            all.push(Seen {
                key: packed::key(&row.key)?,
                digest: packed::digest(&row.digest)?,
                modified_ms: row.modified,
                record: row.record,
            });
        }
    }
}

/// What training sees of one of them. Its version must not be deleted meanwhile.
pub fn read_document(store: &mut Store, seen: &Seen) -> Result<Vec<Record>, AssembleError> {
    let bytes = store.read_corpus(|corpus| corpus.record_bytes(seen.record))?;
    let bytes = bytes.ok_or_else(|| damaged("a record", "it is missing"))?;
    packed::unpack("a record", &bytes)
}

/// What a version holds. Tokens are counted for documents that were not counted by this tokenizer
/// before; without one they are unknown.
pub fn statistics(
    store: &mut Store,
    id: DatasetId,
    tokenizer: Option<Tokenizer<'_>>,
) -> Result<Statistics, AssembleError> {
    let version = find(store, id)?;
    let mut sum = Statistics::default();
    let mut after = Vec::new();
    loop {
        let page = store.read_corpus(|corpus| {
            corpus.version_counts_after(version, &after, COUNTED_DOCUMENTS_MAX)
        })?;
        let Some(last) = page.last() else {
            return Ok(sum);
        };
        after.clone_from(&last.key);
        for counted in count(store, &page, tokenizer)? {
            sum.merge(&counted);
        }
    }
}

fn count(
    store: &mut Store,
    page: &[CountedRow],
    tokenizer: Option<Tokenizer<'_>>,
) -> Result<Vec<Statistics>, AssembleError> {
    let read = |row: &CountedRow| -> Result<Statistics, AssembleError> {
        serde_json::from_slice(&row.statistics).map_err(|error| damaged("statistics", error))
    };
    let Some(tokenizer) = tokenizer else {
        let known = page.iter().map(read);
        let unknown = known.map(|counted| counted.map(Statistics::without_tokens));
        return unknown.collect();
    };
    let is_counted = |row: &CountedRow| row.counted_by.as_deref() == Some(tokenizer.name);
    if page.iter().all(is_counted) {
        return page.iter().map(read).collect();
    }
    store.change_corpus(|corpus| {
        let mut counted = Vec::with_capacity(page.len());
        for row in page {
            let known = read(row)?;
            if is_counted(row) {
                counted.push(known);
                continue;
            }
            let bytes = corpus.record_bytes(row.record)?.unwrap_or_default();
            let records: Vec<Record> = packed::unpack("a record", &bytes)?;
            let mut anew = Statistics::of_document(&records, [], Some(tokenizer.count));
            anew.left_out = known.left_out;
            let json = packed::json("statistics", &anew)?;
            corpus.set_counts(row.record, tokenizer.name, &json)?;
            counted.push(anew);
        }
        Ok(counted)
    })
}

/// Deletes versions that are neither among the newest nor pinned, and records that nothing names.
fn prune(store: &mut Store, versions_max: usize) -> Result<(), AssembleError> {
    store.change_corpus(|corpus| {
        let old = corpus.versions()?.into_iter().skip(versions_max);
        for version in old.filter(|version| version.pins.is_empty()) {
            corpus.delete_version(version.id)?;
        }
        Ok::<_, AssembleError>(())
    })?;
    clear(store)
}

/// Deletes records that nothing names.
pub(super) fn clear(store: &mut Store) -> Result<(), AssembleError> {
    let mut after = Some(0);
    while let Some(record) = after {
        after = store.change_corpus(|corpus| corpus.clear_records(record))?;
    }
    Ok(())
}

fn find(store: &mut Store, id: DatasetId) -> Result<i64, AssembleError> {
    let found = store.read_corpus(|corpus| corpus.version(&id.0))?;
    let version = found.ok_or(AssembleError::NoVersion { id })?;
    Ok(version.id)
}

fn version(row: VersionRow) -> Result<Version, AssembleError> {
    Ok(Version {
        id: DatasetId(packed::digest(&row.name)?.0),
        published_ms: row.published,
        pins: row.pins,
    })
}
