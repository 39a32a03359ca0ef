//! One process of the trainer: lines to it, reports from it, its end.

use std::io;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use inkstone_protocol::TrainerReport;
use inkstone_protocol::halves::{MessageReader, ReadError};
use tokio::io::AsyncWriteExt as _;
use tokio::process::{ChildStdin, ChildStdout, Command};

/// Bytes that wait for it to read; what does not fit is dropped, since it looks for itself.
const WAITING_BYTES_MAX: usize = 64 << 10;

/// Says that somebody types.
const TYPING_LINE: &[u8] = b"typing\n";

/// How much of what it says of itself is shown.
const NOTICE_CHARS_MAX: usize = 400;

/// Lines in a row that are no reports before it counts as broken.
const BAD_LINES_MAX: u32 = 16;

/// How a process ended.
#[derive(Debug)]
pub(super) enum Ended {
    /// The daemon ends.
    Told,
    /// It was sent away, or had nothing to do.
    Done,
    /// By itself, and why.
    Failed(String),
}

/// What a process does.
#[derive(Debug)]
pub(super) enum Event {
    /// It says how it is.
    Says(TrainerReport),
    /// It has ended, or must.
    Ended(Ended),
}

/// A running process; killed when it is dropped.
pub(super) struct Child {
    process: tokio::process::Child,
    input: Option<ChildStdin>,
    waiting: Vec<u8>,
    output: Option<MessageReader<ChildStdout, TrainerReport>>,
    bad_lines: u32,
}

impl Child {
    pub(super) fn spawn(program: &Path) -> io::Result<Self> {
        let mut process = Command::new(program)
            .arg("watch")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let (input, output) = (process.stdin.take(), process.stdout.take());
        Ok(Self {
            process,
            input,
            waiting: Vec::new(),
            output: output.map(MessageReader::new),
            bad_lines: 0,
        })
    }

    /// Tells it of a saved document: a path of one line.
    pub(super) fn saved(&mut self, path: &str) {
        self.say(&format!("saved {path}\n"));
    }

    /// Tells it that folders or settings may have changed.
    pub(super) fn look(&mut self) {
        self.say("look\n");
    }

    /// Tells it that somebody types. What was not yet read of this is not said again.
    pub(super) fn typing(&mut self) {
        if !self.waiting.ends_with(TYPING_LINE) {
            self.waiting.extend_from_slice(TYPING_LINE);
        }
    }

    fn say(&mut self, line: &str) {
        if self.waiting.len() + line.len() <= WAITING_BYTES_MAX {
            self.waiting.extend_from_slice(line.as_bytes());
        } else {
            tracing::debug!("the trainer does not read; a hint was dropped");
        }
    }

    /// The next thing that it does. Cancel safe.
    pub(super) async fn next(&mut self) -> Event {
        loop {
            tokio::select! {
                ended = self.process.wait() => return Event::Ended(of_exit(ended)),
                read = read(&mut self.output) => match read {
                    Read::Report(mut report) => {
                        self.bad_lines = 0;
                        report.notice = report.notice.map(|notice| {
                            notice.chars().take(NOTICE_CHARS_MAX).collect()
                        });
                        return Event::Says(report);
                    }
                    Read::NoReport => {
                        self.bad_lines += 1;
                        if self.bad_lines >= BAD_LINES_MAX {
                            let why = "what it says of itself cannot be read".to_owned();
                            return Event::Ended(Ended::Failed(why));
                        }
                    }
                    // Its end follows.
                    Read::End => self.output = None,
                },
                written = write(&mut self.input, &self.waiting) => match written {
                    Ok(bytes) => drop(self.waiting.drain(..bytes)),
                    // It does not listen any more; its end follows.
                    Err(_) => self.input = None,
                },
            }
        }
    }

    /// Ends it: by the end of its input, and where that does not help, by force.
    pub(super) async fn end(mut self, wait: Duration) {
        self.input = None;
        if tokio::time::timeout(wait, self.process.wait())
            .await
            .is_err()
        {
            tracing::warn!("the trainer does not end and is killed");
            // It is gone already, or dropping it kills it.
            let _ = self.process.kill().await;
        }
    }
}

fn of_exit(exit: io::Result<ExitStatus>) -> Ended {
    match exit {
        Ok(status) if status.success() => Ended::Done,
        Ok(status) => Ended::Failed(format!("it ended with {status}")),
        Err(error) => Ended::Failed(format!("its end cannot be told: {error}")),
    }
}

enum Read {
    Report(TrainerReport),
    NoReport,
    End,
}

async fn read(output: &mut Option<MessageReader<ChildStdout, TrainerReport>>) -> Read {
    let Some(reader) = output else {
        return std::future::pending().await;
    };
    match reader.next().await {
        Ok(Some(report)) => Read::Report(report),
        Ok(None) | Err(ReadError::Io(_)) => Read::End,
        Err(ReadError::Frame(error)) if !error.is_recoverable() => Read::End,
        Err(_) => Read::NoReport,
    }
}

async fn write(input: &mut Option<ChildStdin>, waiting: &[u8]) -> io::Result<usize> {
    match input {
        Some(input) if !waiting.is_empty() => input.write(waiting).await,
        _ => std::future::pending().await,
    }
}
