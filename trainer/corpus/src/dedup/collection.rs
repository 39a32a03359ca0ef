//! A whole set of documents in memory, whose verdicts follow every insertion and removal.
//!
//! The reference for the store, which does the same with an index on disk: what has to be looked at
//! again after a change is spelled out in [`Collection::insert`]. Used by tests and by anything
//! small enough, such as an export of one folder. A test compares it, after any history, with the
//! verdicts computed anew over all pairs.

use std::collections::{BTreeMap, BTreeSet};

use super::band::{bands, document_bands};
use super::exact::ExactHash;
use super::fingerprint::{DocumentFingerprint, Fingerprint};
use super::seniority::Seniority;
use super::verdict::{
    BOILERPLATE_DOCUMENTS_MIN, Verdict, is_boilerplate, is_duplicate, is_older_version,
};

/// A document as far as its comparison with others goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// When it was last changed, in milliseconds since 1970.
    pub modified_ms: i64,
    /// Of all its pieces together.
    pub fingerprint: DocumentFingerprint,
    /// Of each, in document order.
    pub pieces: Vec<Fingerprint>,
}

impl Document {
    /// Of the pieces' texts.
    pub fn of<'a>(modified_ms: i64, pieces: impl IntoIterator<Item = &'a str>) -> Self {
        let (fingerprint, pieces) = DocumentFingerprint::of(pieces);
        Self {
            modified_ms,
            fingerprint,
            pieces,
        }
    }
}

/// Documents, their keys and their verdicts.
#[derive(Debug)]
pub struct Collection {
    boilerplate_documents_min: usize,
    documents: BTreeMap<String, Entry>,
    by_document_band: BTreeMap<u64, BTreeSet<String>>,
    by_band: BTreeMap<u64, BTreeSet<Place>>,
    by_exact: BTreeMap<ExactHash, BTreeSet<Place>>,
}

#[derive(Debug)]
struct Entry {
    document: Document,
    /// Of the document, and of its first piece.
    rank: Seniority,
    is_older_version: bool,
    verdicts: Vec<Verdict>,
}

/// A piece of a document.
type Place = (String, usize);

impl Default for Collection {
    fn default() -> Self {
        Self::new(BOILERPLATE_DOCUMENTS_MIN)
    }
}

impl Collection {
    /// Without documents. A paragraph in `boilerplate_documents_min` of them is boilerplate.
    pub fn new(boilerplate_documents_min: usize) -> Self {
        Self {
            boilerplate_documents_min,
            documents: BTreeMap::new(),
            by_document_band: BTreeMap::new(),
            by_band: BTreeMap::new(),
            by_exact: BTreeMap::new(),
        }
    }

    /// The verdicts of a document's pieces, in document order; none if it is not there.
    pub fn verdicts(&self, key: &str) -> Option<&[Verdict]> {
        self.documents.get(key).map(|entry| &*entry.verdicts)
    }

    /// Every document with its verdicts, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[Verdict])> {
        let entries = self.documents.iter();
        entries.map(|(key, entry)| (key.as_str(), &*entry.verdicts))
    }

    /// Adds a document or puts it in the place of what had its key. Returns the keys of the
    /// documents that have other verdicts than before, this one always among them.
    ///
    /// What is looked at again: first the versions among the documents that share a band with it,
    /// as it was or as it is; then the pieces that share a key with one of its pieces, or of a
    /// document whose version verdict has changed.
    pub fn insert(&mut self, key: &str, document: Document) -> BTreeSet<String> {
        let before = self.take(key);
        let after = document.clone();
        self.put(key, document);
        let mut changed = self.judge_around(before.iter().chain([&after]), key);
        changed.insert(key.to_owned());
        changed
    }

    /// Takes a document away. Returns the keys of the documents that have other verdicts than
    /// before, without this one.
    pub fn remove(&mut self, key: &str) -> BTreeSet<String> {
        let before = self.take(key);
        self.judge_around(before.iter(), key)
    }

    fn judge_around<'a>(
        &mut self,
        documents: impl Iterator<Item = &'a Document>,
        key: &str,
    ) -> BTreeSet<String> {
        let documents: Vec<&Document> = documents.collect();
        let near: BTreeSet<String> = documents
            .iter()
            .flat_map(|document| self.near_documents(document))
            .chain([key.to_owned()])
            .collect();
        let mut changed: BTreeSet<String> = near
            .into_iter()
            .filter(|near| self.judge_version(near))
            .collect();
        let mut places: BTreeSet<Place> = documents
            .iter()
            .flat_map(|document| self.near_pieces(document))
            .collect();
        for key in changed.iter().map(String::as_str).chain([key]) {
            let Some(entry) = self.documents.get(key) else {
                continue;
            };
            places.extend((0..entry.verdicts.len()).map(|piece| (key.to_owned(), piece)));
            places.extend(self.near_pieces(&entry.document));
        }
        for (key, piece) in places {
            if self.judge_piece(&key, piece) {
                changed.insert(key);
            }
        }
        changed
    }

    /// Asks the first question anew; whether the answer changed.
    fn judge_version(&mut self, key: &str) -> bool {
        let Some(entry) = self.documents.get(key) else {
            return false;
        };
        let near = self.near_documents(&entry.document);
        let neighbours = near.iter().filter_map(|key| {
            let entry = self.documents.get(key)?;
            Some((&entry.rank, &entry.document.fingerprint))
        });
        let verdict = is_older_version(&entry.rank, &entry.document.fingerprint, neighbours);
        let Some(entry) = self.documents.get_mut(key) else {
            return false;
        };
        std::mem::replace(&mut entry.is_older_version, verdict) != verdict
    }

    /// Asks the other two; whether the verdict changed.
    fn judge_piece(&mut self, key: &str, piece: usize) -> bool {
        let Some(verdict) = self.verdict_of(key, piece) else {
            return false;
        };
        let entry = self.documents.get_mut(key);
        let Some(kept) = entry.and_then(|entry| entry.verdicts.get_mut(piece)) else {
            return false;
        };
        std::mem::replace(kept, verdict) != verdict
    }

    fn verdict_of(&self, key: &str, piece: usize) -> Option<Verdict> {
        let entry = self.documents.get(key)?;
        if entry.is_older_version {
            return Some(Verdict::OlderVersion);
        }
        let own = entry.document.pieces.get(piece)?;
        let holders: BTreeSet<&str> = self
            .holders(&own.exact)
            .filter(|(key, _)| self.counts(key))
            .map(|(key, _)| key.as_str())
            .collect();
        if is_boilerplate(own, holders.len(), self.boilerplate_documents_min) {
            return Some(Verdict::Boilerplate);
        }
        let near = self.near_pieces_of(own);
        let neighbours = near.iter().filter(|(key, _)| self.counts(key));
        let neighbours = neighbours.filter_map(|(key, piece)| {
            let entry = self.documents.get(key)?;
            Some((entry.rank_of(*piece), entry.document.pieces.get(*piece)?))
        });
        // Ranks are made where they are asked for, so they are collected before they are lent.
        let neighbours: Vec<(Seniority, &Fingerprint)> = neighbours.collect();
        let lent = neighbours.iter().map(|(rank, piece)| (rank, *piece));
        Some(if is_duplicate(&entry.rank_of(piece), own, lent) {
            Verdict::Duplicate
        } else {
            Verdict::Keep
        })
    }

    /// Whether the pieces of a document count for others.
    fn counts(&self, key: &str) -> bool {
        let entry = self.documents.get(key);
        entry.is_some_and(|entry| !entry.is_older_version)
    }

    fn near_documents(&self, document: &Document) -> BTreeSet<String> {
        let keys = document_bands(&document.fingerprint.signature);
        let sets = keys.iter().filter_map(|key| self.by_document_band.get(key));
        sets.flatten().cloned().collect()
    }

    fn near_pieces(&self, document: &Document) -> BTreeSet<Place> {
        let pieces = document.pieces.iter();
        pieces
            .flat_map(|piece| self.near_pieces_of(piece))
            .collect()
    }

    fn near_pieces_of(&self, piece: &Fingerprint) -> BTreeSet<Place> {
        let keys = piece.signature.as_ref().map(bands).unwrap_or_default();
        let by_band = keys
            .iter()
            .filter_map(|key| self.by_band.get(key))
            .flatten();
        by_band.chain(self.holders(&piece.exact)).cloned().collect()
    }

    fn holders(&self, exact: &ExactHash) -> impl Iterator<Item = &Place> {
        self.by_exact.get(exact).into_iter().flatten()
    }

    fn put(&mut self, key: &str, document: Document) {
        for band in document_bands(&document.fingerprint.signature) {
            let documents = self.by_document_band.entry(band).or_default();
            documents.insert(key.to_owned());
        }
        for (at, piece) in document.pieces.iter().enumerate() {
            let place = || (key.to_owned(), at);
            self.by_exact
                .entry(piece.exact)
                .or_default()
                .insert(place());
            for band in piece.signature.iter().flat_map(bands) {
                self.by_band.entry(band).or_default().insert(place());
            }
        }
        let entry = Entry {
            rank: Seniority {
                modified_ms: document.modified_ms,
                document: key.to_owned(),
                piece: 0,
            },
            is_older_version: false,
            verdicts: vec![Verdict::Keep; document.pieces.len()],
            document,
        };
        self.documents.insert(key.to_owned(), entry);
    }

    fn take(&mut self, key: &str) -> Option<Document> {
        let document = self.documents.remove(key)?.document;
        for band in document_bands(&document.fingerprint.signature) {
            withdraw(&mut self.by_document_band, &band, &key.to_owned());
        }
        for (at, piece) in document.pieces.iter().enumerate() {
            let place = (key.to_owned(), at);
            withdraw(&mut self.by_exact, &piece.exact, &place);
            for band in piece.signature.iter().flat_map(bands) {
                withdraw(&mut self.by_band, &band, &place);
            }
        }
        Some(document)
    }
}

impl Entry {
    fn rank_of(&self, piece: usize) -> Seniority {
        Seniority {
            piece: u32::try_from(piece).unwrap_or(u32::MAX),
            ..self.rank.clone()
        }
    }
}

fn withdraw<K: Ord, V: Ord>(index: &mut BTreeMap<K, BTreeSet<V>>, key: &K, value: &V) {
    if let Some(values) = index.get_mut(key) {
        values.remove(value);
        if values.is_empty() {
            index.remove(key);
        }
    }
}
