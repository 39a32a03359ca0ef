//! `inkstone dataset export`: a version of the dataset as a file that other programs read.

use std::ffi::OsString;
use std::path::PathBuf;

use serde::Deserialize;
use serde_json::Value;

use super::dataset_table::short;
use crate::{CommandError, Environment, ExitStatus, trainer};

/// Arguments of `dataset export`.
#[derive(Debug, clap::Args)]
pub(crate) struct DatasetExportArgs {
    /// The file to write; only you can read it
    file: PathBuf,
    /// How it is written; without it, as the file's name ends, else one JSON object a line
    #[arg(long, value_enum)]
    format: Option<ExportFormat>,
    /// Only what is trained on, or only what is held out
    #[arg(long, value_enum)]
    split: Option<Split>,
    /// The version, by the beginning of its name; without it, the newest
    #[arg(long, value_name = "ID")]
    dataset: Option<String>,
    /// Print JSON instead of text
    #[arg(long)]
    json: bool,
}

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum ExportFormat {
    /// One JSON object a line
    Jsonl,
    /// Columns, compressed
    Parquet,
}

/// A side of the split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Split {
    /// What is trained on
    Train,
    /// What is held out
    HeldOut,
}

#[derive(Debug, Deserialize)]
struct Exported {
    dataset: String,
    records: u64,
}

pub(crate) fn run(args: &DatasetExportArgs, env: &Environment) -> Result<ExitStatus, CommandError> {
    let format = args.format.unwrap_or_else(|| by_name(&args.file));
    let mut asked: Vec<OsString> = vec![
        "export".into(),
        format!("--format={}", word(&format)).into(),
    ];
    if let Some(split) = args.split {
        asked.push(format!("--split={}", word(&split)).into());
    }
    if let Some(name) = &args.dataset {
        asked.push(format!("--dataset={name}").into());
    }
    asked.extend(["--".into(), args.file.clone().into()]);
    let answer: Value = trainer::ask(&asked, &mut |_| ())?;
    if args.json {
        env.print_json(&answer)?;
        return Ok(ExitStatus::Done);
    }
    let exported: Exported =
        serde_json::from_value(answer).map_err(|error| trainer::failed(&error))?;
    env.print(&format!(
        "{} pieces of dataset {} are in {}\n",
        exported.records,
        short(&exported.dataset),
        args.file.display()
    ))?;
    Ok(ExitStatus::Done)
}

fn by_name(file: &std::path::Path) -> ExportFormat {
    let ends_so = |end: &std::ffi::OsStr| end.eq_ignore_ascii_case("parquet");
    if file.extension().is_some_and(ends_so) {
        ExportFormat::Parquet
    } else {
        ExportFormat::Jsonl
    }
}

/// As it is typed, here and for the trainer.
fn word(value: &impl clap::ValueEnum) -> String {
    let possible = value.to_possible_value();
    possible.map_or_else(String::new, |possible| possible.get_name().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_as_its_name_ends() {
        assert_eq!(by_name("a/b.PARQUET".as_ref()), ExportFormat::Parquet);
        for name in ["parquet", "文.jsonl", "x.json", ""] {
            assert_eq!(by_name(name.as_ref()), ExportFormat::Jsonl, "{name}");
        }
        assert_eq!(word(&Split::HeldOut), "held-out");
    }
}
