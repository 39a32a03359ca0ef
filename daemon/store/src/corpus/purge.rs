//! What is taken away of a source that is to be forgotten, and the looking for what is left of it.
//!
//! Which documents, records and texts those are, the trainer says (`forget` of `inkstone-trainer`).

use rusqlite::params;

use crate::corpus::Corpus;
use crate::corpus::document::{At, DocumentRow, read_document, select_document};
use crate::error::StoreError;
use crate::seen_files::{BEHIND, LAST, place};

/// Where hashes of texts and of files stand: what the table is told as, and how its rows are counted.
/// Which others hold the same text is asked before.
const HASHES: [(&str, &str); 9] = [
    ("wordings", "SELECT count(*) FROM wording WHERE exact = ?1"),
    ("passages", "SELECT count(*) FROM passage WHERE text = ?1"),
    ("scores", "SELECT count(*) FROM score WHERE text = ?1"),
    (
        "decisions",
        "SELECT count(*) FROM review_decision WHERE exact = ?1",
    ),
    (
        "files seen",
        "SELECT count(*) FROM seen_files WHERE hash = ?1",
    ),
    (
        "documents",
        "SELECT count(*) FROM document WHERE content_hash = ?1",
    ),
    (
        "exclusions",
        "SELECT count(*) FROM excluded WHERE content_hash = ?1",
    ),
    (
        "former contents of exclusions",
        "SELECT count(*) FROM excluded_former WHERE content_hash = ?1",
    ),
    (
        "files skipped",
        "SELECT count(*) FROM skipped WHERE content_hash = ?1",
    ),
];

impl Corpus<'_> {
    /// Documents of a folder, or of one file, in the order of their paths, after one of them.
    pub fn documents_below(
        &self,
        folder: At<'_>,
        after: &[u8],
        count_max: u32,
    ) -> Result<Vec<DocumentRow>, StoreError> {
        let At { workspace, path } = folder;
        // '/' and the byte after it bound what lies below.
        let [from, to] = [b'/', b'0'].map(|end| [path, &[end]].concat());
        self.rows(
            select_document!(
                "WHERE workspace = ?1 AND path > ?2 AND \
                 (length(?3) = 0 OR path = ?3 OR path > ?4 AND path < ?5) ORDER BY path LIMIT ?6"
            ),
            params![workspace, after, path, from, to, count_max],
            read_document,
        )
    }

    /// The number, key and bytes of each record, one after the other.
    pub fn each_record<E: From<StoreError>>(
        &self,
        mut take: impl FnMut(i64, &[u8], &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        self.each(
            "SELECT id, key, bytes FROM record ORDER BY id",
            [],
            |row| {
                Ok((
                    row.get(0)?,
                    row.get::<_, Vec<u8>>(1)?,
                    row.get::<_, Vec<u8>>(2)?,
                ))
            },
            |(id, key, bytes)| take(id, &key, &bytes).map(|()| true),
        )
    }

    /// The number of each document and the bytes of its reading, one after the other.
    pub fn each_reading<E: From<StoreError>>(
        &self,
        mut take: impl FnMut(i64, &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        self.each(
            "SELECT document, bytes FROM reading ORDER BY document",
            [],
            |row| Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?)),
            |(document, bytes)| take(document, &bytes).map(|()| true),
        )
    }

    /// The numbers of the versions in which a record stands.
    pub fn versions_with(&self, record: i64) -> Result<Vec<i64>, StoreError> {
        let sql = "SELECT DISTINCT version FROM version_document WHERE record = ?1";
        self.rows(sql, [record], |row| row.get(0))
    }

    /// Takes a record out of a version that goes on without it.
    pub fn delete_from_version(&self, version: i64, record: i64) -> Result<(), StoreError> {
        let sql = "DELETE FROM version_document WHERE version = ?1 AND record = ?2";
        self.execute(sql, [version, record])?;
        Ok(())
    }

    /// Deletes a version, whoever holds it; its records stay until they are cleared.
    pub fn delete_version_and_pins(&self, version: i64) -> Result<(), StoreError> {
        self.execute("DELETE FROM pin WHERE version = ?1", [version])?;
        self.delete_version(version)
    }

    /// Forgets which files were seen and skipped in a folder, or one file: how many.
    pub fn forget_files_below(&self, folder: At<'_>) -> Result<usize, StoreError> {
        let At { workspace, path } = folder;
        let first = place(&String::from_utf8_lossy(path));
        let end = if first.is_empty() {
            LAST.to_owned()
        } else {
            format!("{first}{BEHIND}")
        };
        let seen = self.execute(
            "DELETE FROM seen_files WHERE workspace = ?1 AND place >= ?2 AND place < ?3",
            params![workspace, first, end],
        )?;
        let [from, to] = [b'/', b'0'].map(|end| [path, &[end]].concat());
        let skipped = self.execute(
            "DELETE FROM skipped WHERE workspace = ?1 AND \
             (length(?2) = 0 OR path = ?2 OR path > ?3 AND path < ?4)",
            params![workspace, path, from, to],
        )?;
        // What was excluded stays so by its place.
        self.execute(
            "UPDATE excluded SET content_hash = NULL WHERE workspace = ?1 AND \
             (length(?2) = 0 OR prefix = ?2 OR prefix > ?3 AND prefix < ?4)",
            params![workspace, path, from, to],
        )?;
        self.execute(
            "DELETE FROM excluded_former WHERE workspace = ?1 AND \
             (length(?2) = 0 OR prefix = ?2 OR prefix > ?3 AND prefix < ?4)",
            params![workspace, path, from, to],
        )?;
        Ok(seen + skipped)
    }

    /// Deletes the marks of shingles; how many there were.
    pub fn delete_inserted(&self, shingles: &[u64]) -> Result<usize, StoreError> {
        let mut gone = 0;
        for shingle in shingles {
            let sql = "DELETE FROM inserted WHERE shingle = ?1";
            gone += self.execute(sql, [shingle.cast_signed()])?;
        }
        Ok(gone)
    }

    /// Where a hash stands, and in how many rows.
    pub fn rows_with_hash(&self, hash: &[u8]) -> Result<Vec<(&'static str, i64)>, StoreError> {
        let mut found = Vec::new();
        for (table, sql) in HASHES {
            let rows = self.number(sql, [hash])?;
            if rows > 0 {
                found.push((table, rows));
            }
        }
        Ok(found)
    }
}
