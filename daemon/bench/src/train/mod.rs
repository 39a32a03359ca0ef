//! `inkstone bench train`: what a training costs and what it gains, on a writer's folder.
//!
//! Runs the real trainer in a home of its own, from the files to a judged adapter, and reads the
//! numbers from what it says. Called by the command line. In reading order: `documents` (what it
//! learns from), `trainer` (runs it), [`report`] (what came of it).

mod documents;
pub mod report;
mod trainer;

use std::path::{Path, PathBuf};

pub use report::TrainReport;

use crate::error::BenchError;
use crate::replay::LanguageModel;
use documents::Copied;
use trainer::{Planned, Trainer};

/// Attempts to copy no more than so many tokens: the first estimate is off by a few per cent.
const SHRINK_ATTEMPTS_MAX: usize = 4;
/// The next attempt aims below what is allowed, so that it is not the same again.
const SHRINK_MARGIN: f64 = 0.98;

/// What is trained with what.
#[derive(Debug, Clone)]
pub struct TrainOptions {
    /// The folder with `inkstone` and `inkstone-trainer`.
    pub binaries: PathBuf,
    /// The writer's folder.
    pub corpus: PathBuf,
    /// A folder of prose that is not the writer's; without it, the model's own samples stand for it.
    pub generic: Option<PathBuf>,
    /// The language that is learned, and its model.
    pub model: LanguageModel,
    /// Tokens of the writer's to learn from at most; without it, all.
    pub own_tokens_max: Option<u64>,
    /// What stands under `[train]` in the settings.
    pub settings: TrainSettings,
    /// Per cent of held-out loss for whose fall the seconds are told.
    pub gain_percent: f64,
    /// Where the adapter's file is to be copied.
    pub adapter_file: Option<PathBuf>,
}

/// Settings of the training that differ from the product's; 0 and none leave them as they are.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TrainSettings {
    /// Steps at most.
    pub steps: u32,
    /// Tokens of a step.
    pub step_tokens: Option<u32>,
    /// Tokens of a passage.
    pub sequence_tokens: Option<u32>,
    /// Rank of the adapter.
    pub rank: u32,
    /// Its strength.
    pub alpha: u32,
    /// Linear maps that have an adapter, by the words of `train.targets`; empty for all.
    pub targets: Vec<String>,
    /// The highest learning rate.
    pub rate: f64,
    /// Steps in which it rises.
    pub warm_up_steps: Option<u32>,
    /// Steps between two looks at the held-out documents.
    pub evaluate_every_steps: u32,
    /// Looks without a gain after which it ends.
    pub patience: Option<u32>,
    /// Per cent of a step's tokens that are generic.
    pub replay_percent: Option<u32>,
    /// MiB of memory; with little, blocks are computed again instead of being kept.
    pub memory_mb_max: u32,
    /// Threads that compute.
    pub threads: u32,
    /// What everything random follows from.
    pub seed: Option<u32>,
    /// Per cent of the documents that are held out.
    pub held_out_percent: Option<u32>,
}

/// Trains. `progress` is told what is being done.
pub fn run(
    options: &TrainOptions,
    progress: &mut dyn FnMut(&str),
) -> Result<TrainReport, BenchError> {
    progress("reading the documents");
    let (trainer, _documents, planned) = prepared(options, progress)?;
    let ran = trainer.train(progress)?;
    if let Some(file) = &options.adapter_file {
        trainer.copy_adapter(&ran.registered.sha256, file)?;
    }
    Ok(TrainReport::of(options, &planned, &ran))
}

/// A trainer whose home has the documents, no more of them than is wanted.
fn prepared(
    options: &TrainOptions,
    progress: &mut dyn FnMut(&str),
) -> Result<(Trainer, Option<Copied>, Planned), BenchError> {
    let trainer = Trainer::new(options)?;
    trainer.add(&options.corpus)?;
    let planned = trainer.plan()?;
    let Some(allowed) = options.own_tokens_max else {
        return Ok((trainer, None, planned));
    };
    let mut share = allowed as f64 / planned.own_tokens.max(1) as f64;
    if share >= 1.0 {
        return Ok((trainer, None, planned));
    }
    for _ in 0..SHRINK_ATTEMPTS_MAX {
        let copied = Copied::of(&options.corpus, share)?;
        let trainer = Trainer::new(options)?;
        trainer.add(copied.path())?;
        let planned = trainer.plan()?;
        progress(&format!("{} tokens to learn from", planned.own_tokens));
        if planned.own_tokens <= allowed {
            return Ok((trainer, Some(copied), planned));
        }
        share *= SHRINK_MARGIN * allowed as f64 / planned.own_tokens as f64;
    }
    Err(too_large(&options.corpus, allowed))
}

fn too_large(corpus: &Path, allowed: u64) -> BenchError {
    BenchError::TooFew {
        what: format!(
            "no part of {} has at most {allowed} tokens to learn from: its documents are too long",
            corpus.display()
        ),
    }
}
