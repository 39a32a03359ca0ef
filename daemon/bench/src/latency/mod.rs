//! `inkstone bench latency`: how long a writer waits, and what it costs.
//!
//! Through the real language server and the real daemon, in a home of their own, beside plain
//! llama.cpp on the same tokens in the same run. Called by the command line.
//!
//! In reading order: [`editor`] (a document and its keys), [`raw`] (plain llama.cpp), then what is
//! measured: [`memory`], [`cold`], [`warm`], [`type_through`], [`cancel`]; and [`report`].

mod cancel;
mod cold;
mod editor;
mod memory;
mod raw;
pub mod report;
mod rss;
mod text;
mod type_through;
mod warm;

use std::path::PathBuf;

pub use report::LatencyReport;

use crate::error::BenchError;
use crate::observer::DEADLINE_MS;
use crate::stage::{ModelFile, Setting, Stage};
use raw::RawDecoder;

/// Tokens of the document that is typed into; the contract's figure.
const DOCUMENT_TOKENS: usize = 1_000;

/// What is measured with what.
#[derive(Debug, Clone)]
pub struct LatencyOptions {
    /// The folder with `inkstone`, `inkstoned` and `inkstone-lsp`.
    pub binaries: PathBuf,
    /// The model's name.
    pub model: String,
    /// The model's file.
    pub model_file: PathBuf,
    /// Threads that decode, on both sides of the comparison.
    pub threads: u32,
}

/// Measures everything. `progress` is told what is being done.
pub fn run(
    options: &LatencyOptions,
    progress: &mut dyn FnMut(&str),
) -> Result<LatencyReport, BenchError> {
    let models: [ModelFile; 1] = [(options.model.clone(), options.model_file.clone())];
    let settings = settings(options);
    let setting = Setting {
        binaries: &options.binaries,
        models: &models,
        settings: &settings,
    };
    progress("memory with a 4,000-token document");
    let memory = {
        let mut stage = Stage::new(setting)?;
        stage.start_editor()?;
        memory::measure(&stage)?
    };
    progress("loading the model");
    let mut stage = Stage::new(setting)?;
    let (observer, load) = cold::load(&stage)?;
    progress("a 1,000-token document, for the first time");
    stage.start_editor()?;
    let text = text::document(DOCUMENT_TOKENS);
    let (mut editor, first) = cold::first_ask(&stage, &text)?;
    let mut raw = RawDecoder::start(options)?;
    progress("typing into it, beside plain llama.cpp");
    let warm = warm::measure(&stage, &mut editor, &mut raw, &first, progress)?;
    progress("typing what is suggested");
    let type_through = type_through::measure(&stage, &mut editor)?;
    progress("cancelling");
    let cancel = cancel::measure(&stage, &observer, &mut editor)?;
    let engine = observer.engine(&options.model)?;
    let parts = report::Parts {
        memory,
        load,
        first,
        warm,
        type_through,
        cancel,
        engine,
    };
    LatencyReport::from_parts(options, parts)
}

/// The model measured serves English; the other settings make both sides compute alike, and every
/// key worth timing: the gate would hide most suggestions after they were computed.
fn settings(options: &LatencyOptions) -> String {
    format!(
        "[completion]\ndeadline_ms = {DEADLINE_MS}\npreset = \"all\"\n\n\
         [model.completion]\nen = \"{}\"\n\n\
         [engine]\nthreads = {}\n",
        options.model, options.threads
    )
}
