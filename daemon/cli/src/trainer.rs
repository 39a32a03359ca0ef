//! Asks `inkstone-trainer`, a program of its own: reading files, git and the corpus are its business,
//! and this one stays small. Its answers are JSON on standard output; what it is at, and what went
//! wrong, it tells on standard error.

use std::ffi::OsStr;
use std::io::{BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::{CommandError, ExitStatus};

/// How each of its messages begins.
const PREFIX: &str = "inkstone-trainer: ";
/// Lines of standard error that are kept to be shown.
const SAID_LINES_MAX: usize = 100;

/// How far a build is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub(crate) enum Progress {
    /// A folder is looked at.
    Reading {
        /// Which.
        workspace: PathBuf,
        /// Files that were read of it.
        files_read: u64,
        /// Their bytes.
        bytes_read: u64,
    },
    /// A language model is asked about it.
    Scoring {
        /// Texts that it has scored.
        texts: u64,
    },
    /// What was read is put together.
    #[serde(other)]
    Assembling,
}

#[derive(Deserialize)]
struct Told {
    progress: Progress,
}

/// Its command, to be given arguments.
pub(crate) fn command() -> Result<Command, CommandError> {
    let file = format!("inkstone-trainer{}", std::env::consts::EXE_SUFFIX);
    let own = std::env::current_exe().ok();
    let beside = own.as_deref().and_then(Path::parent).map(Path::to_owned);
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    let folders = beside.into_iter().chain(std::env::split_paths(&on_path));
    let mut files = folders
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(&file));
    let found = files.find(|path| path.is_file()).ok_or_else(|| {
        let message =
            format!("{file} is not beside this program and not on PATH; install it there");
        CommandError::new(ExitStatus::Unavailable, message)
    })?;
    Ok(Command::new(found))
}

/// Has something done that has no answer.
pub(crate) fn have_done<A: AsRef<OsStr>>(arguments: &[A]) -> Result<(), CommandError> {
    answer_to(arguments, &mut progress(&mut |_| ())).map(drop)
}

/// Asks, and waits for the answer.
pub(crate) fn ask<T: DeserializeOwned, A: AsRef<OsStr>>(
    arguments: &[A],
    hear: &mut dyn FnMut(Progress),
) -> Result<T, CommandError> {
    let mut hear = progress(hear);
    let answer = answer_to(arguments, &mut hear)?;
    serde_json::from_slice(&answer).map_err(|error| failed(&error))
}

/// Asks, and waits for the answer; `hear` says of each line on the way whether it has taken it.
pub(crate) fn ask_by_lines<T: DeserializeOwned, A: AsRef<OsStr>>(
    arguments: &[A],
    hear: &mut dyn FnMut(&str) -> bool,
) -> Result<T, CommandError> {
    let answer = answer_to(arguments, hear)?;
    serde_json::from_slice(&answer).map_err(|error| failed(&error))
}

/// Takes the lines that say how far a build is.
fn progress(hear: &mut dyn FnMut(Progress)) -> impl FnMut(&str) -> bool {
    |line| {
        let told = serde_json::from_str::<Told>(line);
        told.map(|told| hear(told.progress)).is_ok()
    }
}

/// What an answer that cannot be had is told as.
pub(crate) fn failed(why: &dyn std::fmt::Display) -> CommandError {
    let message = format!(
        "inkstone-trainer: {why}; is it of the same version as inkstone? run: inkstone doctor"
    );
    CommandError::new(ExitStatus::Internal, message)
}

/// Waits for its end, which is a failure unless it ended well.
pub(crate) fn end(mut child: Child, said: &str) -> Result<(), CommandError> {
    let status = child.wait().map_err(|error| failed(&error))?;
    if status.success() {
        return Ok(());
    }
    Err(ended(status, said))
}

/// What its end means, and what it said before.
pub(crate) fn ended(status: std::process::ExitStatus, said: &str) -> CommandError {
    let exit = match status.code() {
        Some(2) => ExitStatus::Usage,
        Some(4) => ExitStatus::Unavailable,
        _ => ExitStatus::Internal,
    };
    if said.is_empty() {
        return failed(&format_args!("it ended with {status}"));
    }
    CommandError::new(exit, said)
}

fn answer_to<A: AsRef<OsStr>>(
    arguments: &[A],
    hear: &mut dyn FnMut(&str) -> bool,
) -> Result<Vec<u8>, CommandError> {
    let mut child = command()?
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| failed(&error))?;
    let (output, notes) = (child.stdout.take(), child.stderr.take());
    // Both at once: it would wait for the one that is not read.
    let (answer, said) = std::thread::scope(|scope| {
        let reading = scope.spawn(move || {
            let mut answer = Vec::new();
            if let Some(mut output) = output {
                output.read_to_end(&mut answer)?;
            }
            Ok::<_, std::io::Error>(answer)
        });
        let said = notes.map_or_else(String::new, |notes| heard(BufReader::new(notes), hear));
        (reading.join(), said)
    });
    end(child, &said)?;
    match answer {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(failed(&error)),
        Err(_) => Err(failed(&"its answer cannot be read")),
    }
}

/// Has its lines heard; the rest of what it said.
fn heard(notes: impl std::io::BufRead, hear: &mut dyn FnMut(&str) -> bool) -> String {
    let mut said: Vec<String> = Vec::new();
    for line in notes.lines().map_while(Result::ok) {
        if !hear(&line) && said.len() < SAID_LINES_MAX {
            said.push(line.trim_start_matches(PREFIX).to_owned());
        }
    }
    said.join("\n").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_told_and_the_rest_is_what_was_said() {
        let notes = concat!(
            r#"{"progress":{"step":"reading","workspace":"/文稿","files_read":3,"bytes_read":9}}"#,
            "\ninkstone-trainer: one\n",
            r#"{"progress":{"step":"assembling"}}"#,
            "\n{\"progress\"\n",
        );
        let mut told = Vec::new();
        let mut hear = |progress| told.push(progress);
        let said = heard(notes.as_bytes(), &mut super::progress(&mut hear));
        let reading = Progress::Reading {
            workspace: "/文稿".into(),
            files_read: 3,
            bytes_read: 9,
        };
        assert_eq!(told, [reading, Progress::Assembling]);
        assert_eq!(said, "one\n{\"progress\"");
    }
}
