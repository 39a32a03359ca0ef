//! What the tests of fetching share: a home, tiny models, a web server on this machine, ears for the
//! progress.

#![allow(dead_code, reason = "each test file uses its part")]

pub(crate) mod server;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use inkstone_fetch::{
    Consent, FetchEnvironment, FetchError, Fetcher, Pace, Phase, Progress, Pulled,
};
use inkstone_models::gguf::build::tiny_model;
use inkstone_models::{Catalogue, CatalogueEntry, Registry, Sha256, Source, Terms};
use inkstone_settings::Directories;

/// A home of its own, and surroundings without the network.
pub(crate) struct Place {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) directories: Directories,
    pub(crate) registry: Registry,
    pub(crate) environment: FetchEnvironment,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self::at(tempfile::tempdir().unwrap())
    }

    pub(crate) fn at(folder: tempfile::TempDir) -> Self {
        let home = folder.path().join("home");
        let directories = Directories::from_lookup(|variable| {
            (variable == "INKSTONE_HOME").then(|| home.clone().into())
        })
        .unwrap();
        directories.ensure_private().unwrap();
        let registry = Registry::of(&directories);
        let mut environment = FetchEnvironment::from_lookup(|_| None);
        environment.retry_wait = Duration::from_millis(1);
        // Nobody listens there: a test that forgets its hub fails at once.
        "http://127.0.0.1:9".clone_into(&mut environment.hub);
        Self {
            folder,
            directories,
            registry,
            environment,
        }
    }

    /// Pulls with the terms accepted.
    pub(crate) fn pull(&self, entry: &CatalogueEntry) -> Result<Pulled, FetchError> {
        self.pull_heard(entry, &mut Heard::default())
    }

    pub(crate) fn pull_heard(
        &self,
        entry: &CatalogueEntry,
        heard: &mut Heard,
    ) -> Result<Pulled, FetchError> {
        Fetcher::new(&self.registry, &self.environment, heard).pull(entry, Consent::Given)
    }

    /// Names of all files in the models directory, hidden ones too.
    pub(crate) fn files(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(self.registry.directory())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// Remembers what a pull told.
#[derive(Default)]
pub(crate) struct Heard {
    pub(crate) phases: Vec<String>,
    pub(crate) paces: Vec<Pace>,
    pub(crate) failures: Vec<String>,
    pub(crate) terms: Vec<String>,
}

impl Progress for Heard {
    fn phase(&mut self, phase: Phase<'_>) {
        self.phases.push(format!("{phase:?}"));
    }

    fn pace(&mut self, pace: Pace) {
        self.paces.push(pace);
    }

    fn accepted(&mut self, terms: &Terms) {
        self.terms.push(terms.text.clone());
    }

    fn source_failed(&mut self, source: &Source, error: &FetchError) {
        self.failures.push(format!("{source}: {error}"));
    }
}

/// The bytes of a model that passes every check, padded by weights that do not compress.
pub(crate) fn model_bytes(architecture: &str, weights: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let data: Vec<u8> = (0..weights * 4)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        })
        .collect();
    let f32 = inkstone_models::gguf::GgmlType::F32;
    tiny_model(architecture)
        .tensor("weights", &[weights as u64], f32, data)
        .finish()
}

/// A catalogue entry for some bytes.
pub(crate) fn entry(bytes: &[u8], sources: &str) -> CatalogueEntry {
    entry_with(&format!(
        "size_bytes = {}\nsha256 = \"{}\"\nlicence = {{ spdx = \"MIT\" }}\nsources = [{sources}]",
        bytes.len(),
        Sha256::of(bytes)
    ))
}

/// A catalogue entry with what differs.
pub(crate) fn entry_with(rest: &str) -> CatalogueEntry {
    let text = format!(
        "[[model]]\nname = \"tiny\"\narchitecture = \"llama\"\nlanguages = [\"en\"]\nroles = [\"completion\"]\n{rest}\n"
    );
    let mut catalogue = Catalogue::builtin();
    let problems = catalogue.extend_by_user(Path::new("catalogue.toml"), &text);
    assert_eq!(problems, [], "{text}");
    catalogue.find("tiny").unwrap().clone()
}
