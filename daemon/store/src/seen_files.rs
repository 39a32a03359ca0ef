//! What the files of a workspace were like when they were last read.
//!
//! Not what was read of them: a file stands here after that is kept, so that a trainer which is ended
//! in between reads it once more. The trainer's rescans list, compare and change it.

use inkstone_platform::FileStamp;
use rusqlite::{Connection, Params, Row, params};

use crate::database::Store;
use crate::error::StoreError;
use crate::workspaces::WorkspaceId;

/// Files with one content or one number that are listed: enough to find one that is gone.
const ALIKE_MAX: usize = 64;
/// Stands for `/` and sorts before every other character that a path may have.
const SEPARATOR: char = '\u{1}';
/// The next one: everything in a folder sorts before the folder's name with it.
pub(crate) const BEHIND: char = '\u{2}';
/// Sorts behind every path.
pub(crate) const LAST: &str = "\u{10ffff}";

/// The index is named where one is meant: without statistics SQLite takes the primary key for cheaper,
/// and would read all files of the workspace for each new one.
const COLUMNS: &str = "place, hash, read_by, bytes, modified_ns, changed_ns, inode, born_ns";

/// A file as it was when it was last read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenFile {
    /// Relative to the workspace, with `/`.
    pub path: String,
    /// SHA-256 of its bytes.
    pub hash: [u8; 32],
    /// Names the manner in which it was read.
    pub read_by: Vec<u8>,
    /// None when it cannot be relied on.
    pub stamp: Option<FileStamp>,
}

impl Store {
    /// Files at or below `within` (empty for all) that a walk comes upon after `after`, in the order
    /// of a walk.
    pub fn seen_files(
        &self,
        workspace: WorkspaceId,
        within: &str,
        after: Option<&str>,
        files_max: usize,
    ) -> Result<Vec<SeenFile>, StoreError> {
        let first = place(within);
        let end = if within.is_empty() {
            LAST.to_owned()
        } else {
            format!("{first}{BEHIND}")
        };
        let after = after.map(place);
        let sql = format!(
            "SELECT {COLUMNS} FROM seen_files WHERE workspace = ?1 AND place >= ?2 \
             AND place > ?3 AND place < ?4 ORDER BY place LIMIT ?5"
        );
        let files_max = i64::try_from(files_max).unwrap_or(i64::MAX);
        let after = after.unwrap_or_default();
        let values = params![workspace.as_i64(), first, after, end, files_max];
        self.read(|connection| list(connection, &sql, values))
    }

    /// Some of the files with this content.
    pub fn seen_with_content(
        &self,
        workspace: WorkspaceId,
        hash: &[u8; 32],
    ) -> Result<Vec<SeenFile>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM seen_files INDEXED BY seen_files_hash \
             WHERE workspace = ?1 AND hash = ?2 LIMIT {ALIKE_MAX}"
        );
        let values = params![workspace.as_i64(), &hash[..]];
        self.read(|connection| list(connection, &sql, values))
    }

    /// A file by its path.
    pub fn seen_file(
        &self,
        workspace: WorkspaceId,
        path: &str,
    ) -> Result<Option<SeenFile>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM seen_files WHERE workspace = ?1 AND place = ?2");
        let values = params![workspace.as_i64(), place(path)];
        let found = self.read(|connection| list(connection, &sql, values))?;
        Ok(found.into_iter().next())
    }

    /// Has a file read again, whatever its stamp and content say; whether it is known.
    pub fn reread_file(&mut self, workspace: WorkspaceId, path: &str) -> Result<bool, StoreError> {
        self.write(|transaction| {
            let sql = "UPDATE seen_files SET read_by = x'' WHERE workspace = ?1 AND place = ?2";
            let values = params![workspace.as_i64(), place(path)];
            Ok(transaction.execute(sql, values)? > 0)
        })
    }

    /// Some of the files with this number.
    pub fn seen_with_inode(
        &self,
        workspace: WorkspaceId,
        inode: u64,
    ) -> Result<Vec<SeenFile>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM seen_files INDEXED BY seen_files_inode \
             WHERE workspace = ?1 AND inode = ?2 LIMIT {ALIKE_MAX}"
        );
        let values = params![workspace.as_i64(), inode.cast_signed()];
        self.read(|connection| list(connection, &sql, values))
    }

    /// Keeps what a file was like; under `from`, where it was renamed, it is not known any more.
    pub fn see_file(
        &mut self,
        workspace: WorkspaceId,
        file: &SeenFile,
        from: Option<&str>,
    ) -> Result<(), StoreError> {
        self.see_files(workspace, [(file, from)])
    }

    /// The same for several files, in one transaction.
    pub fn see_files<'f>(
        &mut self,
        workspace: WorkspaceId,
        files: impl IntoIterator<Item = (&'f SeenFile, Option<&'f str>)>,
    ) -> Result<(), StoreError> {
        let sql = format!(
            "INSERT OR REPLACE INTO seen_files (workspace, {COLUMNS}) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
        );
        self.write(|transaction| {
            for (file, from) in files {
                if let Some(from) = from {
                    delete(transaction, workspace, from)?;
                }
                let stamp = file.stamp.as_ref();
                transaction.prepare_cached(&sql)?.execute(params![
                    workspace.as_i64(),
                    place(&file.path),
                    &file.hash[..],
                    file.read_by,
                    stamp.map(|stamp| stamp.bytes.cast_signed()),
                    stamp.map(|stamp| stamp.modified_ns),
                    stamp.map(|stamp| stamp.changed_ns),
                    stamp.map(|stamp| stamp.inode.cast_signed()),
                    stamp.map(|stamp| stamp.born_ns),
                ])?;
            }
            Ok(())
        })
    }

    /// Keeps another stamp of a file.
    pub fn restamp_file(
        &mut self,
        workspace: WorkspaceId,
        path: &str,
        stamp: Option<FileStamp>,
    ) -> Result<(), StoreError> {
        let stamp = stamp.as_ref();
        self.write(|transaction| {
            let mut update = transaction.prepare_cached(
                "UPDATE seen_files SET bytes = ?3, modified_ns = ?4, changed_ns = ?5, inode = ?6, \
                 born_ns = ?7 WHERE workspace = ?1 AND place = ?2",
            )?;
            update.execute(params![
                workspace.as_i64(),
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
    pub fn forget_file(&mut self, workspace: WorkspaceId, path: &str) -> Result<(), StoreError> {
        self.write(|transaction| delete(transaction, workspace, path))
    }
}

pub(crate) fn place(path: &str) -> String {
    path.replace('/', "\u{1}")
}

fn delete(connection: &Connection, workspace: WorkspaceId, path: &str) -> rusqlite::Result<()> {
    let sql = "DELETE FROM seen_files WHERE workspace = ?1 AND place = ?2";
    let values = params![workspace.as_i64(), place(path)];
    connection.prepare_cached(sql)?.execute(values)?;
    Ok(())
}

fn list(
    connection: &Connection,
    sql: &str,
    values: impl Params,
) -> rusqlite::Result<Vec<SeenFile>> {
    let mut select = connection.prepare_cached(sql)?;
    let rows = select.query_map(values, seen)?;
    rows.collect()
}

fn seen(row: &Row<'_>) -> rusqlite::Result<SeenFile> {
    let place: String = row.get(0)?;
    let stamp = match row.get::<_, Option<i64>>(3)? {
        None => None,
        Some(bytes) => Some(FileStamp {
            bytes: bytes.cast_unsigned(),
            modified_ns: row.get(4)?,
            changed_ns: row.get(5)?,
            inode: row.get::<_, i64>(6)?.cast_unsigned(),
            born_ns: row.get(7)?,
        }),
    };
    Ok(SeenFile {
        path: place.replace(SEPARATOR, "/"),
        hash: row.get(1)?,
        read_by: row.get(2)?,
        stamp,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspaces::{Added, Identities};
    use std::path::Path;

    fn desk() -> (tempfile::TempDir, Store, WorkspaceId) {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(&folder.path().join("inkstone.db")).unwrap();
        let added = store.add_workspace(Path::new("/w"), &Identities::default(), 0);
        let Added::New(id) = added.unwrap() else {
            panic!("it was not there")
        };
        (folder, store, id)
    }

    fn file(path: &str, inode: Option<u64>) -> SeenFile {
        let stamp = |inode| FileStamp {
            bytes: 7,
            modified_ns: -1,
            changed_ns: 2,
            inode,
            born_ns: 3,
        };
        SeenFile {
            path: path.to_owned(),
            hash: [u8::try_from(path.len()).unwrap(); 32],
            read_by: b"one".to_vec(),
            stamp: inode.map(stamp),
        }
    }

    fn paths(files: Vec<SeenFile>) -> Vec<String> {
        files.into_iter().map(|file| file.path).collect()
    }

    #[test]
    fn files_come_in_the_order_of_a_walk_page_by_page_and_within_a_folder() {
        let (_folder, mut store, id) = desk();
        let in_order = ["a/b.md", "a/章/一.md", "a-b.md", "a.md", "ab/c.md", "章.md"];
        for path in in_order.iter().rev() {
            store.see_file(id, &file(path, None), None).unwrap();
        }
        assert_eq!(paths(store.seen_files(id, "", None, 9).unwrap()), in_order);
        let page = store.seen_files(id, "", Some("a/章/一.md"), 2).unwrap();
        assert_eq!(paths(page), ["a-b.md", "a.md"]);
        let within = store.seen_files(id, "a", None, 9).unwrap();
        assert_eq!(paths(within), ["a/b.md", "a/章/一.md"]);
        let rest = store.seen_files(id, "a", Some("a/b.md"), 9).unwrap();
        assert_eq!(paths(rest), ["a/章/一.md"]);
        let one = store.seen_files(id, "a.md", None, 9).unwrap();
        assert_eq!(paths(one), ["a.md"]);
    }

    #[test]
    fn a_file_is_found_by_content_and_number_and_is_what_was_kept() {
        let (_folder, mut store, id) = desk();
        let kept = file("信/一.md", Some(u64::MAX));
        store.see_file(id, &kept, None).unwrap();
        let kept = vec![kept];
        assert_eq!(store.seen_with_inode(id, u64::MAX).unwrap(), kept);
        assert_eq!(store.seen_with_content(id, &kept[0].hash).unwrap(), kept);
        assert_eq!(store.seen_with_inode(id, 0).unwrap(), []);
        assert!(store.reread_file(id, "信/一.md").unwrap());
        assert!(!store.reread_file(id, "信/二.md").unwrap());
        let again = store.seen_file(id, "信/一.md").unwrap().unwrap();
        assert_eq!((again.read_by, again.hash), (Vec::new(), kept[0].hash));
        store.restamp_file(id, "信/一.md", None).unwrap();
        assert_eq!(store.seen_files(id, "", None, 9).unwrap()[0].stamp, None);
    }

    #[test]
    fn a_renamed_file_is_known_once_and_a_removed_workspace_knows_none() {
        let (_folder, mut store, id) = desk();
        store.see_file(id, &file("a.md", Some(1)), None).unwrap();
        let renamed = file("b.md", Some(1));
        store.see_file(id, &renamed, Some("a.md")).unwrap();
        let seen = |store: &Store| paths(store.seen_files(id, "", None, 9).unwrap());
        assert_eq!(seen(&store), ["b.md"]);
        store.forget_file(id, "b.md").unwrap();
        assert_eq!(seen(&store), [""; 0]);
        store.see_file(id, &renamed, None).unwrap();
        store.remove_workspace(Path::new("/w")).unwrap();
        assert_eq!(seen(&store), [""; 0]);
    }
}
