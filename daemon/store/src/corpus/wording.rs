//! Wordings, distinct texts, and the pieces that they stand in.
//!
//! A paragraph that stands in ten thousand files is one row here, so that it is compared once.

use rusqlite::{Row, params};

use crate::corpus::Corpus;
use crate::error::StoreError;

/// A wording's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WordingRow {
    /// Its number.
    pub id: i64,
    /// Of the text.
    pub exact: Vec<u8>,
    /// How many words it has, as far as the comparison counts them.
    pub words: u32,
    /// The most senior piece that counts, as of the last comparison.
    pub lead: Option<Lead>,
    /// The wording that it says the same as.
    pub witness: Option<i64>,
    /// Whether it stands in too many documents.
    pub boilerplate: bool,
    /// Whether a person dropped it, or one that looks like it.
    pub reviewed: bool,
    /// Whether a person wants it although it is boilerplate or stands in an older version.
    pub wanted: bool,
    /// What it is compared by, if it is long enough.
    pub signature: Option<Vec<u8>>,
}

/// The most senior piece of a wording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lead {
    /// When its document was changed.
    pub modified: i64,
    /// Its document's key.
    pub key: Vec<u8>,
    /// Its document.
    pub document: i64,
    /// Its place there.
    pub ordinal: u32,
}

/// What a piece's wording came to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a column of its own, and all may be true at once"
)]
pub struct PieceRow {
    /// Its place in the document.
    pub ordinal: u32,
    /// Words of the wording.
    pub words: u32,
    /// Whether it is the most senior piece of its wording.
    pub is_lead: bool,
    /// Whether the wording says the same as a more senior one.
    pub is_alike: bool,
    /// Whether it stands in too many documents.
    pub boilerplate: bool,
    /// Whether a person dropped it.
    pub reviewed: bool,
    /// Whether a person wants it although it is boilerplate or stands in an older version.
    pub wanted: bool,
    /// Of the text.
    pub exact: Vec<u8>,
}

impl Corpus<'_> {
    /// The wording with this hash, made where there is none; its comparison is due in any case.
    pub fn wording_for(
        &self,
        exact: &[u8],
        words: u32,
        signature: Option<&[u8]>,
    ) -> Result<i64, StoreError> {
        let known = self.first(
            "UPDATE wording SET pending = 1 WHERE exact = ?1 RETURNING id",
            [exact],
            |row| row.get(0),
        )?;
        match known {
            Some(id) => Ok(id),
            None => self.insert(
                "INSERT INTO wording (exact, words, signature) VALUES (?1, ?2, ?3)",
                params![exact, words, signature],
            ),
        }
    }

    /// A wording by its number.
    pub fn wording(&self, id: i64) -> Result<Option<WordingRow>, StoreError> {
        self.first(
            "SELECT id, exact, words, lead_modified, lead_key, lead_document, lead_ordinal, \
             witness, boilerplate, reviewed, signature, wanted FROM wording WHERE id = ?1",
            [id],
            read_wording,
        )
    }

    /// Wordings whose comparison is due.
    pub fn pending_wordings(&self, count_max: u32) -> Result<Vec<i64>, StoreError> {
        self.rows(
            "SELECT id FROM wording WHERE pending > 0 ORDER BY id LIMIT ?1",
            [count_max],
            |row| row.get(0),
        )
    }

    /// Says what a wording came to; its comparison is done.
    pub fn set_wording(&self, row: &WordingRow) -> Result<(), StoreError> {
        let lead = row.lead.as_ref();
        self.execute(
            "UPDATE wording SET lead_modified = ?2, lead_key = ?3, lead_document = ?4, \
             lead_ordinal = ?5, witness = ?6, boilerplate = ?7, reviewed = ?8, \
             wanted = ?9, pending = 0 WHERE id = ?1",
            params![
                row.id,
                lead.map(|lead| lead.modified),
                lead.map(|lead| &lead.key),
                lead.map(|lead| lead.document),
                lead.map(|lead| lead.ordinal),
                row.witness,
                row.boilerplate,
                row.reviewed,
                row.wanted
            ],
        )?;
        Ok(())
    }

    /// Takes a wording away that stands nowhere.
    pub fn delete_wording(&self, id: i64) -> Result<(), StoreError> {
        self.execute("DELETE FROM wording WHERE id = ?1", [id])?;
        Ok(())
    }

    /// Has a wording compared anew.
    pub fn ask_wording(&self, id: i64) -> Result<(), StoreError> {
        let sql = "UPDATE wording SET pending = 1 WHERE id = ?1 AND pending = 0";
        self.execute(sql, [id])?;
        Ok(())
    }

    /// Has the wording with this hash compared anew, if there is one.
    pub fn ask_exact(&self, exact: &[u8]) -> Result<(), StoreError> {
        let sql = "UPDATE wording SET pending = 1 WHERE exact = ?1";
        self.execute(sql, [exact])?;
        Ok(())
    }

    /// Has the wordings compared anew that said the same as this one.
    pub fn ask_alike(&self, witness: i64) -> Result<(), StoreError> {
        let sql = "UPDATE wording SET pending = 1 WHERE witness = ?1";
        self.execute(sql, [witness])?;
        Ok(())
    }

    /// Has the wordings of a document compared anew.
    pub fn ask_wordings_of(&self, document: i64) -> Result<(), StoreError> {
        self.execute(
            "UPDATE wording SET pending = 1 \
             WHERE id IN (SELECT wording FROM piece WHERE document = ?1)",
            [document],
        )?;
        Ok(())
    }

    /// Has the records of all documents made anew in which a wording stands.
    pub fn ask_records_with(&self, wording: i64) -> Result<(), StoreError> {
        self.execute(
            "UPDATE document SET pending = 2 WHERE pending = 0 \
             AND id IN (SELECT document FROM piece WHERE wording = ?1)",
            [wording],
        )?;
        Ok(())
    }

    /// Adds a piece.
    pub fn insert_piece(
        &self,
        document: i64,
        ordinal: u32,
        wording: i64,
    ) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO piece (document, ordinal, wording) VALUES (?1, ?2, ?3)",
            params![document, ordinal, wording],
        )?;
        Ok(())
    }

    /// Takes a document's pieces away; the comparison of their wordings is due.
    pub fn delete_pieces(&self, document: i64) -> Result<(), StoreError> {
        self.ask_wordings_of(document)?;
        self.delete_passages(document)?;
        self.execute("DELETE FROM piece WHERE document = ?1", [document])?;
        Ok(())
    }

    /// The pieces of a document in its order, with what their wordings came to.
    pub fn pieces(&self, document: i64) -> Result<Vec<PieceRow>, StoreError> {
        self.rows(
            "SELECT p.ordinal, w.words, w.lead_document IS p.document AND \
             w.lead_ordinal IS p.ordinal, w.witness IS NOT NULL, w.boilerplate, w.reviewed, \
             w.exact, w.wanted FROM piece p JOIN wording w ON w.id = p.wording \
             WHERE p.document = ?1 ORDER BY p.ordinal",
            [document],
            |row| {
                Ok(PieceRow {
                    ordinal: row.get(0)?,
                    words: row.get(1)?,
                    is_lead: row.get(2)?,
                    is_alike: row.get(3)?,
                    boilerplate: row.get(4)?,
                    reviewed: row.get(5)?,
                    exact: row.get(6)?,
                    wanted: row.get(7)?,
                })
            },
        )
    }

    /// In how many documents that count a wording stands, counted up to `count_max`.
    pub fn documents_with(&self, wording: i64, count_max: u32) -> Result<u32, StoreError> {
        let count = self.number(
            "SELECT count(*) FROM (SELECT DISTINCT p.document FROM piece p \
             JOIN document d ON d.id = p.document \
             WHERE p.wording = ?1 AND d.counted = 1 LIMIT ?2)",
            params![wording, count_max],
        )?;
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }

    /// The most senior piece of a wording among those that count: of the newest document; of those
    /// of one moment, of the one with the greatest key; in it, the first. Of one that is wanted,
    /// where none counts, among those of older versions.
    pub fn lead_of(&self, wording: i64, is_wanted: bool) -> Result<Option<Lead>, StoreError> {
        self.first(
            "SELECT d.modified, d.key, d.id, p.ordinal FROM piece p \
             JOIN document d ON d.id = p.document \
             WHERE p.wording = ?1 AND (d.counted = 1 OR ?2 AND d.excluded = 0) \
             ORDER BY d.counted DESC, d.modified DESC, d.key DESC, p.ordinal LIMIT 1",
            params![wording, is_wanted],
            |row| {
                Ok(Lead {
                    modified: row.get(0)?,
                    key: row.get(1)?,
                    document: row.get(2)?,
                    ordinal: row.get(3)?,
                })
            },
        )
    }

    /// Whether a wording stands in any piece.
    pub fn is_wording_used(&self, wording: i64) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM piece WHERE wording = ?1 LIMIT 1";
        let found = self.first(sql, [wording], |_| Ok(()))?;
        Ok(found.is_some())
    }
}

fn read_wording(row: &Row<'_>) -> rusqlite::Result<WordingRow> {
    let modified: Option<i64> = row.get(3)?;
    let lead = match modified {
        Some(modified) => Some(Lead {
            modified,
            key: row.get(4)?,
            document: row.get(5)?,
            ordinal: row.get(6)?,
        }),
        None => None,
    };
    Ok(WordingRow {
        id: row.get(0)?,
        exact: row.get(1)?,
        words: row.get(2)?,
        lead,
        witness: row.get(7)?,
        boilerplate: row.get(8)?,
        reviewed: row.get(9)?,
        signature: row.get(10)?,
        wanted: row.get(11)?,
    })
}
