//! `inkstone setup` without questions.

use std::fs;

use inkstone_test_support::{CHINESE_MODEL, ENGLISH_MODEL, Home, test_models};

use crate::inkstone;

#[test]
fn models_that_are_here_are_chosen_without_fetching() {
    let home = Home::with_models(&[ENGLISH_MODEL, CHINESE_MODEL]);
    let english = format!("en: {ENGLISH_MODEL} is installed");
    let chinese = format!("zh: {CHINESE_MODEL} is installed");
    let snippets = "[language-server.inkstone-lsp]";
    let setup = ["setup", "--lang", "en,zh", "--yes", "--no-measure"];
    for _ in 0..2 {
        inkstone(&home, &setup).check(0, &[&english, &chinese, snippets]);
    }
    let settings = fs::read_to_string(home.root().join("config/inkstone.toml")).unwrap();
    for model in [ENGLISH_MODEL, CHINESE_MODEL] {
        assert!(settings.contains(model), "{settings}");
    }
}

#[test]
fn a_model_is_measured_once_and_what_was_chosen_is_kept() {
    let home = Home::with_models(&[ENGLISH_MODEL]);
    let setup = ["setup", "--lang", "en", "--yes"];
    let first = inkstone(&home, &setup);
    first.check(0, &[&format!("{ENGLISH_MODEL} on "), "tokens/s"]);
    let file = home.root().join("state/tuning.toml");
    let kept = fs::read_to_string(&file).unwrap();
    assert!(kept.contains(ENGLISH_MODEL), "{kept}");
    assert!(kept.contains("[tuned.best]"), "{kept}");
    inkstone(&home, &setup).check(0, &["is installed"]);
    assert_eq!(
        fs::read_to_string(&file).unwrap(),
        kept,
        "not measured again"
    );
}

#[test]
fn terms_that_nobody_accepted_leave_the_other_languages_set_up() {
    let home = Home::with_models(&[ENGLISH_MODEL]);
    let setup = ["setup", "--lang", "en,zh", "--yes", "--no-measure"];
    let ended = inkstone(&home, &setup);
    ended.check(3, &["en: smollm2-135m-instruct is installed"]);
    ended.check(3, &["run: inkstone setup --lang zh --accept-license"]);
}

#[test]
fn a_damaged_file_does_not_count_as_installed() {
    let home = Home::with_models(&[]);
    let whole = fs::read(test_models().join(format!("{ENGLISH_MODEL}.gguf"))).unwrap();
    let file = home.models().join(format!("{ENGLISH_MODEL}.gguf"));
    for bytes in [&whole[..whole.len() / 2], b"<html>Log in</html>"] {
        fs::write(&file, bytes).unwrap();
        let ended = inkstone(&home, &["setup", "--lang", "en", "--yes"]);
        ended.check(4, &["damaged or another version", "no pip found"]);
    }
}
