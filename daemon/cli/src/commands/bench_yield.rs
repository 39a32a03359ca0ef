//! `inkstone bench yield`: what a training costs a writer who types meanwhile.

use std::path::PathBuf;

use inkstone_bench::yielding::{self, YieldOptions};

use super::bench::{subject, write_json};
use crate::{CommandError, Environment, ExitStatus};

/// Arguments of `bench yield`.
#[derive(Debug, clap::Args)]
pub(crate) struct YieldArgs {
    /// The writer's folder, from which the training learns
    #[arg(long, value_name = "DIR")]
    corpus: PathBuf,
    /// The language that is learned
    #[arg(long, default_value = "en", value_parser = ["en", "zh"])]
    language: String,
    /// Prose that is not the writer's, a folder; without it, samples of the model are drawn first,
    /// which takes minutes
    #[arg(long, value_name = "DIR")]
    generic: Option<PathBuf>,
    /// Pauses after which is typed, as many beside the training as without it
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    rounds: u16,
    /// Keys after each pause
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u16).range(1..=200))]
    keys: u16,
    /// Threads that train; without it, as many as the settings say
    #[arg(long)]
    threads: Option<u32>,
    /// Write the numbers as JSON to this file too
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// The model; without it, the one that completes English
    #[arg(long)]
    model: Option<String>,
}

pub(super) fn run(args: &YieldArgs, env: &Environment) -> Result<ExitStatus, CommandError> {
    let settings = env.settings()?.settings;
    let options = YieldOptions {
        subject: subject(args.model.as_deref(), env)?,
        corpus: args.corpus.clone(),
        generic: args.generic.clone(),
        language: args.language.clone(),
        train_threads: args.threads.unwrap_or(settings.train.threads),
        rounds: args.rounds.into(),
        keys: args.keys.into(),
    };
    let report = yielding::run(&options, &mut |doing| {
        env.note(&format!("typing beside a training: {doing}"));
    })?;
    write_json(args.json.as_deref(), &report)?;
    env.print(&report.table())?;
    Ok(ExitStatus::Done)
}
