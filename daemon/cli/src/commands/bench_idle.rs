//! `inkstone bench idle`: the cost of doing nothing.

use std::path::PathBuf;
use std::time::Duration;

use inkstone_bench::idle;

use super::bench::{subject, write_json};
use crate::{CommandError, Environment, ExitStatus};

/// Arguments of `bench idle`.
#[derive(Debug, clap::Args)]
pub(crate) struct IdleArgs {
    /// How long to watch
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    seconds: u64,
    /// Write the numbers as JSON to this file too
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// The model; without it, the one that completes English
    #[arg(long)]
    model: Option<String>,
}

pub(super) fn run(args: &IdleArgs, env: &Environment) -> Result<ExitStatus, CommandError> {
    let subject = subject(args.model.as_deref(), env)?;
    let watched = Duration::from_secs(args.seconds);
    let report = idle::run(&subject, watched, &mut |doing| {
        env.note(&format!("idle: {doing}"));
    })?;
    write_json(args.json.as_deref(), &report)?;
    env.print(&report.table())?;
    Ok(ExitStatus::Done)
}
