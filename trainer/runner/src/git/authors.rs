//! Whose a file is: what its owner marked by hand, else the repository it lies in, else its owner's.
//!
//! What git cannot say is nobody's: a file is left out rather than taken from somebody else.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use inkstone_store::{Mark, Workspace};

use super::blame::{Blamer, LineAuthor};
use super::command::GitError;
use super::repository::{Repository, Share, marked_around};

/// Repositories that are remembered for one look; with more, all are asked again.
const REPOSITORIES_MAX: usize = 1_024;

/// Whose a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileAuthors {
    /// All of it is its owner's.
    Owner,
    /// None of it is.
    Others(NotTheirs),
    /// Each line is somebody's.
    Lines(Arc<[LineAuthor]>),
    /// Git could not say; nothing of it is taken.
    Unknown(GitError),
}

/// Why nothing of a file is its owner's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotTheirs {
    /// Marked so by hand.
    Marked,
    /// In a repository to which its owner never committed.
    Repository,
    /// Others committed the file, and it has no lines by which to tell.
    File,
}

/// Answers for the files of one workspace, for one look at it: commits and `.mailmap` that come later
/// are not seen.
pub struct Authors<'a> {
    workspace: &'a Workspace,
    deadline: Duration,
    /// By the folder with the mark.
    repositories: HashMap<PathBuf, Arc<Result<Repository, GitError>>>,
    /// Whether some were forgotten, because there were too many.
    has_forgotten: bool,
    blamer: Blamer,
}

impl<'a> Authors<'a> {
    /// For a workspace, with so much time for each question to git.
    pub fn of(workspace: &'a Workspace, deadline: Duration) -> Self {
        Self {
            workspace,
            deadline,
            repositories: HashMap::new(),
            has_forgotten: false,
            blamer: Blamer::default(),
        }
    }

    /// Whose a file is. `has_lines` is whether its lines are those of its text, which those of an
    /// archive are not.
    pub fn of_file(&mut self, path: &str, content: &[u8], has_lines: bool) -> FileAuthors {
        match self.workspace.mark_of(path) {
            Some(Mark::Mine) => return FileAuthors::Owner,
            Some(Mark::NotMine) => return FileAuthors::Others(NotTheirs::Marked),
            None => {}
        }
        let absolute = self.workspace.path.join(path);
        let Some(repository) = self.repository_of(&absolute) else {
            return FileAuthors::Owner;
        };
        let repository = match &*repository {
            Ok(repository) => repository,
            Err(error) => return FileAuthors::Unknown(error.clone()),
        };
        match repository.share() {
            Share::Unborn | Share::All => return FileAuthors::Owner,
            Share::None => return FileAuthors::Others(NotTheirs::Repository),
            Share::Some => {}
        }
        let Some(inner) = crate::walk_order::relative(repository.root(), &absolute) else {
            let what = format!("{path} does not lie in {}", repository.root().display());
            return FileAuthors::Unknown(GitError::Odd(what));
        };
        let asked = if has_lines {
            let lines = self.blamer.lines(repository, &inner, content);
            lines.map(FileAuthors::Lines)
        } else {
            whole(repository, &inner)
        };
        asked.unwrap_or_else(FileAuthors::Unknown)
    }

    /// The repositories that were asked about and answered, by their folders.
    pub fn repositories(&self) -> Vec<Repository> {
        let answered = self
            .repositories
            .values()
            .filter_map(|asked| asked.as_ref().as_ref().ok());
        let mut answered: Vec<Repository> = answered.cloned().collect();
        answered.sort_by(|one, other| one.root().cmp(other.root()));
        answered.dedup_by(|one, other| one.root() == other.root());
        answered
    }

    /// The folders whose repositories could not be asked, or whose answers are forgotten.
    pub fn unanswered(&self) -> Vec<PathBuf> {
        if self.has_forgotten {
            return vec![self.workspace.path.clone()];
        }
        let asked = self.repositories.iter();
        let failed = asked.filter(|(_, asked)| asked.is_err());
        failed.map(|(folder, _)| folder.clone()).collect()
    }

    /// The repository that a file of the workspace lies in.
    pub fn repository_of(&mut self, file: &Path) -> Option<Arc<Result<Repository, GitError>>> {
        let marked = marked_around(file.parent()?)?;
        if let Some(known) = self.repositories.get(marked) {
            return Some(Arc::clone(known));
        }
        let identities = &self.workspace.identities;
        let asked = Repository::around(marked, identities, self.deadline).transpose()?;
        if self.repositories.len() >= REPOSITORIES_MAX {
            self.repositories.clear();
            self.has_forgotten = true;
        }
        let asked = Arc::new(asked);
        self.repositories
            .insert(marked.to_owned(), Arc::clone(&asked));
        Some(asked)
    }
}

/// Whose a file without lines is: its owner's when nobody else ever committed it. The first commits of
/// a shallow clone stand for all before them, so for others too.
fn whole(repository: &Repository, path: &str) -> Result<FileAuthors, GitError> {
    let Some(head) = repository.head() else {
        return Ok(FileAuthors::Owner);
    };
    let question = [
        "log",
        "--no-show-signature",
        "--follow",
        "--format=%P%x00%aE%x00%aN",
        head,
        "--",
        path,
    ];
    let listed = repository.git().ask(&question)?;
    let is_owners = |line: &str| {
        let mut fields = line.splitn(3, '\0');
        let mut field = || fields.next().unwrap_or_default();
        let (parents, email, name) = (field(), field(), field());
        let stands_for_others = repository.is_shallow() && parents.is_empty();
        !stands_for_others && repository.owner().is(name, email)
    };
    Ok(if listed.lines().all(is_owners) {
        FileAuthors::Owner
    } else {
        FileAuthors::Others(NotTheirs::File)
    })
}
