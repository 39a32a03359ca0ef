//! `inkstone adapter use` and `adapter off`: which adapters are live.

use inkstone_models::gguf::Gguf;
use inkstone_models::{AdapterFile, Registry, Sha256};
use inkstone_store::adapters::file_name;
use inkstone_store::{AdapterRow, AdapterState, StoreError};

use super::adapter;
use crate::{CommandError, Environment, ExitStatus};

/// Arguments of `adapter use`.
#[derive(Debug, clap::Args)]
pub(crate) struct AdapterUseArgs {
    /// An adapter's name
    name: String,
    /// Use it even if the gate has refused it
    #[arg(long)]
    force: bool,
}

/// Arguments of `adapter off`.
#[derive(Debug, clap::Args)]
pub(crate) struct AdapterOffArgs {
    /// An adapter's name; without it, every one
    name: Option<String>,
}

pub(crate) fn run(args: &AdapterUseArgs, env: &Environment) -> Result<ExitStatus, CommandError> {
    let mut store = adapter::store(env)?;
    let row = adapter::named(&store, &args.name)?;
    if row.state == AdapterState::Retired {
        return Err(StoreError::Retired { name: row.name }.into());
    }
    if row.state == AdapterState::Refused && !args.force {
        let message = format!(
            "the gate has refused {}; see why with `inkstone adapter show {}`, or use it with --force",
            row.name, row.name
        );
        return Err(CommandError::new(ExitStatus::Refused, message));
    }
    check(&row, env)?;
    store.set_adapter_state(row.id, AdapterState::Live)?;
    env.print(&format!("{} is live: {}\n", row.name, in_words(&row)))?;
    Ok(ExitStatus::Done)
}

/// Refuses what the daemon would not wear: here there is somebody to be told.
fn check(row: &AdapterRow, env: &Environment) -> Result<(), CommandError> {
    let directories = env.directories()?;
    let installed = Registry::of(directories).resolve(&row.base_model)?;
    let base = installed.sha256()?;
    let made_for = Sha256::from_bytes(row.scope.base_sha256);
    if base != made_for {
        let message = format!(
            "the adapter {} was made for another file of the model {} (SHA-256 {made_for}, installed is {base}); train again",
            row.name, row.base_model
        );
        return Err(CommandError::new(ExitStatus::Refused, message));
    }
    let header = Gguf::from_path(&installed.path).map_err(|error| {
        CommandError::new(
            ExitStatus::Unavailable,
            format!("`{}`: {error}", installed.path.display()),
        )
    })?;
    let path = directories.adapters_dir().join(file_name(&row.sha256));
    AdapterFile::open(&path, &header, Some(Sha256::from_bytes(row.sha256)))?;
    Ok(())
}

pub(crate) fn run_off(
    args: &AdapterOffArgs,
    env: &Environment,
) -> Result<ExitStatus, CommandError> {
    let mut store = adapter::store(env)?;
    let rows = match &args.name {
        Some(name) => vec![adapter::named(&store, name)?],
        None => store.adapters()?,
    };
    let live: Vec<AdapterRow> = rows
        .into_iter()
        .filter(|row| row.state == AdapterState::Live)
        .collect();
    if live.is_empty() {
        env.note("nothing is live; the models serve as they are");
    }
    for row in live {
        store.set_adapter_state(row.id, AdapterState::Off)?;
        env.print(&format!("{} is off\n", row.name))?;
    }
    Ok(ExitStatus::Done)
}

/// What it is for.
pub(super) fn in_words(row: &AdapterRow) -> String {
    let language = row.scope.language.as_deref();
    let language = language.map_or_else(
        || "any language".to_owned(),
        |tag| format!("language {tag}"),
    );
    let folder = match row.scope.workspace {
        Some(_) => " in its folder",
        None => "",
    };
    let genre = row.scope.genre.as_deref();
    let genre = genre.map_or_else(String::new, |genre| {
        format!(", worn by name only (genre {genre})")
    });
    format!("{} with {language}{folder}{genre}", row.base_model)
}
