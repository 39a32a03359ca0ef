//! One repository: where it is, what it stands on, and how much of it is its owner's.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use inkstone_store::Identities;

use super::command::{Git, GitError};
use crate::content::ContentHash;

/// Authors of one repository that are listed to find its owner's addresses; the largest known
/// repositories have some 30,000.
const AUTHORS_MAX: usize = 200_000;
/// Largest list of commits that blame passes over.
const IGNORED_BYTES_MAX: u64 = 1 << 20;
/// The file in which a repository names commits that only format.
pub const IGNORED_COMMITS_FILE: &str = ".git-blame-ignore-revs";

/// How much of a repository's history is its owner's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Share {
    /// There is no commit yet.
    Unborn,
    /// All of it.
    All,
    /// Some of it: blame tells the lines.
    Some,
    /// None: a repository of other people's.
    None,
}

/// A repository as its owner sees it.
#[derive(Debug, Clone)]
pub struct Repository {
    git: Git,
    owner: Owner,
    share: Share,
    head: Option<String>,
    /// Commits that blame passes over, each on a line; empty when the repository names none.
    ignored: String,
    is_shallow: bool,
}

/// Whom git's answers may name as the owner: what was given, and what the repository's `.mailmap`
/// makes of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Owner {
    emails: BTreeSet<String>,
    names: BTreeSet<String>,
}

impl Owner {
    pub(super) fn is(&self, name: &str, email: &str) -> bool {
        self.emails.contains(&email.to_lowercase()) || self.names.contains(name)
    }

    /// What a commit of the owner's has somewhere in its author.
    pub(super) fn parts(&self) -> impl Iterator<Item = &str> {
        self.emails.iter().chain(&self.names).map(String::as_str)
    }
}

impl Repository {
    /// The repository that a folder is in; none where there is none.
    pub fn around(
        folder: &Path,
        identities: &Identities,
        deadline: Duration,
    ) -> Result<Option<Self>, GitError> {
        let Some(marked) = marked_around(folder) else {
            return Ok(None);
        };
        let root = root_of(marked, deadline)?;
        Self::at(&root, identities, deadline).map(Some)
    }

    fn at(root: &Path, identities: &Identities, deadline: Duration) -> Result<Self, GitError> {
        let git = Git::at(root, deadline)?;
        let head = git.ask_or_nothing(&["rev-parse", "--verify", "--quiet", "HEAD^{commit}"])?;
        let head = head.map(|head| head.trim().to_owned());
        let owner = owner(&git, identities)?;
        let shallow = git.ask(&["rev-parse", "--is-shallow-repository"])?;
        let is_shallow = shallow.trim() == "true";
        let share = match head {
            None => Share::Unborn,
            Some(_) => match share(&git, &owner)? {
                // The first commits of a shallow clone stand for all that others did before.
                Share::All if is_shallow => Share::Some,
                share => share,
            },
        };
        let ignored = match head {
            Some(_) if share == Share::Some => ignored_commits(&git)?,
            _ => String::new(),
        };
        Ok(Self {
            git,
            owner,
            share,
            head,
            ignored,
            is_shallow,
        })
    }

    /// Its top folder, canonical.
    pub fn root(&self) -> &Path {
        self.git.folder()
    }

    /// How much of it is its owner's.
    pub fn share(&self) -> Share {
        self.share
    }

    /// The commit it stands on.
    pub fn head(&self) -> Option<&str> {
        self.head.as_deref()
    }

    /// Names everything that decides whose lines are whose besides the files and the commits: when it
    /// changes, every file is to be asked about again.
    pub fn attribution(&self) -> ContentHash {
        let owner = format!("{:?}\n{}\n{}", self.owner, self.ignored, self.is_shallow);
        ContentHash::of(owner.as_bytes())
    }

    pub(super) fn git(&self) -> &Git {
        &self.git
    }

    pub(super) fn owner(&self) -> &Owner {
        &self.owner
    }

    pub(super) fn ignored(&self) -> &str {
        &self.ignored
    }

    pub(super) fn is_shallow(&self) -> bool {
        self.is_shallow
    }
}

/// The nearest folder at or above this one that has the mark of a repository.
pub fn marked_around(folder: &Path) -> Option<&Path> {
    folder.ancestors().find(|above| above.join(".git").exists())
}

/// The top folder of the repository that a mark is of. Git decides: it passes over an empty mark and
/// takes the repository around it. What git refuses, or says to lie elsewhere, may be anybody's.
fn root_of(marked: &Path, deadline: Duration) -> Result<PathBuf, GitError> {
    let root = Git::at(marked, deadline)?.ask(&["rev-parse", "--show-toplevel"])?;
    let root = PathBuf::from(root.trim_end_matches(['\n', '\r']));
    let canonical = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let (root, marked) = (canonical(&root), canonical(marked));
    if marked.starts_with(&root) {
        return Ok(root);
    }
    let what = format!("the settings of {} name another folder", marked.display());
    Err(GitError::Refused(what))
}

/// What was given, and the proper address of each by the repository's `.mailmap`: git names authors by
/// those.
fn owner(git: &Git, identities: &Identities) -> Result<Owner, GitError> {
    let mut emails: BTreeSet<String> = identities.emails().iter().cloned().collect();
    for email in identities.emails() {
        let contact = format!("<{email}>");
        let proper = match git.ask(&["check-mailmap", &contact]) {
            Ok(proper) => proper,
            // Not an address at all, which no commit has.
            Err(GitError::Refused(_)) => continue,
            Err(error) => return Err(error),
        };
        let proper = proper
            .rsplit_once('<')
            .and_then(|(_, rest)| rest.split_once('>'));
        emails.extend(proper.map(|(email, _)| email.to_lowercase()));
    }
    Ok(Owner {
        emails,
        names: identities.names().iter().cloned().collect(),
    })
}

fn share(git: &Git, owner: &Owner) -> Result<Share, GitError> {
    // Without the dashes, a file of that name would make it ambiguous.
    let listed = git.ask(&["shortlog", "--summary", "--email", "HEAD", "--"])?;
    let (mut own, mut others) = (false, false);
    for line in listed.lines().take(AUTHORS_MAX) {
        let author = line.split_once('\t').map_or(line, |(_, author)| author);
        let (name, email) = author.rsplit_once(" <").unwrap_or((author, ""));
        if owner.is(name, email.trim_end_matches('>')) {
            own = true;
        } else {
            others = true;
        }
    }
    Ok(match (own, others) {
        (true, false) => Share::All,
        (true, true) => Share::Some,
        (false, _) => Share::None,
    })
}

/// The commits that the repository's list names and that are there: git refuses a whole list for one
/// that is not.
fn ignored_commits(git: &Git) -> Result<String, GitError> {
    let path = git.folder().join(IGNORED_COMMITS_FILE);
    let Ok(content) = crate::content::read(&path, IGNORED_BYTES_MAX) else {
        return Ok(String::new());
    };
    let text = String::from_utf8_lossy(&content.bytes);
    let is_id = |word: &&str| word.len() >= 40 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let ids: Vec<&str> = text
        .lines()
        .filter_map(|line| line.split('#').next()?.split_whitespace().next())
        .filter(is_id)
        .collect();
    if ids.is_empty() {
        return Ok(String::new());
    }
    let asked = ids.join("\n") + "\n";
    let question = ["cat-file", "--batch-check=%(objectname) %(objecttype)"];
    let answer = git.ask_about(&question, Some(asked.as_bytes()))?;
    let commits = answer
        .lines()
        .filter_map(|line| line.strip_suffix(" commit"));
    Ok(commits.collect::<Vec<&str>>().join("\n"))
}
