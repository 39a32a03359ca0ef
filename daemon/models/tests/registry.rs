//! The registry: what is found, what is published whole, what is not removed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a test fails"
)]

use std::fs;
use std::path::{Path, PathBuf};

use inkstone_gguf::build::{GgufBuilder, tiny_model};
use inkstone_models::{
    ModelError, ModelName, Origin, Record, Registry, Remedy, Sha256, Unusable, registry,
};
use inkstone_settings::{Directories, Loaded, Settings};

/// A home, an extra directory of models, and the registry over both.
struct Place {
    _folder: tempfile::TempDir,
    registry: Registry,
    extra: PathBuf,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (home, extra) = (folder.path().join("home"), folder.path().join("模型"));
        fs::create_dir(&extra).unwrap();
        let directories = Directories::from_lookup(|variable| match variable {
            "INKSTONE_HOME" => Some(home.clone().into()),
            "INKSTONE_MODELS" => Some(extra.clone().into()),
            _ => None,
        })
        .unwrap();
        directories.ensure_private().unwrap();
        Self {
            _folder: folder,
            registry: Registry::of(&directories),
            extra,
        }
    }

    /// Publishes a tiny model, as a pull does.
    fn publish(&self, name: &str, architecture: &str) {
        let staged = self.registry.directory().join(".staged");
        let bytes = tiny_model(architecture).finish();
        fs::write(&staged, &bytes).unwrap();
        let record = Record {
            sha256: Sha256::of(&bytes),
            size_bytes: bytes.len() as u64,
            source: "test".to_owned(),
            imported_at_unix_s: 1,
            licence: Some("MIT".to_owned()),
            accepted: None,
            model: registry::inspect(&staged).unwrap(),
        };
        self.registry
            .publish(&staged, &name_of(name), record)
            .unwrap();
    }

    fn names(&self) -> Vec<String> {
        self.registry
            .list()
            .iter()
            .map(|listed| listed.name.to_string())
            .collect()
    }
}

fn name_of(text: &str) -> ModelName {
    text.parse().unwrap()
}

fn files(directory: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_published_model_is_resolved_with_its_description() {
    let place = Place::new();
    place.publish("mine", "llama");
    let model = place.registry.resolve("mine").unwrap();
    assert_eq!(model.summary.architecture, "llama");
    assert_eq!(model.record.unwrap().licence.as_deref(), Some("MIT"));
    assert_eq!(
        files(place.registry.directory()),
        ["mine.gguf", "mine.toml"]
    );
    place.publish("mine", "gemma3");
    assert_eq!(
        place.registry.resolve("mine").unwrap().summary.architecture,
        "gemma3"
    );
}

#[test]
fn a_model_that_is_missing_names_the_command_that_gets_it() {
    let error = Place::new().registry.resolve("gemma-3-270m").unwrap_err();
    assert!(matches!(&error, ModelError::NotInstalled { .. }));
    assert!(
        error
            .to_string()
            .ends_with("run: inkstone model pull gemma-3-270m"),
        "{error}"
    );
    assert!(Place::new().registry.resolve("../etc/passwd").is_err());
}

#[test]
fn the_extra_directory_needs_no_descriptions_and_own_models_come_first() {
    let place = Place::new();
    fs::write(
        place.extra.join("Other Model.Q4_0.gguf"),
        tiny_model("qwen3").finish(),
    )
    .unwrap();
    fs::write(place.extra.join("mine.gguf"), tiny_model("qwen3").finish()).unwrap();
    fs::write(place.extra.join("notes.txt"), "no model").unwrap();
    fs::create_dir(place.extra.join("folder.gguf")).unwrap();
    let other = place.registry.resolve("other-model.q4_0").unwrap();
    assert_eq!((other.origin, other.record), (Origin::Extra, None));
    assert_eq!(other.summary.architecture, "qwen3");
    place.publish("mine", "llama");
    assert_eq!(
        place.registry.resolve("mine").unwrap().summary.architecture,
        "llama"
    );
    assert_eq!(place.names(), ["mine", "other-model.q4_0"]);
}

#[test]
fn a_description_that_does_not_fit_its_file_does_not_count() {
    let place = Place::new();
    place.publish("mine", "llama");
    fs::write(
        place.registry.file_of(&name_of("mine")),
        tiny_model("command-r").finish(),
    )
    .unwrap();
    let model = place.registry.resolve("mine").unwrap();
    assert_eq!(
        (model.summary.architecture.as_str(), model.record),
        ("command-r", None)
    );
    fs::write(place.registry.directory().join("mine.toml"), "sha256 = 毁").unwrap();
    assert!(place.registry.resolve("mine").is_ok());
}

#[test]
fn a_damaged_file_is_listed_with_what_is_wrong_and_hides_no_other() {
    let place = Place::new();
    place.publish("good", "llama");
    let whole = tiny_model("llama").finish();
    fs::write(
        place.registry.directory().join("cut.gguf"),
        &whole[..whole.len() / 2],
    )
    .unwrap();
    fs::write(
        place.registry.directory().join("strange.gguf"),
        tiny_model("inkwell").finish(),
    )
    .unwrap();
    let listed = place.registry.list();
    let problem = |name: &str| {
        let found = listed
            .iter()
            .find(|listed| listed.name.as_str() == name)
            .unwrap();
        match found.model.as_ref().unwrap_err() {
            ModelError::Unusable { why, .. } => why,
            other => panic!("{other}"),
        }
    };
    assert!(matches!(problem("cut"), Unusable::Header(_)));
    assert!(
        problem("cut").to_string().contains("truncated"),
        "{}",
        problem("cut")
    );
    assert!(matches!(
        problem("strange"),
        Unusable::UnknownArchitecture { .. }
    ));
    assert!(listed.iter().any(|listed| listed.model.is_ok()));
}

#[test]
fn a_model_in_use_is_removed_only_by_force() {
    let place = Place::new();
    place.publish("mine", "llama");
    let mut loaded = Loaded::default();
    let text = "model.completion.en = \"mine\"\nmodel.rewrite.zh = \"mine\"";
    loaded.apply_file_text(
        inkstone_settings::Layer::User,
        Path::new("inkstone.toml"),
        text,
    );
    let error = place
        .registry
        .remove(&name_of("mine"), &loaded.settings, false)
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("serves completion of en, rewrite of zh"),
        "{error}"
    );
    let freed = place
        .registry
        .remove(&name_of("mine"), &loaded.settings, true)
        .unwrap();
    assert_eq!(freed, tiny_model("llama").finish().len() as u64);
    assert_eq!(files(place.registry.directory()), Vec::<String>::new());
}

#[test]
fn an_unused_model_is_removed_and_a_read_only_one_never() {
    let place = Place::new();
    place.publish("mine", "llama");
    place
        .registry
        .remove(&name_of("mine"), &Settings::default(), false)
        .unwrap();
    assert!(!place.registry.is_installed(&name_of("mine")));
    fs::write(
        place.extra.join("theirs.gguf"),
        tiny_model("llama").finish(),
    )
    .unwrap();
    let error = place
        .registry
        .remove(&name_of("theirs"), &Settings::default(), true)
        .unwrap_err();
    assert!(matches!(error, ModelError::ReadOnly { .. }));
    assert!(place.registry.is_installed(&name_of("theirs")));
    let error = place
        .registry
        .remove(&name_of("nothing"), &Settings::default(), true)
        .unwrap_err();
    assert!(matches!(error, ModelError::NothingToRemove { .. }));
}

#[test]
fn damage_that_keeps_the_size_is_found_by_who_verifies() {
    let place = Place::new();
    place.publish("mine", "llama");
    let file = place.registry.file_of(&name_of("mine"));
    let mut bytes = fs::read(&file).unwrap();
    bytes[..4].copy_from_slice(b"<htm");
    fs::write(&file, bytes).unwrap();
    assert!(place.registry.resolve("mine").is_ok(), "a listing is quick");
    let error = place.registry.verify("mine").unwrap_err();
    assert!(matches!(error, ModelError::Unusable { .. }), "{error}");
    place.publish("whole", "llama");
    let whole = place.registry.verify("whole").unwrap();
    assert!(whole.record.is_some() && whole.summary.architecture == "llama");
}

#[test]
fn the_remedy_is_a_command_that_works_for_the_name() {
    let place = Place::new();
    let pulled = place.registry.remedy_for(&name_of("gemma-3-270m"));
    assert_eq!(pulled, Remedy::Pull);
    for name in ["gemma-3-270m", "mine"] {
        let file = place.registry.file_of(&name_of(name));
        fs::write(file, "no model").unwrap();
    }
    let error = place.registry.resolve("mine").unwrap_err().to_string();
    let command = "run: inkstone model import FILE.gguf --name mine";
    assert!(error.ends_with(command), "{error}");
    let error = place.registry.verify("gemma-3-270m").unwrap_err();
    let command = "run: inkstone model pull gemma-3-270m";
    assert!(error.to_string().ends_with(command), "{error}");
    let error = place.registry.resolve("theirs").unwrap_err();
    assert!(
        error.to_string().contains("model import FILE.gguf"),
        "{error}"
    );
}

#[test]
fn what_writes_no_text_or_would_end_llama_cpp_is_no_model() {
    let place = Place::new();
    let problem = |name: &str, bytes: Vec<u8>| {
        fs::write(place.registry.file_of(&name_of(name)), bytes).unwrap();
        match place.registry.resolve(name).unwrap_err() {
            ModelError::Unusable { why, .. } => why,
            other => panic!("{other}"),
        }
    };
    let why = problem("embeds", tiny_model("bert").finish());
    assert!(matches!(why, Unusable::ContinuesNoText { .. }), "{why}");
    let twice = ["context_length", "embedding_length", "block_count"]
        .iter()
        .fold(GgufBuilder::new(), |builder, key| {
            builder.u32(&format!("llama.{key}"), 8)
        })
        .str("general.architecture", "llama")
        .str("tokenizer.ggml.model", "gpt2")
        .strings("tokenizer.ggml.merges", ["a b"])
        .strings("tokenizer.ggml.tokens", ["砚", "砚"])
        .finish();
    let why = problem("twice", twice);
    assert!(why.to_string().contains("are the same"), "{why}");
}

#[test]
fn a_description_too_long_to_be_read_again_is_not_written() {
    let place = Place::new();
    let staged = place.registry.directory().join(".staged");
    let bytes = tiny_model("llama").finish();
    fs::write(&staged, &bytes).unwrap();
    let record = Record {
        sha256: Sha256::of(&bytes),
        size_bytes: bytes.len() as u64,
        source: "x".repeat(70_000),
        imported_at_unix_s: 1,
        licence: None,
        accepted: None,
        model: registry::inspect(&staged).unwrap(),
    };
    let error = place
        .registry
        .publish(&staged, &name_of("mine"), record)
        .unwrap_err();
    assert!(matches!(error, ModelError::Describe { .. }), "{error}");
    assert!(!place.registry.is_installed(&name_of("mine")));
}

#[test]
fn a_draft_model_is_found_where_the_catalogue_has_a_pair_and_it_is_installed() {
    let place = Place::new();
    let draft_of = |name: &str| place.registry.draft_of(&name_of(name));
    assert_eq!(draft_of("gemma-3-1b-it"), None, "it is not installed");
    place.publish("gemma-3-270m", "gemma3");
    let (name, path) = draft_of("gemma-3-1b-it").unwrap();
    assert_eq!(name, name_of("gemma-3-270m"));
    assert_eq!(path, place.registry.file_of(&name));
    for alone in ["gemma-3-270m", "smollm2-135m-instruct", "mine"] {
        assert_eq!(draft_of(alone), None, "{alone}");
    }
}
