//! `inkstone bench train`: what a training costs and what it gains.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use inkstone_bench::train::{self, TrainOptions, TrainSettings};
use inkstone_settings::TRAIN_TARGETS;

use super::bench::{binaries, language_models, write_json};
use crate::{CommandError, Environment, ExitStatus};

/// Arguments of `bench train`.
#[derive(Debug, clap::Args)]
pub(crate) struct TrainBenchArgs {
    /// The writer's folder
    #[arg(long, value_name = "DIR")]
    corpus: PathBuf,
    /// The language that is learned
    #[arg(long, default_value = "en", value_parser = ["en", "zh"])]
    language: String,
    /// The model; without it, the one that completes the language
    #[arg(long)]
    model: Option<String>,
    /// Prose that is not the writer's, a folder: some of it is mixed in, some of it tells what is
    /// forgotten; without it, samples of the model stand for it
    #[arg(long, value_name = "DIR")]
    generic: Option<PathBuf>,
    /// Tokens of the writer's to learn from at most
    #[arg(long)]
    tokens: Option<u64>,
    /// Steps at most; without it, as many as suit the folder
    #[arg(long, default_value_t = 0)]
    steps: u32,
    /// Tokens of a step
    #[arg(long)]
    step_tokens: Option<u32>,
    /// Tokens of a passage
    #[arg(long)]
    sequence_tokens: Option<u32>,
    /// Rank of the adapter; without it, what suits the folder
    #[arg(long, default_value_t = 0)]
    rank: u32,
    /// Its strength; without it, twice the rank
    #[arg(long, default_value_t = 0)]
    alpha: u32,
    /// Linear maps of each layer that have an adapter; without it, all
    #[arg(long, value_delimiter = ',', value_parser = PossibleValuesParser::new(TRAIN_TARGETS))]
    targets: Vec<String>,
    /// The highest learning rate; without it, one that suits the model
    #[arg(long, default_value_t = 0.0)]
    rate: f64,
    /// Steps in which it rises; without it, a twentieth of all
    #[arg(long)]
    warm_up_steps: Option<u32>,
    /// Steps between two looks at the held-out documents; without it, a twelfth of all
    #[arg(long, default_value_t = 0)]
    evaluate_every: u32,
    /// Looks without a gain after which it ends; more than it makes, for all steps to be taken
    #[arg(long)]
    patience: Option<u32>,
    /// Per cent of each step's tokens that are generic
    #[arg(long)]
    replay_percent: Option<u32>,
    /// MiB of memory that it may use: with little, layers are computed again instead of being kept;
    /// without it, half of what is free
    #[arg(long, default_value_t = 0)]
    memory_mb: u32,
    /// Threads that compute; without it, as many as the settings say
    #[arg(long)]
    threads: Option<u32>,
    /// The number that everything random follows from
    #[arg(long)]
    seed: Option<u32>,
    /// Per cent of the documents that are held out; without it, as the product has it
    #[arg(long)]
    held_out_percent: Option<u32>,
    /// The fall of the held-out loss, in per cent, whose seconds are told
    #[arg(long, default_value_t = 5.0)]
    gain: f64,
    /// Copy the adapter's file there
    #[arg(long, value_name = "FILE")]
    save_adapter: Option<PathBuf>,
    /// Write the numbers as JSON to this file too
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

pub(super) fn run(args: &TrainBenchArgs, env: &Environment) -> Result<ExitStatus, CommandError> {
    let settings = env.settings()?.settings;
    let models = language_models(args.model.as_deref(), &settings, env)?;
    let model = models.into_iter().find(|one| one.language == args.language);
    let model = model.ok_or_else(|| {
        CommandError::usage(format!(
            "no installed model completes {}; run: inkstone setup --lang {}",
            args.language, args.language
        ))
    })?;
    let options = TrainOptions {
        binaries: binaries()?,
        corpus: args.corpus.clone(),
        generic: args.generic.clone(),
        model,
        own_tokens_max: args.tokens,
        settings: TrainSettings {
            steps: args.steps,
            step_tokens: args.step_tokens,
            sequence_tokens: args.sequence_tokens,
            rank: args.rank,
            alpha: args.alpha,
            targets: args.targets.clone(),
            rate: args.rate,
            warm_up_steps: args.warm_up_steps,
            evaluate_every_steps: args.evaluate_every,
            patience: args.patience,
            replay_percent: args.replay_percent,
            memory_mb_max: args.memory_mb,
            threads: args.threads.unwrap_or(settings.train.threads),
            seed: args.seed,
            held_out_percent: args.held_out_percent,
        },
        gain_percent: args.gain,
        adapter_file: args.save_adapter.clone(),
    };
    let report = train::run(&options, &mut |doing| {
        env.note(&format!("training: {doing}"));
    })?;
    write_json(args.json.as_deref(), &report)?;
    env.print(&report.table())?;
    Ok(ExitStatus::Done)
}
