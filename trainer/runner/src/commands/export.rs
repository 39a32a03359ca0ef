//! `inkstone-trainer export`: a version of the dataset as a file that others can read.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use inkstone_corpus::dataset::parquet::ParquetWriter;
use inkstone_corpus::dataset::{DatasetId, Record, jsonl};
use inkstone_corpus::split::Split;
use inkstone_store::Store;
use serde_json::json;

use super::failure::WrongUse;
use super::{Desk, answer, stats};
use crate::assemble;

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum ExportFormat {
    /// One record a line.
    Jsonl,
    /// Columns, compressed.
    Parquet,
}

/// What is exported.
#[derive(Debug, Clone, clap::Args)]
pub struct ExportArgs {
    /// The file; it is its owner's alone
    pub output: PathBuf,
    /// How it is written
    #[arg(long, value_enum, default_value = "jsonl")]
    pub format: ExportFormat,
    /// Only what is trained on, or only what is held out
    #[arg(long, value_enum)]
    pub split: Option<SplitName>,
    /// The version, by its hash or the beginning of it; without it, the newest
    #[arg(long)]
    pub dataset: Option<String>,
}

/// A side of the split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum SplitName {
    /// What is trained on.
    Train,
    /// What is held out.
    HeldOut,
}

/// Writes the file in one step: nobody sees a part of it.
pub fn run(args: &ExportArgs) -> anyhow::Result<()> {
    let desk = Desk::of_user()?;
    let mut store = desk.store()?;
    let id = match &args.dataset {
        None => stats::newest(&mut store)?,
        named => stats::find(&assemble::versions(&mut store)?, named.as_deref())?.id,
    };
    // A build that comes in between must not delete it.
    let holder = format!("{}{}", assemble::EXPORT_HOLDER, std::process::id());
    assemble::pin(&mut store, id, &holder)?;
    let written = write(&mut store, id, args);
    assemble::unpin(&mut store, id, &holder)?;
    answer(&json!({
        "dataset": id.to_string(),
        "output": args.output.to_string_lossy(),
        "records": written?,
    }))
}

fn write(store: &mut Store, id: DatasetId, args: &ExportArgs) -> anyhow::Result<u64> {
    let named = || args.output.display().to_string();
    let unfit = |source| WrongUse::Output {
        path: args.output.clone(),
        source,
    };
    let folder = args
        .output
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    // Made for its owner alone.
    let file = tempfile::Builder::new()
        .prefix(".inkstone-export")
        .tempfile_in(folder.unwrap_or(Path::new(".")))
        .map_err(unfit)?;
    let out = BufWriter::new(file.as_file().try_clone().with_context(named)?);
    let records = match args.format {
        ExportFormat::Jsonl => write_lines(store, id, args.split, out),
        ExportFormat::Parquet => write_columns(store, id, args.split, out),
    };
    let records = records.with_context(named)?;
    file.as_file().sync_all().with_context(named)?;
    file.persist(&args.output)
        .map_err(|error| unfit(error.error))?;
    Ok(records)
}

fn write_lines(
    store: &mut Store,
    id: DatasetId,
    split: Option<SplitName>,
    mut out: BufWriter<File>,
) -> anyhow::Result<u64> {
    let records = each(store, id, split, |record| {
        Ok(jsonl::write(&mut out, &record)?)
    })?;
    out.flush()?;
    Ok(records)
}

fn write_columns(
    store: &mut Store,
    id: DatasetId,
    split: Option<SplitName>,
    out: BufWriter<File>,
) -> anyhow::Result<u64> {
    let mut writer = ParquetWriter::new(out, id)?;
    let records = each(store, id, split, |record| Ok(writer.write(record)?))?;
    writer.finish()?.flush()?;
    Ok(records)
}

fn each(
    store: &mut Store,
    id: DatasetId,
    split: Option<SplitName>,
    mut write: impl FnMut(Record) -> anyhow::Result<()>,
) -> anyhow::Result<u64> {
    let mut records = 0;
    assemble::read_version(store, id, |record| {
        let is_wanted = match split {
            None => true,
            Some(SplitName::Train) => record.split == Split::Train,
            Some(SplitName::HeldOut) => record.split == Split::HeldOut,
        };
        if is_wanted {
            records += 1;
            write(record)?;
        }
        anyhow::Ok(())
    })?;
    Ok(records)
}
