//! `inkstone model import`, `list`, `use` and `rm`.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use inkstone_test_support::{ENGLISH_MODEL, Home, test_models};

use crate::{inkstone, published};

/// The file of the small model.
fn small_model() -> PathBuf {
    test_models().join(format!("{ENGLISH_MODEL}.gguf"))
}

#[test]
fn a_model_is_imported_listed_chosen_and_removed() {
    let home = Home::with_models(&[]);
    let file = small_model();
    let import = ["model", "import", file.to_str().unwrap(), "--name", "mine"];
    inkstone(&home, &import).check(0, &["mine is installed: llama, Q4_1, 99 MB"]);
    inkstone(&home, &import).check(
        2,
        &["`mine` is installed already", "inkstone model rm mine"],
    );
    let list = inkstone(&home, &["model", "list", "--json"]);
    let listed: serde_json::Value = serde_json::from_str(&list.stdout).unwrap();
    let model = &listed["installed"][0];
    assert_eq!(
        (
            &model["name"],
            &model["architecture"],
            &model["quantization"]
        ),
        (&"mine".into(), &"llama".into(), &"Q4_1".into()),
        "{listed}"
    );
    inkstone(&home, &["model", "list"]).check(0, &["mine", "gemma-3-270m"]);
    let choose = ["model", "use", "mine", "--role", "completion"];
    inkstone(&home, &choose).check(2, &["add --lang"]);
    let for_english = [&choose[..], &["--lang", "en"]].concat();
    inkstone(&home, &for_english).check(0, &["completion of en: mine"]);
    inkstone(&home, &["model", "rm", "mine"]).check(3, &["serves completion of en"]);
    inkstone(&home, &["model", "rm", "mine", "--force"])
        .check(0, &["mine is removed, 99 MB freed"]);
    assert_eq!(published(&home), Vec::<String>::new());
    inkstone(&home, &["model", "rm", "mine"]).check(4, &["nothing to remove"]);
    // A role still names it, and no catalogue has it: the remedy must not be a pull.
    let report = inkstone(&home, &["doctor"]);
    report.check(1, &["run: inkstone model import FILE.gguf --name mine"]);
    assert!(!report.stdout.contains("model pull mine"), "{report:#?}");
}

#[test]
fn what_is_no_model_is_refused_with_its_path_and_leaves_nothing() {
    let home = Home::with_models(&[]);
    let place = |name: &str| home.scratch().join(name);
    let whole = fs::read(small_model()).unwrap();
    fs::write(place("cut.gguf"), &whole[..whole.len() / 2]).unwrap();
    fs::write(place("header.gguf"), &whole[..4_096]).unwrap();
    fs::write(place("text.gguf"), "The harbour was quiet.\n").unwrap();
    fs::write(place("empty.gguf"), "").unwrap();
    let pipe = place("pipe.gguf");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    for (name, code, said) in [
        (
            "cut.gguf",
            3,
            "model file is truncated: expected 98,362,432 bytes",
        ),
        ("header.gguf", 3, "truncated"),
        ("text.gguf", 3, "not a GGUF model file"),
        ("empty.gguf", 3, "truncated"),
        ("missing.gguf", 2, "check the path"),
        ("pipe.gguf", 2, "not a regular file"),
        ("models", 2, "not a regular file"),
    ] {
        let path = place(name);
        let path = path.to_str().unwrap();
        let refused = inkstone(&home, &["model", "import", path]);
        refused.check(code, &[said, path]);
        assert_eq!(refused.stdout, "", "{name}");
        assert_eq!(published(&home), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn a_damaged_import_is_replaced_by_importing_it_again() {
    let home = Home::with_models(&[]);
    let file = small_model();
    let import = ["model", "import", file.to_str().unwrap(), "--name", "mine"];
    inkstone(&home, &import).check(0, &[]);
    let published_file = home.root().join("data/models/mine.gguf");
    let whole = fs::metadata(&published_file).unwrap().len();
    fs::File::options()
        .write(true)
        .open(&published_file)
        .unwrap()
        .set_len(whole - 1)
        .unwrap();
    let remedy = "run: inkstone model import FILE.gguf --name mine";
    inkstone(&home, &["model", "list"]).check(0, &["truncated", remedy]);
    inkstone(
        &home,
        &[
            "model",
            "use",
            "mine",
            "--role",
            "completion",
            "--lang",
            "en",
        ],
    )
    .check(4, &["truncated", remedy]);
    inkstone(&home, &import).check(0, &["mine is installed"]);
    assert_eq!(published(&home), ["mine.gguf", "mine.toml"]);
}

#[test]
fn names_that_no_model_can_have_are_wrong_usage() {
    let home = Home::with_models(&[]);
    for arguments in [
        &["complete", "--model", "Bad Name"][..],
        &["model", "rm", "Bad Name"],
        &["model", "use", "Bad Name", "--role", "completion"],
        &["model", "import", "x.gguf", "--name", "../x"],
        &["setup", "--yes", "--model", "Bad Name"],
    ] {
        let refused = inkstone(&home, arguments);
        refused.check(2, &[]);
        assert!(!refused.stderr.is_empty(), "{arguments:?}");
    }
}
