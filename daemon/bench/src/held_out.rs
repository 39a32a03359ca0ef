//! Which files a dataset holds out of training: what may be measured on, since no adapter of that
//! dataset saw it.
//!
//! The split is the dataset's, by document, so the trainer is asked for it. A file that training sees
//! any part of is not held out, nor is one that the dataset has nothing of.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

use crate::error::BenchError;
use crate::stage::{HOME_VARIABLE, binary, home_error};

/// Records that are looked at: of more prose than anybody wrote.
const RECORDS_MAX: usize = 10_000_000;
/// The side of the split that is not trained on, as records name it.
const HELD_OUT: &str = "held_out";

/// What is read of a record.
#[derive(Debug, Deserialize)]
struct Line {
    split: String,
    provenance: Provenance,
}

#[derive(Debug, Deserialize)]
struct Provenance {
    workspace: PathBuf,
    path: PathBuf,
}

/// The files that the newest dataset holds out, by their canonical paths: of the user's home, or of
/// another one.
pub fn files(binaries: &Path, home: Option<&Path>) -> Result<BTreeSet<PathBuf>, BenchError> {
    let folder = tempfile::Builder::new().prefix("ink-split").tempdir();
    let folder = folder.map_err(|source| home_error(&std::env::temp_dir(), source))?;
    let export = folder.path().join("records.jsonl");
    let trainer = binary(binaries, "inkstone-trainer")?;
    let mut command = Command::new(&trainer);
    command
        .args(["export", "--format=jsonl", "--"])
        .arg(&export);
    if let Some(home) = home {
        command.env(HOME_VARIABLE, home);
    }
    let output = command.stdin(Stdio::null()).output();
    let output = output.map_err(|source| home_error(&trainer, source))?;
    if !output.status.success() {
        return Err(failed(&String::from_utf8_lossy(&output.stderr)));
    }
    let records = File::open(&export).map_err(|source| home_error(&export, source))?;
    of_records(BufReader::new(records), &export)
}

fn of_records(
    records: BufReader<impl std::io::Read>,
    named: &Path,
) -> Result<BTreeSet<PathBuf>, BenchError> {
    let (mut held_out, mut trained) = (BTreeSet::new(), BTreeSet::new());
    for line in records.lines().take(RECORDS_MAX) {
        let line = line.map_err(|source| home_error(named, source))?;
        let Line { split, provenance } =
            serde_json::from_str(&line).map_err(|error| failed(&error.to_string()))?;
        let path = provenance.workspace.join(provenance.path);
        if split == HELD_OUT {
            held_out.insert(path);
        } else {
            trained.insert(path);
        }
    }
    let held_out = held_out.difference(&trained);
    // What is gone since cannot be played.
    Ok(held_out
        .filter_map(|path| path.canonicalize().ok())
        .collect())
}

fn failed(problem: &str) -> BenchError {
    BenchError::Trainer {
        problem: problem.trim().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_held_out_when_training_sees_nothing_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        for name in ["a.md", "船.md", "c.md"] {
            std::fs::write(root.join(name), "text").unwrap();
        }
        let record = |name: &str, split: &str| {
            let provenance = serde_json::json!({ "workspace": root, "path": name, "lines": null });
            let record =
                serde_json::json!({ "text": "砚", "split": split, "provenance": provenance });
            format!("{record}\n")
        };
        let records = [
            record("a.md", "train"),
            record("船.md", HELD_OUT),
            record("船.md", HELD_OUT),
            record("c.md", HELD_OUT),
            record("c.md", "train"),
            record("gone.md", HELD_OUT),
        ];
        let read = |text: &str| of_records(BufReader::new(text.as_bytes()), Path::new("r"));
        let files = read(&records.concat()).unwrap();
        assert_eq!(files, [root.join("船.md")].into());
        assert!(read("no record").is_err());
    }
}
