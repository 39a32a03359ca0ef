//! `inkstone bench corpus`: what the trainer costs on a large workspace.
//!
//! Writes a workspace of its own, then runs the real trainer on it: everything new, nothing changed,
//! one file changed. Refuses where the disk has no room for that, and tells how far it is. Called by
//! the command line. In reading order: `room`, `text`, `trainer`.

mod room;
mod text;
mod trainer;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde::Serialize;

use crate::error::BenchError;
use crate::trainer_home::TELL_EVERY;
use text::Author;
use trainer::{Built, Trainer};

/// Files of one folder: people do not keep more in one.
const FOLDER_FILES: usize = 250;
/// Builds in which the youngest files are read once more: the second finds none, unless the clock of the
/// file system is broken.
const SETTLE_BUILDS_MAX: usize = 5;

/// What is measured.
#[derive(Debug, Clone)]
pub struct CorpusOptions {
    /// The folder with `inkstone` and `inkstone-trainer`.
    pub binaries: PathBuf,
    /// Megabytes of Markdown, all files together.
    pub megabytes: usize,
    /// In so many files.
    pub files: usize,
}

/// The measurements.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CorpusReport {
    /// Megabytes (10⁶ bytes) that were read.
    pub megabytes: f64,
    /// Files that were read.
    pub files: u64,
    /// Pieces in the dataset.
    pub pieces: u64,
    /// Everything new, in seconds.
    pub build_s: f64,
    /// Megabytes a second of that.
    pub build_mb_per_s: f64,
    /// Megabytes a second of reading and cleaning alone, on one thread.
    pub clean_mb_per_s: f64,
    /// The most memory that the trainer held, in MiB.
    pub rss_mb_max: f64,
    /// The same at a quarter of the files, for what grows.
    pub rss_mb_max_of_quarter: f64,
    /// Nothing changed, in seconds.
    pub rescan_s: f64,
    /// One file changed, in seconds, the look at all others included.
    pub one_file_s: f64,
}

/// Measures.
pub fn run(
    options: &CorpusOptions,
    progress: &mut dyn FnMut(&str),
) -> Result<CorpusReport, BenchError> {
    room::check(&std::env::temp_dir(), options.megabytes, options.files)?;
    let quarter = CorpusOptions {
        megabytes: options.megabytes / 4,
        files: options.files / 4,
        ..options.clone()
    };
    progress("a quarter of the files");
    let (workspace, trainer) = prepared(&quarter, progress)?;
    let rss_mb_max_of_quarter = trainer.build(workspace.path(), progress)?.rss_mb_max;
    drop((workspace, trainer));
    progress("all files");
    let (workspace, trainer) = prepared(options, progress)?;
    let (built, build_s) = timed(|| trainer.build(workspace.path(), progress))?;
    progress("again, with nothing changed");
    settle(&trainer, workspace.path(), progress)?;
    let (_, rescan_s) = timed(|| trainer.build(workspace.path(), progress))?;
    progress("again, with one file changed");
    let changed = file_path(workspace.path(), options.files / 2);
    write(
        &changed,
        &Author::new(u64::MAX).document(bytes_each(options)),
    )?;
    let (_, one_file_s) = timed(|| trainer.build(workspace.path(), progress))?;
    let Built {
        bytes,
        files,
        pieces,
        clean_s,
        rss_mb_max,
    } = built;
    let megabytes = bytes as f64 / 1e6;
    Ok(CorpusReport {
        megabytes,
        files,
        pieces,
        build_s,
        build_mb_per_s: megabytes / build_s,
        clean_mb_per_s: megabytes / clean_s,
        rss_mb_max,
        rss_mb_max_of_quarter,
        rescan_s,
        one_file_s,
    })
}

impl CorpusReport {
    /// The measurements for a person.
    pub fn table(&self) -> String {
        let mut table = String::new();
        let rows = [
            (
                "read",
                format!("{:.0} MB in {} files", self.megabytes, self.files),
            ),
            ("pieces", self.pieces.to_string()),
            (
                "everything new",
                format!("{:.1} s, {:.1} MB/s", self.build_s, self.build_mb_per_s),
            ),
            (
                "reading and cleaning",
                format!("{:.1} MB/s", self.clean_mb_per_s),
            ),
            (
                "memory at most",
                format!(
                    "{:.0} MiB; {:.0} for a quarter",
                    self.rss_mb_max, self.rss_mb_max_of_quarter
                ),
            ),
            ("nothing changed", format!("{:.2} s", self.rescan_s)),
            ("one file changed", format!("{:.2} s", self.one_file_s)),
        ];
        for (what, value) in rows {
            // Writing to a string cannot fail.
            let _infallible = writeln!(table, "{what:<22} {value}");
        }
        table
    }
}

/// A workspace that is written and added.
fn prepared(
    options: &CorpusOptions,
    progress: &mut dyn FnMut(&str),
) -> Result<(tempfile::TempDir, Trainer), BenchError> {
    let folder = tempfile::Builder::new().prefix("ink-corpus").tempdir();
    let folder = folder.map_err(home_error(&std::env::temp_dir()))?;
    let bytes = bytes_each(options);
    let shown = folder.path().display();
    progress(&format!("writing {shown}; remove it if you end this early"));
    let mut told = Instant::now();
    for number in 0..options.files.max(1) {
        if told.elapsed() >= TELL_EVERY {
            told = Instant::now();
            progress(&format!("{number} of {} files written", options.files));
        }
        let path = file_path(folder.path(), number);
        if number % FOLDER_FILES == 0 {
            let parent = path.parent().unwrap_or(folder.path());
            fs::create_dir_all(parent).map_err(home_error(parent))?;
        }
        write(&path, &Author::new(number as u64).document(bytes))?;
    }
    let trainer = Trainer::new(&options.binaries)?;
    trainer.add(folder.path())?;
    Ok((folder, trainer))
}

/// The youngest files are read once more, since a further change might not show: then none is.
fn settle(
    trainer: &Trainer,
    workspace: &Path,
    progress: &mut dyn FnMut(&str),
) -> Result<(), BenchError> {
    for _ in 0..SETTLE_BUILDS_MAX {
        if trainer.build(workspace, progress)?.files == 0 {
            return Ok(());
        }
    }
    let problem = format!("it reads unchanged files again after {SETTLE_BUILDS_MAX} builds");
    Err(BenchError::Trainer { problem })
}

fn bytes_each(options: &CorpusOptions) -> usize {
    options.megabytes.saturating_mul(1_000_000) / options.files.max(1)
}

fn file_path(folder: &Path, number: usize) -> PathBuf {
    folder.join(format!("{:03}/{number}.md", number / FOLDER_FILES))
}

fn write(path: &Path, text: &str) -> Result<(), BenchError> {
    fs::write(path, text).map_err(home_error(path))
}

fn timed<T>(work: impl FnOnce() -> Result<T, BenchError>) -> Result<(T, f64), BenchError> {
    let begun = Instant::now();
    let value = work()?;
    Ok((value, begun.elapsed().as_secs_f64()))
}

fn home_error(path: &Path) -> impl Fn(std::io::Error) -> BenchError {
    let path = path.to_owned();
    move |source| BenchError::Home {
        path: path.clone(),
        source,
    }
}
