//! `inkstone bench load`: many documents typed into at once.

use std::path::PathBuf;

use inkstone_bench::load::{self, LoadOptions};

use super::bench::{subject, write_json};
use crate::{CommandError, Environment, ExitStatus};

/// Arguments of `bench load`.
#[derive(Debug, clap::Args)]
pub(crate) struct LoadArgs {
    /// How many documents at once, such as `1,4,16`
    #[arg(long, value_delimiter = ',', default_values_t = [1, 4, 16],
          value_parser = clap::value_parser!(u16).range(1..=64))]
    documents: Vec<u16>,
    /// Keys in each document
    #[arg(long, default_value_t = 12)]
    keys: usize,
    /// Tokens of each document before the first key, roughly
    #[arg(long, default_value_t = 200)]
    document_tokens: usize,
    /// Measure once more while texts of so many tokens are written in the same daemon
    #[arg(long, value_name = "TOKENS", value_parser = clap::value_parser!(u32).range(1..=1024))]
    beside: Option<u32>,
    /// Write the numbers as JSON to this file too
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// The model; without it, the one that completes English
    #[arg(long)]
    model: Option<String>,
}

pub(super) fn run(args: &LoadArgs, env: &Environment) -> Result<ExitStatus, CommandError> {
    let options = LoadOptions {
        subject: subject(args.model.as_deref(), env)?,
        documents: args.documents.iter().copied().map(usize::from).collect(),
        keys: args.keys,
        document_tokens: args.document_tokens,
        beside_tokens: args.beside,
    };
    let report = load::run(&options, &mut |doing| {
        env.note(&format!("typing: {doing}"));
    })?;
    write_json(args.json.as_deref(), &report)?;
    env.print(&report.table())?;
    Ok(ExitStatus::Done)
}
