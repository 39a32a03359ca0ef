//! A document or a wording among those that it shares a key with: what drops it, what it drops.

use std::collections::BTreeSet;

use inkstone_corpus::dedup::{
    DocumentFingerprint, ExactHash, Fingerprint, Seniority, Signature, bands, document_bands,
    is_duplicate, is_older_version,
};
use inkstone_store::Corpus;
use inkstone_store::corpus::band::{Band, BandKind};
use inkstone_store::corpus::document::DocumentRow;
use inkstone_store::corpus::wording::{Lead, WordingRow};

use super::packed::key;
use super::{AssembleError, damaged};

/// A document or a wording that is compared.
pub(super) struct Node {
    id: i64,
    rank: Seniority,
    likeness: Likeness,
    keys: Vec<u64>,
}

enum Likeness {
    Document(DocumentFingerprint),
    Wording(Fingerprint),
}

impl Node {
    /// A document.
    pub(super) fn document(row: &DocumentRow) -> Result<Self, AssembleError> {
        let fingerprint = DocumentFingerprint::from_bytes(&row.likeness)
            .ok_or_else(|| damaged("a document's likeness", "wrong length"))?;
        // Nothing is a version of an empty document, and all of them would share every key.
        let keys = if fingerprint.shingles == 0 {
            Vec::new()
        } else {
            document_bands(&fingerprint.signature)
        };
        Ok(Self {
            id: row.id,
            rank: Seniority {
                modified_ms: row.modified,
                document: key(&row.key)?.to_string(),
                piece: 0,
            },
            likeness: Likeness::Document(fingerprint),
            keys,
        })
    }

    /// A wording that stands in a piece that counts.
    pub(super) fn wording(row: &WordingRow, lead: &Lead) -> Result<Self, AssembleError> {
        let fingerprint = fingerprint(&row.exact, row.words, row.signature.as_deref())?;
        Ok(Self {
            id: row.id,
            rank: seniority(lead)?,
            keys: fingerprint
                .signature
                .as_ref()
                .map(bands)
                .unwrap_or_default(),
            likeness: Likeness::Wording(fingerprint),
        })
    }

    /// Where it stands in the index.
    pub(super) fn bands(&self, is_dropped: bool) -> Vec<Band> {
        let shut = is_dropped || !self.can_be_dropped();
        let band = |key: &u64| Band {
            kind: self.kind(),
            key: *key,
            shut,
            modified: self.rank.modified_ms,
            node: self.id,
        };
        self.keys.iter().map(band).collect()
    }

    /// What drops it: something more senior that shares a key with it and is alike.
    pub(super) fn witness(&self, corpus: &Corpus<'_>) -> Result<Option<i64>, AssembleError> {
        if !self.can_be_dropped() {
            return Ok(None);
        }
        let mut seen = BTreeSet::from([self.id]);
        let mut witness = None;
        for shut in [false, true] {
            for key in &self.keys {
                let place = (self.kind(), *key, shut);
                corpus.newer_under(place, self.rank.modified_ms, |id| {
                    if seen.insert(id) && self.is_dropped_by(&self.other(corpus, id)?) {
                        witness = Some(id);
                    }
                    Ok::<_, AssembleError>(witness.is_none())
                })?;
                if witness.is_some() {
                    return Ok(witness);
                }
            }
        }
        Ok(None)
    }

    /// What it drops of what nothing drops yet.
    pub(super) fn drops(&self, corpus: &Corpus<'_>) -> Result<Vec<i64>, AssembleError> {
        let mut seen = BTreeSet::from([self.id]);
        let mut dropped = Vec::new();
        for key in &self.keys {
            let place = (self.kind(), *key, false);
            corpus.older_under(place, self.rank.modified_ms, |id| {
                if seen.insert(id) && self.other(corpus, id)?.is_dropped_by(self) {
                    dropped.push(id);
                }
                Ok::<_, AssembleError>(true)
            })?;
        }
        Ok(dropped)
    }

    fn can_be_dropped(&self) -> bool {
        match &self.likeness {
            Likeness::Document(fingerprint) => fingerprint.has_versions(),
            Likeness::Wording(fingerprint) => fingerprint.signature.is_some(),
        }
    }

    fn is_dropped_by(&self, other: &Self) -> bool {
        match (&self.likeness, &other.likeness) {
            (Likeness::Document(mine), Likeness::Document(theirs)) => {
                is_older_version(&self.rank, mine, [(&other.rank, theirs)])
            }
            (Likeness::Wording(mine), Likeness::Wording(theirs)) => {
                is_duplicate(&self.rank, mine, [(&other.rank, theirs)])
            }
            _ => false,
        }
    }

    fn kind(&self) -> BandKind {
        match self.likeness {
            Likeness::Document(_) => BandKind::Document,
            Likeness::Wording(_) => BandKind::Wording,
        }
    }

    /// Another node of its kind, which the index names and so must be there.
    fn other(&self, corpus: &Corpus<'_>, id: i64) -> Result<Self, AssembleError> {
        let missing = || {
            damaged(
                "the index of alike texts",
                format!("nothing has number {id}"),
            )
        };
        match self.likeness {
            Likeness::Document(_) => {
                let row = corpus.document(id)?.ok_or_else(missing)?;
                Self::document(&row)
            }
            Likeness::Wording(_) => {
                let row = corpus.wording(id)?.ok_or_else(missing)?;
                let lead = row.lead.clone().ok_or_else(missing)?;
                Self::wording(&row, &lead)
            }
        }
    }
}

/// The rank of a wording: that of its most senior piece.
pub(super) fn seniority(lead: &Lead) -> Result<Seniority, AssembleError> {
    Ok(Seniority {
        modified_ms: lead.modified,
        document: key(&lead.key)?.to_string(),
        piece: lead.ordinal,
    })
}

/// What a text is compared by, from how it is kept.
pub(super) fn fingerprint(
    exact: &[u8],
    words: u32,
    signature: Option<&[u8]>,
) -> Result<Fingerprint, AssembleError> {
    let exact = exact
        .try_into()
        .map_err(|error| damaged("the hash of a text", error))?;
    let signature = signature.map(|bytes| {
        Signature::from_bytes(bytes).ok_or_else(|| damaged("a signature", "wrong length"))
    });
    Ok(Fingerprint {
        exact: ExactHash(exact),
        words,
        signature: signature.transpose()?,
    })
}
