//! `inkstone bench`: measurements through the real programs. What is measured is in
//! `inkstone-bench`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use clap::builder::PossibleValuesParser;
use inkstone_bench::latency;
use inkstone_bench::replay::{self, LanguageModel, Mode, NllOptions, ReplayOptions};
use inkstone_bench::{BenchError, Subject, held_out};
use inkstone_models::Registry;
use inkstone_protocol::Technique;
use inkstone_protocol::complete::NO_ADAPTER;
use inkstone_settings::{Preset, Settings};
use inkstone_store::adapters::file_name;
use serde::Serialize;

use super::adapter;
use super::bench_corpus::{self, CorpusArgs};
use super::bench_idle::{self, IdleArgs};
use super::bench_load::{self, LoadArgs};
use super::bench_session::{self, SessionArgs};
use super::bench_soak::{self, SoakArgs};
use super::bench_train::{self, TrainBenchArgs};
use super::bench_yield::{self, YieldArgs};
use crate::{CommandError, Environment, ExitStatus};

/// Languages whose documents are played.
const LANGUAGES: [&str; 2] = ["en", "zh"];

/// Names of a corpus's path that tell which it is.
const CORPUS_NAMES: usize = 2;

/// Arguments of `bench`.
#[derive(Debug, clap::Args)]
pub(crate) struct BenchArgs {
    #[command(subcommand)]
    command: BenchCommand,
}

#[derive(Debug, Subcommand)]
enum BenchCommand {
    /// How long a writer waits, beside plain llama.cpp on the same tokens
    Latency(LatencyArgs),
    /// Whether what is suggested is what was written: plays documents through the language server
    Replay(ReplayArgs),
    /// A recorded typing session of 500 keys, key by key beside a completion server
    Session(SessionArgs),
    /// Many documents typed into at once: does anybody starve, what is waited, what is held in memory
    Load(LoadArgs),
    /// Random typing, taking, cancelling and disconnecting: is anything lost, stuck or growing
    Soak(SoakArgs),
    /// What the processes cost while nobody types
    Idle(IdleArgs),
    /// What the trainer costs on a large workspace: speed, memory, a look when nothing changed
    Corpus(CorpusArgs),
    /// What a training of your folder costs and gains: speed, memory, losses with and without the adapter
    Train(TrainBenchArgs),
    /// What a training costs a writer who types meanwhile, and how soon it rests
    Yield(YieldArgs),
}

/// Arguments of `bench replay`.
#[derive(Debug, clap::Args)]
struct ReplayArgs {
    /// A folder of Markdown or text files, or one file; may be given several times
    #[arg(long, value_name = "DIR", required = true)]
    corpus: Vec<PathBuf>,
    /// Write the numbers as JSON to this file too
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// The model for every language; without it, the one of the settings
    #[arg(long)]
    model: Option<String>,
    /// What every model wears: an adapter by name, its file, or `none`, which is as without it
    #[arg(long, value_name = "NAME|FILE|none")]
    adapter: Option<String>,
    /// Measure only single carets, only passages typed key by key, or only how surprising the documents
    /// are
    #[arg(long, value_enum)]
    mode: Option<ReplayMode>,
    /// Carets at word starts, and as many inside words, of each language
    #[arg(long, default_value_t = 750)]
    limit: usize,
    /// Passages typed key by key, of each language
    #[arg(long, default_value_t = 8)]
    passages: usize,
    /// Tokens of text before the caret that the model reads at most; less is faster
    #[arg(long, default_value_t = 384, value_parser = clap::value_parser!(u32).range(64..))]
    prompt_tokens: u32,
    /// Add each caret, with what was known and whether it was right, to this file as lines of JSON
    #[arg(long, value_name = "FILE")]
    points: Option<PathBuf>,
    /// How sure a suggestion must be to be shown, one or more of these; without it, as the settings
    /// say
    #[arg(long, value_delimiter = ',', value_parser = PossibleValuesParser::new(Preset::WORDS))]
    preset: Vec<String>,
    /// Play only what your newest dataset holds out, since adapters learned from the rest; by itself where
    /// an adapter is measured on a folder that you added
    #[arg(long)]
    held_out: bool,
    /// Measure, too, how surprising the documents are, in nats for each token: without adapter and
    /// memory, and with those that are given
    #[arg(long)]
    nll: bool,
    /// Passages whose surprise is measured, in each language
    #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    nll_passages: u16,
    /// Tokens of such a passage at most
    #[arg(long, default_value_t = 480, value_parser = clap::value_parser!(u32).range(16..=2_048))]
    nll_tokens: u32,
    /// Prose that is not the writer's, whose surprise is measured beside: a folder; may be given several
    /// times
    #[arg(long, value_name = "DIR")]
    generic: Vec<PathBuf>,
    /// Documents that the models remember while others are played: a folder of the same writer's; may
    /// be given several times
    #[arg(long, value_name = "DIR")]
    memory: Vec<PathBuf>,
    /// Leave a technique out, to see what it is worth; may be given several times
    #[arg(long, value_name = "TECHNIQUE", value_delimiter = ',', value_parser = PossibleValuesParser::new(Technique::ALL.map(Technique::name)))]
    without: Vec<String>,
    /// Compare the policies and what each technique adds, or those after `--without`, and write the
    /// result as Markdown to this file
    #[arg(long, value_name = "FILE")]
    table: Option<PathBuf>,
}

/// What `bench replay` measures of its two modes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum ReplayMode {
    /// Single carets: is the first word right?
    Points,
    /// Passages typed key by key: how many keys are saved?
    Typing,
    /// Only how surprising the documents are, as with `--nll`
    Nll,
}

/// Arguments of `bench latency`.
#[derive(Debug, clap::Args)]
struct LatencyArgs {
    /// Write the numbers as JSON to this file too
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// The model; without it, the one that completes English
    #[arg(long)]
    model: Option<String>,
}

pub(crate) fn run(args: &BenchArgs, env: &Environment) -> Result<ExitStatus, CommandError> {
    match &args.command {
        BenchCommand::Latency(args) => run_latency(args, env),
        BenchCommand::Replay(args) => run_replay(args, env),
        BenchCommand::Session(args) => bench_session::run(args, env),
        BenchCommand::Load(args) => bench_load::run(args, env),
        BenchCommand::Soak(args) => bench_soak::run(args, env),
        BenchCommand::Idle(args) => bench_idle::run(args, env),
        BenchCommand::Corpus(args) => bench_corpus::run(args, env),
        BenchCommand::Train(args) => bench_train::run(args, env),
        BenchCommand::Yield(args) => bench_yield::run(args, env),
    }
}

fn run_latency(args: &LatencyArgs, env: &Environment) -> Result<ExitStatus, CommandError> {
    let options = subject(args.model.as_deref(), env)?;
    let report = latency::run(&options, &mut |doing| {
        env.note(&format!("measuring: {doing}"));
    })?;
    write_json(args.json.as_deref(), &report)?;
    env.print(&report.table())?;
    Ok(ExitStatus::Done)
}

fn run_replay(args: &ReplayArgs, env: &Environment) -> Result<ExitStatus, CommandError> {
    let options = args.options(env)?;
    if let Some(table) = &args.table {
        return run_comparison(args, table, options, env);
    }
    let report = replay::run(&options, &mut |doing| {
        env.note(&format!("playing: {doing}"));
    })?;
    write_json(args.json.as_deref(), &report)?;
    env.print(&report.table())?;
    Ok(ExitStatus::Done)
}

pub(super) fn write_json(file: Option<&Path>, report: &impl Serialize) -> Result<(), CommandError> {
    let Some(file) = file else { return Ok(()) };
    let json = serde_json::to_vec_pretty(report).map_err(|error| unwritable(file, &error))?;
    write(file, &json)
}

fn write(file: &Path, content: &[u8]) -> Result<(), CommandError> {
    std::fs::write(file, content).map_err(|error| unwritable(file, &error))
}

fn unwritable(file: &Path, error: &dyn std::fmt::Display) -> CommandError {
    CommandError::usage(format!(
        "cannot write `{}`: {error}; give another file",
        file.display()
    ))
}

fn run_comparison(
    args: &ReplayArgs,
    table: &Path,
    mut options: ReplayOptions,
    env: &Environment,
) -> Result<ExitStatus, CommandError> {
    if options.without.is_empty() {
        options.without = Technique::ALL.to_vec();
    }
    let report = replay::compare(&options, &mut |doing| {
        env.note(&format!("playing: {doing}"));
    })?;
    write_json(args.json.as_deref(), &report)?;
    let text = report.quality_table(&args.corpora(), "inkstone bench replay --table");
    write(table, text.as_bytes())?;
    env.print(&text)?;
    Ok(ExitStatus::Done)
}

/// The folder of the running program, where the others lie.
pub(super) fn binaries() -> Result<PathBuf, CommandError> {
    let program = std::env::current_exe().map_err(|error| {
        CommandError::new(
            ExitStatus::Internal,
            format!("cannot tell where this program lies: {error}"),
        )
    })?;
    Ok(program.parent().map(PathBuf::from).unwrap_or_default())
}

/// As many threads as the daemon would take.
pub(super) fn threads(settings: &Settings) -> u32 {
    match settings.engine.threads {
        0 => u32::try_from(inkstone_platform::physical_cores()).unwrap_or(1),
        threads => threads,
    }
}

impl ReplayArgs {
    fn options(&self, env: &Environment) -> Result<ReplayOptions, CommandError> {
        let settings = env.settings()?.settings;
        let named = self.preset.iter();
        let mut presets: Vec<Preset> = named.filter_map(|word| Preset::from_word(word)).collect();
        if presets.is_empty() {
            presets.push(settings.completion.preset);
        }
        Ok(ReplayOptions {
            binaries: binaries()?,
            corpora: self.corpus.clone(),
            models: language_models(self.model.as_deref(), &settings, env)?,
            mode: match self.mode {
                None => Mode::Both,
                Some(ReplayMode::Points) => Mode::Points,
                Some(ReplayMode::Typing) => Mode::Typing,
                Some(ReplayMode::Nll) => Mode::Nothing,
            },
            points: self.limit,
            passages: self.passages,
            presets,
            prompt_tokens: self.prompt_tokens,
            points_file: self.points.clone(),
            adapter: adapter_file(self.adapter.as_deref(), env)?,
            memory: self.memory.clone(),
            only: self.only(env)?,
            nll: self.nll(),
            threads: threads(&settings),
            without: self
                .without
                .iter()
                .filter_map(|name| Technique::from_name(name))
                .collect(),
        })
    }

    /// What is measured of how surprising the documents are, if that is wanted.
    fn nll(&self) -> Option<NllOptions> {
        let is_wanted = self.nll || self.mode == Some(ReplayMode::Nll);
        is_wanted.then(|| NllOptions {
            passages: self.nll_passages.into(),
            tokens: self.nll_tokens,
            generic: self.generic.clone(),
        })
    }

    /// The only files that are to be played, if not all are.
    fn only(&self, env: &Environment) -> Result<Option<BTreeSet<PathBuf>>, CommandError> {
        let named = self.adapter.as_deref().filter(|named| *named != NO_ADAPTER);
        let is_by_itself = !self.held_out && named.is_some() && self.is_added(env)?;
        if is_by_itself {
            env.note(
                "an adapter may have learned from this folder: only what is held out is played",
            );
        }
        let is_wanted = self.held_out || is_by_itself;
        let files = is_wanted.then(|| held_out::files(&binaries()?).map_err(Into::into));
        files.transpose()
    }

    /// Whether one of the corpora lies in a folder that was added.
    fn is_added(&self, env: &Environment) -> Result<bool, CommandError> {
        if !env.directories()?.database().exists() {
            return Ok(false);
        }
        let mut store = adapter::store(env)?;
        let folders = store.workspaces()?;
        let mut corpora = self
            .corpus
            .iter()
            .filter_map(|path| path.canonicalize().ok());
        Ok(corpora.any(|path| folders.iter().any(|folder| path.starts_with(&folder.path))))
    }

    /// The corpora by their last two names: a path of this machine means nothing elsewhere.
    fn corpora(&self) -> String {
        let short = |path: &PathBuf| {
            let names: Vec<_> = path.iter().rev().take(CORPUS_NAMES).collect();
            let names = names.iter().rev().map(|name| name.to_string_lossy());
            names.collect::<Vec<_>>().join("/")
        };
        self.corpus.iter().map(short).collect::<Vec<_>>().join(", ")
    }
}

/// The file of an adapter, since what is played has a home of its own, without a registry.
fn adapter_file(named: Option<&str>, env: &Environment) -> Result<Option<String>, CommandError> {
    let Some(named) = named else { return Ok(None) };
    if named == NO_ADAPTER {
        return Ok(Some(named.to_owned()));
    }
    let path = if Path::new(named).is_file() {
        PathBuf::from(named)
    } else {
        let row = adapter::named(&adapter::store(env)?, named)?;
        env.directories()?
            .adapters_dir()
            .join(file_name(&row.sha256))
    };
    let absolute = path.canonicalize().map_err(|error| {
        CommandError::usage(format!(
            "cannot read the adapter `{}`: {error}",
            path.display()
        ))
    })?;
    let text = absolute.into_os_string().into_string();
    text.map(Some).map_err(|path| {
        CommandError::usage(format!(
            "`{}` is not valid UTF-8; rename it",
            path.display()
        ))
    })
}

/// The named model for every language, or the one of the settings for each. A language whose model
/// is not installed is left out, unless it was asked for.
pub(super) fn language_models(
    named: Option<&str>,
    settings: &Settings,
    env: &Environment,
) -> Result<Vec<LanguageModel>, CommandError> {
    let registry = Registry::of(env.directories()?);
    let mut models = Vec::new();
    for language in LANGUAGES {
        let chosen = || settings.model.completion.get(language);
        let Some(model) = named
            .map(str::to_owned)
            .or_else(|| chosen().map(ToString::to_string))
        else {
            continue;
        };
        match registry.resolve(&model) {
            Ok(installed) => models.push(LanguageModel {
                language: language.to_owned(),
                model,
                file: installed.path,
            }),
            Err(error) if named.is_some() => return Err(error.into()),
            Err(_) => {}
        }
    }
    Ok(models)
}

/// Our programs with the named model, or with the one that completes English.
pub(super) fn subject(model: Option<&str>, env: &Environment) -> Result<Subject, CommandError> {
    let settings = env.settings()?.settings;
    let english = || settings.model.completion.get("en").map(ToString::to_string);
    let model = model.map(str::to_owned).or_else(english).ok_or_else(|| {
        CommandError::usage("no model completes English; name one with --model NAME")
    })?;
    let installed = Registry::of(env.directories()?).resolve(&model)?;
    Ok(Subject {
        binaries: binaries()?,
        model,
        model_file: installed.path,
        threads: threads(&settings),
    })
}

impl From<BenchError> for CommandError {
    fn from(error: BenchError) -> Self {
        let status = match error {
            BenchError::Binary { .. } | BenchError::Model { .. } | BenchError::Server { .. } => {
                ExitStatus::Unavailable
            }
            BenchError::TooFew { .. }
            | BenchError::Corpus { .. }
            | BenchError::Recording { .. }
            | BenchError::PlayedAndRemembered { .. }
            | BenchError::NothingRemembered { .. }
            | BenchError::NothingHeldOut { .. }
            | BenchError::NoDocuments { .. } => ExitStatus::Usage,
            _ => ExitStatus::Internal,
        };
        Self::new(status, error.to_string())
    }
}
