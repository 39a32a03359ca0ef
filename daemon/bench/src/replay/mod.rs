//! `inkstone bench replay`: documents played through the real language server, to see whether what
//! is suggested is what was written.
//!
//! Fixed seed, real daemon, a home of its own. Called by the command line. In reading order:
//! [`corpus`] (documents), [`words`], [`random`], [`carets`] (where to ask), [`desk`] (a document in
//! the server), [`remembered`] (what models know of the writer), what is measured: [`points`],
//! [`typing`], [`nll`] (on [`passages`]); [`player`] (a language played under some
//! policy); what came of it: [`bootstrap`], [`curve`], [`report`] and [`table`]; [`comparison`] (several
//! policies and what each technique is worth) and [`quality`] (its table).

mod bootstrap;
mod carets;
pub mod comparison;
mod corpus;
mod curve;
mod desk;
pub mod nll;
mod passages;
mod player;
mod points;
mod quality;
mod remembered;
pub mod report;
mod spread;
mod table;
mod typing;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

pub use comparison::{ComparisonReport, compare};
use inkstone_prose::Language;
use inkstone_protocol::Technique;
use inkstone_settings::Preset;
pub use nll::{NllOptions, NllReport};
use player::Player;
use remembered::Remembered;
pub use report::{LanguageReport, ReplayReport};
use report::{PointsReport, TypingReport};

use crate::error::BenchError;
use corpus::Document;
pub(crate) use corpus::prose_files;

/// Seed of every choice, so that two runs ask at the same carets.
pub const SEED: u64 = 0x1245_7057_04e0;

/// What is played with what.
#[derive(Debug, Clone)]
pub struct ReplayOptions {
    /// The folder with `inkstone`, `inkstoned` and `inkstone-lsp`.
    pub binaries: PathBuf,
    /// Folders of documents, or documents.
    pub corpora: Vec<PathBuf>,
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
    /// What is worn: the absolute path of an adapter's file, or `none`; without it, what is live, which
    /// in a home of its own is nothing.
    pub adapter: Option<String>,
    /// Folders of documents that the models are to remember, other ones than are played.
    pub memory: Vec<PathBuf>,
    /// The only files that are played, by their canonical paths; without it, all. They are then hidden
    /// from what is remembered.
    pub only: Option<BTreeSet<PathBuf>>,
    /// How surprising the documents are, too.
    pub nll: Option<NllOptions>,
    /// What is left out; in a comparison, what is left out one at a time.
    pub without: Vec<Technique>,
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
    /// Neither: only how surprising the documents are.
    Nothing,
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
    let languages = each_language(options, progress, |player, progress| {
        play(options, player, progress)
    })?;
    Ok(ReplayReport {
        preset: options
            .presets
            .first()
            .map_or_else(String::new, |preset| preset.word().to_owned()),
        models: options.model_names(),
        seed: SEED,
        adapter: options.adapter.clone(),
        without: options.without.clone(),
        languages,
    })
}

impl ReplayOptions {
    /// Which model completes which language, as a section of the settings.
    fn role_settings(&self) -> String {
        let roles = self.models.iter();
        let roles = roles.map(|model| format!("{} = \"{}\"\n", model.language, model.model));
        std::iter::once("[model.completion]\n".to_owned())
            .chain(roles)
            .collect()
    }

    fn model_names(&self) -> BTreeMap<String, String> {
        let models = self.models.iter();
        models
            .map(|model| (model.language.clone(), model.model.clone()))
            .collect()
    }
}

/// Plays each language that has documents and a model.
fn each_language<R>(
    options: &ReplayOptions,
    progress: &mut dyn FnMut(&str),
    mut play: impl FnMut(&Player<'_>, &mut dyn FnMut(&str)) -> Result<R, BenchError>,
) -> Result<BTreeMap<String, R>, BenchError> {
    let mut documents = Vec::new();
    for place in &options.corpora {
        documents.extend(corpus::read_only(place, options.only.as_ref())?);
    }
    let mut generic = Vec::new();
    for place in options.nll.iter().flat_map(|nll| &nll.generic) {
        generic.extend(corpus::read(place)?);
    }
    let remembered = Remembered::of(options, &documents, progress)?;
    let mut languages = BTreeMap::new();
    for language in [Language::English, Language::Chinese] {
        let tag = language.tag();
        let [of_language, generic] = [&documents, &generic].map(|all| {
            let all = all.iter();
            all.filter(|document| document.language == language)
                .collect::<Vec<&Document>>()
        });
        let is_served = options.models.iter().any(|model| model.language == tag);
        if !of_language.is_empty() && is_served {
            let player = Player::new(options, tag, (of_language, generic), remembered.as_ref());
            let mut told = |doing: &str| progress(&format!("{tag}: {doing}"));
            languages.insert(tag.to_owned(), play(&player, &mut told)?);
        }
    }
    if languages.is_empty() {
        return Err(BenchError::NoDocuments {
            path: options.corpora.first().cloned().unwrap_or_default(),
        });
    }
    Ok(languages)
}

fn play(
    options: &ReplayOptions,
    player: &Player<'_>,
    progress: &mut dyn FnMut(&str),
) -> Result<LanguageReport, BenchError> {
    let preset = options.presets.first().copied().unwrap_or(Preset::All);
    let mut report = LanguageReport {
        documents: player.documents(),
        points: None,
        typing: None,
        typing_presets: BTreeMap::new(),
        nll: player.nll(progress)?,
    };
    if matches!(options.mode, Mode::Points | Mode::Both) {
        let points = player.points(&options.without, progress)?;
        player.keep(&points)?;
        report.points = Some(PointsReport::new(&points, preset));
    }
    if matches!(options.mode, Mode::Typing | Mode::Both) {
        for preset in &options.presets {
            let typed = player.type_passages(*preset, &options.without, progress)?;
            let typing = TypingReport::of(&typed);
            report.typing.get_or_insert_with(|| typing.clone());
            report
                .typing_presets
                .insert(preset.word().to_owned(), typing);
        }
    }
    Ok(report)
}
