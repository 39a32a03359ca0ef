//! Writing one value back: comments stay, nonsense is refused, links are followed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a test fails"
)]

use std::fs;

use inkstone_settings::{SettingsError, Value, user_file};

/// Applies one change to a file's text.
fn after_setting(text: &str, key: &str, value: &Value) -> Result<String, SettingsError> {
    let folder = tempfile::tempdir().expect("temporary folder");
    let file = folder.path().join("inkstone.toml");
    fs::write(&file, text).expect("settings file");
    user_file::set(&file, key, value)?;
    let names: Vec<_> = fs::read_dir(folder.path())
        .expect("folder")
        .map(|entry| entry.expect("entry").file_name())
        .collect();
    assert_eq!(names, ["inkstone.toml"], "no temporary file is left");
    Ok(fs::read_to_string(&file).expect("settings file"))
}

/// A model's name as a value.
fn name(text: &str) -> Value {
    Value::Text(text.to_owned())
}

#[test]
fn comments_and_order_are_kept() {
    let before = "# 我的\n[log]\nlevel = \"warn\" # quiet\n\n[model.completion]\nen = \"old\" # 英文\n# end\n";
    let after = after_setting(before, "model.completion.en", &name("new")).expect("set");
    assert_eq!(after, before.replace("\"old\"", "\"new\""));
}

#[test]
fn missing_tables_and_a_missing_file_are_created() {
    let after = after_setting(
        "[log]\nlevel = \"warn\"\n",
        "model.completion.zh",
        &name("gemma-3-270m"),
    );
    assert_eq!(
        after.expect("set"),
        "[log]\nlevel = \"warn\"\n\n[model.completion]\nzh = \"gemma-3-270m\"\n"
    );
    let folder = tempfile::tempdir().expect("temporary folder");
    let file = folder.path().join("config/inkstone.toml");
    user_file::set(&file, "completion.enabled", &Value::Bool(false)).expect("set");
    assert_eq!(
        fs::read_to_string(&file).expect("file"),
        "[completion]\nenabled = false\n"
    );
}

#[test]
fn a_file_with_prefixed_keys_keeps_its_form() {
    let after = after_setting(
        "[inkstone.log]\nlevel = \"warn\"\n",
        "completion.max_tokens",
        &Value::Int(9),
    );
    let text = after.expect("set");
    assert!(
        text.contains("[inkstone.completion]\nmax_tokens = 9"),
        "{text}"
    );
}

#[test]
fn a_value_that_the_table_refuses_is_not_written() {
    let error = after_setting("", "completion.max_tokens", &Value::Int(0)).expect_err("refused");
    assert!(error.to_string().contains("from 1 to 256"), "{error}");
    let error = after_setting("", "completion.max_tokenz", &Value::Int(9)).expect_err("refused");
    assert!(
        error
            .to_string()
            .contains("did you mean `completion.max_tokens`"),
        "{error}"
    );
}

#[test]
fn a_broken_file_is_named_with_its_line_and_left_alone() {
    let error = after_setting("a = 1\nb = = 2\n", "completion.max_tokens", &Value::Int(9))
        .expect_err("broken");
    assert!(
        matches!(error, SettingsError::NotToml { line: 2, .. }),
        "{error}"
    );
    let error = after_setting("completion = 3\n", "completion.max_tokens", &Value::Int(9))
        .expect_err("blocked");
    assert!(matches!(error, SettingsError::KeyBlocked { .. }), "{error}");
}

#[cfg(unix)]
#[test]
fn a_linked_settings_file_stays_a_link() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (real, link) = (
        folder.path().join("dotfiles.toml"),
        folder.path().join("inkstone.toml"),
    );
    fs::write(&real, "").expect("file");
    std::os::unix::fs::symlink(&real, &link).expect("link");
    user_file::set(&link, "completion.enabled", &Value::Bool(false)).expect("set");
    assert!(fs::symlink_metadata(&link).expect("link").is_symlink());
    assert!(
        fs::read_to_string(&real)
            .expect("file")
            .contains("enabled = false")
    );
}
