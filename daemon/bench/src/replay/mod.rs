//! `inkstone bench replay`: documents played through the real language server, to see whether what
//! is suggested is what was written.
//!
//! Fixed seed, real daemon, a home of its own. Called by the command line. In reading order:
//! [`corpus`] (documents), [`words`], [`random`], [`carets`] (where to ask), [`desk`] (a document in
//! the server), what is measured: [`points`], [`typing`]; [`curve`], [`report`] and [`table`].

mod carets;
mod corpus;
mod curve;
mod desk;
mod points;
mod random;
pub mod report;
mod table;
mod typing;
mod words;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use inkstone_platform::private::file_options;
use inkstone_prose::Language;
use inkstone_settings::Preset;
pub use report::{LanguageReport, ReplayReport};
use report::{PointsReport, TypingReport};
use serde::Serialize;

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
    /// What is measured.
    pub mode: Mode,
    /// Carets of each place and language.
    pub points: usize,
    /// Passages of each language.
    pub passages: usize,
    /// The gate's presets: the first for what has one number, each for what a writer gains.
    pub presets: Vec<Preset>,
    /// Tokens of text before the caret that the model reads at most.
    pub prompt_tokens: u32,
    /// Threads that decode.
    pub threads: u32,
    /// Where to add each caret as a line of JSON: what the weights of the score are fitted on. It
    /// holds words of the documents, so it is its owner's alone.
    pub points_file: Option<PathBuf>,
}

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Single carets.
    Points,
    /// Passages typed key by key.
    Typing,
    /// One after the other.
    Both,
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
        preset: options
            .presets
            .first()
            .map_or_else(String::new, |preset| preset.word().to_owned()),
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
    let mut told = |doing: &str| progress(&format!("{tag}: {doing}"));
    let preset = options.presets.first().copied().unwrap_or(UNGATED);
    let mut report = LanguageReport {
        documents: documents.len(),
        points: None,
        typing: None,
        typing_presets: BTreeMap::new(),
    };
    if options.mode != Mode::Typing {
        let carets = carets::choose(documents, options.points, SEED);
        let stage = stage(options, UNGATED, Some(POINT_TOKENS_MAX))?;
        let points = points::measure(&stage, documents, &carets, &mut told)?;
        if let Some(file) = &options.points_file {
            append_points(file, tag, &points)?;
        }
        report.points = Some(PointsReport::new(&points, preset));
    }
    if options.mode != Mode::Points {
        for preset in &options.presets {
            let stage = stage(options, *preset, None)?;
            let mut told = |doing: &str| told(&format!("{}, {doing}", preset.word()));
            let typed = typing::measure(&stage, documents, options.passages, &mut told)?;
            let typing = TypingReport::of(&typed);
            report.typing.get_or_insert_with(|| typing.clone());
            report
                .typing_presets
                .insert(preset.word().to_owned(), typing);
        }
    }
    Ok(report)
}

fn append_points(file: &Path, tag: &str, points: &[Point]) -> Result<(), BenchError> {
    let unwritable = |source| BenchError::Home {
        path: file.to_owned(),
        source,
    };
    let mut lines = String::new();
    for point in points {
        let line = serde_json::to_string(&Line {
            language: tag,
            point,
        });
        let line = line.map_err(|error| unwritable(error.into()))?;
        // Writing to a string cannot fail.
        let _infallible = writeln!(lines, "{line}");
    }
    let opened = file_options().append(true).open(file);
    opened
        .and_then(|mut opened| opened.write_all(lines.as_bytes()))
        .map_err(unwritable)
}

/// A point as a line of JSON.
#[derive(Serialize)]
struct Line<'a> {
    language: &'a str,
    #[serde(flatten)]
    point: &'a Point,
}

/// The preset that shows whatever passes the other checks.
const UNGATED: Preset = Preset::All;

/// Only a suggestion's first word counts at a point, and a word has fewer tokens than these; the
/// product's own limit would cost three times as much.
const POINT_TOKENS_MAX: u32 = 8;

/// `tokens_max` is the length of a suggestion; without it, as the product has it.
fn stage(
    options: &ReplayOptions,
    preset: Preset,
    tokens_max: Option<u32>,
) -> Result<Stage, BenchError> {
    let models: Vec<ModelFile> = options
        .models
        .iter()
        .map(|model| (model.model.clone(), model.file.clone()))
        .collect();
    let mut stage = Stage::new(Setting {
        binaries: &options.binaries,
        models: &models,
        settings: &settings(options, preset, tokens_max),
    })?;
    stage.start_editor()?;
    Ok(stage)
}

fn settings(options: &ReplayOptions, preset: Preset, tokens_max: Option<u32>) -> String {
    let length = tokens_max.map_or_else(String::new, |tokens| format!("max_tokens = {tokens}\n"));
    let mut settings = format!(
        "[completion]\ndeadline_ms = {DEADLINE_MS}\npreset = \"{}\"\nprompt_tokens = {}\n{length}\n\
         [engine]\nthreads = {}\n\n[model.completion]\n",
        preset.word(),
        options.prompt_tokens,
        options.threads
    );
    for model in &options.models {
        // Writing to a string cannot fail.
        let _infallible = writeln!(settings, "{} = \"{}\"", model.language, model.model);
    }
    settings
}
