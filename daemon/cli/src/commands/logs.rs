//! `inkstone logs`: what daemon and language servers have logged, in the order of time.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;

use inkstone_platform::RotatingFile;

use super::learned;
use super::log_line::LogLine;
use crate::{CommandError, Environment, ExitStatus};

/// The programs that log.
const LOG_NAMES: [&str; 2] = ["inkstoned", "inkstone-lsp"];
/// Between two looks at a log that is followed: a person does not see it.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Arguments of `logs`.
#[derive(Debug, clap::Args)]
pub(crate) struct LogsArgs {
    /// Only why requests brought no suggestion
    #[arg(long)]
    why: bool,
    /// Go on with what is logged from now
    #[arg(long)]
    follow: bool,
    /// How many of the last lines
    #[arg(short = 'n', default_value_t = 50)]
    lines: usize,
}

pub(crate) fn run(args: &LogsArgs, env: &Environment) -> Result<ExitStatus, CommandError> {
    let folder = env.directories()?.log_dir();
    let mut last = Vec::new();
    // Before reading, so that nothing is missed between the last line read and the first followed.
    let mut tails: Vec<Tail> = LOG_NAMES
        .iter()
        .map(|name| Tail::at_end(&folder, name))
        .collect();
    for name in LOG_NAMES {
        last.extend(last_lines(&folder, name, args));
    }
    last.sort_by(|a, b| a.timestamp.cmp(&b.timestamp));
    for line in &last[last.len().saturating_sub(args.lines)..] {
        env.print(&args.shown(line))?;
    }
    if last.is_empty() && !args.follow {
        env.note(&if args.why {
            "no request without a suggestion is in the logs".to_owned()
        } else {
            format!("nothing is logged yet in {}", folder.display())
        });
    }
    if args.why {
        for explanation in learned::explanations(env)? {
            env.note(&format!("gate: {explanation}"));
        }
    }
    if args.follow {
        env.block_on(follow(args, &mut tails, env))??;
    }
    Ok(ExitStatus::Done)
}

impl LogsArgs {
    fn wants(&self, line: &LogLine) -> bool {
        !self.why || line.says_why()
    }

    fn shown(&self, line: &LogLine) -> String {
        let text = if self.why { line.why() } else { line.in_full() };
        format!("{text}\n")
    }
}

/// The last wanted lines of one program, the older files first.
fn last_lines(folder: &Path, name: &str, args: &LogsArgs) -> VecDeque<LogLine> {
    let mut last = VecDeque::new();
    for file in RotatingFile::files(folder, name).iter().rev() {
        // A file that was rotated away meanwhile has nothing to say.
        let Ok(file) = File::open(file) else { continue };
        for line in BufReader::new(file).lines().map_while(Result::ok) {
            let line = LogLine::parse(&line);
            if args.wants(&line) {
                last.push_back(line);
            }
            if last.len() > args.lines {
                last.pop_front();
            }
        }
    }
    last
}

/// Prints new lines until the reader of our output, or the person, has had enough.
async fn follow(
    args: &LogsArgs,
    tails: &mut [Tail],
    env: &Environment,
) -> Result<(), CommandError> {
    let mut looks = tokio::time::interval(LOOK_EVERY);
    loop {
        looks.tick().await;
        for tail in &mut *tails {
            for line in tail.new_lines() {
                let line = LogLine::parse(&line);
                if args.wants(&line) {
                    env.print(&args.shown(&line))?;
                }
            }
        }
    }
}

/// The end of a log that grows, and is replaced by a new file now and then.
struct Tail {
    path: PathBuf,
    open: Option<BufReader<File>>,
    /// The beginning of a line whose end is not written yet.
    partial: String,
}

impl Tail {
    fn at_end(folder: &Path, name: &str) -> Self {
        let path = folder.join(format!("{name}.log"));
        let open = File::open(&path).ok().and_then(|mut file| {
            file.seek(SeekFrom::End(0)).ok()?;
            Some(BufReader::new(file))
        });
        Self {
            path,
            open,
            partial: String::new(),
        }
    }

    /// The lines written since the last look.
    fn new_lines(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        self.take_lines(&mut lines);
        if self.is_replaced() {
            // What was written to the old file before it stepped aside.
            self.take_lines(&mut lines);
            self.partial.clear();
            self.open = File::open(&self.path).ok().map(BufReader::new);
            self.take_lines(&mut lines);
        }
        lines
    }

    fn take_lines(&mut self, lines: &mut Vec<String>) {
        let Some(file) = &mut self.open else { return };
        // An unreadable rest is looked at again next time.
        while matches!(file.read_line(&mut self.partial), Ok(bytes) if bytes > 0) {
            if !self.partial.ends_with('\n') {
                return;
            }
            let line = std::mem::take(&mut self.partial);
            lines.push(line.trim_end().to_owned());
        }
    }

    fn is_replaced(&self) -> bool {
        let Ok(current) = std::fs::metadata(&self.path) else {
            return false;
        };
        let Some(open) = &self.open else { return true };
        open.get_ref()
            .metadata()
            .is_ok_and(|opened| !is_same_file(&opened, &current))
    }
}

#[cfg(unix)]
fn is_same_file(a: &std::fs::Metadata, b: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

/// Without file numbers, the time of creation tells.
#[cfg(not(unix))]
fn is_same_file(a: &std::fs::Metadata, b: &std::fs::Metadata) -> bool {
    a.created().ok() == b.created().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    const WHY: &str = r#"{"timestamp":"2026-11-24T00:00:00Z","outcome":"silent","reason":"empty"}"#;
    const OTHER: &str = r#"{"timestamp":"2026-11-24T00:00:01Z","message":"listening"}"#;

    #[test]
    fn the_last_lines_come_from_all_files_the_older_first() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("x.1.log"), format!("{WHY}\n{OTHER}\n")).unwrap();
        std::fs::write(folder.path().join("x.log"), format!("{OTHER}\n{WHY}\n")).unwrap();
        let count = |why, lines| {
            let args = LogsArgs {
                why,
                follow: false,
                lines,
            };
            last_lines(folder.path(), "x", &args).len()
        };
        assert_eq!(
            (
                count(false, 10),
                count(false, 3),
                count(true, 10),
                count(true, 1)
            ),
            (4, 3, 2, 1)
        );
        assert_eq!(count(false, 0), 0);
    }

    #[test]
    fn a_followed_log_gives_whole_lines_and_goes_on_after_a_rotation() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = RotatingFile::open(folder.path(), "x", 20, 3).unwrap();
        log.write_all(b"before\n").unwrap();
        let mut tail = Tail::at_end(folder.path(), "x");
        assert!(tail.new_lines().is_empty());
        log.write_all("一二".as_bytes()).unwrap();
        assert!(tail.new_lines().is_empty());
        log.write_all("三\n".as_bytes()).unwrap();
        assert_eq!(tail.new_lines(), ["一二三"]);
        log.write_all(b"filling the file\n").unwrap();
        log.write_all(b"in the next file\n").unwrap();
        assert_eq!(tail.new_lines(), ["filling the file", "in the next file"]);
    }

    #[test]
    fn a_log_that_does_not_exist_yet_is_followed_from_its_first_line() {
        let folder = tempfile::tempdir().unwrap();
        let mut tail = Tail::at_end(folder.path(), "x");
        assert!(tail.new_lines().is_empty());
        std::fs::write(folder.path().join("x.log"), "first\n").unwrap();
        assert_eq!(tail.new_lines(), ["first"]);
    }
}
