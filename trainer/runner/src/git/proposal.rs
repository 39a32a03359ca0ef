//! Who the owner of a folder may be, from git's own settings: asked before a folder is added, shown to
//! them, never taken without their word.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::command::{Git, GitError};
use super::mailmap;

/// Largest `.mailmap` that is read.
const MAILMAP_BYTES_MAX: u64 = 4 << 20;
/// Addresses that are proposed.
const PROPOSED_MAX: usize = 32;

/// The addresses under which somebody commits here: of their own settings, of each repository's, and
/// those that a `.mailmap` says to be the same person's. In the order of being found.
pub fn emails(
    folder: &Path,
    repositories: &[PathBuf],
    deadline: Duration,
) -> Result<Vec<String>, GitError> {
    let mut found: Vec<String> = Vec::new();
    let mut add = |email: &str| {
        let email = email.trim().to_lowercase();
        if email.contains('@') && !found.contains(&email) && found.len() < PROPOSED_MAX {
            found.push(email);
        }
    };
    let git = Git::at(folder, deadline)?;
    if let Some(email) = git.ask_or_nothing(&["config", "--global", "user.email"])? {
        add(&email);
    }
    for repository in repositories {
        // One that git refuses proposes nobody.
        let Ok(git) = Git::at(repository, deadline) else {
            continue;
        };
        let asked = git.ask_or_nothing(&["config", "user.email"]);
        let Ok(Some(email)) = asked else { continue };
        add(&email);
        for alias in aliases(repository, email.trim()) {
            add(&alias);
        }
    }
    Ok(found)
}

fn aliases(repository: &Path, email: &str) -> Vec<String> {
    let Ok(content) = crate::content::read(&repository.join(".mailmap"), MAILMAP_BYTES_MAX) else {
        return Vec::new();
    };
    mailmap::aliases(&String::from_utf8_lossy(&content.bytes), email)
}
