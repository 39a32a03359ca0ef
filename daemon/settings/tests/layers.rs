//! Layers: what wins, what is reported, what hostile files can do.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a test fails"
)]

use std::fs;
use std::path::Path;

use inkstone_settings::layers::FILE_BYTES_MAX;
use inkstone_settings::problem::Fault;
use inkstone_settings::{Layer, Layers, Loaded, Settings, StopBound, Value};
use proptest::prelude::*;
use serde_json::json;

/// Loads one user file's text.
fn user(text: &str) -> Loaded {
    let mut loaded = Loaded::default();
    loaded.apply_file_text(Layer::User, Path::new("/home/a/inkstone.toml"), text);
    loaded
}

/// The problems as people read them.
fn messages(loaded: &Loaded) -> Vec<String> {
    loaded.problems.iter().map(ToString::to_string).collect()
}

#[test]
fn later_layers_win_and_entries_merge_one_by_one() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (user, workspace) = (folder.path().join("u.toml"), folder.path().join("w.toml"));
    fs::write(
        &user,
        "[completion]\nmax_tokens = 30\nstop = \"line\"\n[model.completion]\nen = \"mine\"\n",
    )
    .expect("user file");
    fs::write(&workspace, "completion.max_tokens = 40\n").expect("workspace file");
    let session = json!({ "completion": { "max_tokens": 50 } });
    let all = Layers {
        user_file: Some(&user),
        workspace_file: Some(&workspace),
        session: Some(&session),
    };
    let loaded = all.load();
    assert_eq!(loaded.problems, []);
    assert_eq!(loaded.settings.completion.max_tokens, 50);
    assert_eq!(loaded.settings.completion.stop, StopBound::Line);
    let models = &loaded.settings.model.completion;
    assert_eq!(
        models.get("en").map(ToString::to_string).as_deref(),
        Some("mine")
    );
    assert_eq!(
        models.get("zh").map(ToString::to_string).as_deref(),
        Some("gemma-3-270m")
    );
    let without_session = Layers {
        session: None,
        ..all
    }
    .load();
    assert_eq!(without_session.settings.completion.max_tokens, 40);
}

#[test]
fn missing_files_are_no_problem() {
    let missing = Path::new("/nowhere/inkstone.toml");
    let loaded = Layers {
        user_file: Some(missing),
        workspace_file: Some(missing),
        session: None,
    }
    .load();
    assert_eq!(loaded, Loaded::default());
}

#[test]
fn a_bad_value_names_file_line_value_and_remedy_while_the_rest_applies() {
    let loaded = user("# 我的设置\r\n[completion]\r\nmax_tokens = 900\r\nstop = \"line\"\r\n");
    assert_eq!(loaded.settings.completion.stop, StopBound::Line);
    assert_eq!(loaded.settings.completion.max_tokens, 24);
    assert_eq!(
        messages(&loaded),
        [
            "/home/a/inkstone.toml line 3: `completion.max_tokens` is 900, but must be a whole number from 1 to 256; until then 24 applies"
        ]
    );
}

#[test]
fn a_wrong_type_names_what_was_found() {
    let loaded = user("completion.enabled = \"喵👩‍👩‍👧\"\nlog.level = 3\nengine.threads = 1.5\n");
    assert_eq!(
        messages(&loaded),
        [
            "/home/a/inkstone.toml line 1: `completion.enabled` is \"喵👩‍👩‍👧\", but must be true or false; until then true applies",
            "/home/a/inkstone.toml line 2: `log.level` is 3, but must be one of \"error\", \"warn\", \"info\", \"debug\", \"trace\"; until then \"info\" applies",
            "/home/a/inkstone.toml line 3: `engine.threads` is 1.5, but must be a whole number from 0 to 512; until then 0 applies",
        ]
    );
}

#[test]
fn an_unknown_key_is_answered_with_the_most_similar_one() {
    let nearest = |text: &str| match user(text).problems.as_slice() {
        [problem] => match &problem.fault {
            Fault::UnknownKey { nearest, .. } => *nearest,
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    };
    assert_eq!(
        nearest("completion.max_token = 3"),
        Some("completion.max_tokens")
    );
    assert_eq!(
        nearest("[completoin]\nmax_tokens = 3"),
        Some("completion.max_tokens")
    );
    assert_eq!(nearest("max_tokens = 3"), Some("completion.max_tokens"));
    assert_eq!(nearest("\"设置\" = 3"), None);
}

#[test]
fn a_syntax_error_is_reported_with_its_line_and_the_rest_applies() {
    let loaded = user("[completion]\nmax_tokens = \nstop = \"line\"\n");
    assert_eq!(loaded.settings.completion.stop, StopBound::Line);
    assert!(!loaded.problems.is_empty());
    assert!(
        loaded
            .problems
            .iter()
            .all(|problem| problem.line == Some(2)),
        "{:?}",
        loaded.problems
    );
}

#[test]
fn keys_may_carry_the_leading_inkstone_but_not_twice() {
    let loaded =
        user("completion.max_tokens = 5\n[inkstone.completion]\nmax_tokens = 6\nstop = \"line\"\n");
    assert_eq!(loaded.settings.completion.max_tokens, 5);
    assert_eq!(loaded.settings.completion.stop, StopBound::Line);
    assert_eq!(
        loaded
            .problems
            .iter()
            .map(|problem| problem.fault.clone())
            .collect::<Vec<_>>(),
        [Fault::SetTwice {
            key: "completion.max_tokens".to_owned()
        }]
    );
}

#[test]
fn a_workspace_file_can_switch_off_but_not_on_and_never_touches_the_daemon() {
    let apply = |user_text: &str, workspace_text: &str| {
        let mut loaded = user(user_text);
        loaded.apply_file_text(Layer::Workspace, Path::new("w.toml"), workspace_text);
        loaded
    };
    let off = apply("", "completion.enabled = false");
    assert!(!off.settings.completion.enabled);
    let on = apply("completion.enabled = false", "completion.enabled = true");
    assert!(!on.settings.completion.enabled);
    assert_eq!(
        on.problems[0].fault,
        Fault::WorkspaceLoosens {
            key: "completion.enabled".to_owned()
        }
    );
    let daemon = apply("", "engine.threads = 64\nmodel.completion.en = \"evil\"");
    assert_eq!(daemon.settings, Settings::default());
    assert_eq!(daemon.problems.len(), 2);
}

#[test]
fn an_editor_may_send_nested_dotted_or_prefixed_keys_and_nulls() {
    for session in [
        json!({ "completion": { "max_tokens": 7, "stop": null } }),
        json!({ "completion.max_tokens": 7 }),
        json!({ "inkstone": { "completion": { "max_tokens": 7 } } }),
        json!({ "inkstone.completion.max_tokens": 7 }),
    ] {
        let mut loaded = Loaded::default();
        loaded.apply_session(&session);
        assert_eq!(loaded.problems, [], "{session}");
        assert_eq!(loaded.settings.completion.max_tokens, 7, "{session}");
    }
    let mut loaded = Loaded::default();
    loaded.apply_session(&json!(["completion"]));
    assert_eq!(
        messages(&loaded),
        ["editor settings: settings must be a table, not [\"completion\"]"]
    );
    loaded.apply_session(&serde_json::Value::Null);
    assert_eq!(loaded.problems.len(), 1);
}

#[test]
fn an_empty_model_name_means_no_model() {
    let loaded = user("model.completion.zh = \"\"\n");
    assert_eq!(loaded.problems, []);
    assert_eq!(loaded.settings.model.completion.get("zh"), None);
    assert_eq!(loaded.settings.get("model.completion.zh"), None);
    let escape = user("model.completion.zh = \"../../etc/passwd\"\n");
    assert!(matches!(escape.problems[0].fault, Fault::BadValue { .. }));
}

#[test]
fn a_huge_file_is_not_read() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("inkstone.toml");
    let line = "completion.max_tokens = 3 # 大\n";
    fs::write(&path, line.repeat(4_000)).expect("huge file");
    let loaded = Layers {
        user_file: Some(&path),
        ..Layers::default()
    }
    .load();
    assert_eq!(loaded.settings, Settings::default());
    let expected = Fault::TooLarge {
        bytes: line.len() as u64 * 4_000,
        max_bytes: FILE_BYTES_MAX,
    };
    assert_eq!(loaded.problems[0].fault, expected);
}

#[test]
fn a_file_that_is_no_text_or_no_file_is_reported() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("inkstone.toml");
    fs::write(&path, [0xff, 0xfe, 0x00]).expect("bytes");
    let loaded = Layers {
        user_file: Some(&path),
        ..Layers::default()
    }
    .load();
    assert!(matches!(loaded.problems[0].fault, Fault::Unreadable { .. }));
    let directory = Layers {
        user_file: Some(folder.path()),
        ..Layers::default()
    }
    .load();
    assert!(matches!(
        directory.problems[0].fault,
        Fault::Unreadable { .. }
    ));
}

#[test]
fn deep_nesting_ends_in_problems_and_not_in_a_stack_overflow() {
    let keys = vec!["a"; 79].join(".");
    let inline = format!("{}{}", format!("{keys} = {{ ").repeat(79), "}".repeat(79));
    assert!(inline.len() as u64 <= FILE_BYTES_MAX);
    let arrays = format!("a = {}", "[".repeat(60_000));
    let tables = format!("a = {}", "{a=".repeat(20_000));
    let dotted = format!("{} = 1", vec!["a"; 30_000].join("."));
    for text in [inline, arrays, tables, dotted] {
        let loaded = user(&text);
        assert!(!loaded.problems.is_empty());
        assert_eq!(loaded.settings, Settings::default());
    }
}

#[test]
fn many_problems_are_counted_and_not_all_listed() {
    let lines: Vec<String> = (0..500).map(|n| format!("unknown{n} = 1")).collect();
    let loaded = user(&lines.join("\n"));
    assert_eq!(loaded.problems.len(), 33);
    assert_eq!(loaded.problems[32].fault, Fault::More { count: 468 });
}

proptest! {
    #[test]
    fn any_text_loads_within_the_limits_of_the_table(text in "\\PC{0,200}") {
        let loaded = user(&text);
        prop_assert!((1..=256).contains(&loaded.settings.completion.max_tokens));
    }

    #[test]
    fn any_number_in_range_arrives_and_any_other_is_reported(number in any::<i64>()) {
        let loaded = user(&format!("engine.sequences = {number}"));
        if (1..=64).contains(&number) {
            prop_assert_eq!(loaded.settings.get("engine.sequences"), Some(Value::Int(number)));
        } else {
            prop_assert_eq!(loaded.settings, Settings::default());
            prop_assert_eq!(loaded.problems.len(), 1);
        }
    }
}
