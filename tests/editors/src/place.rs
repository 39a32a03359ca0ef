//! Where the editors under test are, and where our extensions.

use std::env;
use std::path::PathBuf;

use inkstone_test_support::workspace_root;

/// The editors that `fetch.sh` provides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EditorProgram {
    /// Neovim 0.12 or newer, which draws suggestions itself.
    Neovim,
    /// Neovim 0.11, where the plugin draws them.
    OldNeovim,
    /// Helix.
    Helix,
}

impl EditorProgram {
    /// Its file.
    ///
    /// # Panics
    /// When it was not fetched.
    pub fn path(self) -> PathBuf {
        let name = match self {
            Self::Neovim => "nvim",
            Self::OldNeovim => "nvim-0.11",
            Self::Helix => "hx",
        };
        let path = editors_dir().join(name);
        assert!(
            path.is_file(),
            "the editor {} is missing; run: make test (or set INKSTONE_TEST_EDITORS)",
            path.display()
        );
        path
    }
}

fn editors_dir() -> PathBuf {
    if let Some(dir) = env::var_os("INKSTONE_TEST_EDITORS") {
        return PathBuf::from(dir);
    }
    let cache = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache =
        cache.or_else(|| env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")));
    let Some(cache) = cache else {
        panic!("no home directory to find the editors in; set INKSTONE_TEST_EDITORS")
    };
    cache.join("inkstone/editors/bin")
}

/// The folder of one of our extensions.
pub fn extension(name: &str) -> PathBuf {
    workspace_root().join("extensions").join(name)
}
