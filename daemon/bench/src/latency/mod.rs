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
pub(crate) mod text;
mod type_through;
mod warm;

pub use report::LatencyReport;

use crate::error::BenchError;
use crate::subject::Subject;
use raw::RawDecoder;

/// Tokens of the document that is typed into; the contract's figure.
const DOCUMENT_TOKENS: usize = 1_000;

/// Measures everything. `progress` is told what is being done.
pub fn run(options: &Subject, progress: &mut dyn FnMut(&str)) -> Result<LatencyReport, BenchError> {
    progress("memory with a 4,000-token document");
    let memory = {
        let mut stage = options.stage()?;
        stage.start_editor()?;
        memory::measure(&stage)?
    };
    progress("loading the model");
    let mut stage = options.stage()?;
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
