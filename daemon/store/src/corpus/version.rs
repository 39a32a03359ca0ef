//! Records, by content, and the versions that are made of them.
//!
//! A version is a list of records. What is in none, and of no document as it is now, is deleted.

use rusqlite::params;

use crate::corpus::Corpus;
use crate::error::StoreError;

/// How the holder of a version begins that a training keeps; what it trains follows.
pub const TRAINING_HOLDER: &str = "training ";

/// A document's key, and what is kept under it.
pub type KeyedBytes = (Vec<u8>, Vec<u8>);

/// What training sees of a document.
#[derive(Debug, Clone, Copy)]
pub struct NewRecord<'a> {
    /// Of everything below.
    pub hash: &'a [u8],
    /// The document's key.
    pub key: &'a [u8],
    /// Of what training sees; none where it sees nothing of it.
    pub digest: Option<&'a [u8]>,
    /// Its counts.
    pub statistics: &'a [u8],
    /// The records themselves.
    pub bytes: &'a [u8],
}

/// A published version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionRow {
    /// Its number.
    pub id: i64,
    /// Its name: of what is in it.
    pub name: Vec<u8>,
    /// When it was last published, in milliseconds since 1970.
    pub published: i64,
    /// Who holds on to it.
    pub pins: Vec<String>,
}

/// The counts of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedRow {
    /// Its number.
    pub record: i64,
    /// Its document's key.
    pub key: Vec<u8>,
    /// What counted its tokens.
    pub counted_by: Option<String>,
    /// The counts.
    pub statistics: Vec<u8>,
}

/// A document of a version of which training sees something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenRow {
    /// The record's number.
    pub record: i64,
    /// Its document's key.
    pub key: Vec<u8>,
    /// Of what training sees.
    pub digest: Vec<u8>,
    /// When the document's file was last changed, in milliseconds since 1970, as long as it is there.
    pub modified: Option<i64>,
}

/// How many records are looked at in one step of the clearing.
const CLEARED_RECORDS_MAX: i64 = 4_096;

impl Corpus<'_> {
    /// The record with this hash, made where there is none.
    pub fn record_for(&self, new: &NewRecord<'_>) -> Result<i64, StoreError> {
        let sql = "SELECT id FROM record WHERE hash = ?1";
        match self.first(sql, [new.hash], |row| row.get(0))? {
            Some(id) => Ok(id),
            None => self.insert(
                "INSERT INTO record (hash, key, digest, statistics, bytes) \
                 VALUES (?1, ?2, ?3, ?4, ?5)",
                params![new.hash, new.key, new.digest, new.statistics, new.bytes],
            ),
        }
    }

    /// The digests of all documents of which training sees something, in the order of their keys.
    pub fn each_digest<E: From<StoreError>>(
        &self,
        mut take: impl FnMut(&[u8], &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        self.each(
            "SELECT d.key, r.digest FROM document d JOIN record r ON r.id = d.record \
             WHERE r.digest IS NOT NULL ORDER BY d.key",
            [],
            |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, Vec<u8>>(1)?)),
            |(key, digest)| take(&key, &digest).map(|()| true),
        )
    }

    /// Writes a version of the documents as they are. Where there is one of that name, what training
    /// saw is the same, and it now says where that lies today.
    pub fn insert_version(&self, name: &[u8], published: i64) -> Result<i64, StoreError> {
        let turn = self.number("SELECT coalesce(max(turn), 0) + 1 FROM version", [])?;
        self.execute(
            "INSERT INTO version (name, turn, published) VALUES (?1, ?2, ?3) \
             ON CONFLICT (name) DO UPDATE SET turn = ?2, published = ?3",
            params![name, turn, published],
        )?;
        // After an upsert that updates, the number of the last insertion is another's.
        let sql = "SELECT id FROM version WHERE name = ?1";
        let id = self.number(sql, [name])?;
        self.execute("DELETE FROM version_document WHERE version = ?1", [id])?;
        self.execute(
            "INSERT INTO version_document (version, key, record) \
             SELECT ?1, key, record FROM document WHERE record IS NOT NULL ORDER BY key",
            [id],
        )?;
        Ok(id)
    }

    /// A version by its name.
    pub fn version(&self, name: &[u8]) -> Result<Option<VersionRow>, StoreError> {
        let found = self.versions()?;
        Ok(found.into_iter().find(|version| version.name == name))
    }

    /// Every version, the newest first. Retention bounds them.
    pub fn versions(&self) -> Result<Vec<VersionRow>, StoreError> {
        let sql = "SELECT id, name, published FROM version ORDER BY turn DESC";
        let mut versions = self.rows(sql, [], |row| {
            Ok(VersionRow {
                id: row.get(0)?,
                name: row.get(1)?,
                published: row.get(2)?,
                pins: Vec::new(),
            })
        })?;
        for version in &mut versions {
            let sql = "SELECT holder FROM pin WHERE version = ?1 ORDER BY holder";
            version.pins = self.rows(sql, [version.id], |row| row.get(0))?;
        }
        Ok(versions)
    }

    /// Holds on to a version.
    pub fn insert_pin(&self, version: i64, holder: &str) -> Result<(), StoreError> {
        self.execute(
            "INSERT OR IGNORE INTO pin (version, holder) VALUES (?1, ?2)",
            params![version, holder],
        )?;
        Ok(())
    }

    /// Lets go of a version; whether it was held.
    pub fn delete_pin(&self, version: i64, holder: &str) -> Result<bool, StoreError> {
        let sql = "DELETE FROM pin WHERE version = ?1 AND holder = ?2";
        Ok(self.execute(sql, params![version, holder])? > 0)
    }

    /// Deletes a version that nobody holds; its records stay until they are cleared.
    pub fn delete_version(&self, version: i64) -> Result<(), StoreError> {
        self.execute("DELETE FROM version WHERE id = ?1", [version])?;
        Ok(())
    }

    /// Deletes the versions that nobody holds and that show what was read of a workspace, also of
    /// files that are gone, of which none tells whose they were.
    /// A training that rests does not hold them: it would go on with what was taken back.
    pub fn delete_versions_of(&self, workspace: i64) -> Result<(), StoreError> {
        self.execute(
            "DELETE FROM pin WHERE holder GLOB ?2 AND EXISTS (SELECT 1 FROM version_document v \
             LEFT JOIN document d ON d.key = v.key \
             WHERE v.version = pin.version AND (d.key IS NULL OR d.workspace = ?1))",
            params![workspace, format!("{TRAINING_HOLDER}*")],
        )?;
        self.execute(
            "DELETE FROM version WHERE NOT EXISTS (SELECT 1 FROM pin WHERE pin.version = version.id) \
             AND EXISTS (SELECT 1 FROM version_document v LEFT JOIN document d ON d.key = v.key \
             WHERE v.version = version.id AND (d.key IS NULL OR d.workspace = ?1))",
            [workspace],
        )?;
        Ok(())
    }

    /// Whether every document of a version is still there, and none was excluded since.
    pub fn version_is_whole(&self, version: i64) -> Result<bool, StoreError> {
        let gone = self.first(
            "SELECT 1 FROM version_document v LEFT JOIN document d ON d.key = v.key \
             WHERE v.version = ?1 AND (d.key IS NULL OR d.excluded = 1 AND EXISTS \
             (SELECT 1 FROM record r WHERE r.id = v.record AND r.digest IS NOT NULL)) LIMIT 1",
            [version],
            |row| row.get::<_, i64>(0),
        )?;
        Ok(gone.is_none())
    }

    /// Deletes, of the records after one, those that nothing names. Where to go on, if there are
    /// more: each step is a transaction of its own.
    pub fn clear_records(&self, after: i64) -> Result<Option<i64>, StoreError> {
        let last = self.first(
            "SELECT max(id) FROM (SELECT id FROM record WHERE id > ?1 ORDER BY id LIMIT ?2)",
            params![after, CLEARED_RECORDS_MAX],
            |row| row.get::<_, Option<i64>>(0),
        )?;
        let Some(last) = last.flatten() else {
            return Ok(None);
        };
        self.execute(
            "DELETE FROM record WHERE id > ?1 AND id <= ?2 \
             AND NOT EXISTS (SELECT 1 FROM version_document v WHERE v.record = record.id) \
             AND NOT EXISTS (SELECT 1 FROM document d WHERE d.record = record.id)",
            [after, last],
        )?;
        Ok(Some(last))
    }

    /// How many records are kept.
    pub fn record_count(&self) -> Result<i64, StoreError> {
        self.number("SELECT count(*) FROM record", [])
    }

    /// The records of a version in the order of their documents' keys, after one of them, each with
    /// its key.
    pub fn version_records_after(
        &self,
        version: i64,
        key: &[u8],
        count_max: u32,
    ) -> Result<Vec<KeyedBytes>, StoreError> {
        self.rows(
            "SELECT v.key, r.bytes FROM version_document v JOIN record r ON r.id = v.record \
             WHERE v.version = ?1 AND v.key > ?2 ORDER BY v.key LIMIT ?3",
            params![version, key, count_max],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    }

    /// The counts of a version's records in the order of their documents' keys, after one of them.
    pub fn version_counts_after(
        &self,
        version: i64,
        key: &[u8],
        count_max: u32,
    ) -> Result<Vec<CountedRow>, StoreError> {
        self.rows(
            "SELECT r.id, v.key, r.counted_by, r.statistics FROM version_document v \
             JOIN record r ON r.id = v.record \
             WHERE v.version = ?1 AND v.key > ?2 ORDER BY v.key LIMIT ?3",
            params![version, key, count_max],
            |row| {
                Ok(CountedRow {
                    record: row.get(0)?,
                    key: row.get(1)?,
                    counted_by: row.get(2)?,
                    statistics: row.get(3)?,
                })
            },
        )
    }

    /// The documents of a version of which training sees something, in the order of their keys, after
    /// one of them. Their texts are not read.
    pub fn version_seen_after(
        &self,
        version: i64,
        key: &[u8],
        count_max: u32,
    ) -> Result<Vec<SeenRow>, StoreError> {
        self.rows(
            "SELECT r.id, v.key, r.digest, d.modified FROM version_document v \
             JOIN record r ON r.id = v.record LEFT JOIN document d ON d.key = v.key \
             WHERE v.version = ?1 AND v.key > ?2 AND r.digest IS NOT NULL \
             ORDER BY v.key LIMIT ?3",
            params![version, key, count_max],
            |row| {
                Ok(SeenRow {
                    record: row.get(0)?,
                    key: row.get(1)?,
                    digest: row.get(2)?,
                    modified: row.get(3)?,
                })
            },
        )
    }

    /// The bytes of a record.
    pub fn record_bytes(&self, record: i64) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = "SELECT bytes FROM record WHERE id = ?1";
        self.first(sql, [record], |row| row.get(0))
    }

    /// Keeps the counts of a record, and what counted its tokens.
    pub fn set_counts(
        &self,
        record: i64,
        counted_by: &str,
        statistics: &[u8],
    ) -> Result<(), StoreError> {
        self.execute(
            "UPDATE record SET counted_by = ?2, statistics = ?3 WHERE id = ?1",
            params![record, counted_by, statistics],
        )?;
        Ok(())
    }
}
