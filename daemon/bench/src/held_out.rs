//! Which files a dataset holds out of training: what may be measured on, since no adapter of that
//! dataset saw it.
//!
//! The split is the dataset's, by document, so the trainer is asked for it. A file that training sees
//! any part of is not held out, nor is one that the dataset has nothing of.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use crate::error::BenchError;
use crate::stage::{binary, home_error};
use crate::trainer_home::{answer_of, failed};

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
    /// The folder's name, without where it lies.
    workspace: String,
    path: PathBuf,
}

/// What `inkstone workspace list` says.
#[derive(Debug, Deserialize)]
struct Listed {
    workspaces: Vec<Folder>,
}

#[derive(Debug, Deserialize)]
struct Folder {
    path: PathBuf,
}

/// The files that the user's newest dataset holds out, by their canonical paths.
pub fn files(binaries: &Path) -> Result<BTreeSet<PathBuf>, BenchError> {
    let folder = tempfile::Builder::new().prefix("ink-split").tempdir();
    let folder = folder.map_err(|source| home_error(&std::env::temp_dir(), source))?;
    let export = folder.path().join("records.jsonl");
    let inkstone = binary(binaries, "inkstone")?;
    let listed = answer_of(Command::new(inkstone).args(["workspace", "list", "--json"]))?;
    let listed: Listed =
        serde_json::from_slice(&listed).map_err(|error| failed(&error.to_string()))?;
    let folders = by_name(listed.workspaces.into_iter().map(|folder| folder.path))?;
    let mut exporting = Command::new(binary(binaries, "inkstone-trainer")?);
    exporting.args(["export", "--format=jsonl", "--"]);
    answer_of(exporting.arg(&export))?;
    let records = File::open(&export).map_err(|source| home_error(&export, source))?;
    of_records(BufReader::new(records), &folders, &export)
}

/// Where the added folders lie, by the names that records know them by.
fn by_name(
    folders: impl Iterator<Item = PathBuf>,
) -> Result<BTreeMap<String, PathBuf>, BenchError> {
    let mut named = BTreeMap::new();
    for folder in folders {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        if let Some(other) = named.insert(name.into_owned(), folder.clone()) {
            let (one, other) = (folder.display(), other.display());
            return Err(failed(&format!(
                "{one} and {other} have one name, so it cannot be told whose files are held out"
            )));
        }
    }
    Ok(named)
}

fn of_records(
    records: BufReader<impl std::io::Read>,
    folders: &BTreeMap<String, PathBuf>,
    named: &Path,
) -> Result<BTreeSet<PathBuf>, BenchError> {
    let (mut held_out, mut trained) = (BTreeSet::new(), BTreeSet::new());
    for line in records.lines().take(RECORDS_MAX) {
        let line = line.map_err(|source| home_error(named, source))?;
        let Line { split, provenance } =
            serde_json::from_str(&line).map_err(|error| failed(&error.to_string()))?;
        // Of a folder that was taken away since.
        let Some(folder) = folders.get(&provenance.workspace) else {
            continue;
        };
        let path = folder.join(provenance.path);
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
            let provenance =
                serde_json::json!({ "workspace": "随笔", "path": name, "lines": null });
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
        let folders = BTreeMap::from([("随笔".to_owned(), root.clone())]);
        let read =
            |text: &str| of_records(BufReader::new(text.as_bytes()), &folders, Path::new("r"));
        let files = read(&records.concat()).unwrap();
        assert_eq!(files, [root.join("船.md")].into());
        assert!(read("no record").is_err());
        let elsewhere = [root.join("随笔"), root.join("b/随笔")];
        let problem = by_name(elsewhere.into_iter()).unwrap_err().to_string();
        assert!(problem.contains("one name"), "{problem}");
    }
}
