//! `inkstone bench corpus`: what the trainer costs on a large workspace.

use std::path::PathBuf;

use inkstone_bench::corpus::{self, CorpusOptions};

use super::bench::{binaries, write_json};
use crate::{CommandError, Environment, ExitStatus};

/// Arguments of `bench corpus`.
#[derive(Debug, clap::Args)]
pub(crate) struct CorpusArgs {
    /// Megabytes of Markdown that are written for it, all files together
    #[arg(long, default_value_t = 64)]
    megabytes: usize,
    /// In so many files
    #[arg(long, default_value_t = 2_000)]
    files: usize,
    /// Write the numbers as JSON to this file too
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

pub(super) fn run(args: &CorpusArgs, env: &Environment) -> Result<ExitStatus, CommandError> {
    let options = CorpusOptions {
        binaries: binaries()?,
        megabytes: args.megabytes,
        files: args.files,
    };
    let report = corpus::run(&options, &mut |doing| {
        env.note(&format!("corpus: {doing}"));
    })?;
    write_json(args.json.as_deref(), &report)?;
    env.print(&report.table())?;
    Ok(ExitStatus::Done)
}
