//! One question to the `git` program: bounded, off the network, and with nothing of the repository's
//! run.
//!
//! A folder that somebody unpacked may hold a repository whose settings name programs: monitors,
//! filters, converters, verifiers of signatures. Those with known names are switched off for every
//! question; those that are named freely (`filter.x.clean`, `diff.x.textconv`) are asked for first and
//! emptied one by one. Git's own refusal of repositories of another user stays in force.

use std::ffi::OsStr;
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

/// What an answer may have; a blame of a file of the largest size with short lines has less.
const ANSWER_BYTES_MAX: usize = 256 << 20;
/// What a complaint may have.
const COMPLAINT_BYTES_MAX: u64 = 4 << 10;
/// Freely named programs of one repository; one with more is not asked.
const PROGRAMS_MAX: usize = 64;
/// Between two looks at a program that was told to end.
const END_LOOK_EVERY: Duration = Duration::from_millis(2);

/// Settings that make git run something or reach out, switched off for every question.
const HARMLESS: &[&str] = &[
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.pager=cat",
    "core.untrackedCache=false",
    "core.sshCommand=false",
    "core.askPass=false",
    "core.alternateRefsCommand=",
    "log.showSignature=false",
    "log.mailmap=true",
    "gpg.program=false",
    "protocol.allow=never",
    "fetch.recurseSubmodules=false",
    "submodule.recurse=false",
    "credential.helper=",
    "maintenance.auto=false",
    "gc.auto=0",
    "blame.markIgnoredLines=false",
    "blame.markUnblamableLines=false",
    // In a shallow clone it would make the first commit's author that of all lines before it.
    "blame.showRoot=false",
    // Names are compared: another encoding would make them another's.
    "i18n.logOutputEncoding=UTF-8",
    "safe.bareRepository=explicit",
    "color.ui=false",
];

/// Variables of git's that are the user's choice of their own settings; all others are not handed
/// on, since they redirect questions to another repository.
const KEPT_VARIABLES: &[&str] = &[
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM",
    "GIT_CEILING_DIRECTORIES",
];

/// A question had no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GitError {
    /// There is no git.
    #[error(
        "git cannot be run ({0}); install it, or mark the folder: inkstone workspace mark DIR mine"
    )]
    NotRun(String),
    /// It took too long.
    #[error("git took more than {deadline_s} s (corpus.git_s_max)")]
    TooLate {
        /// The limit.
        deadline_s: u64,
    },
    /// It said too much.
    #[error("git's answer has more than {bytes_max} bytes")]
    TooMuch {
        /// The limit.
        bytes_max: usize,
    },
    /// It refused.
    #[error("git: {0}")]
    Refused(String),
    /// It said something that it never says.
    #[error("git's answer makes no sense: {0}")]
    Odd(String),
}

/// Asks git in one folder.
#[derive(Debug, Clone)]
pub struct Git {
    folder: PathBuf,
    deadline: Duration,
    /// `NAME=VALUE` of settings that are switched off here besides the known ones.
    emptied: Vec<String>,
}

impl Git {
    /// In a folder, with so much time for each question. Asks for the programs that its repository
    /// names, to leave them out.
    pub fn at(folder: &Path, deadline: Duration) -> Result<Self, GitError> {
        let mut git = Self {
            folder: folder.to_owned(),
            deadline,
            emptied: Vec::new(),
        };
        // Fails with nothing said where there is none.
        let answer = git.ask_or_nothing(&[
            "config",
            "--includes",
            "--name-only",
            "-z",
            "--get-regexp",
            r"^(filter\..*\.(clean|smudge|process|required)|diff\..*\.(textconv|command)|gpg\..*\.program)$",
        ])?;
        let answer = answer.unwrap_or_default();
        let mut names: Vec<&str> = answer.split('\0').filter(|name| !name.is_empty()).collect();
        names.sort_unstable();
        names.dedup();
        if names.len() > PROGRAMS_MAX || names.iter().any(|name| name.contains(['=', '\n'])) {
            let what = "the repository's settings name more programs than anybody uses".to_owned();
            return Err(GitError::Refused(what));
        }
        let emptied = names.iter().map(|name| {
            let value = if name.ends_with(".required") {
                "false"
            } else {
                ""
            };
            format!("{name}={value}")
        });
        git.emptied = emptied.collect();
        Ok(git)
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The answer to a question, as text; bytes that are none are replaced.
    pub fn ask<S: AsRef<OsStr>>(&self, question: &[S]) -> Result<String, GitError> {
        self.ask_about(question, None)
    }

    /// The same, where git ends with 1 to say no.
    pub fn ask_or_nothing<S: AsRef<OsStr>>(
        &self,
        question: &[S],
    ) -> Result<Option<String>, GitError> {
        let (code, answer, complaint) = self.run(question, None)?;
        match code {
            Some(0) => Ok(Some(answer)),
            Some(1) if complaint.trim().is_empty() => Ok(None),
            _ => Err(GitError::Refused(complaint.trim().to_owned())),
        }
    }

    /// The same, with something on the standard input.
    pub fn ask_about<S: AsRef<OsStr>>(
        &self,
        question: &[S],
        input: Option<&[u8]>,
    ) -> Result<String, GitError> {
        match self.run(question, input)? {
            (Some(0), answer, _) => Ok(answer),
            (_, _, complaint) => Err(GitError::Refused(complaint.trim().to_owned())),
        }
    }

    fn run<S: AsRef<OsStr>>(
        &self,
        question: &[S],
        input: Option<&[u8]>,
    ) -> Result<(Option<i32>, String, String), GitError> {
        let mut command = self.command();
        command
            .args(question)
            .stdin(if input.is_some() {
                Stdio::piped()
            } else {
                Stdio::null()
            })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let not_run = |error: io::Error| GitError::NotRun(error.to_string());
        let mut child = Running(command.spawn().map_err(not_run)?);
        let (stdin, stdout, stderr) = (
            child.0.stdin.take(),
            child.0.stdout.take(),
            child.0.stderr.take(),
        );
        let deadline = Instant::now() + self.deadline;
        let (said, hear) = channel();
        thread::scope(|scope| {
            scope.spawn(move || {
                // A git that wants no more of it has closed its end.
                let _ = stdin
                    .zip(input)
                    .map(|(mut stdin, input)| stdin.write_all(input));
            });
            let complaint = scope.spawn(move || bounded(stderr, COMPLAINT_BYTES_MAX));
            scope.spawn(move || {
                // Nobody waits for it any more when the time is over.
                let _ = said.send(bounded(stdout, ANSWER_BYTES_MAX as u64 + 1));
            });
            let heard = hear.recv_timeout(deadline.saturating_duration_since(Instant::now()));
            let too_late = GitError::TooLate {
                deadline_s: self.deadline.as_secs(),
            };
            let answer = match heard {
                Ok(answer) if answer.len() <= ANSWER_BYTES_MAX => answer,
                Ok(_) => {
                    child.kill();
                    let bytes_max = ANSWER_BYTES_MAX;
                    return Err(GitError::TooMuch { bytes_max });
                }
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    child.kill();
                    return Err(too_late);
                }
            };
            let Some(status) = child.wait_until(deadline) else {
                child.kill();
                return Err(too_late);
            };
            let complaint = complaint.join().unwrap_or_default();
            let text = |bytes: Vec<u8>| match String::from_utf8(bytes) {
                Ok(text) => text,
                Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
            };
            Ok((status.code(), text(answer), text(complaint)))
        })
    }

    fn command(&self) -> Command {
        let mut command = Command::new(program());
        for (name, _) in std::env::vars_os() {
            let is_gits = name
                .to_str()
                .is_some_and(|name| name.starts_with("GIT_") && !KEPT_VARIABLES.contains(&name));
            if is_gits {
                command.env_remove(name);
            }
        }
        command
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_NO_LAZY_FETCH", "1")
            .env("GIT_ALLOW_PROTOCOL", "none")
            .env("GIT_LITERAL_PATHSPECS", "1")
            .env("GIT_NO_REPLACE_OBJECTS", "1")
            .env("LC_ALL", "C")
            .current_dir(&self.folder)
            .arg("--no-pager");
        for setting in HARMLESS {
            command.args(["-c", setting]);
        }
        for setting in &self.emptied {
            command.args(["-c", setting]);
        }
        command
    }
}

/// Where git lies. Folders of `PATH` that are not absolute are passed over: they would be looked for
/// in the repository, and a `git` that lies there is its own.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let file = format!("git{}", std::env::consts::EXE_SUFFIX);
        let path = std::env::var_os("PATH").unwrap_or_default();
        let found = program_in(std::env::split_paths(&path), &file);
        // Nothing lies there, and the question says so.
        found.unwrap_or_else(|| Path::new("/").join(file))
    })
}

fn program_in(folders: impl Iterator<Item = PathBuf>, file: &str) -> Option<PathBuf> {
    let absolute = folders.filter(|folder| folder.is_absolute());
    absolute
        .map(|folder| folder.join(file))
        .find(|path| path.is_file())
}

/// All of it, or as much as may be.
fn bounded(stream: Option<impl Read>, bytes_max: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(stream) = stream {
        // What came before an error counts; the exit code tells of failures.
        let _ = stream.take(bytes_max).read_to_end(&mut bytes);
    }
    bytes
}

/// A git that is under way; ended when nobody waits for it any more.
struct Running(Child);

impl Running {
    fn kill(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }

    /// How it ended, once it has; it closes its output just before.
    fn wait_until(&mut self, deadline: Instant) -> Option<ExitStatus> {
        loop {
            match self.0.try_wait() {
                Ok(Some(status)) => return Some(status),
                Ok(None) if Instant::now() < deadline => thread::sleep(END_LOOK_EVERY),
                Ok(None) | Err(_) => return None,
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_git_that_lies_in_the_repository_is_not_run() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("git"), "#!/bin/sh\n").unwrap();
        let path =
            |folders: &[&Path]| program_in(folders.iter().map(|one| one.to_path_buf()), "git");
        let here = [Path::new(""), Path::new("."), Path::new("bin")];
        assert_eq!(path(&here), None);
        let there = folder.path();
        assert_eq!(path(&[here[1], there]), Some(there.join("git")));
        assert!(program().is_absolute());
    }
}
