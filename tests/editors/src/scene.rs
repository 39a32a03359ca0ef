//! A private home with a document in it, and the environment that an editor gets there.
//!
//! Nothing of the person who runs the tests reaches the editor: neither configuration nor data.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use inkstone_test_support::{ENGLISH_MODEL, Home, PATIENT_SETTINGS, bin};

/// A home and a document.
#[derive(Debug)]
pub struct Scene {
    /// The home.
    pub home: Home,
    document: PathBuf,
}

impl Scene {
    /// A Markdown document in a home with the default model.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn new(text: &str) -> Self {
        Self::with_models(text, &[ENGLISH_MODEL])
    }

    /// A Markdown document in a home with these models.
    ///
    /// # Panics
    /// When it cannot be written or a model file is missing.
    pub fn with_models(text: &str, models: &[&str]) -> Self {
        let home = Home::with_models(models);
        home.write_config(PATIENT_SETTINGS);
        let document = home.scratch().join("document.md");
        write(&document, text);
        Self { home, document }
    }

    /// The document's file.
    pub fn document(&self) -> &Path {
        &self.document
    }

    /// What the file holds now; none at the instant at which an editor replaces it.
    pub fn saved_text(&self) -> Option<String> {
        fs::read_to_string(&self.document).ok()
    }

    /// Writes a file of the editor's configuration.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn write_config(&self, relative: &str, text: &str) -> PathBuf {
        let file = self.home.scratch().join("config").join(relative);
        write(&file, text);
        file
    }

    /// A command with this scene's environment: our programs first on PATH, a home and
    /// configuration of its own, UTF-8, no settings from outside.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        for (variable, _) in std::env::vars_os() {
            let name = variable.to_string_lossy();
            if ["INKSTONE_", "NVIM", "VIM", "HELIX_", "TMUX"]
                .iter()
                .any(|start| name.starts_with(start))
            {
                command.env_remove(&variable);
            }
        }
        let base = self.home.scratch();
        let programs = bin("inkstone-lsp");
        let mut path = programs.parent().unwrap_or(base).as_os_str().to_owned();
        path.push(":");
        path.push(std::env::var_os("PATH").unwrap_or_default());
        command
            .env("PATH", path)
            .env("LC_ALL", "C.UTF-8")
            .env("INKSTONE_HOME", self.home.root())
            .env("INKSTONE_MODELS", self.home.models())
            .env("XDG_CONFIG_HOME", base.join("config"))
            .env("XDG_DATA_HOME", base.join("data"))
            .env("XDG_STATE_HOME", base.join("state"))
            .env("XDG_CACHE_HOME", base.join("cache"))
            .current_dir(base);
        command
    }
}

fn write(file: &Path, text: &str) {
    let folder = file.parent().unwrap_or(file);
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(file, text))
        .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
}
