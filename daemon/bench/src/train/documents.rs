//! A part of a folder's documents, copied: where no more than so many tokens are to be learned from.
//!
//! Whole documents, spread evenly over the folder in the order of their names, the same ones every
//! time. Not how many tokens they have, which the trainer says.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::error::BenchError;
use crate::replay::prose_files;
use crate::stage::home_error;

/// A folder with copies, by the name of what was copied, since a dataset holds out by the names of
/// folders and files; gone when dropped.
pub(super) struct Copied {
    folder: PathBuf,
    _gone: TempDir,
}

impl Copied {
    /// About this share of the bytes of a folder's documents.
    pub(super) fn of(corpus: &Path, share: f64) -> Result<Self, BenchError> {
        let gone = tempfile::Builder::new().prefix("ink-train").tempdir();
        let gone = gone.map_err(|source| home_error(&std::env::temp_dir(), source))?;
        let named = corpus.canonicalize();
        let named = named.map_err(|source| home_error(corpus, source))?;
        let folder = gone.path().join(named.file_name().unwrap_or_default());
        let (mut seen, mut taken) = (0.0, 0.0);
        for (name, file) in prose_files(corpus)? {
            let bytes = fs::metadata(&file).map(|about| about.len());
            let bytes = bytes.map_err(|source| home_error(&file, source))? as f64;
            seen += bytes;
            // Taken as soon as the share of what was seen allows it.
            if taken + bytes > seen * share {
                continue;
            }
            taken += bytes;
            let copy = folder.join(name);
            if let Some(parent) = copy.parent() {
                fs::create_dir_all(parent).map_err(|source| home_error(parent, source))?;
            }
            fs::copy(&file, &copy).map_err(|source| home_error(&copy, source))?;
        }
        if taken > 0.0 {
            return Ok(Self {
                folder,
                _gone: gone,
            });
        }
        Err(BenchError::TooFew {
            what: format!("every document of {} is too long", corpus.display()),
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.folder
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_the_documents_is_taken_from_all_over_the_folder() {
        let corpus = tempfile::tempdir().unwrap();
        fs::create_dir(corpus.path().join("船")).unwrap();
        for number in 0..40 {
            let name = format!("船/{number:02}.md");
            fs::write(corpus.path().join(name), "word ".repeat(20)).unwrap();
        }
        let names = |share| {
            let copied = Copied::of(corpus.path(), share).unwrap();
            let files = prose_files(copied.path()).unwrap();
            let names = files.into_iter().map(|(name, _)| name);
            names.collect::<Vec<_>>()
        };
        let quarter = names(0.25);
        assert_eq!(quarter.len(), 10, "{quarter:?}");
        assert!(quarter[0].as_str() < "船/10" && quarter[9].as_str() > "船/30");
        assert_eq!(quarter, names(0.25));
        assert_eq!(names(1.0).len(), 40);
        assert!(Copied::of(corpus.path(), 0.001).is_err());
    }
}
