//! Whose each line of a file is, by `git blame`: white space aside, moved and copied lines followed,
//! the commits that only format passed over, addresses joined by `.mailmap`.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

pub use inkstone_corpus::authorship::LineAuthor;

use super::command::GitError;
use super::repository::Repository;
use crate::content::ContentHash;

/// Answers that are kept.
const KEPT_MAX: usize = 256;
/// What git calls a line that is in no commit.
const UNCOMMITTED: char = '0';

/// Asks, and remembers the latest answers.
#[derive(Debug, Default)]
pub struct Blamer {
    kept: HashMap<Question, Arc<[LineAuthor]>>,
    order: VecDeque<Question>,
}

/// What an answer depends on. The file's own last commit is not part of it: a history that was
/// rewritten around the same content of the file gives a file another author so seldom that it may
/// wait for the next start.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Question {
    attribution: ContentHash,
    path: String,
    /// The file's content in the commit that the repository stands on.
    committed: String,
    /// Its content now.
    content: ContentHash,
}

impl Blamer {
    /// Whose the lines of a file of the repository are, by its content now. `path` is relative to
    /// the repository, with `/`.
    pub fn lines(
        &mut self,
        repository: &Repository,
        path: &str,
        content: &[u8],
    ) -> Result<Arc<[LineAuthor]>, GitError> {
        let Some(committed) = committed(repository, path)? else {
            return Ok(vec![LineAuthor::Uncommitted; count_lines(content)].into());
        };
        let question = Question {
            attribution: repository.attribution(),
            path: path.to_owned(),
            committed,
            content: ContentHash::of(content),
        };
        if let Some(kept) = self.kept.get(&question) {
            return Ok(Arc::clone(kept));
        }
        let lines: Arc<[LineAuthor]> = ask(repository, path, content)?.into();
        if self.order.len() >= KEPT_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.kept.remove(&oldest);
        }
        self.order.push_back(question.clone());
        self.kept.insert(question, Arc::clone(&lines));
        Ok(lines)
    }
}

/// The name of a file's content in the commit that the repository stands on; none when it is not in
/// it.
fn committed(repository: &Repository, path: &str) -> Result<Option<String>, GitError> {
    let Some(head) = repository.head() else {
        return Ok(None);
    };
    let listed = repository.git().ask(&["ls-tree", "-z", head, "--", path])?;
    // `mode type id<tab>path`
    let id = listed.split_whitespace().nth(2);
    Ok(id.map(str::to_owned))
}

fn ask(repository: &Repository, path: &str, content: &[u8]) -> Result<Vec<LineAuthor>, GitError> {
    // A list that the settings name is dropped: git refuses to answer when it is not there.
    let mut question: Vec<String> = [
        "blame",
        "--porcelain",
        "-w",
        "-M",
        "-C",
        "--no-textconv",
        "--no-ignore-revs-file",
    ]
    .map(str::to_owned)
    .to_vec();
    if !repository.is_shallow() {
        // A first commit is as good as any; in a shallow clone it stands for all before it.
        question.push("--root".to_owned());
    }
    let list = ignored_list(repository)?;
    if let Some(list) = &list {
        question.push("--ignore-revs-file".to_owned());
        question.push(list.path().to_string_lossy().into_owned());
    }
    let rest = ["--contents", "-", "--", path].map(str::to_owned);
    question.extend(rest);
    let answer = repository.git().ask_about(&question, Some(content))?;
    let lines = read(&answer, |name, email| repository.owner().is(name, email))?;
    let expected = count_lines(content);
    if lines.len() != expected {
        let what = format!("{} lines of {expected} in {path}", lines.len());
        return Err(GitError::Odd(what));
    }
    Ok(lines)
}

/// A file of our own that names the commits to pass over: the repository's may name some that are not
/// there, for which git refuses to answer at all.
fn ignored_list(repository: &Repository) -> Result<Option<tempfile::NamedTempFile>, GitError> {
    use std::io::Write as _;
    if repository.ignored().is_empty() {
        return Ok(None);
    }
    let written = || {
        let mut list = tempfile::NamedTempFile::new()?;
        list.write_all(repository.ignored().as_bytes())?;
        list.flush()?;
        Ok(list)
    };
    let failed = |error: std::io::Error| GitError::NotRun(format!("no temporary file: {error}"));
    written().map(Some).map_err(failed)
}

/// Lines as git counts them: a last one without a line feed is one.
fn count_lines(content: &[u8]) -> usize {
    content.split_inclusive(|byte| *byte == b'\n').count()
}

/// Reads `git blame --porcelain`: for each line a header `ID FROM TO [COUNT]`, for each commit when it
/// first comes its fields, then the line behind a tab.
fn read(answer: &str, is_owner: impl Fn(&str, &str) -> bool) -> Result<Vec<LineAuthor>, GitError> {
    let mut commits: HashMap<&str, Commit<'_>> = HashMap::new();
    let mut lines = Vec::new();
    let mut current: Option<&str> = None;
    for line in answer.split('\n') {
        let Some(id) = current else {
            let Some((id, _)) = line.split_once(' ') else {
                continue; // Behind the last line.
            };
            commits.entry(id).or_default();
            current = Some(id);
            continue;
        };
        if line.starts_with('\t') {
            let commit = commits.get(id).copied().unwrap_or_default();
            lines.push(commit.author(id, &is_owner));
            current = None;
            continue;
        }
        let commit = commits.entry(id).or_default();
        match line.split_once(' ').unwrap_or((line, "")) {
            ("author", name) => commit.name = name,
            ("author-mail", mail) => commit.email = mail.trim_matches(['<', '>']),
            ("boundary", _) => commit.is_boundary = true,
            _ => {}
        }
    }
    if current.is_some() {
        return Err(GitError::Odd("it ends within a line".to_owned()));
    }
    Ok(lines)
}

#[derive(Debug, Clone, Copy, Default)]
struct Commit<'a> {
    name: &'a str,
    email: &'a str,
    /// What is before it is not known: it stands for others too.
    is_boundary: bool,
}

impl Commit<'_> {
    fn author(self, id: &str, is_owner: &impl Fn(&str, &str) -> bool) -> LineAuthor {
        if id.chars().all(|c| c == UNCOMMITTED) {
            LineAuthor::Uncommitted
        } else if !self.is_boundary && is_owner(self.name, self.email) {
            LineAuthor::Owner
        } else {
            LineAuthor::Other
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = "\
aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa 1 1 2
author 安 Ann
author-mail <Ann@x.example>
summary one
boundary
filename a.md
\tone
aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa 2 2
\tauthor Ben
0000000000000000000000000000000000000000 3 3 1
author External file (--contents)
author-mail <external.file>
filename a.md
\t
bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb 3 4 1
author Ann
author-mail <ann@x.example>
filename a.md
\tfour
";

    #[test]
    fn each_line_is_its_commits_and_a_boundary_is_nobodys() {
        let is_ann = |_: &str, email: &str| email.eq_ignore_ascii_case("ann@x.example");
        let lines = read(ANSWER, is_ann).unwrap();
        let (other, owner) = (LineAuthor::Other, LineAuthor::Owner);
        assert_eq!(lines, [other, other, LineAuthor::Uncommitted, owner]);
    }

    #[test]
    fn an_answer_that_is_cut_off_is_none() {
        assert!(read(&ANSWER[..120], |_, _| true).is_err());
        assert_eq!(read("", |_, _| true).unwrap(), []);
    }

    #[test]
    fn lines_are_counted_as_git_counts_them() {
        for (content, lines) in [("", 0), ("a", 1), ("a\n", 1), ("a\r\n\n词", 3)] {
            assert_eq!(count_lines(content.as_bytes()), lines, "{content:?}");
        }
    }
}
