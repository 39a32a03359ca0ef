//! The index by which alike texts find each other: a text stands in it under each key of its
//! signature, and those that share a key are compared.
//!
//! Under one key the newest stand first, so the search for a more senior text ends at the first
//! that is alike; those that a newcomer could still drop stand apart, so it need not look at ten
//! thousand that are dropped already.

use rusqlite::params;

use crate::corpus::Corpus;
use crate::error::StoreError;

/// What stands under a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BandKind {
    /// Documents.
    Document,
    /// Wordings.
    Wording,
    /// Decisions of the review.
    Decision,
}

/// One row: a text under one of its keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Band {
    /// What it is.
    pub kind: BandKind,
    /// Of its signature.
    pub key: u64,
    /// Whether no newcomer can drop it: it is dropped, or too short to be.
    pub shut: bool,
    /// When it was changed; see [`age`].
    pub modified: i64,
    /// Its number among its kind.
    pub node: i64,
}

impl BandKind {
    fn number(self) -> i64 {
        match self {
            Self::Document => 0,
            Self::Wording => 1,
            Self::Decision => 2,
        }
    }
}

/// SQLite orders upwards, and the newest is to come first.
fn age(modified: i64) -> i64 {
    modified.checked_neg().unwrap_or(i64::MAX)
}

impl Corpus<'_> {
    /// Adds rows, which is fast when they are sorted; rows that are there stay.
    pub fn insert_bands(&self, bands: &[Band]) -> Result<(), StoreError> {
        for band in bands {
            self.execute(
                "INSERT OR IGNORE INTO band (kind, key, shut, age, node) \
                 VALUES (?1, ?2, ?3, ?4, ?5)",
                params![
                    band.kind.number(),
                    band.key.cast_signed(),
                    band.shut,
                    age(band.modified),
                    band.node
                ],
            )?;
        }
        Ok(())
    }

    /// Takes rows away.
    pub fn delete_bands(&self, bands: &[Band]) -> Result<(), StoreError> {
        for band in bands {
            self.execute(
                "DELETE FROM band \
                 WHERE kind = ?1 AND key = ?2 AND shut = ?3 AND age = ?4 AND node = ?5",
                params![
                    band.kind.number(),
                    band.key.cast_signed(),
                    band.shut,
                    age(band.modified),
                    band.node
                ],
            )?;
        }
        Ok(())
    }

    /// What stands under the key and was changed then or later, the newest first, until `take` says
    /// false.
    pub fn newer_under<E: From<StoreError>>(
        &self,
        (kind, key, shut): (BandKind, u64, bool),
        modified: i64,
        take: impl FnMut(i64) -> Result<bool, E>,
    ) -> Result<(), E> {
        self.each(
            "SELECT node FROM band WHERE kind = ?1 AND key = ?2 AND shut = ?3 AND age <= ?4 \
             ORDER BY age",
            params![kind.number(), key.cast_signed(), shut, age(modified)],
            |row| row.get(0),
            take,
        )
    }

    /// What stands under the key and was changed then or earlier, until `take` says false.
    pub fn older_under<E: From<StoreError>>(
        &self,
        (kind, key, shut): (BandKind, u64, bool),
        modified: i64,
        take: impl FnMut(i64) -> Result<bool, E>,
    ) -> Result<(), E> {
        self.each(
            "SELECT node FROM band WHERE kind = ?1 AND key = ?2 AND shut = ?3 AND age >= ?4 \
             ORDER BY age",
            params![kind.number(), key.cast_signed(), shut, age(modified)],
            |row| row.get(0),
            take,
        )
    }
}
