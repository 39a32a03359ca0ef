//! Where the tests find what they do not contain: binaries, model files, corpora.
//!
//! Each has an environment variable, a default, and a panic that names the remedy. Nothing here
//! builds or fetches: `make test` does that before it runs the tests.

use std::env;
use std::path::{Path, PathBuf};

/// The root of the workspace that this crate was built in.
///
/// # Panics
/// When the source tree is laid out differently than this crate assumes.
pub fn workspace_root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .unwrap_or_else(|| panic!("tests/support does not lie two folders below the workspace"))
}

/// A built binary of ours, by name: `inkstone`, `inkstoned`, `inkstone-lsp`.
///
/// Looked for in `INKSTONE_BIN_DIR`, else `$CARGO_TARGET_DIR/release`, else `target/release`.
///
/// # Panics
/// When it is not there; the tests never run a binary of the machine's own by mistake.
pub fn bin(name: &str) -> PathBuf {
    let path = bin_dir().join(format!("{name}{}", env::consts::EXE_SUFFIX));
    assert!(
        path.is_file(),
        "the binary {} is not built; run: cargo build --release --bins (or set INKSTONE_BIN_DIR)",
        path.display()
    );
    path
}

fn bin_dir() -> PathBuf {
    if let Some(dir) = env::var_os("INKSTONE_BIN_DIR") {
        return PathBuf::from(dir);
    }
    // Cargo takes a relative target directory from where it was called: the workspace root.
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
    workspace_root().join(target).join("release")
}

/// The folder with the model files that the tests run on.
///
/// `INKSTONE_TEST_MODELS`, else the user's `~/.cache/inkstone/models`, where `make test` puts them.
///
/// # Panics
/// When there is no such folder.
pub fn test_models() -> PathBuf {
    let dir = env::var_os("INKSTONE_TEST_MODELS").map_or_else(default_test_models, PathBuf::from);
    assert!(
        dir.is_dir(),
        "the test models are not at {}; run: make test (or set INKSTONE_TEST_MODELS)",
        dir.display()
    );
    dir
}

/// One of the test models by its name in the catalogue, or none where the test should skip.
///
/// A missing one prints the reason, so that a skip is seen with `--nocapture`.
///
/// # Panics
/// When it is missing and `CI` is set: there a skip would hide that nothing was tested.
pub fn test_model_if_there(name: &str) -> Option<PathBuf> {
    let dir = env::var_os("INKSTONE_TEST_MODELS").map_or_else(default_test_models, PathBuf::from);
    let path = dir.join(format!("{name}.gguf"));
    if path.is_file() {
        return Some(path);
    }
    let reason = format!(
        "no model {}; run: make test (or set INKSTONE_TEST_MODELS)",
        path.display()
    );
    assert!(env::var_os("CI").is_none(), "{reason}");
    eprintln!("skipped: {reason}");
    None
}

fn default_test_models() -> PathBuf {
    let home = env::var_os("HOME").or_else(|| env::var_os("USERPROFILE"));
    let Some(home) = home else {
        panic!("no home directory to find the test models in; set INKSTONE_TEST_MODELS")
    };
    PathBuf::from(home).join(".cache/inkstone/models")
}

/// The corpora, or none where the test should skip.
///
/// `INKSTONE_CORPORA`, else `../shared/corpora` from the workspace's root. A missing corpus
/// prints the reason, so that a skip is seen with `--nocapture`.
///
/// # Panics
/// When they are missing and `CI` is set: there a skip would hide that nothing was tested.
pub fn corpora() -> Option<PathBuf> {
    let dir = env::var_os("INKSTONE_CORPORA")
        .map_or_else(|| workspace_root().join("../shared/corpora"), PathBuf::from);
    if dir.is_dir() {
        return Some(dir);
    }
    let reason = format!("no corpora at {}; set INKSTONE_CORPORA", dir.display());
    assert!(env::var_os("CI").is_none(), "{reason}");
    eprintln!("skipped: {reason}");
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workspace_root_holds_the_lock_file() {
        assert!(workspace_root().join("Cargo.lock").is_file());
    }

    #[test]
    #[should_panic(expected = "cargo build --release --bins")]
    fn a_binary_that_is_not_built_says_how_to_build_it() {
        bin("inkstone-of-no-such-name");
    }
}
