//! `inkstone bench`: measurements through the real programs. What is measured is in
//! `inkstone-bench`.

use std::path::PathBuf;

use clap::Subcommand;
use inkstone_bench::BenchError;
use inkstone_bench::latency::{self, LatencyOptions};
use inkstone_models::Registry;

use crate::{CommandError, Environment, ExitStatus};

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
    }
}

fn run_latency(args: &LatencyArgs, env: &Environment) -> Result<ExitStatus, CommandError> {
    let options = args.options(env)?;
    let report = latency::run(&options, &mut |doing| {
        env.note(&format!("measuring: {doing}"));
    })?;
    if let Some(file) = &args.json {
        let written = serde_json::to_vec_pretty(&report)
            .map_err(std::io::Error::from)
            .and_then(|json| std::fs::write(file, json));
        written.map_err(|error| {
            CommandError::usage(format!(
                "cannot write `{}`: {error}; give another file",
                file.display()
            ))
        })?;
    }
    env.print(&report.table())?;
    Ok(ExitStatus::Done)
}

impl LatencyArgs {
    fn options(&self, env: &Environment) -> Result<LatencyOptions, CommandError> {
        let settings = env.settings()?.settings;
        let english = || settings.model.completion.get("en").map(ToString::to_string);
        let model = self.model.clone().or_else(english).ok_or_else(|| {
            CommandError::usage(
                "no model completes English; name one: inkstone bench latency --model NAME",
            )
        })?;
        let installed = Registry::of(env.directories()?).resolve(&model)?;
        let program = std::env::current_exe().map_err(|error| {
            CommandError::new(
                ExitStatus::Internal,
                format!("cannot tell where this program lies: {error}"),
            )
        })?;
        let threads = match settings.engine.threads {
            0 => u32::try_from(inkstone_platform::physical_cores()).unwrap_or(1),
            threads => threads,
        };
        Ok(LatencyOptions {
            binaries: program.parent().map(PathBuf::from).unwrap_or_default(),
            model,
            model_file: installed.path,
            threads,
        })
    }
}

impl From<BenchError> for CommandError {
    fn from(error: BenchError) -> Self {
        let status = match error {
            BenchError::Binary { .. } | BenchError::Model { .. } => ExitStatus::Unavailable,
            BenchError::TooFew { .. } => ExitStatus::Usage,
            _ => ExitStatus::Internal,
        };
        Self::new(status, error.to_string())
    }
}
