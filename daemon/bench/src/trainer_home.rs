//! The trainer in a home of its own: folders are added, programs of ours run there, and one that takes
//! long is watched while it does.
//!
//! Not what is measured of it (`corpus`, `train`), nor the daemon's home (`stage`). It says how far it
//! is in lines of JSON on standard error, and answers on standard output.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{ChildStderr, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::error::BenchError;
use crate::rss::rss_mb;
use crate::stage::{
    HOME_VARIABLE, MODELS_FOLDER, MODELS_VARIABLE, ModelFile, binary, furnished, home_error,
    private_home,
};

/// Whose documents they are; no repository says otherwise.
const IDENTITY: &str = "writer@example.org";
/// Between two looks at the trainer's memory.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// Between two words on how far it is.
pub(crate) const TELL_EVERY: Duration = Duration::from_secs(10);
/// Lines of its standard error that are kept to be shown when it fails.
const SAID_LINES_MAX: usize = 20;

/// A home of its own, and the programs that run there.
#[derive(Debug)]
pub(crate) struct TrainerHome {
    programs: TrainerPrograms,
    home: TempDir,
}

/// The programs, in a home that somebody else has made.
#[derive(Debug)]
pub(crate) struct TrainerPrograms {
    inkstone: PathBuf,
    trainer: PathBuf,
    home: PathBuf,
    has_models: bool,
}

/// What is made of what the trainer says on the way.
pub(crate) trait Heard: Default + Send {
    /// Takes a line; whether it says how far it is.
    fn take(&mut self, line: &str) -> bool;

    /// How far it is, for a person.
    fn words(&self) -> String;
}

/// A run of the trainer that ended well.
pub(crate) struct Ended<H> {
    pub(crate) answer: Vec<u8>,
    pub(crate) heard: H,
    /// The most memory that it was seen to hold, in MiB.
    pub(crate) rss_mb_max: f64,
}

impl TrainerHome {
    /// A home with nothing in it; models are where the user has them.
    pub(crate) fn empty(binaries: &Path) -> Result<Self, BenchError> {
        Self::of(binaries, private_home()?, false)
    }

    /// A home with these settings, TOML, and models.
    pub(crate) fn furnished(
        binaries: &Path,
        settings: &str,
        models: &[ModelFile],
    ) -> Result<Self, BenchError> {
        Self::of(binaries, furnished(settings, models)?, true)
    }

    fn of(binaries: &Path, home: TempDir, has_models: bool) -> Result<Self, BenchError> {
        let programs = TrainerPrograms::of(binaries, home.path(), has_models)?;
        Ok(Self { programs, home })
    }

    /// Where everything is kept.
    pub(crate) fn path(&self) -> &Path {
        self.home.path()
    }

    /// Adds a folder; reads nothing of it.
    pub(crate) fn add(&self, folder: &Path) -> Result<(), BenchError> {
        self.programs.add(folder)
    }

    /// The trainer, to be given arguments.
    pub(crate) fn trainer(&self) -> Command {
        self.programs.trainer()
    }
}

impl TrainerPrograms {
    /// Of this folder with binaries, in this home; models are there, or where the user has them.
    pub(crate) fn of(binaries: &Path, home: &Path, has_models: bool) -> Result<Self, BenchError> {
        Ok(Self {
            inkstone: binary(binaries, "inkstone")?,
            trainer: binary(binaries, "inkstone-trainer")?,
            home: home.to_owned(),
            has_models,
        })
    }

    /// Adds a folder; reads nothing of it.
    pub(crate) fn add(&self, folder: &Path) -> Result<(), BenchError> {
        let mut adding = self.command(&self.inkstone);
        adding.args(["workspace", "add", "--yes", "--identity", IDENTITY]);
        answer_of(adding.arg(folder)).map(drop)
    }

    /// The trainer, to be given arguments.
    pub(crate) fn trainer(&self) -> Command {
        self.command(&self.trainer)
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env(HOME_VARIABLE, &self.home).stdin(Stdio::null());
        if self.has_models {
            command.env(MODELS_VARIABLE, self.home.join(MODELS_FOLDER));
        }
        command
    }
}

/// What a program of ours answers once it has ended.
pub(crate) fn answer_of(command: &mut Command) -> Result<Vec<u8>, BenchError> {
    let output = command.output();
    let output = output.map_err(|source| unstarted(command, source))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    Err(failed(&String::from_utf8_lossy(&output.stderr)))
}

/// Runs the trainer to its end, and tells now and then how far it is.
pub(crate) fn watched<H: Heard>(
    command: &mut Command,
    progress: &mut dyn FnMut(&str),
) -> Result<Ended<H>, BenchError> {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn();
    let mut child = child.map_err(|source| unstarted(command, source))?;
    let said = Mutex::new((H::default(), Vec::new()));
    let (stderr, stdout) = (child.stderr.take(), child.stdout.take());
    let (status, rss_mb_max) = std::thread::scope(|scope| {
        scope.spawn(|| stderr.map(|stderr| hear(stderr, &said)));
        let (mut rss_mb_max, mut told) = (0.0_f64, Instant::now());
        // Its one answer comes at the end, and is small.
        loop {
            let status = child.try_wait();
            if let Some(status) = status.map_err(|source| unstarted(command, source))? {
                return Ok::<_, BenchError>((status, rss_mb_max));
            }
            rss_mb_max = rss_mb_max.max(rss_mb(child.id()).unwrap_or_default());
            if told.elapsed() >= TELL_EVERY {
                told = Instant::now();
                let said = said.lock().unwrap_or_else(PoisonError::into_inner);
                progress(&said.0.words());
            }
            std::thread::sleep(LOOK_EVERY);
        }
    })?;
    let (heard, lines) = said.into_inner().unwrap_or_else(PoisonError::into_inner);
    if !status.success() {
        return Err(failed(&format!("{status}: {}", lines.join(" "))));
    }
    let mut answer = Vec::new();
    if let Some(mut stdout) = stdout {
        let read = stdout.read_to_end(&mut answer);
        read.map_err(|source| unstarted(command, source))?;
    }
    Ok(Ended {
        answer,
        heard,
        rss_mb_max,
    })
}

/// Reads to the end, so that it never waits for us.
fn hear<H: Heard>(stderr: ChildStderr, said: &Mutex<(H, Vec<String>)>) {
    for line in BufReader::new(stderr).lines().map_while(Result::ok) {
        let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
        if !said.0.take(&line) && said.1.len() < SAID_LINES_MAX {
            said.1.push(line);
        }
    }
}

/// The line of the settings, in `[train]`, that names a folder of generic prose.
pub(crate) fn generic_setting(folder: &Path) -> Result<String, BenchError> {
    let path = folder.canonicalize();
    let path = path.map_err(|source| BenchError::Corpus {
        path: folder.to_owned(),
        source,
    })?;
    // JSON's strings are TOML's, too.
    let path = serde_json::Value::from(path.to_string_lossy());
    Ok(format!("replay_folder = {path}"))
}

pub(crate) fn unstarted(command: &Command, source: std::io::Error) -> BenchError {
    home_error(Path::new(command.get_program()), source)
}

/// The trainer failed, or said what nobody can read.
pub(crate) fn failed(problem: &str) -> BenchError {
    BenchError::Trainer {
        problem: problem.trim().to_owned(),
    }
}
