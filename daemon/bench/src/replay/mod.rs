//! `inkstone bench replay`: documents played through the real language server, to see whether what
//! is suggested is what was written.
//!
//! Fixed seed, real daemon, a home of its own. Called by the command line. In reading order:
//! [`corpus`] (documents), [`words`], [`carets`] (where to ask), [`desk`] (a document in the
//! server), what is measured: [`points`], [`typing`]; [`curve`] and [`report`].

mod carets;
mod corpus;
mod curve;
mod desk;
mod points;
pub mod report;
mod typing;
mod words;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use inkstone_prose::Language;
pub use report::{LanguageReport, ReplayReport};

use crate::error::BenchError;
use crate::observer::DEADLINE_MS;
use crate::stage::{ModelFile, Setting, Stage};
use corpus::Document;
use points::Point;

/// Seed of every choice, so that two runs ask at the same carets.
pub const SEED: u64 = 0x1245_7057_04e0;

/// What is played with what.
#[derive(Debug, Clone)]
pub struct ReplayOptions {
    /// The folder with `inkstone`, `inkstoned` and `inkstone-lsp`.
    pub binaries: PathBuf,
    /// A folder of documents, or one.
    pub corpus: PathBuf,
    /// The model of each language: tag, name, file.
    pub models: Vec<LanguageModel>,
    /// Carets of each place and language.
    pub points: usize,
    /// Passages of each language.
    pub passages: usize,
    /// The gate's preset.
    pub preset: String,
    /// Tokens of text before the caret that the model reads at most.
    pub prompt_tokens: u32,
    /// Threads that decode.
    pub threads: u32,
    /// Where to write each caret that was asked at without the gate, as a line of JSON: what the
    /// weights of the score are fitted on. It holds no text.
    pub points_file: Option<PathBuf>,
}

/// Which model serves a language.
#[derive(Debug, Clone)]
pub struct LanguageModel {
    /// `en` or `zh`.
    pub language: String,
    /// The model's name.
    pub model: String,
    /// Its file.
    pub file: PathBuf,
}

/// Plays the documents. `progress` is told what is being done.
pub fn run(
    options: &ReplayOptions,
    progress: &mut dyn FnMut(&str),
) -> Result<ReplayReport, BenchError> {
    let documents = corpus::read(&options.corpus)?;
    let mut languages = BTreeMap::new();
    for language in [Language::English, Language::Chinese] {
        let tag = language.tag();
        let of_language: Vec<&Document> = documents
            .iter()
            .filter(|document| document.language == language)
            .collect();
        let is_served = options.models.iter().any(|model| model.language == tag);
        if !of_language.is_empty() && is_served {
            let report = play(options, tag, &of_language, progress)?;
            languages.insert(tag.to_owned(), report);
        }
    }
    if languages.is_empty() {
        return Err(BenchError::NoDocuments {
            path: options.corpus.clone(),
        });
    }
    let models = options.models.iter();
    Ok(ReplayReport {
        preset: options.preset.clone(),
        models: models
            .map(|model| (model.language.clone(), model.model.clone()))
            .collect(),
        seed: SEED,
        languages,
    })
}

fn play(
    options: &ReplayOptions,
    tag: &str,
    documents: &[&Document],
    progress: &mut dyn FnMut(&str),
) -> Result<LanguageReport, BenchError> {
    let carets = carets::choose(documents, options.points, SEED);
    let mut told = |doing: &str| progress(&format!("{tag}: {doing}"));
    let gated = {
        let stage = stage(options, &options.preset)?;
        let points = points::measure(&stage, documents, &carets, &mut told)?;
        let typed = typing::measure(&stage, documents, options.passages, &mut told)?;
        (points, typed)
    };
    let ungated = if options.preset == UNGATED {
        gated.0.clone()
    } else {
        told("the same points without the gate");
        points::measure(&stage(options, UNGATED)?, documents, &carets, &mut told)?
    };
    if let Some(file) = &options.points_file {
        append_points(file, tag, &ungated)?;
    }
    let (points, typed) = gated;
    Ok(LanguageReport::new(
        documents.len(),
        &points,
        &ungated,
        &typed,
    ))
}

fn append_points(file: &Path, tag: &str, points: &[Point]) -> Result<(), BenchError> {
    let unwritable = |source| BenchError::Home {
        path: file.to_owned(),
        source,
    };
    let mut lines = String::new();
    for point in points {
        let line = serde_json::json!({ "language": tag, "point": point });
        // Writing to a string cannot fail.
        let _infallible = writeln!(lines, "{line}");
    }
    let mut options = std::fs::OpenOptions::new();
    let opened = options.create(true).append(true).open(file);
    opened
        .and_then(|mut opened| opened.write_all(lines.as_bytes()))
        .map_err(unwritable)
}

/// The preset that shows whatever passes the other checks.
const UNGATED: &str = "all";

fn stage(options: &ReplayOptions, preset: &str) -> Result<Stage, BenchError> {
    let models: Vec<ModelFile> = options
        .models
        .iter()
        .map(|model| (model.model.clone(), model.file.clone()))
        .collect();
    let mut stage = Stage::new(Setting {
        binaries: &options.binaries,
        models: &models,
        settings: &settings(options, preset),
    })?;
    stage.start_editor()?;
    Ok(stage)
}

fn settings(options: &ReplayOptions, preset: &str) -> String {
    let mut settings = format!(
        "[completion]\ndeadline_ms = {DEADLINE_MS}\npreset = \"{preset}\"\nprompt_tokens = {}\n\n\
         [engine]\nthreads = {}\n\n[model.completion]\n",
        options.prompt_tokens, options.threads
    );
    for model in &options.models {
        // Writing to a string cannot fail.
        let _infallible = writeln!(settings, "{} = \"{}\"", model.language, model.model);
    }
    settings
}
