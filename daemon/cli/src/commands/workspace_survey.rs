//! What would be read of a folder, as the trainer tells it, and in words.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::model_table::size;
use crate::{CommandError, trainer};

/// Repositories that are named one by one.
const SHOWN_MAX: usize = 10;

/// What the trainer prints (`inkstone-trainer survey`).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Survey {
    formats: BTreeMap<String, Count>,
    skipped: BTreeMap<String, u64>,
    repositories: Vec<Repository>,
    repositories_found: u64,
    /// Addresses that may be the owner's.
    pub(super) proposed: Vec<String>,
    git_problem: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
struct Count {
    files: u64,
    bytes: u64,
}

#[derive(Debug, Clone, Deserialize)]
struct Repository {
    path: PathBuf,
    share: String,
}

/// Asks the trainer about a folder.
pub(super) fn of(folder: &Path, identities: &[String]) -> Result<Survey, CommandError> {
    let mut asked = vec![OsString::from("survey")];
    for identity in identities {
        asked.push(format!("--identity={identity}").into());
    }
    asked.extend(["--".into(), folder.into()]);
    trainer::ask(&asked, &mut |_| ())
}

impl Survey {
    /// Whether git decides about any of it.
    pub(super) fn has_repositories(&self) -> bool {
        !self.repositories.is_empty()
    }

    /// In words.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        let mut line = |words: std::fmt::Arguments<'_>| {
            // proof: writing into a string cannot fail.
            let _ = writeln!(text, "  {words}");
        };
        for (format, count) in &self.formats {
            let name = format.replace('_', " ");
            line(format_args!(
                "{:>7}  {name} ({})",
                count.files,
                size(count.bytes)
            ));
        }
        if self.formats.is_empty() {
            line(format_args!("nothing: no file has a format that is read"));
        }
        for repository in self.repositories.iter().take(SHOWN_MAX) {
            let taken = match repository.share.as_str() {
                "all" => "all of it is yours",
                "some" => "only your lines are taken",
                "none" => "none of its commits is yours: nothing is taken",
                "unborn" => "no commit yet: all of it is taken",
                _ => "git does not tell: nothing is taken",
            };
            line(format_args!(
                "repository {}: {taken}",
                repository.path.display()
            ));
        }
        let shown = self.repositories.len().min(SHOWN_MAX) as u64;
        if let Some(more @ 1..) = self.repositories_found.checked_sub(shown) {
            line(format_args!(
                "and {more} more repositories, of which your lines are taken"
            ));
        }
        if let Some(problem) = &self.git_problem {
            line(format_args!("git cannot be asked: {problem}"));
        }
        let not_read = self
            .skipped
            .iter()
            .filter(|(reason, _)| *reason != "no_format");
        for (reason, count) in not_read {
            line(format_args!(
                "{count:>7}  not read: {}",
                reason.replace('_', " ")
            ));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_and_what_is_not_is_told_in_words() {
        let survey: Survey = serde_json::from_str(
            r#"{
                "formats": {"markdown": {"files": 12, "bytes": 4096}, "plain_text": {"files": 1, "bytes": 5}},
                "skipped": {"no_format": 900, "symbolic_link": 2},
                "repositories": [{"path": "/w/书", "share": "some"}, {"path": "/w/x", "share": "none"}],
                "repositories_found": 5, "proposed": ["ann@x.example"], "later": true
            }"#,
        )
        .unwrap();
        let text = survey.text();
        for words in [
            "12  markdown (",
            "1  plain text (",
            "/w/书: only your lines",
            "/w/x: none of its commits",
            "and 3 more repositories",
            "2  not read: symbolic link",
        ] {
            assert!(text.contains(words), "`{words}` is missing in\n{text}");
        }
        assert!(!text.contains("900"), "{text}");
        assert!(Survey::default().text().contains("nothing"));
    }
}
