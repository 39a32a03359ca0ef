//! `inkstone bench corpus`: what the trainer costs on a large workspace.

use std::path::PathBuf;

use inkstone_bench::corpus::{self, CorpusOptions};

use super::bench::{binaries, write_json};
use crate::{CommandError, Environment, ExitStatus};

/// More than a person writes in many lives, in megabytes.
const MEGABYTES_MAX: i64 = 100_000;
/// With more, the trainer would leave the rest out (`corpus.files_max`).
const FILES_MAX: i64 = 200_000;

/// Arguments of `bench corpus`.
#[derive(Debug, clap::Args)]
pub(crate) struct CorpusArgs {
    /// Megabytes of Markdown that are written for it, all files together
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=MEGABYTES_MAX))]
    megabytes: u32,
    /// In so many files
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u32).range(4..=FILES_MAX))]
    files: u32,
    /// Write the numbers as JSON to this file too
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

pub(super) fn run(args: &CorpusArgs, env: &Environment) -> Result<ExitStatus, CommandError> {
    let options = CorpusOptions {
        binaries: binaries()?,
        megabytes: args.megabytes as usize,
        files: args.files as usize,
    };
    let report = corpus::run(&options, &mut |doing| {
        env.note(&format!("corpus: {doing}"));
    })?;
    write_json(args.json.as_deref(), &report)?;
    env.print(&report.table())?;
    Ok(ExitStatus::Done)
}
