//! What can stop a measurement.

use std::io;
use std::path::PathBuf;

use crate::lsp_client::LspClientError;

/// An error of a measurement.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// A binary of ours is not where the running one is.
    #[error("{} is missing beside the running program; run: cargo build --release --bins", path.display())]
    Binary {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The model's file is gone.
    #[error("the model file {} is missing; run: inkstone model pull {model}", path.display())]
    Model {
        /// Where it was looked for.
        path: PathBuf,
        /// Which model.
        model: String,
    },
    /// A document of the corpus cannot be read.
    #[error("cannot read {}: {source}; give a folder of Markdown or text files", path.display())]
    Corpus {
        /// Which file or folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The corpus holds nothing that can be played.
    #[error(
        "{} holds no Markdown or text file in a language that a model serves; give another folder, or: inkstone setup --lang en,zh",
        path.display()
    )]
    NoDocuments {
        /// The folder.
        path: PathBuf,
    },
    /// The corpus holds nothing that a dataset keeps to measure by.
    #[error(
        "nothing of {} is held out by the newest dataset; add the folder and build it (inkstone workspace add, inkstone dataset build), or play all of it",
        path.display()
    )]
    NothingHeldOut {
        /// The folder.
        path: PathBuf,
    },
    /// The private home could not be set up.
    #[error("cannot prepare {}: {source}; check free space and rights there", path.display())]
    Home {
        /// What was to be made.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The private home's path cannot be used.
    #[error(transparent)]
    Directories(#[from] inkstone_settings::SettingsError),
    /// The language server failed.
    #[error(transparent)]
    LanguageServer(#[from] LspClientError),
    /// A measurement came before the language server it is of.
    #[error("no language server was started; this is a mistake in the measurement")]
    NoEditor,
    /// The disk would be full before the end.
    #[error(
        "{} has {free_mb} MB free and this needs {wanted_mb}; free some, set TMPDIR to another disk, or measure less: --megabytes",
        path.display()
    )]
    NoRoom {
        /// Where it would be written.
        path: PathBuf,
        /// What it needs.
        wanted_mb: u64,
        /// What there is.
        free_mb: u64,
    },
    /// A document is played and remembered, so that the memory would hold the answers.
    #[error("{} is both played and remembered; give --memory other documents than --corpus", path.display())]
    PlayedAndRemembered {
        /// The document.
        path: PathBuf,
    },
    /// Nothing of what was to be remembered is.
    #[error(
        "nothing of {} can be remembered; give --memory a folder with prose in a language that a model completes",
        path.display()
    )]
    NothingRemembered {
        /// The folder.
        path: PathBuf,
    },
    /// The trainer failed.
    #[error("the trainer failed ({problem}); run it by hand: inkstone dataset build")]
    Trainer {
        /// What it said.
        problem: String,
    },
    /// The daemon's numbers cannot be had.
    #[error("no numbers of the daemon ({problem}); run: inkstone doctor")]
    Numbers {
        /// What is missing.
        problem: String,
    },
    /// The plain decoding beside which we measure failed.
    #[error("plain decoding failed: {problem}; run it by hand: inkstoned raw-decode")]
    Raw {
        /// What went wrong.
        problem: String,
    },
    /// Both sides did not read the same prompt, so that comparing them means nothing.
    #[error("the daemon read {ours} prompt tokens and plain decoding {raw}: not the same text")]
    PromptsDiffer {
        /// Of the daemon.
        ours: u32,
        /// Of plain decoding.
        raw: u32,
    },
    /// A file of a session cannot be read or written.
    #[error("cannot use {}: {source}; give a text file, and a place for the recording", path.display())]
    Recording {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The completion server that is played against failed.
    #[error("no completion from {url}: {source}; start a server there, such as llama-server")]
    Server {
        /// As it was named.
        url: String,
        /// What went wrong.
        source: io::Error,
    },
    /// The model offered too little to measure on.
    #[error("{what}; measure with another model: inkstone bench latency --model NAME")]
    TooFew {
        /// Of what there was too little.
        what: String,
    },
    /// A request could not be caught while it ran.
    #[error("no request was seen running in {attempts} attempts, so cancelling cannot be measured")]
    NeverRunning {
        /// How often it was tried.
        attempts: u32,
    },
}
