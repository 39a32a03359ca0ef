//! What the models of a play remember: other documents of the same writer, read by the real trainer
//! into a home of its own, once for all plays.
//!
//! Not the documents that are played: a memory that holds the answer says nothing. Where only what a
//! dataset holds out is played, it is left out of what is remembered; otherwise a document that is in
//! both is refused. Called before anything is played.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::ReplayOptions;
use super::corpus::{self, Document};
use crate::error::BenchError;
use crate::stage::{ModelFile, home_error};
use crate::trainer_home::{TrainerHome, answer_of};

/// Where a home keeps what models remember.
const MEMORY_FOLDER: &str = "data/memory";

/// A home whose dataset is made of what is to be remembered.
#[derive(Debug)]
pub(super) struct Remembered {
    home: TrainerHome,
}

impl Remembered {
    /// Builds it; none where nothing is to be remembered.
    pub(super) fn of(
        options: &ReplayOptions,
        played: &[Document],
        progress: &mut dyn FnMut(&str),
    ) -> Result<Option<Self>, BenchError> {
        if options.memory.is_empty() {
            return Ok(None);
        }
        for folder in &options.memory {
            if options.only.is_none() {
                refuse_shared(folder, &corpus::read(folder)?, played)?;
            }
        }
        progress("reading what is to be remembered");
        // Nothing of it is played: as little as can be is held out of what is remembered.
        let settings = format!(
            "{}\n[corpus]\nheld_out_percent = 1\n",
            options.role_settings()
        );
        let models = options.models.iter();
        let models: Vec<ModelFile> = models
            .map(|one| (one.model.clone(), one.file.clone()))
            .collect();
        let this = Self {
            home: TrainerHome::furnished(&options.binaries, &settings, &models)?,
        };
        let mut others = Vec::new();
        for folder in options.memory.iter().filter(|_| options.only.is_some()) {
            others.push(without_played(&corpus::read(folder)?, played)?);
        }
        let folders: Vec<&Path> = match &options.only {
            None => options.memory.iter().map(PathBuf::as_path).collect(),
            Some(_) => others.iter().map(|(_, folder)| folder.as_path()).collect(),
        };
        for folder in folders {
            this.home.add(folder)?;
        }
        answer_of(this.home.trainer().arg("build"))?;
        if this.files()?.is_empty() {
            return Err(BenchError::NothingRemembered {
                path: options.memory.first().cloned().unwrap_or_default(),
            });
        }
        Ok(Some(this))
    }

    /// Puts it into another home, whose daemon has not loaded a model yet.
    pub(super) fn put_into(&self, home: &Path) -> Result<(), BenchError> {
        let folder = home.join(MEMORY_FOLDER);
        fs::create_dir_all(&folder).map_err(|source| home_error(&folder, source))?;
        for file in self.files()? {
            let copy = folder.join(file.file_name().unwrap_or_default());
            fs::copy(&file, &copy).map_err(|source| home_error(&copy, source))?;
        }
        Ok(())
    }

    fn files(&self) -> Result<Vec<PathBuf>, BenchError> {
        let folder = self.home.path().join(MEMORY_FOLDER);
        if !folder.exists() {
            return Ok(Vec::new());
        }
        let entries = fs::read_dir(&folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let entries = entries.map_err(|source| home_error(&folder, source))?;
        Ok(entries.into_iter().map(|entry| entry.path()).collect())
    }
}

/// A folder with the documents that are not played, in one that goes when it is dropped. It has the
/// same name every time, since a dataset holds out by the names of folders and files.
fn without_played(
    remembered: &[Document],
    played: &[Document],
) -> Result<(TempDir, PathBuf), BenchError> {
    let gone = tempfile::Builder::new().prefix("ink-memory").tempdir();
    let gone = gone.map_err(|source| home_error(&std::env::temp_dir(), source))?;
    let folder = gone.path().join("remembered");
    fs::create_dir(&folder).map_err(|source| home_error(&folder, source))?;
    for (number, document) in remembered.iter().enumerate() {
        if played.iter().any(|one| one.text == document.text) {
            continue;
        }
        let ending = match document.language_id {
            "markdown" => "md",
            _ => "txt",
        };
        let file = folder.join(format!("{number}.{ending}"));
        fs::write(&file, &document.text).map_err(|source| home_error(&file, source))?;
    }
    Ok((gone, folder))
}

/// Refuses a document that is played and remembered.
fn refuse_shared(
    folder: &Path,
    remembered: &[Document],
    played: &[Document],
) -> Result<(), BenchError> {
    let is_played = |one: &&Document| played.iter().any(|other| other.text == one.text);
    match remembered.iter().find(is_played) {
        None => Ok(()),
        Some(shared) => Err(BenchError::PlayedAndRemembered {
            path: folder.join(&shared.name),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_that_is_played_must_not_be_remembered() {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [("a.md", "The harbour was quiet."), ("b.md", "今天下雨。")] {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let documents = corpus::read(folder.path()).unwrap();
        let (first, others) = documents.split_first().unwrap();
        let check = |played: &[Document]| refuse_shared(folder.path(), &documents[..1], played);
        assert!(check(others).is_ok());
        let (_gone, left) = without_played(&documents, others).unwrap();
        let left = corpus::read(&left).unwrap();
        assert_eq!(left.len(), 1);
        assert_eq!(left[0].text, first.text);
        let refused = check(std::slice::from_ref(first)).unwrap_err().to_string();
        assert!(refused.contains("a.md"), "{refused}");
    }
}
