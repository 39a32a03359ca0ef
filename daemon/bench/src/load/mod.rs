//! `inkstone bench load`: many documents typed into at once, each in an editor of its own.
//!
//! Whether somebody starves, what a writer waits, and what the daemon holds in memory. Every typist
//! presses the next key as soon as the last is answered, so the load is as high as it can be. Called
//! by the command line; the numbers are in [`report`].

mod beside;
pub mod report;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::ScopedJoinHandle;

pub use report::{Beside, LoadReport, LoadRun};

use crate::error::BenchError;
use crate::latency::text::{TYPED, document_from};
use crate::lsp_client::LspClient;
use crate::observer::Observer;
use crate::rss::rss_mb;
use crate::stage::Stage;
use crate::subject::Subject;
use crate::typist::{Cost, Stroke, Typist, taken};

/// What is measured.
#[derive(Debug, Clone)]
pub struct LoadOptions {
    /// With what.
    pub subject: Subject,
    /// How many documents at once, one measurement each.
    pub documents: Vec<usize>,
    /// Keys in each document.
    pub keys: usize,
    /// Tokens of each document before the first key, roughly.
    pub document_tokens: usize,
    /// Each number of documents is measured once more while texts of so many tokens are written
    /// beside; none: only without.
    pub beside_tokens: Option<u32>,
}

/// One key that the daemon decoded for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct LoadedKey {
    pub(crate) elapsed_ms: f64,
    pub(crate) cost: Cost,
}

/// What came of the keys of one document.
#[derive(Debug, Clone, Default)]
pub(crate) struct DocumentLoad {
    pub(crate) keys: Vec<LoadedKey>,
    /// Keys that the language server answered alone, or that were answered with a problem.
    pub(crate) keys_without_daemon: usize,
}

/// Measures each number of documents in turn.
pub fn run(
    options: &LoadOptions,
    progress: &mut dyn FnMut(&str),
) -> Result<LoadReport, BenchError> {
    let mut runs = Vec::new();
    for documents in &options.documents {
        progress(&format!("{documents} documents"));
        runs.push(run_once(options, *documents, None)?);
        if let Some(tokens) = options.beside_tokens {
            progress(&format!("{documents} documents, a long text beside"));
            runs.push(run_once(options, *documents, Some(tokens))?);
        }
    }
    Ok(LoadReport::of(options, runs))
}

fn run_once(
    options: &LoadOptions,
    documents: usize,
    beside_tokens: Option<u32>,
) -> Result<LoadRun, BenchError> {
    let stage = options.subject.stage()?;
    let observer = stage.observer()?;
    let mut typists = Vec::new();
    for index in 0..documents {
        typists.push(open(&stage, index, options.document_tokens)?);
    }
    let before_mb = daemon_mb(&observer)?;
    let is_over = AtomicBool::new(false);
    let (loads, beside) = std::thread::scope(|scope| {
        let writing = match beside_tokens {
            Some(tokens) => {
                let observer = stage.observer()?;
                let is_over = &is_over;
                Some(scope.spawn(move || {
                    beside::write_along(observer, tokens, options.document_tokens, is_over)
                }))
            }
            None => None,
        };
        let typing: Vec<_> = typists
            .into_iter()
            .enumerate()
            .map(|(index, typist)| scope.spawn(move || type_keys(typist, index, options.keys)))
            .collect();
        // All are waited for before an error of one ends this: else the text beside went on.
        let loads: Vec<_> = typing.into_iter().map(joined).collect();
        is_over.store(true, Ordering::Relaxed);
        let beside = writing.map(joined).transpose()?;
        let loads: Vec<DocumentLoad> = loads.into_iter().collect::<Result<_, _>>()?;
        Ok::<_, BenchError>((loads, beside))
    })?;
    let after_mb = daemon_mb(&observer)?;
    LoadRun::of(documents, &loads, [before_mb, after_mb], beside)
}

fn joined<T>(thread: ScopedJoinHandle<'_, Result<T, BenchError>>) -> Result<T, BenchError> {
    thread.join().unwrap_or(Err(BenchError::NoEditor))
}

/// A document in an editor of its own, read by the daemon once.
fn open(stage: &Stage, index: usize, tokens: usize) -> Result<Typist, BenchError> {
    let client: Arc<LspClient> = Arc::new(stage.editor()?);
    let uri = stage.uri(&format!("document-{index}.md"));
    let typist = Typist::open(&client, &uri, "markdown", &document_from(tokens, index))?;
    taken(typist.begin()?)?;
    Ok(typist)
}

/// Each document goes on with another part of the text, so that suggestions differ.
fn type_keys(mut typist: Typist, index: usize, keys: usize) -> Result<DocumentLoad, BenchError> {
    let mut load = DocumentLoad::default();
    for key in TYPED.chars().cycle().skip(index).take(keys) {
        let asked = typist.stroke(Stroke::Type(key))?;
        match typist.outcome()?.cost {
            Some(cost) => load.keys.push(LoadedKey {
                elapsed_ms: asked.elapsed_ms,
                cost,
            }),
            None => load.keys_without_daemon += 1,
        }
    }
    Ok(load)
}

fn daemon_mb(observer: &Observer) -> Result<f64, BenchError> {
    let status = observer.status()?;
    Ok(rss_mb(status.pid).unwrap_or(status.rss_mb))
}
