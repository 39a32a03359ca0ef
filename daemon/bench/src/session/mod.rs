//! `inkstone bench session`: a recorded typing session, played to Inkstone and to a completion
//! server in turns.
//!
//! The keys are recorded once, with the suggestions that Inkstone shows: the writer sometimes types
//! what is suggested, diverges from it, makes mistakes and takes them back. Then the same keys go to
//! both sides, key by key in alternating order, each side waited for: through the real language
//! server and daemon, and as a client of the server that sends its text each time, with the server's
//! cache of the prompt on. Both decode greedily, the same model, at most as many tokens, and stop by
//! the same rule. Called by the command line.
//!
//! In reading order: [`recording`] (the keys), `writer` (who presses them), `server` over `http`
//! (the other side), `play`, `cancel`, [`report`].

mod cancel;
mod http;
mod play;
pub mod recording;
pub mod report;
mod server;
mod writer;

use std::path::PathBuf;
use std::sync::Arc;

pub use recording::Recording;
pub use report::SessionReport;

use crate::error::BenchError;
use crate::stage::Stage;
use crate::subject::Subject;
use crate::typist::Typist;
use server::Server;
use writer::Writer;

/// Keys between two words of progress.
const PROGRESS_KEYS: usize = 50;
/// The document's name in the home.
const DOCUMENT_NAME: &str = "session.md";

/// What is played against what.
#[derive(Debug, Clone)]
pub struct SessionOptions {
    /// Our side.
    pub subject: Subject,
    /// The other side: `http://127.0.0.1:PORT` of a server with `/v1/completions`, on this machine.
    pub against: String,
    /// What that server writes to its log, for the tokens it read; none when it tells by itself.
    pub against_log: Option<PathBuf>,
}

/// Types a document on, with Inkstone's suggestions shown, and notes the keys.
pub fn record(
    subject: &Subject,
    corpus_file: &std::path::Path,
    keys: usize,
    progress: &mut dyn FnMut(&str),
) -> Result<Recording, BenchError> {
    let mut recording = Recording::begin(corpus_file, keys)?;
    let stage = subject.stage()?;
    let mut typist = open(&stage, &recording.opening)?;
    let mut writer = Writer::new(&recording.continuation, recording.seed);
    let mut shown = None;
    while recording.keys.len() < keys {
        let Some(key) = writer.next_key(typist.text(), shown.as_deref()) else {
            break; // the corpus ends
        };
        shown = typist.stroke(key.stroke)?.suggestion;
        recording.keys.push(key);
        if recording.keys.len().is_multiple_of(PROGRESS_KEYS) {
            progress(&format!("{} of {keys} keys", recording.keys.len()));
        }
    }
    Ok(recording)
}

/// Plays a recording to both sides.
pub fn play(
    options: &SessionOptions,
    recording: &Recording,
    progress: &mut dyn FnMut(&str),
) -> Result<SessionReport, BenchError> {
    let stage = options.subject.stage()?;
    let observer = stage.observer()?;
    let mut typist = open(&stage, &recording.opening)?;
    let mut server = Server::new(options)?;
    progress("both sides read the document");
    let first = play::read_document(&mut typist, &mut server)?;
    let mut played = Vec::new();
    for (index, key) in recording.keys.iter().enumerate() {
        if index > 0 && index % PROGRESS_KEYS == 0 {
            progress(&format!("{index} of {} keys", recording.keys.len()));
        }
        let ours_first = index % 2 == 0;
        played.push(play::key(&mut typist, &mut server, key, ours_first)?);
    }
    progress("cancelling");
    let cancel = cancel::measure(&observer, &mut typist, &server)?;
    let engine = observer.engine(&options.subject.model)?;
    let prefilled = server.prefilled_in_log()?;
    SessionReport::of(
        options,
        recording,
        report::Parts {
            first,
            played,
            cancel,
            engine,
            prefilled,
        },
    )
}

fn open(stage: &Stage, text: &str) -> Result<Typist, BenchError> {
    let client = Arc::new(stage.editor()?);
    Typist::open(&client, &stage.uri(DOCUMENT_NAME), "markdown", text)
}
