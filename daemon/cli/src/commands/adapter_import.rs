//! `inkstone adapter import`: an adapter's file that was made elsewhere, checked as the daemon checks it.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use inkstone_models::gguf::Gguf;
use inkstone_models::{AdapterFile, LanguageTag, ModelName, Registry};
use inkstone_platform::private;
use inkstone_store::adapters::file_name;
use inkstone_store::{AdapterRow, AdapterScope, AdapterState, NewAdapter, StoreError};

use super::adapter;
use super::model_table::size;
use crate::{CommandError, Environment, ExitStatus};

/// Arguments of `adapter import`.
#[derive(Debug, clap::Args)]
pub(crate) struct AdapterImportArgs {
    /// A LoRA adapter in GGUF
    file: PathBuf,
    /// The installed model that it was made for
    #[arg(long)]
    model: ModelName,
    /// The language that it is for; without it, any
    #[arg(long)]
    lang: Option<LanguageTag>,
}

pub(crate) fn run(args: &AdapterImportArgs, env: &Environment) -> Result<ExitStatus, CommandError> {
    let directories = env.directories()?;
    directories.ensure_private()?;
    let installed = Registry::of(directories).resolve(args.model.as_str())?;
    let header = Gguf::from_path(&installed.path).map_err(|error| {
        CommandError::new(
            ExitStatus::Unavailable,
            format!("`{}`: {error}", installed.path.display()),
        )
    })?;
    let file = AdapterFile::open(&args.file, &header, None)?;
    let sha256 = file.sha256.to_bytes();
    let mut store = adapter::store(env)?;
    let is_retired = |row: &&AdapterRow| row.sha256 == sha256 && row.state == AdapterState::Retired;
    if let Some(row) = store.adapters()?.iter().find(is_retired) {
        let name = row.name.clone();
        return Err(StoreError::Retired { name }.into());
    }
    let path = directories.adapters_dir().join(file_name(&sha256));
    private::replace(&path, &file.bytes).map_err(|error| {
        let message = format!(
            "cannot write `{}`: {error}; make room on its disk",
            path.display()
        );
        CommandError::new(ExitStatus::Internal, message)
    })?;
    let made_at = SystemTime::now().duration_since(UNIX_EPOCH);
    let row = store.add_adapter(&NewAdapter {
        sha256,
        bytes: file.bytes.len() as u64,
        base_model: args.model.as_str(),
        scope: AdapterScope {
            base_sha256: installed.sha256()?.to_bytes(),
            language: args.lang.as_ref().map(|tag| tag.as_str().to_owned()),
            genre: None,
            workspace: None,
        },
        dataset: None,
        parent: None,
        made_at_s: made_at.map_or(0, |at| i64::try_from(at.as_secs()).unwrap_or(i64::MAX)),
        config: &format!(
            r#"{{"rank":{},"alpha":{}}}"#,
            file.info.rank, file.info.alpha
        ),
        metrics: "{}",
        reasons: r#"["imported by hand: no gate has looked at it"]"#,
        state: AdapterState::Off,
    })?;
    env.print(&format!(
        "{} is taken in: rank {}, {} matrices, {}; use it with: inkstone adapter use {}\n",
        row.name,
        file.info.rank,
        file.info.pairs,
        size(row.bytes),
        row.name
    ))?;
    Ok(ExitStatus::Done)
}
