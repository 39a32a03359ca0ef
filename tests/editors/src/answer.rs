//! A program that is run for its answer, for so long at most. Not the editors under test, which run
//! on; [`crate::neovim`] and [`crate::terminal`] ask them through it.
//!
//! What the program prints goes to files: a pipe stays open, and who reads it waits, for as long as
//! anything lives that the program has started.

use std::fs::{self, File};
use std::io::{self, Read, Seek};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use inkstone_test_support::eventually_or;

/// How long a program may take to answer, on a busy machine: an editor that takes longer waits for a
/// key that nobody presses.
pub(crate) const ANSWER_WAIT: Duration = Duration::from_secs(30);

/// What a program left behind.
#[derive(Debug)]
pub(crate) struct Answer {
    /// How it ended.
    pub(crate) status: ExitStatus,
    /// What it printed.
    pub(crate) out: String,
    /// What it printed as problems.
    pub(crate) err: String,
}

/// Runs a command to its end and kills it when it takes longer than `wait`. Its output lies in
/// `folder` meanwhile. An error names the command.
pub(crate) fn answer(
    command: &mut Command,
    wait: Duration,
    folder: &Path,
) -> Result<Answer, String> {
    run(command, wait, folder)
        .and_then(|answer| answer.ok_or_else(|| io::Error::other(format!("no answer in {wait:?}"))))
        .map_err(|error| {
            let program = command.get_program().display();
            let arguments: Vec<_> = command.get_args().collect();
            format!("{program} {arguments:?}: {error}")
        })
}

/// The same; no answer when the command had to be killed.
fn run(command: &mut Command, wait: Duration, folder: &Path) -> io::Result<Option<Answer>> {
    let (out, err) = (nameless_file(folder)?, nameless_file(folder)?);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(out.try_clone()?)
        .stderr(err.try_clone()?)
        .spawn()?;
    let Some(status) = eventually_or(wait, || child.try_wait().transpose()) else {
        child.kill()?;
        child.wait()?;
        return Ok(None);
    };
    Ok(Some(Answer {
        status: status?,
        out: text_of(out)?,
        err: text_of(err)?,
    }))
}

/// A file that is gone as soon as nobody has it open.
fn nameless_file(folder: &Path) -> io::Result<File> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let path = folder.join(format!("answer-{count}"));
    let file = File::options()
        .read(true)
        .write(true)
        .create_new(true)
        .open(&path)?;
    fs::remove_file(&path)?;
    Ok(file)
}

fn text_of(mut file: File) -> io::Result<String> {
    let mut bytes = Vec::new();
    file.rewind()?;
    file.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    use crate::scene::Scene;

    fn shell(scene: &Scene, script: &str) -> Command {
        let mut command = scene.command(Path::new("sh"));
        command.args(["-c", script]);
        command
    }

    #[test]
    fn output_and_status_are_the_answer() {
        let scene = Scene::with_models("", &[]);
        let mut command = shell(&scene, "echo 日记; echo wrong >&2; exit 3");
        let answer = answer(&mut command, ANSWER_WAIT, scene.home.scratch()).unwrap();
        assert_eq!(answer.status.code(), Some(3));
        assert_eq!(answer.out, "日记\n");
        assert_eq!(answer.err, "wrong\n");
    }

    #[test]
    fn a_program_that_does_not_end_is_killed_and_named() {
        let scene = Scene::with_models("", &[]);
        let mut command = shell(&scene, "exec sleep 300");
        let wait = Duration::from_millis(100);
        let error = answer(&mut command, wait, scene.home.scratch()).unwrap_err();
        assert_eq!(error, r#"sh ["-c", "exec sleep 300"]: no answer in 100ms"#);
        assert_eq!(scene.home.processes(), []);
    }

    #[test]
    fn what_a_program_leaves_running_does_not_delay_its_answer() {
        let scene = Scene::with_models("", &[]);
        let start = Instant::now();
        // Ends with the home.
        let mut command = shell(&scene, "sleep 300 & echo started");
        let answer = answer(&mut command, ANSWER_WAIT, scene.home.scratch()).unwrap();
        assert_eq!(answer.out, "started\n");
        assert!(start.elapsed() < ANSWER_WAIT);
    }
}
