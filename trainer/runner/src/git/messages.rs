//! The messages of its owner's commits, as documents of theirs: newest first, without merges and
//! without what programs write.

use super::command::GitError;
use super::repository::Repository;

/// Longest message that is one: longer ones are pasted logs.
const MESSAGE_BYTES_MAX: usize = 64 << 10;

/// How messages begin that git writes, or that are to be joined with another.
const WRITTEN_BY_GIT: &[&str] = &[
    "Merge ",
    "Revert \"",
    "Reapply \"",
    "fixup! ",
    "squash! ",
    "amend! ",
];
/// How the names and addresses of programs end or begin.
const BOTS: &[&str] = &[
    "[bot]",
    "-bot",
    "bot@",
    "noreply@github.com",
    "actions@github.com",
];

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitMessage {
    /// Stands for a path: `git:REPOSITORY/ID`, with the repository relative to the workspace.
    pub path: String,
    /// The commit.
    pub id: String,
    /// Seconds since 1970, UTC, by its author's clock.
    pub written_at_s: i64,
    /// As committed, trailers included.
    pub text: String,
}

/// The newest messages of the owner's, at most so many. `since` leaves out what that commit and those
/// before it say; a commit that is not there any more leaves out nothing. `shown` is the
/// repository's folder relative to its workspace.
pub fn of_owner(
    repository: &Repository,
    shown: &str,
    since: Option<&str>,
    commits_max: u32,
) -> Result<Vec<CommitMessage>, GitError> {
    let Some(head) = repository.head() else {
        return Ok(Vec::new());
    };
    let git = repository.git();
    let mut question: Vec<String> = [
        "log",
        "-z",
        "--no-merges",
        "--no-show-signature",
        "--no-notes",
        "--no-color",
        "--encoding=UTF-8",
        "--format=%H%n%aN%n%aE%n%at%n%B",
    ]
    .map(str::to_owned)
    .to_vec();
    // Git leaves most of the others' out, by a part of the name; `read` looks exactly.
    question.extend(["--fixed-strings", "--regexp-ignore-case"].map(str::to_owned));
    let owner = repository.owner();
    question.extend(owner.parts().map(|part| format!("--author={part}")));
    if owner.parts().next().is_none() {
        return Ok(Vec::new());
    }
    question.push(head.to_owned());
    if let Some(since) = since {
        let commit = format!("{since}^{{commit}}");
        let is_there = git.ask_or_nothing(&["rev-parse", "--verify", "--quiet", &commit])?;
        question.extend(is_there.map(|id| format!("^{}", id.trim())));
    }
    question.push("--".to_owned());
    let answer = git.ask(&question)?;
    let is_owner = |name: &str, email: &str| owner.is(name, email);
    let messages = answer
        .split('\0')
        .filter_map(|record| read(record, shown, is_owner));
    Ok(messages
        .take(usize::try_from(commits_max).unwrap_or(usize::MAX))
        .collect())
}

/// One record; none when it is not the owner's, or nothing that a person wrote.
fn read(record: &str, shown: &str, is_owner: impl Fn(&str, &str) -> bool) -> Option<CommitMessage> {
    let mut fields = record.splitn(5, '\n');
    let (id, name, email) = (fields.next()?, fields.next()?, fields.next()?);
    let written_at_s = fields.next()?.parse().ok()?;
    let text = fields.next()?.trim_end();
    let is_bot = |of: &str| {
        BOTS.iter()
            .any(|bot| of.ends_with(bot) || of.starts_with(bot))
    };
    let is_program = WRITTEN_BY_GIT.iter().any(|start| text.starts_with(start));
    if !is_owner(name, email)
        || is_bot(name)
        || is_bot(email)
        || is_program
        || text.is_empty()
        || text.len() > MESSAGE_BYTES_MAX
    {
        return None;
    }
    let separator = if shown.is_empty() { "" } else { "/" };
    Some(CommitMessage {
        path: format!("git:{shown}{separator}{id}"),
        id: id.to_owned(),
        written_at_s,
        text: text.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(name: &str, email: &str, text: &str) -> Option<CommitMessage> {
        let record = format!("abc\n{name}\n{email}\n1700000000\n{text}\n");
        read(&record, "book", |_, email| email.starts_with("ann"))
    }

    #[test]
    fn a_message_of_the_owner_is_whole_and_names_its_commit() {
        let found = message(
            "Ann",
            "ann@x.example",
            "修订第三章\n\nThe end was too soon.\n",
        )
        .unwrap();
        assert_eq!(found.path, "git:book/abc");
        assert_eq!(found.text, "修订第三章\n\nThe end was too soon.");
        assert_eq!(found.written_at_s, 1_700_000_000);
    }

    #[test]
    fn what_others_programs_and_git_itself_wrote_is_left_out() {
        assert_eq!(message("Ben", "ben@x.example", "Mine"), None);
        assert_eq!(message("ann[bot]", "ann@x.example", "Bump"), None);
        for text in [
            "Merge branch 'a'",
            "fixup! Mend it",
            "Revert \"Mend it\"",
            "",
        ] {
            assert_eq!(message("Ann", "ann@x.example", text), None, "{text}");
        }
    }

    #[test]
    fn a_record_that_is_none_is_left_out() {
        for record in ["", "abc", "abc\nAnn\nann@x.example\nsoon\nText"] {
            assert_eq!(read(record, "", |_, _| true), None, "{record}");
        }
    }
}
