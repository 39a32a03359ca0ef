//! A folder of prose becomes a registered adapter, with the numbers that it was judged by, once.

use std::process::Command;

use inkstone_corpus::dataset::Digest;
use inkstone_gguf::Gguf;
use inkstone_lora::adapter::export::peft;
use inkstone_lora::{Hyperparameters, adapter};
use inkstone_store::adapters::{file_name, hex};
use inkstone_store::{AdapterRow, AdapterState};
use inkstone_test_support::test_models;
use inkstone_trainer::train::chosen::Chosen;
use inkstone_trainer::train::order::{Order, Outcome, Reason};

use serde_json::Value;

use crate::desk::{Desk, SHORT, calm, write_prose};

/// What the program writes is what the trainer's own export makes of the same weights.
fn exports_for_peft(desk: &Desk, row: &AdapterRow, gguf: &[u8]) {
    let out = desk.home.join("peft");
    let done = Command::new(env!("CARGO_BIN_EXE_inkstone-trainer"))
        .args(["adapter-peft", &row.name, out.to_str().unwrap()])
        .env("INKSTONE_HOME", &desk.home)
        .env("INKSTONE_MODELS", test_models())
        .output()
        .unwrap();
    assert!(done.status.success(), "{done:?}");
    let base = test_models().join(format!("{}.gguf", row.base_model));
    let base = Gguf::from_path(&base).unwrap();
    let model = Hyperparameters::from_gguf(&base).unwrap();
    let (as_read, weights) = adapter::read::gguf(gguf, &base, &model).unwrap();
    let chosen: Chosen = serde_json::from_str(&row.config).unwrap();
    // One that was tried weaker than it was trained is exported as it is worn.
    let is_weaker = (chosen.lora().scale() - as_read.scale()).abs() > 1e-6;
    let config = if is_weaker { as_read } else { chosen.lora() };
    let files = peft::files(&config, &weights, &model, &row.base_model).unwrap();
    let read = |name: &str| std::fs::read(out.join(name)).unwrap();
    assert_eq!(read("adapter_model.safetensors"), files.weights);
    assert_eq!(read("adapter_config.json"), files.config.as_bytes());
}

#[test]
fn a_folder_of_prose_becomes_a_registered_adapter_with_its_numbers() {
    let desk = Desk::new(SHORT);
    let Some(()) = write_prose(&desk, 60) else {
        return;
    };
    let mut store = desk.store();
    let outcome = desk.train(&mut store, &calm(), Reason::Changed);
    let Outcome::Registered(registered) = outcome else {
        panic!("{outcome:?}");
    };
    eprintln!("{registered:#?}");
    let rows = store.adapters().unwrap();
    assert_eq!(rows.len(), 1);
    let row = &rows[0];
    assert_eq!(row.name, "en-1");
    let expected = if registered.decision.passes {
        AdapterState::Live
    } else {
        AdapterState::Refused
    };
    assert_eq!(row.state, expected);
    let path = desk.directories.adapters_dir().join(file_name(&row.sha256));
    let bytes = std::fs::read(&path).unwrap();
    assert_eq!(Digest::of(&bytes).0, row.sha256);
    let gguf = Gguf::read(&mut &bytes[..], bytes.len() as u64).unwrap();
    assert_eq!(gguf.str("general.type"), Some("adapter"));
    // It has learned something of the writer, on documents that it never saw.
    assert!(registered.decision.own.percent > 0.0, "{registered:?}");
    assert!(registered.decision.own.documents >= 3);
    assert!(registered.decision.generic.is_some());
    // Nothing is left of the training, and its version is held by the adapter alone.
    assert!(!desk.directories.training_dir().join("en").exists());
    let versions = inkstone_trainer::assemble::versions(&mut store).unwrap();
    assert_eq!(versions[0].pins, ["adapter en-1"]);
    assert_eq!(hex(&row.dataset.unwrap()), versions[0].id.to_string());
    // How it went is kept with it, step by step.
    let metrics: Value = serde_json::from_str(&row.metrics).unwrap();
    let steps = metrics["curve"]["steps"].as_array().unwrap();
    assert_eq!(steps.len(), 16);
    assert!(metrics["curve"]["evaluations"].as_array().unwrap().len() >= 2);
    exports_for_peft(&desk, row, &bytes);
    // One of the folder alone learns as much, since it is all there is.
    let order = Order {
        workspace: Some(store.workspaces().unwrap().remove(0)),
        dry_run: true,
        ..Order::to_measure("en", None, None)
    };
    let planned = desk.order(&mut store, &calm(), &order).unwrap();
    let Outcome::Planned(plan) = planned else {
        panic!("{planned:?}");
    };
    assert_eq!(plan.own_tokens, registered.facts.own_tokens);
    // There is no reason to train again.
    let again = desk.train(&mut store, &calm(), Reason::Changed);
    assert!(matches!(again, Outcome::NothingNew { .. }), "{again:?}");
}
