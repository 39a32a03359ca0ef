//! The registry of adapters: one live one for each scope, the way back, and the dataset that is held.

#![allow(clippy::unwrap_used)]
// A test that fails panics.
// Methods of the borrowed corpus are for one lifetime, where `read_corpus` asks for all.
#![allow(clippy::redundant_closure_for_method_calls)]

use std::path::Path;

use inkstone_store::adapters::{ADAPTERS_MAX, file_name};
use inkstone_store::{
    AdapterRow, AdapterScope, AdapterState, Added, Identities, NewAdapter, Store, StoreError,
};
use tempfile::TempDir;

const LIVE: AdapterState = AdapterState::Live;
const OFF: AdapterState = AdapterState::Off;
const ROLLED_BACK: AdapterState = AdapterState::RolledBack;

fn store() -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("inkstone.db")).unwrap();
    (folder, store)
}

fn scope(language: Option<&str>) -> AdapterScope {
    AdapterScope {
        base_sha256: [7; 32],
        language: language.map(str::to_owned),
        genre: None,
        workspace: None,
    }
}

fn new(scope: AdapterScope, state: AdapterState) -> NewAdapter<'static> {
    NewAdapter {
        sha256: [1; 32],
        bytes: 9_800_000,
        base_model: "smollm2-135m-instruct",
        scope,
        dataset: None,
        parent: None,
        made_at_s: 1_760_000_000,
        config: r#"{"rank":8}"#,
        metrics: r#"{"own_nll":{"base":3.1,"adapter":2.9}}"#,
        reasons: r#"["better by 6 %"]"#,
        state,
    }
}

fn add(store: &mut Store, language: Option<&str>, state: AdapterState) -> AdapterRow {
    store.add_adapter(&new(scope(language), state)).unwrap()
}

fn states(store: &Store) -> Vec<(String, AdapterState)> {
    let rows = store.adapters().unwrap();
    rows.into_iter().map(|row| (row.name, row.state)).collect()
}

fn named(states: &[(&str, AdapterState)]) -> Vec<(String, AdapterState)> {
    let owned = states
        .iter()
        .map(|(name, state)| ((*name).to_owned(), *state));
    owned.collect()
}

#[test]
fn an_adapter_comes_back_as_it_was_added_and_is_named_after_its_language() {
    let (_folder, mut store) = store();
    let row = add(&mut store, Some("zh"), AdapterState::Refused);
    assert_eq!(row.name, "zh-1");
    assert_eq!(store.adapter("zh-1").unwrap(), Some(row.clone()));
    assert_eq!(row.metrics, new(scope(None), LIVE).metrics);
    assert_eq!((row.bytes, row.state), (9_800_000, AdapterState::Refused));
    assert_eq!(store.adapter("en-1").unwrap(), None);
    assert_eq!(add(&mut store, None, OFF).name, "mixed-1");
    assert_eq!(file_name(&[0xab; 32]), format!("{}.gguf", "ab".repeat(32)));
}

#[test]
fn a_name_is_not_given_to_a_second_adapter() {
    let (_folder, mut store) = store();
    let first = add(&mut store, Some("en"), OFF);
    assert_eq!(store.remove_adapter(first.id).unwrap(), Some(first.sha256));
    assert_eq!(store.remove_adapter(first.id).unwrap(), None);
    assert_eq!(add(&mut store, Some("en"), OFF).name, "en-2");
}

#[test]
fn a_file_that_two_adapters_share_stays_while_one_is_left() {
    let (_folder, mut store) = store();
    let first = add(&mut store, Some("en"), OFF);
    let second = add(&mut store, Some("zh"), OFF);
    assert_eq!(store.remove_adapter(first.id).unwrap(), None);
    assert_eq!(store.remove_adapter(second.id).unwrap(), Some([1; 32]));
}

#[test]
fn of_one_scope_one_is_live_and_others_are_not_touched() {
    let (_folder, mut store) = store();
    add(&mut store, Some("en"), LIVE);
    add(&mut store, Some("zh"), LIVE);
    add(&mut store, None, LIVE);
    let mut other_model = scope(Some("en"));
    other_model.base_sha256 = [8; 32];
    store.add_adapter(&new(other_model, LIVE)).unwrap();
    let newest = add(&mut store, Some("en"), LIVE);
    let expected = [
        ("en-3", LIVE),
        ("en-2", LIVE),
        ("mixed-1", LIVE),
        ("zh-1", LIVE),
        ("en-1", OFF),
    ];
    assert_eq!(states(&store), named(&expected));
    // Said twice, it is still the first that it goes back to.
    store.set_adapter_state(newest.id, LIVE).unwrap();
    let back = store.roll_back_adapter(newest.id).unwrap().unwrap();
    assert_eq!((back.name.as_str(), back.state), ("en-1", LIVE));
    assert_eq!(store.adapter("en-3").unwrap().unwrap().state, ROLLED_BACK);
}

#[test]
fn the_way_back_leads_past_what_was_taken_back_and_what_was_removed() {
    let (_folder, mut store) = store();
    let ids = [(); 4].map(|()| add(&mut store, Some("en"), LIVE).id);
    store.remove_adapter(ids[2]).unwrap();
    store.set_adapter_state(ids[1], ROLLED_BACK).unwrap();
    let back = store.roll_back_adapter(ids[3]).unwrap().unwrap();
    assert_eq!(back.id, ids[0]);
    // Nothing came before the first: the base serves.
    assert_eq!(store.roll_back_adapter(ids[0]).unwrap(), None);
    assert_eq!(store.adapter("en-1").unwrap().unwrap().state, ROLLED_BACK);
    // And what is not live is not taken back.
    assert_eq!(store.roll_back_adapter(ids[0]).unwrap(), None);
}

#[test]
fn adapters_that_replaced_each_other_in_turns_are_taken_back_without_end() {
    let (_folder, mut store) = store();
    let ids = [(); 2].map(|()| add(&mut store, Some("en"), LIVE).id);
    store.set_adapter_state(ids[0], LIVE).unwrap();
    let back = store.roll_back_adapter(ids[0]).unwrap();
    assert_eq!(back.map(|row| row.id), Some(ids[1]));
    assert_eq!(store.roll_back_adapter(ids[1]).unwrap(), None);
}

#[test]
fn the_dataset_of_an_adapter_is_held_until_it_is_removed() {
    let (_folder, mut store) = store();
    let name = [3_u8; 32];
    let with_dataset = NewAdapter {
        dataset: Some(name),
        ..new(scope(Some("en")), OFF)
    };
    let error = store.add_adapter(&with_dataset).unwrap_err();
    assert!(matches!(error, StoreError::NoDataset { .. }), "{error}");
    assert_eq!(states(&store), []);
    let version = |store: &mut Store| {
        store
            .change_corpus(|corpus| corpus.insert_version(&name, 1))
            .unwrap()
    };
    version(&mut store);
    let row = store.add_adapter(&with_dataset).unwrap();
    assert_eq!(row.dataset, Some(name));
    let pins = |store: &mut Store| {
        let found = store.read_corpus(|corpus| corpus.version(&name));
        found.unwrap().unwrap().pins
    };
    assert_eq!(pins(&mut store), [format!("adapter {}", row.name)]);
    store.remove_adapter(row.id).unwrap();
    assert_eq!(pins(&mut store), [""; 0]);
}

#[test]
fn an_adapter_of_a_folder_that_its_owner_removed_is_not_worn() {
    let (_folder, mut store) = store();
    let path = Path::new("/home/ann/文章");
    let added = store
        .add_workspace(path, &Identities::default(), 1)
        .unwrap();
    let (Added::New(workspace) | Added::Known(workspace)) = added;
    let of_folder = AdapterScope {
        workspace: Some(workspace),
        ..scope(Some("zh"))
    };
    store.add_adapter(&new(of_folder.clone(), LIVE)).unwrap();
    add(&mut store, Some("zh"), LIVE);
    store.remove_workspace(path).unwrap();
    assert_eq!(states(&store), named(&[("zh-2", LIVE), ("zh-1", OFF)]));
    assert_eq!(store.adapter("zh-1").unwrap().unwrap().scope, of_folder);
}

#[test]
fn more_adapters_and_longer_texts_than_anybody_needs_are_refused() {
    let (_folder, mut store) = store();
    let long = "x".repeat(inkstone_store::adapters::ADAPTER_JSON_BYTES_MAX + 1);
    let too_long = NewAdapter {
        metrics: &long,
        ..new(scope(None), OFF)
    };
    let refused = |result: Result<AdapterRow, StoreError>| {
        let error = result.unwrap_err();
        assert!(matches!(error, StoreError::TooMany { .. }), "{error}");
    };
    refused(store.add_adapter(&too_long));
    for _ in 0..ADAPTERS_MAX {
        add(&mut store, Some("en"), OFF);
    }
    refused(store.add_adapter(&new(scope(None), OFF)));
}
