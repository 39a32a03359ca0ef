//! What would be read of a folder if it were added: for the question that `inkstone workspace add`
//! asks. Opens no document: names, sizes and git's history.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use inkstone_store::Identities;
use serde::{Deserialize, Serialize};

use crate::git::{GitError, Repository, Share, proposal};
use crate::options::ReadingOptions;
use crate::walk::{Found, WalkError, walk};

/// Repositories that are asked whose they are; of the rest only the number is told.
const REPOSITORIES_MAX: usize = 64;

/// What would be read of a folder.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Survey {
    /// Files of each format, by its word.
    pub formats: BTreeMap<String, Count>,
    /// Files and folders that are not read, by the word of the reason.
    pub skipped: BTreeMap<String, u64>,
    /// Folders that are entered.
    pub folders: u64,
    /// Repositories in the folder, and the one around it, as far as they were asked.
    pub repositories: Vec<SurveyedRepository>,
    /// Repositories in the folder, all of them.
    pub repositories_found: u64,
    /// Addresses that may be the owner's.
    pub proposed: Vec<String>,
    /// Why git could not be asked.
    pub git_problem: Option<String>,
}

/// Files of one format.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// How many.
    pub files: u64,
    /// Their sizes, together.
    pub bytes: u64,
}

/// A repository, and how much of it is the owner's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SurveyedRepository {
    /// Its folder.
    pub path: PathBuf,
    /// `all`, `some`, `none`, `unborn`, or `unknown` when git could not say.
    pub share: String,
}

/// Looks at a folder. Without identities, those that git proposes are asked about.
pub fn survey(
    root: &Path,
    identities: &Identities,
    options: &ReadingOptions,
    git_deadline: Duration,
) -> Result<Survey, WalkError> {
    let mut survey = Survey::default();
    let mut repositories = Vec::new();
    let around = root
        .parent()
        .and_then(crate::git::repository::marked_around);
    if !root.join(".git").exists() {
        repositories.extend(around.map(Path::to_owned));
    }
    for found in walk(root, options)? {
        match found {
            Found::File(file) => {
                let count = survey.formats.entry(file.format.name().to_owned());
                let count = count.or_default();
                count.files += 1;
                count.bytes = count.bytes.saturating_add(file.stamp.bytes);
            }
            Found::Skipped(skipped) => {
                *survey
                    .skipped
                    .entry(skipped.why.word().to_owned())
                    .or_default() += 1;
            }
            Found::Folder(path) => {
                survey.folders += 1;
                let path = root.join(path);
                if path.join(".git").exists() {
                    survey.repositories_found += 1;
                    if repositories.len() < REPOSITORIES_MAX {
                        repositories.push(path);
                    }
                }
            }
        }
    }
    if let Err(error) = survey.ask_git(root, &repositories, identities, git_deadline) {
        survey.git_problem = Some(error.to_string());
    }
    Ok(survey)
}

impl Survey {
    fn ask_git(
        &mut self,
        root: &Path,
        repositories: &[PathBuf],
        identities: &Identities,
        deadline: Duration,
    ) -> Result<(), GitError> {
        self.proposed = proposal::emails(root, repositories, deadline)?;
        let proposed = Identities::of(&self.proposed);
        let identities = if identities.is_empty() {
            &proposed
        } else {
            identities
        };
        for path in repositories {
            let share = match Repository::around(path, identities, deadline) {
                Ok(Some(repository)) => word(repository.share()),
                Ok(None) => continue,
                Err(_) => "unknown",
            };
            self.repositories.push(SurveyedRepository {
                path: path.clone(),
                share: share.to_owned(),
            });
        }
        Ok(())
    }
}

fn word(share: Share) -> &'static str {
    match share {
        Share::Unborn => "unborn",
        Share::All => "all",
        Share::Some => "some",
        Share::None => "none",
    }
}
