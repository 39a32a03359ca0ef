//! `inkstone adapter`: taken in, listed, used, taken back, copied out, removed; without a daemon.

use std::fs;
use std::path::{Path, PathBuf};

use inkstone_test_support::{CHINESE_MODEL, ConstantAdapter, ENGLISH_MODEL, Home};
use serde_json::Value;

use crate::{Finished, inkstone};

/// Writes an adapter's file for the English model.
fn file(home: &Home, name: &str, adapter: ConstantAdapter) -> PathBuf {
    let path = home.scratch().join(name);
    let model = home.models().join(format!("{ENGLISH_MODEL}.gguf"));
    fs::write(&path, adapter.bytes(&model)).unwrap();
    path
}

fn import(home: &Home, path: &Path, language: &str) -> Finished {
    let path = path.to_str().unwrap();
    let arguments = [
        "adapter",
        "import",
        path,
        "--model",
        ENGLISH_MODEL,
        "--lang",
        language,
    ];
    inkstone(home, &arguments)
}

fn adapter(home: &Home, arguments: &[&str]) -> Finished {
    inkstone(home, &[&["adapter"], arguments].concat())
}

/// The names with their states, the newest first.
fn states(home: &Home) -> Vec<(String, String)> {
    let listed: Value = serde_json::from_str(&adapter(home, &["list", "--json"]).stdout).unwrap();
    let adapters = listed["adapters"].as_array().unwrap().iter();
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    adapters
        .map(|adapter| (word(&adapter["name"]), word(&adapter["state"])))
        .collect()
}

fn are(states: &[(&str, &str)]) -> Vec<(String, String)> {
    let states = states.iter();
    states
        .map(|(name, state)| ((*name).to_owned(), (*state).to_owned()))
        .collect()
}

#[test]
fn an_adapter_is_taken_in_used_taken_back_and_removed() {
    let home = Home::with_models(&[ENGLISH_MODEL]);
    adapter(&home, &["list"]).check(0, &["there is no adapter"]);
    for weight in [0.5, 0.25] {
        let path = file(&home, "made.gguf", ConstantAdapter::of(weight));
        import(&home, &path, "en").check(0, &["is taken in: rank 4, 1 matrices"]);
    }
    adapter(&home, &["list"]).check(0, &["en-1", "en-2", "off", ENGLISH_MODEL]);
    adapter(&home, &["use", "en-1"]).check(0, &["en-1 is live", "language en"]);
    adapter(&home, &["use", "en-2"]).check(0, &["en-2 is live"]);
    assert_eq!(states(&home), are(&[("en-2", "live"), ("en-1", "off")]));
    adapter(&home, &["show", "en-2"]).check(0, &["replaced", "config.rank", "no gate has looked"]);
    adapter(&home, &["rollback"]).check(0, &["en-2 is taken back; en-1 is live again"]);
    assert_eq!(
        states(&home),
        are(&[("en-2", "rolled_back"), ("en-1", "live")])
    );
    adapter(&home, &["rm", "en-1"]).check(3, &["en-1 is live", "--force"]);
    adapter(&home, &["off"]).check(0, &["en-1 is off"]);
    adapter(&home, &["off"]).check(0, &["nothing is live"]);
    adapter(&home, &["rollback"]).check(1, &["nothing is live"]);
    let folder = home.root().join("data/adapters");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 2);
    for name in ["en-1", "en-2"] {
        adapter(&home, &["rm", name]).check(0, &["is removed"]);
    }
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
    for command in ["show", "use", "rm"] {
        adapter(&home, &[command, "en-1"]).check(2, &["no adapter \"en-1\"", "adapter list"]);
    }
}

#[test]
fn a_file_that_does_not_fit_is_refused_with_its_path_and_leaves_nothing() {
    let home = Home::new();
    let wrong = ConstantAdapter {
        extra_inputs: 32,
        ..ConstantAdapter::of(0.5)
    };
    let path = file(&home, "wide.gguf", wrong);
    import(&home, &path, "en").check(3, &["wide.gguf", "do not make 1536×576"]);
    let path = file(&home, "nan.gguf", ConstantAdapter::of(f32::NAN));
    import(&home, &path, "en").check(3, &["nan.gguf", "holds NaN"]);
    let path = file(&home, "whole.gguf", ConstantAdapter::of(0.5));
    let cut = home.scratch().join("cut.gguf");
    let whole = fs::read(&path).unwrap();
    fs::write(&cut, &whole[..whole.len() / 2]).unwrap();
    import(&home, &cut, "en").check(3, &["cut.gguf", "truncated"]);
    let other = ["import", path.to_str().unwrap(), "--model", CHINESE_MODEL];
    adapter(&home, &other).check(3, &["`llama`, where `gemma3` is needed"]);
    let gone = home.scratch().join("gone.gguf");
    import(&home, &gone, "en").check(2, &["gone.gguf"]);
    assert_eq!(states(&home), []);
    let folder = home.root().join("data/adapters");
    assert_eq!(fs::read_dir(folder).unwrap().count(), 0);
}

#[test]
fn a_copy_is_the_file_itself_and_a_damaged_one_is_neither_copied_nor_used() {
    let home = Home::with_models(&[ENGLISH_MODEL]);
    let path = file(&home, "made.gguf", ConstantAdapter::of(0.5));
    import(&home, &path, "en").check(0, &["en-1 is taken in"]);
    let out = home.scratch().join("out");
    let export = |format: &str| {
        adapter(
            &home,
            &[
                "export",
                "en-1",
                "--format",
                format,
                "--out",
                out.to_str().unwrap(),
            ],
        )
    };
    export("gguf").check(0, &["en-1.gguf"]);
    assert_eq!(
        fs::read(out.join("en-1.gguf")).unwrap(),
        fs::read(&path).unwrap()
    );
    export("peft").check(2, &["export it with --format gguf"]);
    let folder = home.root().join("data/adapters");
    let kept = fs::read_dir(folder)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let other = file(&home, "other.gguf", ConstantAdapter::of(0.25));
    fs::copy(other, &kept).unwrap();
    adapter(&home, &["use", "en-1"]).check(3, &["has changed since it was registered"]);
    export("gguf").check(3, &["has changed since it was registered"]);
}
