//! Whose a file is, as the corpus asks for it.

use std::path::Path;
use std::sync::Arc;

use inkstone_corpus::authorship::{Claim, LineAuthor};
use inkstone_store::Mark;

use super::has_lines;
use crate::git::authors::{Authors, FileAuthors, NotTheirs};
use crate::walk::FoundFile;

/// Whose a file is.
pub(super) enum Whose {
    /// All of it is its owner's, as far as files tell.
    Owner,
    /// Each line is somebody's.
    Lines(Arc<[LineAuthor]>),
    /// Nothing of it is read.
    Nobody {
        /// Why.
        why: String,
        /// Whether that stays so until something changes.
        is_final: bool,
    },
}

impl Whose {
    pub(super) fn of(authors: &mut Authors<'_>, file: &FoundFile, bytes: &[u8]) -> Self {
        let has_lines = has_lines(file.format);
        match authors.of_file(&file.path, bytes, has_lines) {
            // A mark by hand is told to the corpus as a claim.
            FileAuthors::Owner | FileAuthors::Others(NotTheirs::Marked) => Self::Owner,
            FileAuthors::Lines(lines) => Self::Lines(lines),
            FileAuthors::Others(NotTheirs::Repository) if has_lines => {
                let lines = bytes.split(|byte| *byte == b'\n').count();
                Self::Lines(vec![LineAuthor::Other; lines].into())
            }
            FileAuthors::Others(_) => Self::Nobody {
                why: "others committed it".to_owned(),
                is_final: true,
            },
            FileAuthors::Unknown(error) => Self::Nobody {
                why: error.to_string(),
                is_final: false,
            },
        }
    }
}

/// Names what decides whose the files of a file's folder are.
pub(super) fn attribution(authors: &mut Authors<'_>, file: &Path) -> Vec<u8> {
    match authors.repository_of(file).as_deref() {
        None => Vec::new(),
        Some(Ok(repository)) => [
            &[repository.share() as u8],
            &repository.attribution().as_bytes()[..],
        ]
        .concat(),
        Some(Err(error)) => error.to_string().into_bytes(),
    }
}

pub(super) fn claim(mark: Option<Mark>) -> Claim {
    match mark {
        Some(Mark::Mine) => Claim::Mine,
        Some(Mark::NotMine) => Claim::NotMine,
        None => Claim::Auto,
    }
}
