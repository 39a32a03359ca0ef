//! The files of a workspace as they were when they were last read.
//!
//! Not what was read of them (`corpus`). A rescan of the trainer compares them with the disk.

use inkstone_platform::FileStamp;
use rusqlite::{Connection, Row, params};

use crate::database::Store;
use crate::error::StoreError;
use crate::workspaces::WorkspaceId;

/// A file as it was when it was last read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRow {
    /// Relative to the workspace, with `/`.
    pub path: String,
    /// SHA-256 of its bytes.
    pub hash: [u8; 32],
    /// Names what it was read by.
    pub read_by: Vec<u8>,
    /// None where it could not be relied on.
    pub stamp: Option<FileStamp>,
}

/// Files with one content or one inode, at most: more of them recognise a renamed file no better.
const ALIKE_FILES_MAX: u32 = 64;

const COLUMNS: &str = "place, hash, read_by, bytes, modified, changed, inode, born";

impl Store {
    /// Files at or below a folder in the order of a walk, after one of them.
    pub fn files_after(
        &self,
        workspace: WorkspaceId,
        within: &str,
        after: Option<&str>,
        count_max: usize,
    ) -> Result<Vec<FileRow>, StoreError> {
        // Below a folder lie the places that begin with its own and the sign for `/`.
        let own = place(within);
        let last = match within {
            "" => vec![0xff],
            _ => [&own[..], &[2]].concat(),
        };
        let sql = format!(
            "SELECT {COLUMNS} FROM file WHERE workspace = ?1 AND place > ?2 AND place < ?3 \
             AND (place = ?4 OR ?5 OR substr(place, length(?4) + 1, 1) = x'01') \
             ORDER BY place LIMIT ?6"
        );
        // With nothing before it, the folder's own place counts too.
        let from = after.map_or_else(|| before(&own), place);
        let count_max = i64::try_from(count_max).unwrap_or(i64::MAX);
        let id = workspace.as_i64();
        self.read(|connection| {
            rows(connection, &sql, params![id, from, last, own, within.is_empty(), count_max])
        })
    }

    /// A file by its path.
    pub fn file_at(
        &self,
        workspace: WorkspaceId,
        path: &str,
    ) -> Result<Option<FileRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM file WHERE workspace = ?1 AND place = ?2");
        let id = workspace.as_i64();
        let found = self.read(|connection| rows(connection, &sql, params![id, place(path)]))?;
        Ok(found.into_iter().next())
    }

    /// Files with this content, some of them.
    pub fn files_with_hash(
        &self,
        workspace: WorkspaceId,
        hash: &[u8; 32],
    ) -> Result<Vec<FileRow>, StoreError> {
        let sql =
            format!("SELECT {COLUMNS} FROM file WHERE workspace = ?1 AND hash = ?2 LIMIT ?3");
        let id = workspace.as_i64();
        self.read(|connection| rows(connection, &sql, params![id, hash, ALIKE_FILES_MAX]))
    }

    /// Files with this number in their file system.
    pub fn files_with_inode(
        &self,
        workspace: WorkspaceId,
        inode: u64,
    ) -> Result<Vec<FileRow>, StoreError> {
        let sql =
            format!("SELECT {COLUMNS} FROM file WHERE workspace = ?1 AND inode = ?2 LIMIT ?3");
        let (id, inode) = (workspace.as_i64(), inode.cast_signed());
        self.read(|connection| rows(connection, &sql, params![id, inode, ALIKE_FILES_MAX]))
    }

    /// Keeps a file, or what is new of it.
    pub fn put_file(&mut self, workspace: WorkspaceId, row: &FileRow) -> Result<(), StoreError> {
        let id = workspace.as_i64();
        self.write(|transaction| insert(transaction, id, row))
    }

    /// Keeps a file that has another name now, in one step.
    pub fn move_file(
        &mut self,
        workspace: WorkspaceId,
        from: &str,
        row: &FileRow,
    ) -> Result<(), StoreError> {
        let id = workspace.as_i64();
        self.write(|transaction| {
            delete(transaction, id, from)?;
            insert(transaction, id, row)
        })
    }

    /// Keeps only that a file has another stamp.
    pub fn restamp_file(
        &mut self,
        workspace: WorkspaceId,
        path: &str,
        stamp: Option<FileStamp>,
    ) -> Result<(), StoreError> {
        let id = workspace.as_i64();
        self.write(|transaction| {
            transaction
                .prepare_cached(
                    "UPDATE file SET bytes = ?3, modified = ?4, changed = ?5, inode = ?6, born = ?7 \
                     WHERE workspace = ?1 AND place = ?2",
                )?
                .execute(params![
                    id,
                    place(path),
                    stamp.map(|stamp| stamp.bytes.cast_signed()),
                    stamp.map(|stamp| stamp.modified_ns),
                    stamp.map(|stamp| stamp.changed_ns),
                    stamp.map(|stamp| stamp.inode.cast_signed()),
                    stamp.map(|stamp| stamp.born_ns),
                ])?;
            Ok(())
        })
    }

    /// Forgets a file.
    pub fn remove_file(&mut self, workspace: WorkspaceId, path: &str) -> Result<(), StoreError> {
        let id = workspace.as_i64();
        self.write(|transaction| delete(transaction, id, path))
    }

    /// Has a file read again, whatever its stamp and content say; whether it is known.
    pub fn reread_file(&mut self, workspace: WorkspaceId, path: &str) -> Result<bool, StoreError> {
        let id = workspace.as_i64();
        self.write(|transaction| {
            let known = transaction.execute(
                "UPDATE file SET read_by = x'' WHERE workspace = ?1 AND place = ?2",
                params![id, place(path)],
            )?;
            Ok(known > 0)
        })
    }
}

/// A path as it is sorted: no name holds the character 1, which sorts before all that names hold.
fn place(path: &str) -> Vec<u8> {
    let sign = |byte| if byte == b'/' { 1 } else { byte };
    path.bytes().map(sign).collect()
}

/// The greatest place that is smaller, for a comparison that leaves its bound out.
fn before(own: &[u8]) -> Vec<u8> {
    match own.split_last() {
        None => Vec::new(),
        Some((last, rest)) => [rest, &[last - 1], &[0xff; 8]].concat(),
    }
}

fn insert(connection: &Connection, workspace: i64, row: &FileRow) -> rusqlite::Result<()> {
    let stamp = row.stamp;
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO file \
             (workspace, place, hash, read_by, bytes, modified, changed, inode, born) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![
            workspace,
            place(&row.path),
            row.hash,
            row.read_by,
            stamp.map(|stamp| stamp.bytes.cast_signed()),
            stamp.map(|stamp| stamp.modified_ns),
            stamp.map(|stamp| stamp.changed_ns),
            stamp.map(|stamp| stamp.inode.cast_signed()),
            stamp.map(|stamp| stamp.born_ns),
        ])?;
    Ok(())
}

fn delete(connection: &Connection, workspace: i64, path: &str) -> rusqlite::Result<()> {
    connection
        .prepare_cached("DELETE FROM file WHERE workspace = ?1 AND place = ?2")?
        .execute(params![workspace, place(path)])?;
    Ok(())
}

fn rows(
    connection: &Connection,
    sql: &str,
    params: impl rusqlite::Params,
) -> rusqlite::Result<Vec<FileRow>> {
    let mut select = connection.prepare_cached(sql)?;
    select.query_map(params, read_row)?.collect()
}

fn read_row(row: &Row<'_>) -> rusqlite::Result<FileRow> {
    let place: Vec<u8> = row.get(0)?;
    let path = place.iter().map(|byte| if *byte == 1 { b'/' } else { *byte });
    let stamp = |bytes: i64| {
        Ok::<_, rusqlite::Error>(FileStamp {
            bytes: bytes.cast_unsigned(),
            modified_ns: row.get(4)?,
            changed_ns: row.get(5)?,
            inode: row.get::<_, i64>(6)?.cast_unsigned(),
            born_ns: row.get(7)?,
        })
    };
    Ok(FileRow {
        path: String::from_utf8_lossy(&path.collect::<Vec<u8>>()).into_owned(),
        hash: row.get(1)?,
        read_by: row.get(2)?,
        stamp: row.get::<_, Option<i64>>(3)?.map(stamp).transpose()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspaces::Identities;

    fn store() -> (tempfile::TempDir, Store, WorkspaceId) {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(&folder.path().join("inkstone.db")).unwrap();
        store
            .add_workspace(folder.path(), &Identities::default(), 0)
            .unwrap();
        let id = store.workspaces().unwrap()[0].id;
        (folder, store, id)
    }

    fn file(path: &str, inode: Option<u64>) -> FileRow {
        FileRow {
            path: path.to_owned(),
            hash: [path.len() as u8; 32],
            read_by: b"one".to_vec(),
            stamp: inode.map(|inode| FileStamp {
                bytes: u64::MAX,
                modified_ns: -1,
                changed_ns: 2,
                inode,
                born_ns: 3,
            }),
        }
    }

    fn names(rows: &[FileRow]) -> Vec<&str> {
        rows.iter().map(|row| row.path.as_str()).collect()
    }

    #[test]
    fn files_come_in_the_order_of_a_walk_and_only_those_within() {
        let (_folder, mut store, id) = store();
        for path in ["b.md", "a-b/x.md", "a/诗.md", "a/b/c.md", "a", "a.md", "ab/c.md"] {
            store.put_file(id, &file(path, None)).unwrap();
        }
        let all = store.files_after(id, "", None, 10).unwrap();
        assert_eq!(
            names(&all),
            ["a", "a/b/c.md", "a/诗.md", "a-b/x.md", "a.md", "ab/c.md", "b.md"]
        );
        let rest = store.files_after(id, "", Some("a/诗.md"), 2).unwrap();
        assert_eq!(names(&rest), ["a-b/x.md", "a.md"]);
        let within = store.files_after(id, "a", None, 10).unwrap();
        assert_eq!(names(&within), ["a", "a/b/c.md", "a/诗.md"]);
        let within = store.files_after(id, "a", Some("a/b/c.md"), 10).unwrap();
        assert_eq!(names(&within), ["a/诗.md"]);
        assert!(store.files_after(id, "b", None, 10).unwrap().is_empty());
    }

    #[test]
    fn a_file_is_kept_moved_and_forgotten_as_it_was() {
        let (_folder, mut store, id) = store();
        let known = file("诗/海港.md", Some(u64::MAX));
        store.put_file(id, &known).unwrap();
        assert_eq!(store.files_with_hash(id, &known.hash).unwrap(), [known.clone()]);
        assert_eq!(store.files_with_inode(id, u64::MAX).unwrap(), [known.clone()]);
        let moved = FileRow {
            path: "海港.md".to_owned(),
            ..known.clone()
        };
        store.move_file(id, &known.path, &moved).unwrap();
        assert_eq!(store.files_after(id, "", None, 9).unwrap(), [moved.clone()]);
        store.restamp_file(id, &moved.path, None).unwrap();
        assert!(store.reread_file(id, &moved.path).unwrap());
        assert!(!store.reread_file(id, "none.md").unwrap());
        let now = &store.files_with_hash(id, &known.hash).unwrap()[0];
        assert_eq!((now.stamp, now.read_by.as_slice()), (None, &b""[..]));
        store.remove_file(id, &moved.path).unwrap();
        assert!(store.files_after(id, "", None, 9).unwrap().is_empty());
    }

    #[test]
    fn a_workspace_takes_its_files_along() {
        let (folder, mut store, id) = store();
        store.put_file(id, &file("a.md", Some(1))).unwrap();
        store.remove_workspace(folder.path()).unwrap();
        assert!(store.files_after(id, "", None, 9).unwrap().is_empty());
    }
}
