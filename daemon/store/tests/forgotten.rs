//! Sources that their owner had forgotten stay so, and adapters that saw them are never worn again.

#![allow(clippy::unwrap_used)] // A test that fails panics.

use std::path::{Path, PathBuf};

use inkstone_store::corpus::document::{At, NewDocument};
use inkstone_store::forgotten::FORGOTTEN_MAX;
use inkstone_store::{
    AdapterRow, AdapterScope, AdapterState, NewAdapter, Retraining, Store, StoreError,
};

fn store(folder: &tempfile::TempDir) -> Store {
    Store::open(&folder.path().join("inkstone.db")).unwrap()
}

fn adapter(store: &mut Store, number: u8, state: AdapterState) -> AdapterRow {
    let scope = AdapterScope {
        base_sha256: [1; 32],
        language: Some("zh".to_owned()),
        genre: None,
        workspace: None,
    };
    let new = NewAdapter {
        sha256: [number; 32],
        bytes: 1,
        base_model: "m",
        scope,
        dataset: None,
        parent: None,
        made_at_s: 0,
        config: "{}",
        metrics: "{}",
        reasons: "[]",
        state,
    };
    store.add_adapter(&new).unwrap()
}

fn state(store: &Store, name: &str) -> AdapterState {
    store.adapter(name).unwrap().unwrap().state
}

#[test]
fn a_retired_adapter_is_never_worn_again_and_the_nearest_before_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = store(&folder);
    let first = adapter(&mut store, 1, AdapterState::Live);
    let refused = adapter(&mut store, 2, AdapterState::Refused);
    let third = adapter(&mut store, 3, AdapterState::Live);
    let last = adapter(&mut store, 4, AdapterState::Live);
    let ids = [refused.id, third.id, last.id];
    let retire = |store: &mut Store| -> Result<(), StoreError> {
        store.change_corpus(|corpus| corpus.retire_adapters(&ids))
    };
    retire(&mut store).unwrap();
    retire(&mut store).unwrap();
    assert_eq!(state(&store, &first.name), AdapterState::Live);
    for name in [&refused.name, &third.name, &last.name] {
        assert_eq!(state(&store, name), AdapterState::Retired, "{name}");
        let row = store.adapter(name).unwrap().unwrap();
        for other in [AdapterState::Live, AdapterState::Off, AdapterState::Refused] {
            let error = store.set_adapter_state(row.id, other).unwrap_err();
            assert!(error.to_string().contains("inkstone train"), "{error}");
        }
    }
    // Nor by going back.
    let newest = adapter(&mut store, 5, AdapterState::Live);
    let back = store.roll_back_adapter(newest.id).unwrap().unwrap();
    assert_eq!(back.name, first.name);
}

#[test]
fn forgotten_paths_and_wishes_outlive_the_program_until_they_are_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = Path::new("/写作/日记.md");
    let wish = Retraining {
        language: "zh".to_owned(),
        workspace: None,
    };
    let noted: Result<(), StoreError> = store(&folder).change_corpus(|corpus| {
        corpus.insert_forgotten(path, 7)?;
        corpus.insert_forgotten(path, 8)?;
        corpus.insert_retraining(&wish)
    });
    noted.unwrap();
    let mut store = store(&folder);
    assert_eq!(store.forgotten().unwrap(), [PathBuf::from(path)]);
    assert_eq!(store.retrainings().unwrap(), std::slice::from_ref(&wish));
    assert!(store.retrained(&wish).unwrap() && !store.retrained(&wish).unwrap());
    assert!(store.remember_again(path).unwrap() && !store.remember_again(path).unwrap());
    let too_many: Result<(), StoreError> = store.change_corpus(|corpus| {
        (0..=FORGOTTEN_MAX).try_for_each(|n| corpus.insert_forgotten(&path.join(n.to_string()), 0))
    });
    assert!(matches!(too_many, Err(StoreError::TooMany { .. })));
    assert!(store.forgotten().unwrap().is_empty());
}

#[test]
fn what_lies_below_a_folder_is_listed_and_what_only_begins_like_it_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = store(&folder);
    let paths = ["a", "a-b.md", "a.md", "a/一.md", "a/c/d.md", "ab.md"];
    let put: Result<(), StoreError> = store.change_corpus(|corpus| {
        for path in paths {
            corpus.insert_document(&NewDocument {
                at: At {
                    workspace: 1,
                    path: path.as_bytes(),
                },
                key: path.as_bytes(),
                content_hash: b"hash",
                modified: 0,
                made_by: b"",
                folder: "w",
                likeness: b"",
                reading: b"",
            })?;
        }
        Ok(())
    });
    put.unwrap();
    let mut below = |workspace, path: &str, after: &str| {
        let at = At {
            workspace,
            path: path.as_bytes(),
        };
        let rows: Result<_, StoreError> =
            store.read_corpus(|corpus| corpus.documents_below(at, after.as_bytes(), 9));
        let rows = rows.unwrap().into_iter();
        rows.map(|row| String::from_utf8(row.path).unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(below(1, "a", ""), ["a", "a/c/d.md", "a/一.md"]);
    assert_eq!(below(1, "a", "a/c/d.md"), ["a/一.md"]);
    assert_eq!(below(1, "a.md", ""), ["a.md"]);
    assert_eq!(below(1, "", "").len(), paths.len());
    assert!(below(2, "", "").is_empty());
}
