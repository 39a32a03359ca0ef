//! `inkstone model import`: takes a GGUF file of this machine into the registry.

use std::path::PathBuf;

use inkstone_fetch::{FetchEnvironment, Fetcher};
use inkstone_models::{ModelName, Registry};

use super::model_progress::TerminalProgress;
use super::model_table::size;
use crate::{CommandError, Environment, ExitStatus};

/// Arguments of `model import`.
#[derive(Debug, clap::Args)]
pub(crate) struct ModelImportArgs {
    /// The GGUF file; it is copied
    file: PathBuf,
    /// Name to give it; without it, the name of the file
    #[arg(long)]
    name: Option<ModelName>,
}

pub(crate) fn run(args: &ModelImportArgs, env: &Environment) -> Result<ExitStatus, CommandError> {
    let directories = env.directories()?;
    directories.ensure_private()?;
    let registry = Registry::of(directories);
    let environment = FetchEnvironment::from_env();
    let shown = args.name.as_ref().map_or("model", ModelName::as_str);
    let mut progress = TerminalProgress::start(shown);
    let model = Fetcher::new(&registry, &environment, &mut progress)
        .import(&args.file, args.name.clone())?;
    drop(progress);
    let summary = &model.summary;
    env.print(&format!(
        "{} is installed: {}, {}, {}, context {} tokens, infill {}, chat template {}\n\
         Give it a role with: inkstone model use {} --role completion --lang en\n",
        model.name,
        summary.architecture,
        summary.quantization,
        size(model.size_bytes),
        summary.context_tokens,
        if summary.has_fim { "yes" } else { "no" },
        if summary.has_chat_template {
            "yes"
        } else {
            "no"
        },
        model.name,
    ))?;
    Ok(ExitStatus::Done)
}
