//! The catalogue against the real files: what it says of them is what they are.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a test fails"
)]

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use inkstone_models::{Catalogue, Hasher, registry};

/// The folder with the test models, as the tests of the whole project find it.
fn test_models() -> PathBuf {
    match std::env::var_os("INKSTONE_TEST_MODELS") {
        Some(folder) => folder.into(),
        None => PathBuf::from(std::env::var_os("HOME").unwrap_or_default())
            .join(".cache/inkstone/models"),
    }
}

fn hash(path: &Path) -> String {
    let (mut file, mut hasher, mut chunk) = (
        File::open(path).unwrap(),
        Hasher::default(),
        vec![0; 1 << 20],
    );
    loop {
        match file.read(&mut chunk).unwrap() {
            0 => return hasher.finish().to_string(),
            read_bytes => hasher.update(&chunk[..read_bytes]),
        }
    }
}

#[test]
fn size_hash_and_architecture_are_those_of_the_files() {
    for name in ["smollm2-135m-instruct", "gemma-3-270m"] {
        let catalogue = Catalogue::builtin();
        let entry = catalogue.find(name).unwrap();
        let path = test_models().join(format!("{name}.gguf"));
        if !path.is_file() {
            assert!(
                std::env::var_os("CI").is_none(),
                "{} is missing",
                path.display()
            );
            println!(
                "skipped: {} is missing; `make test` fetches it",
                path.display()
            );
            continue;
        }
        let summary = registry::inspect(&path).unwrap();
        assert_eq!(summary.architecture, entry.architecture);
        assert_eq!(path.metadata().unwrap().len(), entry.size_bytes);
        assert_eq!(hash(&path), entry.sha256.unwrap().to_string());
        let is_smollm = name.starts_with("smollm2");
        assert_eq!(
            summary.quantization,
            if is_smollm { "Q4_1" } else { "Q4_K_M" }
        );
        assert_eq!(summary.has_chat_template, is_smollm);
        assert_eq!(
            summary.context_tokens,
            if is_smollm { 8_192 } else { 32_768 }
        );
    }
}
