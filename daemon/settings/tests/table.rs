//! The table itself: kinds fit fields, defaults fit kinds, generated files are fresh.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a test fails"
)]

use std::path::Path;

use inkstone_settings::setting::{Kind, Scope};
use inkstone_settings::table::{SECTIONS, TABLE, find};
use inkstone_settings::{Layer, Loaded, Settings, Value, reference, schema};

#[test]
fn every_default_is_a_value_that_its_own_setting_accepts() {
    for setting in TABLE {
        let defaults = (setting.defaults)();
        assert!(!defaults.is_empty(), "{} has no default", setting.key);
        for (entry, value) in defaults {
            let key = entry.map_or(setting.key.to_owned(), |entry| {
                format!("{}.{entry}", setting.key)
            });
            let mut loaded = Loaded::default();
            let text = format!("{key} = {value:#}");
            loaded.apply_file_text(Layer::User, Path::new("inkstone.toml"), &text);
            assert_eq!(loaded.problems, [], "{text}");
            assert_eq!(loaded.settings, Settings::default(), "{text}");
            assert_eq!(loaded.settings.get(&key), Some(value));
        }
    }
}

#[test]
fn every_setting_changes_when_set() {
    for setting in TABLE {
        let (key, value) = match setting.kind {
            Kind::Switch => {
                let is_on = Settings::default().get(setting.key) == Some(Value::Bool(true));
                (setting.key.to_owned(), Value::Bool(!is_on))
            }
            Kind::Number { min, max } => {
                let is_default = Settings::default().get(setting.key) == Some(Value::Int(max));
                let other = if is_default { min } else { max };
                (setting.key.to_owned(), Value::Int(other))
            }
            Kind::Decimal { max, .. } => (setting.key.to_owned(), Value::Decimal(max)),
            Kind::Folder => (setting.key.to_owned(), Value::Text("/文稿".to_owned())),
            Kind::Choice(words) => (
                setting.key.to_owned(),
                Value::Text(words[words.len() - 1].to_owned()),
            ),
            Kind::Names => (
                setting.key.to_owned(),
                Value::List(vec!["markdown".to_owned()]),
            ),
            Kind::Selection(words) => (
                setting.key.to_owned(),
                Value::List(vec![words[0].to_owned()]),
            ),
            Kind::ModelByLanguage => (format!("{}.de", setting.key), Value::Text("x".to_owned())),
        };
        let mut loaded = Loaded::default();
        let text = format!("{key} = {value:#}");
        loaded.apply_file_text(Layer::User, Path::new("inkstone.toml"), &text);
        assert_eq!(loaded.problems, [], "{text}");
        assert_eq!(loaded.settings.get(&key), Some(value), "{text}");
        assert_ne!(loaded.settings, Settings::default(), "{text}");
    }
}

#[test]
fn a_folder_cannot_widen_what_is_read_of_it_nor_an_editor() {
    let corpus = TABLE
        .iter()
        .filter(|setting| setting.key.starts_with("corpus."));
    assert!(corpus.clone().count() > 10);
    for setting in corpus {
        assert_eq!(setting.scope, Scope::User, "{}", setting.key);
    }
    let mut loaded = Loaded::default();
    let text = "[corpus]\nexclude = []\nother_file_systems = true\n";
    loaded.apply_file_text(Layer::Workspace, Path::new("inkstone.toml"), text);
    assert_eq!(loaded.settings, Settings::default());
    assert_eq!(loaded.problems.len(), 2);
}

#[test]
fn a_number_may_have_a_fraction_only_where_the_setting_says_so() {
    let apply = |text: &str| {
        let mut loaded = Loaded::default();
        loaded.apply_file_text(Layer::User, Path::new("inkstone.toml"), text);
        loaded
    };
    let some = apply("[train]\nrate = 3e-4\ngain_percent_min = 2\n");
    assert_eq!(some.problems, []);
    assert!((some.settings.train.rate - 0.000_3).abs() < 1e-12);
    assert!((some.settings.train.gain_percent_min - 2.0).abs() < 1e-12);
    for text in [
        "train.rate = -0.1",
        "train.rate = nan",
        "train.rate = 11",
        "train.rank = 8.5",
    ] {
        let refused = apply(text);
        assert_eq!(refused.settings, Settings::default(), "{text}");
        assert_eq!(refused.problems.len(), 1, "{text}");
    }
    let folder = apply("train.replay_folder = \"散文/relative\"");
    let message = folder.problems[0].to_string();
    assert!(message.contains("absolute path"), "{message}");
}

#[test]
fn a_selection_takes_its_words_and_no_others() {
    let apply = |text: &str| {
        let mut loaded = Loaded::default();
        loaded.apply_file_text(Layer::User, Path::new("inkstone.toml"), text);
        loaded
    };
    let some = apply("corpus.formats = [\"markdown\", \"org\"]");
    assert_eq!(some.problems, []);
    assert_eq!(some.settings.corpus.formats, ["markdown", "org"]);
    let unknown = apply("corpus.formats = [\"markdown\", \"文档\"]");
    assert_eq!(unknown.settings, Settings::default());
    let message = unknown.problems[0].to_string();
    assert!(message.contains("\"restructured_text\""), "{message}");
}

#[test]
fn only_switches_have_a_safe_direction() {
    for setting in TABLE
        .iter()
        .filter(|setting| setting.scope == Scope::AnyWorkspaceOnlyOff)
    {
        assert_eq!(setting.kind, Kind::Switch, "{}", setting.key);
    }
}

#[test]
fn keys_are_unique_and_lie_in_a_section() {
    for (at, setting) in TABLE.iter().enumerate() {
        assert!(
            TABLE[at + 1..].iter().all(|other| other.key != setting.key),
            "{}",
            setting.key
        );
        let section = setting.key.split('.').next().unwrap_or_default();
        assert!(
            SECTIONS.iter().any(|(name, _)| *name == section),
            "{}",
            setting.key
        );
        assert!(
            setting.doc.ends_with('.'),
            "{}: a sentence ends with a full stop",
            setting.key
        );
    }
}

#[test]
fn a_table_of_models_is_addressed_by_its_entries_only() {
    assert!(find("model.completion").is_none());
    assert!(find("model.completion.en").is_some());
    assert!(find("model.completion.En").is_none());
    assert!(find("completion.enabled.en").is_none());
}

#[test]
fn the_reference_page_and_the_schema_are_fresh() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let generated = [
        ("REFERENCE.md", reference::reference()),
        ("inkstone.schema.json", schema::schema_text()),
    ];
    for (file, expected) in generated {
        let found = std::fs::read_to_string(folder.join(file)).unwrap_or_default();
        assert!(
            found == expected,
            "daemon/settings/{file} is stale; run: cargo run --release -p inkstone-settings --example generate"
        );
    }
}

#[test]
fn the_schema_describes_every_setting() {
    let schema = schema::schema();
    for setting in TABLE {
        let (section, field) = setting.key.split_once('.').expect("a key has a section");
        let property = &schema["properties"][section]["properties"][field];
        assert_eq!(property["description"], setting.doc, "{}", setting.key);
        assert!(!property["default"].is_null(), "{}", setting.key);
    }
    assert_eq!(
        schema["properties"]["model"]["properties"]["completion"]["default"]["zh"],
        "gemma-3-270m"
    );
}

#[test]
fn a_whole_value_is_toml_and_a_long_one_is_cut_in_messages() {
    let text = Value::Text("\"引号\\\u{7}👩‍👩‍👧".repeat(20));
    let toml = format!("x = {text:#}");
    let parsed: toml_edit::DocumentMut = toml.parse().expect("TOML");
    assert_eq!(
        Value::Text(parsed["x"].as_str().expect("text").to_owned()),
        text
    );
    let shown = text.to_string();
    assert!(
        shown.ends_with("…\"") && shown.len() < toml.len() / 2,
        "{shown}"
    );
}
