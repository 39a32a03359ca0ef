//! `inkstone bench soak`: hours of typing, taking, refusing, cancelling and disconnecting in
//! seconds, or for as long as wanted, from a fixed seed.
//!
//! Afterwards every question must have an answer, no request may be busy, every sequence must still
//! serve, and memory must be where it was after the warm-up. Called by the command line and, in a
//! short form, by the end-to-end tests.
//!
//! In reading order: `windows` (editors and their documents), `actions` (what is done in them),
//! `tally` (answers), `memory`, [`report`].

mod actions;
mod memory;
pub mod report;
mod tally;
mod windows;

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

pub use report::SoakReport;

use crate::error::BenchError;
use crate::observer::{DEADLINE_MS, Observer};
use crate::replay::LanguageModel;
use crate::seeded::Seeded;
use crate::stage::{ModelFile, Setting, Stage};
use actions::act;
use memory::MemoryWatch;
use tally::Tally;
use windows::Windows;

/// Seed of every choice.
pub const SEED: u64 = 0x1245_7057_04e2;
/// Tokens of a suggestion at most: enough to take some of, and short, so that more is done in the
/// same time.
const SUGGESTION_TOKENS_MAX: u32 = 8;
/// Looks at the memory during a run.
const MEMORY_LOOKS: u32 = 40;
/// How long requests that were given up may still be busy after the last action: one batch each.
const SETTLE_MAX: Duration = Duration::from_secs(30);
/// Between two looks whether the daemon has settled.
const SETTLE_LOOK_EVERY: Duration = Duration::from_millis(20);
/// Actions between two words of progress.
const PROGRESS_ACTIONS: u64 = 100;

/// How long it goes on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Length {
    /// So many actions: the same on every machine.
    Actions(u64),
    /// So long.
    Time(Duration),
}

/// What is measured.
#[derive(Debug, Clone)]
pub struct SoakOptions {
    /// The folder with `inkstoned` and `inkstone-lsp`.
    pub binaries: PathBuf,
    /// A model for each language that is written.
    pub models: Vec<LanguageModel>,
    /// Threads that decode.
    pub threads: u32,
    /// How long it goes on.
    pub length: Length,
    /// Of every choice.
    pub seed: u64,
}

/// Runs it.
pub fn run(
    options: &SoakOptions,
    progress: &mut dyn FnMut(&str),
) -> Result<SoakReport, BenchError> {
    let stage = stage(options)?;
    let observer = stage.observer()?;
    let pid = observer.status()?.pid;
    let languages: Vec<&str> = options.models.iter().map(|m| m.language.as_str()).collect();
    let mut windows = Windows::open(&stage, &languages)?;
    let mut memory = MemoryWatch::new(pid, windows.lasting_pid());
    let mut seeded = Seeded::new(options.seed);
    let mut tally = Tally::default();
    let started = Instant::now();
    while !is_over(options.length, tally.actions, started) {
        act(&stage, &mut windows, &mut seeded, &mut tally)?;
        if memory.looks_due(done(options.length, tally.actions, started), MEMORY_LOOKS) {
            memory.look();
        }
        if tally.actions.is_multiple_of(PROGRESS_ACTIONS) {
            progress(&format!(
                "{} actions, {} answers",
                tally.actions, tally.answered
            ));
        }
    }
    windows.drain(&mut tally);
    let elapsed = started.elapsed();
    let busy_at_end = busy_after_settling(&observer)?;
    let unserved = windows.ask_once_each(&stage, &mut tally)?;
    memory.look();
    let end = report::End {
        elapsed,
        busy: busy_at_end,
        unserved,
    };
    Ok(SoakReport::of(options, tally, &end, &memory))
}

/// Every suggestion is shown, so that there is something to take.
fn stage(options: &SoakOptions) -> Result<Stage, BenchError> {
    let mut settings = format!(
        "[completion]\npreset = \"all\"\nmax_tokens = {SUGGESTION_TOKENS_MAX}\n\
         deadline_ms = {DEADLINE_MS}\ndebounce_ms = 0\n\n[model.completion]\n"
    );
    for model in &options.models {
        // Writing to a string cannot fail.
        let _infallible = writeln!(settings, "{} = \"{}\"", model.language, model.model);
    }
    let _infallible = writeln!(settings, "\n[engine]\nthreads = {}", options.threads);
    let models: Vec<ModelFile> = options
        .models
        .iter()
        .map(|model| (model.model.clone(), model.file.clone()))
        .collect();
    Stage::new(Setting {
        binaries: &options.binaries,
        models: &models,
        settings: &settings,
    })
}

fn is_over(length: Length, actions: u64, started: Instant) -> bool {
    match length {
        Length::Actions(wanted) => actions >= wanted,
        Length::Time(wanted) => started.elapsed() >= wanted,
    }
}

/// How much of the run is behind, from 0 to 1.
fn done(length: Length, actions: u64, started: Instant) -> f64 {
    match length {
        Length::Actions(wanted) => actions as f64 / wanted.max(1) as f64,
        Length::Time(wanted) => started.elapsed().as_secs_f64() / wanted.as_secs_f64(),
    }
}

/// Requests that are still busy when everything should have ended.
fn busy_after_settling(observer: &Observer) -> Result<u32, BenchError> {
    let deadline = Instant::now() + SETTLE_MAX;
    loop {
        let busy = observer.status()?.requests_active;
        if busy == 0 || Instant::now() > deadline {
            return Ok(busy);
        }
        std::thread::sleep(SETTLE_LOOK_EVERY);
    }
}
