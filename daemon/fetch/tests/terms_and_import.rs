//! Terms are accepted before anything is fetched; files of this machine are imported by copy.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a test fails"
)]

mod support;

use std::fs;
use std::path::Path;

use inkstone_fetch::{Consent, FetchError, Fetcher};
use inkstone_models::{InstalledModel, ModelName, Sha256};
use support::server::Server;
use support::{Heard, Place, entry_with, model_bytes};

fn import(place: &Place, file: &Path, name: Option<&str>) -> Result<InstalledModel, FetchError> {
    let mut heard = Heard::default();
    let name = name.map(|name| name.parse::<ModelName>().unwrap());
    Fetcher::new(&place.registry, &place.environment, &mut heard).import(file, name)
}

#[test]
fn terms_are_asked_for_before_the_network_is_and_the_consent_is_kept() {
    let bytes = model_bytes("llama", 10);
    let (place, server) = (Place::new(), Server::start(bytes.clone(), vec![]));
    let entry = entry_with(&format!(
        "size_bytes = {}\nsha256 = \"{}\"\nlicence = {{ terms = \"gemma\" }}\nsources = [{{ kind = \"url\", url = \"{}\" }}]",
        bytes.len(),
        Sha256::of(&bytes),
        server.url()
    ));
    let mut heard = Heard::default();
    let refused = Fetcher::new(&place.registry, &place.environment, &mut heard)
        .pull(&entry, Consent::NotGiven);
    let Err(FetchError::LicenceNotAccepted { terms, .. }) = refused else {
        panic!("{refused:?}")
    };
    assert!(terms.text.contains("Gemma Terms of Use"));
    assert!(server.asked().is_empty());
    let pulled = place.pull(&entry).unwrap();
    let accepted = pulled
        .model()
        .record
        .as_ref()
        .unwrap()
        .accepted
        .as_ref()
        .unwrap();
    assert_eq!(accepted.text_sha256, terms.text_sha256());
    assert!(accepted.accepted_at_unix_s > 1_700_000_000);
    let sidecar = fs::read_to_string(place.registry.directory().join("tiny.toml")).unwrap();
    assert!(sidecar.contains("Gemma Terms of Use"), "{sidecar}");
}

#[test]
fn an_imported_file_takes_the_name_of_its_file_or_the_one_given() {
    let place = Place::new();
    let file = place.path("My Model.Q4_0.gguf");
    fs::write(&file, model_bytes("qwen3", 10)).unwrap();
    assert_eq!(
        import(&place, &file, None).unwrap().name.as_str(),
        "my-model.q4_0"
    );
    let named = import(&place, &file, Some("mine")).unwrap();
    assert_eq!(named.summary.architecture, "qwen3");
    assert_eq!(fs::read(named.path).unwrap(), fs::read(&file).unwrap());
    assert!(matches!(
        import(&place, &file, Some("mine")),
        Err(FetchError::NameTaken { .. })
    ));
    let unnamed = place.path("砚.gguf");
    fs::write(&unnamed, model_bytes("qwen3", 10)).unwrap();
    assert!(matches!(
        import(&place, &unnamed, None),
        Err(FetchError::NoName { .. })
    ));
    assert!(import(&place, &unnamed, Some("yan")).is_ok());
}

#[test]
fn a_file_that_cannot_be_used_is_refused_and_leaves_nothing() {
    let place = Place::new();
    let whole = model_bytes("llama", 1_000);
    let cases = [
        ("cut.gguf", whole[..whole.len() - 1].to_vec(), "truncated"),
        ("page.gguf", b"<html>".to_vec(), "not a GGUF"),
        ("strange.gguf", model_bytes("inkwell", 1), "inkwell"),
        ("empty.gguf", Vec::new(), "truncated"),
        ("embeds.gguf", model_bytes("bert", 1), "continue texts"),
        ("loud.gguf", model_bytes("\u{1b}[2J", 1), r"`\u{1b}[2J`"),
    ];
    for (name, bytes, expected) in cases {
        let file = place.path(name);
        fs::write(&file, bytes).unwrap();
        let error = import(&place, &file, None).unwrap_err().to_string();
        assert!(error.contains(expected), "{name}: {error}");
        assert!(error.contains(file.to_str().unwrap()), "{name}: {error}");
    }
    assert_eq!(place.files(), Vec::<String>::new());
}

#[cfg(unix)]
#[test]
fn what_is_no_readable_file_is_named_with_its_path_and_never_waited_for() {
    let place = Place::new();
    let pipe = place.path("pipe.gguf");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    for (file, why) in [
        (place.path("missing.gguf"), "No such file"),
        (place.folder.path().to_owned(), "not a regular file"),
        (pipe, "not a regular file"),
    ] {
        let error = import(&place, &file, Some("mine")).unwrap_err();
        assert!(matches!(error, FetchError::Unreadable { .. }), "{error}");
        let message = error.to_string();
        assert!(message.contains(file.to_str().unwrap()), "{message}");
        assert!(message.contains(why), "{message}");
        assert!(message.contains("check the path"), "{message}");
    }
    assert_eq!(place.files(), Vec::<String>::new());
}

#[test]
fn a_damaged_file_of_the_name_is_replaced_by_an_import() {
    let place = Place::new();
    let file = place.path("whole.gguf");
    fs::write(&file, model_bytes("llama", 100)).unwrap();
    let path = import(&place, &file, Some("mine")).unwrap().path;
    fs::write(&path, &fs::read(&file).unwrap()[..1_000]).unwrap();
    import(&place, &file, Some("mine")).unwrap();
    assert_eq!(fs::read(&path).unwrap(), fs::read(&file).unwrap());
}

#[test]
fn a_word_given_in_advance_has_the_terms_shown() {
    let bytes = model_bytes("llama", 10);
    let entry = entry_with(&format!(
        "size_bytes = {}\nsha256 = \"{}\"\nlicence = {{ terms = \"gemma\" }}\nsources = [{{ kind = \"path\", path = \"/nowhere\" }}]",
        bytes.len(),
        Sha256::of(&bytes),
    ));
    let place = Place::new();
    for (consent, shown) in [(Consent::InAdvance, 1), (Consent::Given, 0)] {
        let mut heard = Heard::default();
        Fetcher::new(&place.registry, &place.environment, &mut heard)
            .pull(&entry, consent)
            .unwrap_err();
        assert_eq!(heard.terms.len(), shown);
        assert!(heard.terms.iter().all(|text| text.contains("Gemma")));
    }
}
