//! What a measurement is of: our programs, a model, and how many threads compute.

use std::path::PathBuf;

use inkstone_settings::Settings;

use crate::error::BenchError;
use crate::observer::DEADLINE_MS;
use crate::stage::{ModelFile, Setting, Stage};

/// What is measured with what.
#[derive(Debug, Clone)]
pub struct Subject {
    /// The folder with `inkstone`, `inkstoned` and `inkstone-lsp`.
    pub binaries: PathBuf,
    /// The model's name.
    pub model: String,
    /// The model's file.
    pub model_file: PathBuf,
    /// Threads that decode, on both sides of a comparison.
    pub threads: u32,
}

impl Subject {
    /// The longest suggestion in tokens in such a home: the setting's default.
    pub(crate) fn max_tokens() -> u32 {
        Settings::default().completion.max_tokens
    }

    /// A home in which the model serves every language and every suggestion is shown: the gate would
    /// hide most of them after they were computed.
    pub(crate) fn stage(&self) -> Result<Stage, BenchError> {
        self.stage_with("")
    }

    /// The same with further settings, TOML, whose first lines are of the engine's section.
    pub(crate) fn stage_with(&self, further: &str) -> Result<Stage, BenchError> {
        let models: [ModelFile; 1] = [(self.model.clone(), self.model_file.clone())];
        Stage::new(Setting {
            binaries: &self.binaries,
            models: &models,
            settings: &format!("{}{further}", self.settings()),
        })
    }

    /// Nothing is withheld, learned or waited for: what is measured is the making of suggestions.
    fn settings(&self) -> String {
        let Self { model, threads, .. } = self;
        format!(
            "[completion]\ndeadline_ms = {DEADLINE_MS}\nstop = \"sentence\"\npreset = \"all\"\n\
             learn_threshold = false\ndebounce_ms = 0\n\n\
             [model.completion]\nen = \"{model}\"\nzh = \"{model}\"\nund = \"{model}\"\n\n\
             [engine]\nthreads = {threads}\n"
        )
    }
}
