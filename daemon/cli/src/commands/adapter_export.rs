//! `inkstone adapter export`: a copy for other programs. What PEFT loads the trainer writes, which knows
//! the maps of models.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use inkstone_models::Sha256;
use inkstone_platform::private;
use inkstone_store::adapters::file_name;
use inkstone_store::{AdapterState, StoreError};
use serde::Deserialize;

use super::adapter;
use crate::{CommandError, Environment, ExitStatus, trainer};

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
    if row.state == AdapterState::Retired {
        return Err(StoreError::Retired { name: row.name }.into());
    }
    if args.format == AdapterFormat::Peft {
        return export_peft(&row.name, &args.out, env);
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

#[derive(Deserialize)]
struct Written {
    files: Vec<PathBuf>,
}

fn export_peft(name: &str, out: &Path, env: &Environment) -> Result<ExitStatus, CommandError> {
    let out = std::path::absolute(out)
        .map_err(|error| CommandError::usage(format!("{}: {error}", out.display())))?;
    let asked = [
        OsStr::new("adapter-peft"),
        OsStr::new("--"),
        OsStr::new(name),
        out.as_os_str(),
    ];
    let written: Written = trainer::ask_by_lines(&asked, &mut |_| false)?;
    for file in written.files {
        env.print(&format!("{}\n", file.display()))?;
    }
    Ok(ExitStatus::Done)
}
