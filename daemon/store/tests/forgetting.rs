//! What was taken back is gone: from the lists, from the files of the database, and for good.

#![allow(clippy::unwrap_used)] // A test that fails panics.
#![allow(clippy::redundant_closure_for_method_calls)] // See `opened.rs`.

use std::fs;
use std::path::Path;

use inkstone_store::corpus::document::{At, NewDocument, SkippedRow};
use inkstone_store::corpus::state::CorpusState;
use inkstone_store::{Added, Identities, Store, StoreError};

/// Whether any file of the database holds these bytes.
fn lies_in(folder: &Path, bytes: &[u8]) -> bool {
    fs::read_dir(folder).unwrap().any(|entry| {
        let content = fs::read(entry.unwrap().path()).unwrap();
        content.windows(bytes.len()).any(|window| window == bytes)
    })
}

fn secret(number: usize) -> Vec<u8> {
    format!("秘密 secret number {number:05}. ").into_bytes()
}

fn put(store: &mut Store, number: usize) {
    let path = [b"path-", &secret(number)[..]].concat();
    // Of all sizes: within a page, on the page after, over many.
    let reading = secret(number).repeat(1 + (number * 37) % 400);
    let new = NewDocument {
        at: At {
            workspace: 1,
            path: &path,
        },
        key: &path,
        content_hash: b"hash",
        modified: 7,
        made_by: b"rules",
        folder: "essays",
        likeness: b"likeness",
        reading: &reading,
    };
    let put = store.change_corpus(|corpus| {
        let at = corpus.document_at(new.at)?;
        match at {
            Some(row) => corpus.replace_document(row.id, &new),
            None => corpus.insert_document(&new).map(drop),
        }
    });
    put.unwrap();
}

#[test]
fn deleted_text_is_in_no_file_of_the_database_once_the_log_is_empty() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(&folder.path().join("inkstone.db")).unwrap();
    for number in 0..400 {
        put(&mut store, number);
        if number % 3 == 0 {
            put(&mut store, number / 2);
        }
    }
    assert!(store.empty_log().unwrap());
    assert!(lies_in(folder.path(), &secret(7)));
    let rows = store
        .read_corpus(|corpus| corpus.documents_from(0, 1_000))
        .unwrap();
    for row in rows.iter().filter(|row| row.id % 2 == 0) {
        let gone: Result<(), StoreError> =
            store.change_corpus(|corpus| corpus.delete_document(row.id));
        gone.unwrap();
    }
    assert!(store.empty_log().unwrap());
    for row in &rows {
        let number: usize = std::str::from_utf8(&row.path)
            .unwrap()
            .trim_end_matches(". ")
            .rsplit(' ')
            .next()
            .unwrap()
            .parse()
            .unwrap();
        let lies = lies_in(folder.path(), &secret(number));
        assert_eq!(lies, row.id % 2 != 0, "{number}");
    }
}

#[test]
fn a_removed_folder_is_known_as_removed_until_it_is_swept_and_never_kept_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("inkstone.db");
    let mut store = Store::open(&path).unwrap();
    let writing = Path::new("/写作");
    let Added::New(id) = store
        .add_workspace(writing, &Identities::default(), 1)
        .unwrap()
    else {
        panic!("it was not there")
    };
    let id = id.as_i64();
    let unswept = |store: &mut Store| store.read_corpus(|corpus| corpus.unswept()).unwrap();
    let is_removed = |store: &mut Store| store.read_corpus(|c| c.is_removed(id)).unwrap();
    assert!(!is_removed(&mut store));
    assert!(store.remove_workspace(writing).unwrap());
    drop(store);
    let mut store = Store::open(&path).unwrap();
    assert_eq!(unswept(&mut store), [id]);
    assert!(is_removed(&mut store));
    store
        .change_corpus(|corpus| corpus.set_swept(id))
        .unwrap_or_else(|error: StoreError| panic!("{error}"));
    assert_eq!(unswept(&mut store), [0_i64; 0]);
    assert!(is_removed(&mut store));
    // The same folder, added again, is another one.
    let again = store
        .add_workspace(writing, &Identities::default(), 2)
        .unwrap();
    assert!(matches!(again, Added::New(new) if new.as_i64() != id));
}

#[test]
fn folders_are_listed_while_somebody_writes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("inkstone.db");
    let mut writing = Store::open(&path).unwrap();
    let mut listing = Store::open(&path).unwrap();
    let listed = writing.change_corpus(|corpus| {
        let row = SkippedRow {
            path: b"a.md".to_vec(),
            content_hash: Vec::new(),
            made_by: Vec::new(),
            why: "pipe".to_owned(),
        };
        corpus.set_skipped(1, &row)?;
        listing.workspaces()
    });
    assert_eq!(listed.unwrap(), []);
}

#[test]
fn the_state_tells_what_waits_and_whether_the_newest_version_is_that_of_today() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(&folder.path().join("inkstone.db")).unwrap();
    let state = |store: &mut Store| store.read_corpus(|corpus| corpus.state()).unwrap();
    assert_eq!(state(&mut store), CorpusState::default());
    put(&mut store, 1);
    let one = state(&mut store);
    assert_eq!((one.documents, one.documents_waiting), (1, 1));
    let published = store.change_corpus(|corpus| {
        let due = corpus.documents_from(0, 9)?;
        let record = corpus.record_for(&inkstone_store::corpus::version::NewRecord {
            hash: b"hash",
            key: &due[0].key,
            digest: Some(b"digest"),
            statistics: b"{}",
            bytes: b"[]",
        })?;
        corpus.set_record(due[0].id, record)?;
        corpus.insert_version(b"name", 77)
    });
    published.unwrap_or_else(|error: StoreError| panic!("{error}"));
    let whole = state(&mut store);
    assert!(whole.is_current);
    assert_eq!((whole.published_ms, whole.documents_waiting), (Some(77), 0));
    put(&mut store, 2);
    assert!(!state(&mut store).is_current);
    let rows = store
        .read_corpus(|corpus| corpus.documents_from(0, 9))
        .unwrap();
    let gone: Result<(), StoreError> = store.change_corpus(|corpus| {
        corpus.delete_document(rows[0].id)?;
        corpus.delete_document(rows[1].id)
    });
    gone.unwrap();
    let gone = state(&mut store);
    assert_eq!((gone.documents_waiting, gone.is_current), (0, false));
}
