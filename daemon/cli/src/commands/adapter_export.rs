//! `inkstone adapter export`: a copy for other programs.

use std::path::PathBuf;

use inkstone_models::Sha256;
use inkstone_platform::private;
use inkstone_store::adapters::file_name;

use super::adapter;
use crate::{CommandError, Environment, ExitStatus};

/// Arguments of `adapter export`.
#[derive(Debug, clap::Args)]
pub(crate) struct AdapterExportArgs {
    /// An adapter's name
    name: String,
    /// What the other program reads
    #[arg(long, value_enum)]
    format: AdapterFormat,
    /// The folder to write to; made where it is missing
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// Formats of adapters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum AdapterFormat {
    /// `NAME.gguf`, which llama.cpp loads beside the model
    Gguf,
    /// `adapter_model.safetensors` and `adapter_config.json`, which Hugging Face PEFT loads
    Peft,
}

pub(crate) fn run(args: &AdapterExportArgs, env: &Environment) -> Result<ExitStatus, CommandError> {
    let row = adapter::named(&adapter::store(env)?, &args.name)?;
    if args.format == AdapterFormat::Peft {
        let message = format!(
            "this build writes no PEFT files; copy the adapter as GGUF: inkstone adapter export {} --format gguf --out DIR",
            row.name
        );
        return Err(CommandError::usage(message));
    }
    let from = env
        .directories()?
        .adapters_dir()
        .join(file_name(&row.sha256));
    let failed = |what: &str, path: &PathBuf, error: &dyn std::fmt::Display| {
        CommandError::usage(format!("cannot {what} `{}`: {error}", path.display()))
    };
    let bytes = std::fs::read(&from).map_err(|error| failed("read", &from, &error))?;
    let (registered, found) = (Sha256::from_bytes(row.sha256), Sha256::of(&bytes));
    if registered != found {
        let message = format!(
            "`{}` has changed since it was registered (SHA-256 {found}, not {registered}); remove it with: inkstone adapter rm {}",
            from.display(),
            row.name
        );
        return Err(CommandError::new(ExitStatus::Refused, message));
    }
    std::fs::create_dir_all(&args.out).map_err(|error| failed("make", &args.out, &error))?;
    let to = args.out.join(format!("{}.gguf", row.name));
    private::replace(&to, &bytes).map_err(|error| failed("write", &to, &error))?;
    env.print(&format!("{}\n", to.display()))?;
    Ok(ExitStatus::Done)
}
