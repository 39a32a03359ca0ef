//! Opening the database: whose it is, what becomes of one that is newer, damaged or half written.

#![allow(clippy::unwrap_used)]
// A test that fails panics.
// Methods of the borrowed corpus are for one lifetime, where `read_corpus` asks for all.
#![allow(clippy::redundant_closure_for_method_calls)]

use std::path::{Path, PathBuf};

use inkstone_store::corpus::document::{At, NewDocument};
use inkstone_store::{Store, StoreError};
use tempfile::TempDir;

fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("inkstone.db");
    (folder, path)
}

fn document(path: &[u8]) -> NewDocument<'_> {
    NewDocument {
        at: At { workspace: 1, path },
        key: path,
        content_hash: b"hash",
        modified: 7,
        made_by: b"rules",
        folder: "essays",
        likeness: b"likeness",
        reading: b"reading",
    }
}

fn add(store: &mut Store, path: &[u8]) -> Result<i64, StoreError> {
    store.change_corpus(|corpus| corpus.insert_document(&document(path)))
}

fn count(store: &mut Store) -> i64 {
    store.read_corpus(|corpus| corpus.document_count()).unwrap()
}

/// Beside the database lie its log and the index of that.
fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

#[cfg(unix)]
#[test]
fn the_database_and_what_lies_beside_it_are_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let (_folder, path) = folder();
    let mut store = Store::open(&path).unwrap();
    add(&mut store, b"a.md").unwrap();
    for end in ["", "-wal", "-shm"] {
        let metadata = std::fs::metadata(with_end(&path, end)).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600, "{end}");
    }
}

#[test]
fn what_was_kept_is_there_when_it_is_opened_again() {
    let (_folder, path) = folder();
    let id = add(&mut Store::open(&path).unwrap(), "文章/一.md".as_bytes()).unwrap();
    let mut store = Store::open(&path).unwrap();
    let row = store
        .read_corpus(|corpus| corpus.document(id))
        .unwrap()
        .unwrap();
    assert_eq!(row.path, "文章/一.md".as_bytes());
    assert_eq!((row.folder.as_str(), row.modified), ("essays", 7));
}

#[test]
fn a_change_that_fails_half_way_leaves_nothing() {
    let (_folder, path) = folder();
    let mut store = Store::open(&path).unwrap();
    add(&mut store, b"a.md").unwrap();
    let failed = store.change_corpus(|corpus| {
        corpus.insert_document(&document(b"b.md"))?;
        // The path is taken.
        corpus.insert_document(&document(b"a.md"))
    });
    assert!(matches!(failed, Err(StoreError::Database { .. })));
    assert_eq!(count(&mut store), 1);
    assert_eq!(count(&mut Store::open(&path).unwrap()), 1);
}

#[test]
fn a_process_that_ends_within_a_change_leaves_nothing() {
    let (copies, path) = folder();
    let mut store = Store::open(&path).unwrap();
    add(&mut store, b"a.md").unwrap();
    // The files as they lie while the change is under way are what a killed process leaves.
    let left = copies.path().join("left.db");
    let ended: Result<(), StoreError> = store.change_corpus(|corpus| {
        for number in 0..3_000 {
            corpus.insert_document(&document(format!("{number}.md").as_bytes()))?;
        }
        for end in ["", "-wal"] {
            std::fs::copy(with_end(&path, end), with_end(&left, end)).unwrap();
        }
        Ok(())
    });
    ended.unwrap();
    assert_eq!(count(&mut store), 3_001);
    assert_eq!(count(&mut Store::open(&left).unwrap()), 1);
}

#[test]
fn a_database_of_a_newer_build_is_left_alone() {
    let (_folder, path) = folder();
    drop(Store::open(&path).unwrap());
    let other = rusqlite::Connection::open(&path).unwrap();
    other.pragma_update(None, "user_version", 10_000).unwrap();
    drop(other);
    let error = Store::open(&path).unwrap_err();
    assert!(matches!(error, StoreError::Newer { found: 10_000, .. }));
    let text = error.to_string();
    assert!(
        text.contains("inkstone.db") && text.contains("update Inkstone"),
        "{text}"
    );
}

#[test]
fn what_is_no_database_is_named_with_a_remedy_and_kept() {
    let (_folder, path) = folder();
    let content = "不是数据库。 Not a database.\r\n".repeat(100);
    std::fs::write(&path, &content).unwrap();
    let error = Store::open(&path).unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
    let text = error.to_string();
    assert!(
        text.contains("inkstone.db") && text.contains("build the dataset again"),
        "{text}"
    );
    assert_eq!(std::fs::read_to_string(&path).unwrap(), content);
}

#[test]
fn a_damaged_page_is_reported_and_does_not_end_the_process() {
    let (_folder, path) = folder();
    let mut store = Store::open(&path).unwrap();
    for number in 0..2_000 {
        add(&mut store, format!("{number}.md").as_bytes()).unwrap();
    }
    // Closing it moves the log into the database.
    drop(store);
    let mut bytes = std::fs::read(&path).unwrap();
    let half = bytes.len() / 2;
    bytes[4_096..half].fill(0x5a);
    std::fs::write(&path, bytes).unwrap();
    let read = Store::open(&path)
        .and_then(|mut store| store.read_corpus(|corpus| corpus.documents_from(0, 10_000)));
    assert!(matches!(read, Err(StoreError::Damaged { .. })), "{read:?}");
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let (folder, _) = folder();
    let error = Store::open(&folder.path().join("no/inkstone.db")).unwrap_err();
    assert!(matches!(error, StoreError::File { .. }));
    assert!(error.to_string().contains("no/inkstone.db"), "{error}");
}

#[test]
fn the_log_is_cut_once_it_is_in_the_database() {
    let (_folder, path) = folder();
    let mut store = Store::open(&path).unwrap();
    let reading = vec![7; 64 * 1024];
    for number in 0..2_000 {
        let path = format!("{number}.md");
        let new = NewDocument {
            reading: &reading,
            ..document(path.as_bytes())
        };
        store
            .change_corpus(|corpus| corpus.insert_document(&new))
            .unwrap();
    }
    let log = std::fs::metadata(with_end(&path, "-wal")).unwrap().len();
    let database = std::fs::metadata(&path).unwrap().len();
    assert!(database > 100 << 20, "{database}");
    assert!(log <= 64 << 20, "{log}");
}
