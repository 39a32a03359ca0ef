//! Documents: files that were read, what came of it, and files that were skipped.
//!
//! Called by the trainer, file by file. Nothing is compared here.

use rusqlite::{Row, params};

use crate::corpus::Corpus;
use crate::error::StoreError;
use crate::seen_files::place;

/// Where a file lies: in which of the added folders, and where in it, as bytes of the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct At<'a> {
    /// The workspace's number.
    pub workspace: i64,
    /// Relative to it.
    pub path: &'a [u8],
}

/// What is to be done for a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentStep {
    /// Compare it with others.
    Compare,
    /// Make its record.
    Record,
}

/// A file as it was read.
#[derive(Debug, Clone, Copy)]
pub struct NewDocument<'a> {
    /// Where it lies.
    pub at: At<'a>,
    /// What stays the same when it is renamed.
    pub key: &'a [u8],
    /// Of the file's bytes.
    pub content_hash: &'a [u8],
    /// Milliseconds since 1970.
    pub modified: i64,
    /// The rules and settings that it was read by.
    pub made_by: &'a [u8],
    /// The workspace's name, for people.
    pub folder: &'a str,
    /// What it is compared by.
    pub likeness: &'a [u8],
    /// All that came of reading it.
    pub reading: &'a [u8],
}

/// A document's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentRow {
    /// Its number.
    pub id: i64,
    /// The workspace's number.
    pub workspace: i64,
    /// Relative to it.
    pub path: Vec<u8>,
    /// What stays the same when it is renamed.
    pub key: Vec<u8>,
    /// Of the file's bytes.
    pub content_hash: Vec<u8>,
    /// Milliseconds since 1970.
    pub modified: i64,
    /// The rules and settings that it was read by.
    pub made_by: Vec<u8>,
    /// The workspace's name, for people.
    pub folder: String,
    /// What it is compared by.
    pub likeness: Vec<u8>,
    /// Whether it is in the index of bands.
    pub live: bool,
    /// Whether a person excluded its source.
    pub excluded: bool,
    /// What it is an older version of.
    pub witness: Option<i64>,
    /// Whether its pieces count for those of others.
    pub counted: bool,
}

/// A file that was not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkippedRow {
    /// Relative to its workspace.
    pub path: Vec<u8>,
    /// Of the file's bytes, empty where they were not read.
    pub content_hash: Vec<u8>,
    /// The rules and settings that it was skipped by.
    pub made_by: Vec<u8>,
    /// Why, in words.
    pub why: String,
}

macro_rules! select_document {
    ($where:literal) => {
        concat!(
            "SELECT id, workspace, path, key, content_hash, modified, made_by, folder, likeness, \
             live, excluded, witness, counted FROM document ",
            $where
        )
    };
}
pub(super) use select_document;

pub(super) fn read_document(row: &Row<'_>) -> rusqlite::Result<DocumentRow> {
    Ok(DocumentRow {
        id: row.get(0)?,
        workspace: row.get(1)?,
        path: row.get(2)?,
        key: row.get(3)?,
        content_hash: row.get(4)?,
        modified: row.get(5)?,
        made_by: row.get(6)?,
        folder: row.get(7)?,
        likeness: row.get(8)?,
        live: row.get(9)?,
        excluded: row.get(10)?,
        witness: row.get(11)?,
        counted: row.get(12)?,
    })
}

impl Corpus<'_> {
    /// The document that lies there.
    pub fn document_at(&self, at: At<'_>) -> Result<Option<DocumentRow>, StoreError> {
        self.first(
            select_document!("WHERE workspace = ?1 AND path = ?2"),
            params![at.workspace, at.path],
            read_document,
        )
    }

    /// A document by its number.
    pub fn document(&self, id: i64) -> Result<Option<DocumentRow>, StoreError> {
        self.first(select_document!("WHERE id = ?1"), [id], read_document)
    }

    /// Documents of a workspace in the order of their paths, after one of them: for lists that are
    /// too long to be held at once.
    pub fn documents_after(
        &self,
        after: At<'_>,
        count_max: u32,
    ) -> Result<Vec<DocumentRow>, StoreError> {
        self.rows(
            select_document!("WHERE workspace = ?1 AND path > ?2 ORDER BY path LIMIT ?3"),
            params![after.workspace, after.path, count_max],
            read_document,
        )
    }

    /// Documents of any workspace in the order of their numbers, after one of them.
    pub fn documents_from(&self, id: i64, count_max: u32) -> Result<Vec<DocumentRow>, StoreError> {
        self.rows(
            select_document!("WHERE id > ?1 ORDER BY id LIMIT ?2"),
            params![id, count_max],
            read_document,
        )
    }

    /// The numbers of the workspaces that there are documents of.
    pub fn workspaces(&self) -> Result<Vec<i64>, StoreError> {
        let mut found = Vec::new();
        let sql = "SELECT workspace FROM document WHERE workspace > ?1 ORDER BY workspace LIMIT 1";
        let mut after = i64::MIN;
        // From one to the next by the index, past all documents of each.
        while let Some(next) = self.first(sql, [after], |row| row.get(0))? {
            found.push(next);
            after = next;
        }
        Ok(found)
    }

    /// Whether a document has this key.
    pub fn is_key_taken(&self, key: &[u8]) -> Result<bool, StoreError> {
        let found = self.first("SELECT 1 FROM document WHERE key = ?1", [key], |_| Ok(()))?;
        Ok(found.is_some())
    }

    /// Adds a document that is to be compared; its number.
    pub fn insert_document(&self, new: &NewDocument<'_>) -> Result<i64, StoreError> {
        let id = self.insert(
            "INSERT INTO document \
             (workspace, path, key, content_hash, modified, made_by, folder, likeness) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                new.at.workspace,
                new.at.path,
                new.key,
                new.content_hash,
                new.modified,
                new.made_by,
                new.folder,
                new.likeness
            ],
        )?;
        self.set_reading(id, new.reading)?;
        Ok(id)
    }

    /// Puts a new reading in the place of the old one. Its place in the index must be given up
    /// before, as its keys are made of the likeness.
    pub fn replace_document(&self, id: i64, new: &NewDocument<'_>) -> Result<(), StoreError> {
        self.execute(
            "UPDATE document SET content_hash = ?2, modified = ?3, made_by = ?4, folder = ?5, \
             likeness = ?6, pending = 1 WHERE id = ?1",
            params![
                id,
                new.content_hash,
                new.modified,
                new.made_by,
                new.folder,
                new.likeness
            ],
        )?;
        self.set_reading(id, new.reading)
    }

    /// Gives a document another place, and has it compared anew.
    pub fn move_document(&self, id: i64, to: At<'_>, folder: &str) -> Result<(), StoreError> {
        self.execute(
            "UPDATE document SET workspace = ?2, path = ?3, folder = ?4, pending = 1 WHERE id = ?1",
            params![id, to.workspace, to.path, folder],
        )?;
        Ok(())
    }

    /// Takes a document away, with its reading and its pieces, not with its place in the index.
    pub fn delete_document(&self, id: i64) -> Result<(), StoreError> {
        self.delete_pieces(id)?;
        self.execute("DELETE FROM reading WHERE document = ?1", [id])?;
        self.execute("DELETE FROM document WHERE id = ?1", [id])?;
        Ok(())
    }

    /// All that came of reading a document.
    pub fn reading(&self, document: i64) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = "SELECT bytes FROM reading WHERE document = ?1";
        self.first(sql, [document], |row| row.get(0))
    }

    fn set_reading(&self, document: i64, bytes: &[u8]) -> Result<(), StoreError> {
        self.execute(
            "INSERT OR REPLACE INTO reading (document, bytes) VALUES (?1, ?2)",
            params![document, bytes],
        )?;
        Ok(())
    }

    /// Documents for which a step is to be done, in the order of their numbers.
    pub fn pending_documents(
        &self,
        step: DocumentStep,
        count_max: u32,
    ) -> Result<Vec<i64>, StoreError> {
        let pending = match step {
            DocumentStep::Compare => 1,
            DocumentStep::Record => 2,
        };
        self.rows(
            "SELECT id FROM document WHERE pending = ?1 AND pending > 0 ORDER BY id LIMIT ?2",
            params![pending, count_max],
            |row| row.get(0),
        )
    }

    /// Says what a document came to in the comparison; its record is to be made.
    pub fn set_compared(&self, document: &DocumentRow) -> Result<(), StoreError> {
        self.execute(
            "UPDATE document SET live = ?2, excluded = ?3, witness = ?4, counted = ?5, pending = 2 \
             WHERE id = ?1",
            params![
                document.id,
                document.live,
                document.excluded,
                document.witness,
                document.counted
            ],
        )?;
        Ok(())
    }

    /// Gives up a document's place in the comparison; the caller clears the index.
    pub fn set_withdrawn(&self, document: i64) -> Result<(), StoreError> {
        self.execute(
            "UPDATE document SET live = 0, witness = NULL, pending = 1 WHERE id = ?1",
            [document],
        )?;
        Ok(())
    }

    /// Says when a document was changed, and has it compared anew.
    pub fn set_modified(&self, document: i64, modified: i64) -> Result<(), StoreError> {
        let sql = "UPDATE document SET modified = ?2, pending = 1 WHERE id = ?1";
        self.execute(sql, [document, modified])?;
        Ok(())
    }

    /// Has the documents compared anew that were older versions of this one.
    pub fn ask_older_versions(&self, witness: i64) -> Result<(), StoreError> {
        let sql = "UPDATE document SET pending = 1 WHERE witness = ?1";
        self.execute(sql, [witness])?;
        Ok(())
    }

    /// Has the documents of a folder, or one file, compared anew.
    pub fn ask_folder(&self, folder: At<'_>) -> Result<(), StoreError> {
        let At { workspace, path } = folder;
        if path.is_empty() {
            let sql = "UPDATE document SET pending = 1 WHERE workspace = ?1";
            self.execute(sql, [workspace])?;
            return Ok(());
        }
        // '/' and the byte after it bound what lies below.
        let [from, to] = [b'/', b'0'].map(|end| [path, &[end]].concat());
        self.execute(
            "UPDATE document SET pending = 1 \
             WHERE workspace = ?1 AND (path = ?2 OR path > ?3 AND path < ?4)",
            params![workspace, path, from, to],
        )?;
        Ok(())
    }

    /// Has the documents with this content compared anew.
    pub fn ask_content(&self, content_hash: &[u8]) -> Result<(), StoreError> {
        let sql = "UPDATE document SET pending = 1 WHERE content_hash = ?1";
        self.execute(sql, [content_hash])?;
        Ok(())
    }

    /// Has a document compared anew.
    pub fn ask_document(&self, document: i64) -> Result<(), StoreError> {
        self.execute("UPDATE document SET pending = 1 WHERE id = ?1", [document])?;
        Ok(())
    }

    /// Has a document's record made anew, unless it is to be compared first.
    pub fn ask_record(&self, document: i64) -> Result<(), StoreError> {
        let sql = "UPDATE document SET pending = 2 WHERE id = ?1 AND pending = 0";
        self.execute(sql, [document])?;
        Ok(())
    }

    /// Says which record a document has now; nothing is left to be done for it.
    pub fn set_record(&self, document: i64, record: i64) -> Result<(), StoreError> {
        let sql = "UPDATE document SET record = ?2, pending = 0 WHERE id = ?1";
        self.execute(sql, params![document, record])?;
        Ok(())
    }

    /// Has everything compared anew where a number differs from the one that it was compared by.
    pub fn ask_all_unless(&self, name: &str, value: i64) -> Result<(), StoreError> {
        if self.done_by(name)? == Some(value) {
            return Ok(());
        }
        self.set_done_by(name, value)?;
        self.execute("UPDATE document SET pending = 1", [])?;
        self.execute("UPDATE wording SET pending = 1", [])?;
        Ok(())
    }

    /// The number that something was last done by; see [`Self::set_done_by`].
    pub fn done_by(&self, name: &str) -> Result<Option<i64>, StoreError> {
        let sql = "SELECT value FROM compared_by WHERE name = ?1";
        self.first(sql, [name], |row| row.get(0))
    }

    /// Says by which number something was done, so that a change of it is seen.
    pub fn set_done_by(&self, name: &str, value: i64) -> Result<(), StoreError> {
        self.execute(
            "INSERT OR REPLACE INTO compared_by (name, value) VALUES (?1, ?2)",
            params![name, value],
        )?;
        Ok(())
    }

    /// Has a document's file or commit read again with the next look, whatever its stamp and content
    /// say.
    pub fn read_again(&self, document: &DocumentRow) -> Result<(), StoreError> {
        let sql = "UPDATE document SET made_by = x'' WHERE id = ?1";
        self.execute(sql, [document.id])?;
        // Of a commit no file was seen.
        let place = place(&String::from_utf8_lossy(&document.path));
        let sql = "UPDATE seen_files SET read_by = x'' WHERE workspace = ?1 AND place = ?2";
        self.execute(sql, params![document.workspace, place])?;
        Ok(())
    }

    /// Forgets what was skipped, excluded and switched off in a workspace; its documents go one by
    /// one.
    pub fn forget_workspace(&self, workspace: i64) -> Result<(), StoreError> {
        self.execute("DELETE FROM rule_off WHERE workspace = ?1", [workspace])?;
        self.execute("DELETE FROM skipped WHERE workspace = ?1", [workspace])?;
        // Copies that lie elsewhere were excluded with what they are copies of.
        self.execute(
            "UPDATE document SET pending = 1 WHERE content_hash IN (SELECT content_hash \
             FROM excluded WHERE workspace = ?1 AND content_hash IS NOT NULL \
             UNION ALL SELECT content_hash FROM excluded_former WHERE workspace = ?1)",
            [workspace],
        )?;
        for sql in [
            "DELETE FROM excluded WHERE workspace = ?1",
            "DELETE FROM excluded_former WHERE workspace = ?1",
        ] {
            self.execute(sql, [workspace])?;
        }
        Ok(())
    }

    /// How many documents there are.
    pub fn document_count(&self) -> Result<i64, StoreError> {
        self.number("SELECT count(*) FROM document", [])
    }

    /// Notes that a file is not read, and why.
    pub fn set_skipped(&self, workspace: i64, row: &SkippedRow) -> Result<(), StoreError> {
        self.execute(
            "INSERT OR REPLACE INTO skipped (workspace, path, content_hash, made_by, why) \
             VALUES (?1, ?2, ?3, ?4, ?5)",
            params![workspace, row.path, row.content_hash, row.made_by, row.why],
        )?;
        Ok(())
    }

    /// Forgets that a file was skipped; whether it was.
    pub fn delete_skipped(&self, at: At<'_>) -> Result<bool, StoreError> {
        let sql = "DELETE FROM skipped WHERE workspace = ?1 AND path = ?2";
        Ok(self.execute(sql, params![at.workspace, at.path])? > 0)
    }

    /// A file that was skipped.
    pub fn skipped_at(&self, at: At<'_>) -> Result<Option<SkippedRow>, StoreError> {
        self.first(
            "SELECT path, content_hash, made_by, why FROM skipped \
             WHERE workspace = ?1 AND path = ?2",
            params![at.workspace, at.path],
            read_skipped,
        )
    }

    /// Skipped files of a workspace in the order of their paths, after one of them.
    pub fn skipped_after(
        &self,
        after: At<'_>,
        count_max: u32,
    ) -> Result<Vec<SkippedRow>, StoreError> {
        self.rows(
            "SELECT path, content_hash, made_by, why FROM skipped \
             WHERE workspace = ?1 AND path > ?2 ORDER BY path LIMIT ?3",
            params![after.workspace, after.path, count_max],
            read_skipped,
        )
    }
}

fn read_skipped(row: &Row<'_>) -> rusqlite::Result<SkippedRow> {
    Ok(SkippedRow {
        path: row.get(0)?,
        content_hash: row.get(1)?,
        made_by: row.get(2)?,
        why: row.get(3)?,
    })
}
