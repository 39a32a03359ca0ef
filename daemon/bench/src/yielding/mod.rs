//! `inkstone bench yield`: what a training costs a writer who types meanwhile, and how soon it rests.
//!
//! Through the real language server and daemon, beside the real trainer, in a home of its own. A
//! writer pauses until the training computes, types a few words, and pauses again; in turns with the
//! same while the training is held at rest throughout. Called by the command line.
//!
//! In reading order: `training` (runs beside), `burst` (a few words, and when the training rested),
//! [`report`].

mod burst;
pub mod report;
mod training;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

pub use report::YieldReport;

use crate::error::BenchError;
use crate::latency::text;
use crate::stage::Stage;
use crate::subject::Subject;
use crate::trainer_home::{TrainerPrograms, answer_of};
use crate::typist::{Typist, taken};
use burst::{Burst, KEY_EVERY};
use training::{QUIET, Training};

/// Tokens of the document that is typed into.
const DOCUMENT_TOKENS: usize = 1_000;

/// What is measured.
#[derive(Debug, Clone)]
pub struct YieldOptions {
    /// With what.
    pub subject: Subject,
    /// The writer's folder, from which the training learns.
    pub corpus: PathBuf,
    /// A folder of prose that is not the writer's; without it, the model's own samples are drawn first.
    pub generic: Option<PathBuf>,
    /// The language that is learned.
    pub language: String,
    /// Threads that train; 0 for one per physical core.
    pub train_threads: u32,
    /// Pauses after which is typed, as many beside the training as without it.
    pub rounds: usize,
    /// Keys after each.
    pub keys: usize,
}

/// Measures. `progress` is told what is being done.
pub fn run(
    options: &YieldOptions,
    progress: &mut dyn FnMut(&str),
) -> Result<YieldReport, BenchError> {
    progress("reading the folder");
    let stage = options.subject.stage_with(&training::settings(options)?)?;
    let programs = TrainerPrograms::of(&options.subject.binaries, stage.home(), true)?;
    programs.add(&options.corpus)?;
    answer_of(programs.trainer().arg("build"))?;
    let mut typist = open(&stage)?;
    progress("waiting until it trains");
    let training = Training::start(&programs, &options.language)?;
    let mut keys = text::TYPED.chars().cycle();
    let (mut without, mut beside) = (Vec::new(), Vec::new());
    for round in 0..options.rounds {
        progress(&format!("pause {} of {}", round + 1, options.rounds));
        for is_beside in [round % 2 == 0, round % 2 != 0] {
            if is_beside {
                training.wait_until_it_computes()?;
                beside.push(Burst::typed(
                    &mut typist,
                    &training,
                    &mut keys,
                    options.keys,
                )?);
            } else {
                let burst = training.held_at_rest(|| {
                    // The same pause; a writer's, not a wait for anything.
                    thread::sleep(QUIET + KEY_EVERY);
                    Burst::typed(&mut typist, &training, &mut keys, options.keys)
                })?;
                without.push(burst);
            }
        }
    }
    YieldReport::of(options, &without, &beside)
}

/// A document that the daemon has read.
fn open(stage: &Stage) -> Result<Typist, BenchError> {
    let client = Arc::new(stage.editor()?);
    let document = text::document(DOCUMENT_TOKENS);
    let typist = Typist::open(&client, &stage.uri("draft.md"), "markdown", &document)?;
    taken(typist.begin()?)?;
    Ok(typist)
}

/// Says to the threads beside, when it is dropped, that it is over: also where the work panics, or they
/// would be waited for for ever.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
