//! The catalogue: the built-in file is right, a user's file adds and never overrides by accident.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a test fails"
)]

use std::path::Path;

use inkstone_models::{Catalogue, CatalogueProblem, Licence, ModelError, Role, Source};
use inkstone_settings::{Directories, Settings};
use proptest::prelude::*;

/// A correct entry, to be made wrong by replacing.
const ENTRY: &str = r#"
[[model]]
name = "mine"
architecture = "qwen3"
languages = ["en", "zh"]
roles = ["completion"]
licence = { spdx = "MIT" }
size_bytes = 1_000
sha256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
sources = [{ kind = "url", url = "https://example.org/砚.gguf" }]
"#;

/// The built-in catalogue with a user's text added.
fn with_user(text: &str) -> (Catalogue, Vec<CatalogueProblem>) {
    let mut catalogue = Catalogue::builtin();
    let problems = catalogue.extend_by_user(Path::new("/c/catalogue.toml"), text);
    (catalogue, problems)
}

/// The correct entry, whose address is plain.
fn entry() -> String {
    ENTRY.replace('砚', "ink")
}

#[test]
fn the_built_in_file_has_no_problems_and_every_entry_of_the_contract() {
    let (catalogue, _) = with_user("");
    let text = include_str!("../catalogue.toml");
    let named = text.lines().filter(|line| *line == "[[model]]").count();
    assert_eq!(
        catalogue.entries().len(),
        named,
        "an entry of the built-in file was refused"
    );
    for name in [
        "smollm2-135m-instruct",
        "gemma-3-270m",
        "qwen3-0.6b",
        "qwen3-1.7b",
        "qwen3-4b",
        "gemma-3-1b-it",
    ] {
        catalogue.find(name).unwrap();
    }
    let gemma = catalogue.find("gemma-3-270m").unwrap();
    assert_eq!(
        gemma.sha256.unwrap().to_string(),
        "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"
    );
    let Licence::Terms(terms) = &gemma.licence else {
        panic!("Gemma comes under terms")
    };
    assert!(terms.url.starts_with("https://ai.google.dev/"));
    assert!(matches!(&gemma.sources[0], Source::Wheel { parts } if parts.len() == 4));
}

#[test]
fn the_default_settings_name_models_of_the_catalogue_that_speak_the_language() {
    let catalogue = Catalogue::builtin();
    let settings = Settings::default();
    for role in Role::ALL {
        for (language, name) in role.models(&settings).iter() {
            let entry = catalogue.find(name.as_str()).unwrap();
            assert!(entry.roles.contains(&role), "{name} {}", role.word());
            // Any language without a model of its own: what serves it writes many.
            if language.as_str() == "und" {
                assert!(entry.languages.len() > 2, "{name}");
                continue;
            }
            assert!(entry.languages.contains(language), "{name} {language}");
            assert_eq!(
                catalogue.default_for(role, language.as_str()).unwrap().name,
                *name
            );
        }
    }
}

#[test]
fn a_draft_model_is_a_smaller_one_of_the_same_family() {
    let catalogue = Catalogue::builtin();
    let mut pairs = 0;
    for entry in catalogue.entries() {
        let Some(draft) = &entry.draft else { continue };
        let draft = catalogue.find(draft.as_str()).unwrap();
        assert_eq!(draft.architecture, entry.architecture, "{}", entry.name);
        assert!(draft.size_bytes * 2 < entry.size_bytes, "{}", entry.name);
        assert_eq!(draft.draft, None, "{}", entry.name);
        pairs += 1;
    }
    assert!(pairs >= 3, "{pairs}");
}

#[test]
fn a_misspelt_name_is_answered_with_the_nearest_one() {
    let error = Catalogue::builtin()
        .find("smolm2-135m-instruct")
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("did you mean `smollm2-135m-instruct`?"),
        "{error}"
    );
    let error = Catalogue::builtin().find("毛笔").unwrap_err();
    assert!(matches!(error, ModelError::Unknown { nearest: None, .. }));
}

#[test]
fn a_user_entry_adds_a_model_and_may_use_the_built_in_terms() {
    let text = entry().replace(r#"spdx = "MIT""#, r#"terms = "gemma""#);
    let (catalogue, problems) = with_user(&text);
    assert_eq!(problems, []);
    let mine = catalogue.find("mine").unwrap();
    assert!(mine.is_users && matches!(mine.licence, Licence::Terms(_)));
}

#[test]
fn a_built_in_name_is_replaced_only_on_purpose() {
    let same = entry().replace("mine", "gemma-3-270m");
    let (catalogue, problems) = with_user(&same);
    assert_eq!(problems.len(), 1);
    assert!(
        problems[0]
            .to_string()
            .contains("/c/catalogue.toml line 2: model `gemma-3-270m` is built in")
    );
    assert!(!catalogue.find("gemma-3-270m").unwrap().is_users);
    let meant = same.replace("size_bytes", "replaces_builtin = true\nsize_bytes");
    let (catalogue, problems) = with_user(&meant);
    assert_eq!(problems, []);
    assert!(catalogue.find("gemma-3-270m").unwrap().is_users);
    assert_eq!(
        catalogue
            .default_for(Role::Completion, "zh")
            .unwrap()
            .name
            .as_str(),
        "gemma-3-270m"
    );
}

#[test]
fn a_bad_entry_is_one_problem_and_the_others_count() {
    let bad = [
        (r#""mine""#, r#""../mine""#),
        (r#""mine""#, r#""Mine""#),
        (r#""qwen3""#, r#""inkwell""#),
        (r#""qwen3""#, r#""bert""#),
        (r#"["en", "zh"]"#, "[]"),
        (r#"["en", "zh"]"#, r#"["english"]"#),
        (r#"["completion"]"#, r#"["cooking"]"#),
        (r#"spdx = "MIT""#, r#"terms = "unknown""#),
        ("size_bytes = 1_000", "size_bytes = 0"),
        ("size_bytes = 1_000", "size_bytes = -1"),
        (r#"sha256 = "b179"#, r#"sha256 = "z179"#),
        ("sha256", "extra = 1\nsha256"),
        ("sha256", "draft = \"mine\"\nsha256"),
        ("sha256", "draft = \"../good\"\nsha256"),
        (
            r#"url = "https://example.org/ink.gguf""#,
            r#"url = "file:///etc/passwd""#,
        ),
        (
            r#"url = "https://example.org/ink.gguf""#,
            r#"url = "https://example.org/a b""#,
        ),
        (
            r#"{ kind = "url", url = "https://example.org/ink.gguf" }"#,
            r#"{ kind = "path", path = "a" }"#,
        ),
        (
            r#"{ kind = "url", url = "https://example.org/ink.gguf" }"#,
            "",
        ),
        (
            r#"{ kind = "url", url = "https://example.org/ink.gguf" }"#,
            r#"{ kind = "wheel", parts = [{ package = "--index-url=x", version = "1", member = "m" }] }"#,
        ),
        (
            r#"{ kind = "url", url = "https://example.org/ink.gguf" }"#,
            r#"{ kind = "wheel", parts = [{ package = "p", version = "1", member = "../m" }] }"#,
        ),
        (
            r#"{ kind = "url", url = "https://example.org/ink.gguf" }"#,
            r#"{ kind = "hub", repo = "a/../b", file = "f", revision = "main" }"#,
        ),
    ];
    for (from, to) in bad {
        let broken = entry().replace(from, to);
        assert_ne!(broken, entry(), "{from}");
        let text = format!("{broken}\n{}", entry().replace("\"mine\"", "\"good\""));
        let (catalogue, problems) = with_user(&text);
        assert_eq!(problems.len(), 1, "{to}: {problems:?}");
        assert_eq!(problems[0].line, Some(2), "{to}");
        assert!(catalogue.find("good").is_ok(), "{to}");
        assert!(catalogue.find("mine").is_err(), "{to}");
    }
}

#[test]
fn a_model_without_a_hash_comes_from_a_hub_only() {
    let hash = r#"sha256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53""#;
    let (_, problems) = with_user(&entry().replace(hash, ""));
    assert!(problems[0].message.contains("sha256"), "{problems:?}");
    let hub = entry().replace(hash, "").replace(
        r#"{ kind = "url", url = "https://example.org/ink.gguf" }"#,
        r#"{ kind = "hub", repo = "me/ink-GGUF", file = "ink.gguf", revision = "main" }"#,
    );
    assert_eq!(with_user(&hub).1, []);
}

#[test]
fn a_name_twice_in_one_file_counts_once() {
    let (catalogue, problems) = with_user(&format!("{}{}", entry(), entry()));
    assert_eq!(problems.len(), 1);
    assert!(problems[0].message.contains("twice"));
    assert_eq!(
        catalogue
            .entries()
            .iter()
            .filter(|entry| entry.name.as_str() == "mine")
            .count(),
        1
    );
}

#[test]
fn a_file_that_is_not_toml_or_too_large_is_one_problem() {
    let (catalogue, problems) = with_user("[[model]]\nname = \n");
    assert_eq!((catalogue, problems.len()), (Catalogue::builtin(), 1));
    assert_eq!(problems[0].line, Some(2));
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().to_str().unwrap().to_owned();
    let directories =
        Directories::from_lookup(|name| (name == "INKSTONE_HOME").then(|| home.clone().into()))
            .unwrap();
    assert_eq!(
        Catalogue::load(&directories),
        (Catalogue::builtin(), vec![])
    );
    directories.ensure_private().unwrap();
    std::fs::write(
        directories.user_catalogue_file(),
        "#".repeat(1024 * 1024 + 1),
    )
    .unwrap();
    let (catalogue, problems) = Catalogue::load(&directories);
    assert_eq!(catalogue, Catalogue::builtin());
    assert!(problems[0].message.contains("more than"), "{problems:?}");
    std::fs::write(directories.user_catalogue_file(), entry()).unwrap();
    assert!(Catalogue::load(&directories).0.find("mine").is_ok());
}

proptest! {
    #[test]
    fn any_text_is_read_without_a_panic(text in "\\PC{0,200}") {
        let (catalogue, _) = with_user(&text);
        prop_assert!(catalogue.entries().len() >= Catalogue::builtin().entries().len());
    }
}
