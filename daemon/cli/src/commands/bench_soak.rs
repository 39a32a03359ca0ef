//! `inkstone bench soak`: random use for a while; 1 when anything was lost, stuck or grew.

use std::path::PathBuf;
use std::time::Duration;

use inkstone_bench::soak::{self, Length, SEED, SoakOptions};

use super::bench::{binaries, language_models, threads, write_json};
use crate::{CommandError, Environment, ExitStatus};

/// Arguments of `bench soak`.
#[derive(Debug, clap::Args)]
pub(crate) struct SoakArgs {
    /// Go on for so long instead of a number of actions
    #[arg(long, value_name = "M", conflicts_with = "actions")]
    minutes: Option<u32>,
    /// Things to do
    #[arg(long, value_name = "N", default_value_t = 500)]
    actions: u64,
    /// Seed of every choice
    #[arg(long, default_value_t = SEED)]
    seed: u64,
    /// Write the numbers as JSON to this file too
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// The model for every language; without it, those of the settings
    #[arg(long)]
    model: Option<String>,
}

pub(super) fn run(args: &SoakArgs, env: &Environment) -> Result<ExitStatus, CommandError> {
    let settings = env.settings()?.settings;
    let models = language_models(args.model.as_deref(), &settings, env)?;
    if models.is_empty() {
        let what = "no model is installed; run: inkstone setup";
        return Err(CommandError::new(ExitStatus::Unavailable, what));
    }
    let options = SoakOptions {
        binaries: binaries()?,
        models,
        threads: threads(&settings),
        length: match args.minutes {
            Some(minutes) => Length::Time(Duration::from_secs(u64::from(minutes) * 60)),
            None => Length::Actions(args.actions),
        },
        seed: args.seed,
    };
    let report = soak::run(&options, &mut |doing| {
        env.note(&format!("soaking: {doing}"));
    })?;
    write_json(args.json.as_deref(), &report)?;
    env.print(&report.table())?;
    Ok(if report.is_clean() {
        ExitStatus::Done
    } else {
        ExitStatus::Found
    })
}
