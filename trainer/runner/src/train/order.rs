//! What is asked of the trainer, what can come of it, and why it cannot be done.

use std::path::PathBuf;

use inkstone_corpus::Genre;
use inkstone_lora::LoraError;
use inkstone_store::Workspace;
use serde::Serialize;

use super::chosen::Chosen;
use super::gate::Decision;

/// One adapter that is asked for.
#[derive(Debug, Clone)]
pub struct Order {
    /// Its language.
    pub language: String,
    /// The folder whose documents alone it is for and learns from; none for all.
    pub workspace: Option<Workspace>,
    /// The genre whose documents alone it is for and learns from; none for all.
    pub genre: Option<Genre>,
    /// How much reason there has to be.
    pub reason: Reason,
    /// Only say what would be done.
    pub dry_run: bool,
    /// Only try learning rates.
    pub find_rate: bool,
}

impl Order {
    /// Only names documents, for whoever measures: of a language, of a folder or all, of a genre or all.
    pub fn to_measure(language: &str, workspace: Option<Workspace>, genre: Option<Genre>) -> Self {
        Self {
            language: language.to_owned(),
            workspace,
            genre,
            reason: Reason::Now,
            dry_run: true,
            find_rate: false,
        }
    }

    /// Whether nothing is to come of it but an answer.
    pub fn is_trial(&self) -> bool {
        self.dry_run || self.find_rate
    }
}

/// How much reason there has to be for a training.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// None: somebody wants it now, also on the battery.
    Now,
    /// Something has changed since the last one.
    Changed,
    /// As much is new, and as long ago the last one, as the settings say.
    Automatic,
}

/// What came of an order.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// An adapter was trained, judged and registered.
    Registered(Box<Registered>),
    /// Nothing was trained: there is not enough.
    TooSmall {
        /// Of what.
        what: &'static str,
        /// How much there is.
        found: u64,
        /// How much is needed.
        needed: u64,
    },
    /// Nothing was trained: there is no reason to.
    NothingNew {
        /// The last adapter.
        adapter: String,
        /// Tokens that are new since.
        new_tokens: u64,
        /// What is missing, in words.
        why: String,
    },
    /// It was ended, and goes on from here the next time.
    Stopped {
        /// Steps that were taken.
        step: u64,
        /// Of so many.
        steps: u64,
    },
    /// What would be done.
    Planned(Box<Plan>),
    /// Nothing could be trained in a language that nobody asked for by name.
    Unavailable {
        /// Why, in words.
        why: String,
    },
    /// What learning rates come to.
    Rates {
        /// The rate that is recommended; none where none learns.
        best: Option<f64>,
        /// Rates, and by how many nats a token was foretold worse than without an adapter; below zero
        /// it was better.
        tried: Vec<(f64, f64)>,
    },
}

/// What would be trained.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plan {
    /// The version of the dataset.
    pub dataset: String,
    /// Tokens to learn from.
    pub own_tokens: u64,
    /// Their documents.
    pub documents: usize,
    /// Tokens that are held out.
    pub held_out_tokens: u64,
    /// Their documents.
    pub held_out_documents: usize,
    /// Tokens of generic prose there are to be mixed in; none where they are still to be drawn.
    pub generic_tokens: Option<u64>,
    /// The numbers.
    pub chosen: Chosen,
    /// The step at which a training that was begun goes on.
    pub resumes: bool,
}

/// An adapter that was registered.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Registered {
    /// Its name.
    pub adapter: String,
    /// `live` or `refused`.
    pub state: &'static str,
    /// Length of its file.
    pub bytes: u64,
    /// Hash of its file.
    pub sha256: String,
    /// What the gate said.
    pub decision: Decision,
    /// How it was trained.
    pub facts: Facts,
}

/// How a training went, for the registry.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Facts {
    /// Why it ended, in words.
    pub end: String,
    /// Steps that led to the best adapter.
    pub best_step: u64,
    /// How often it ran away and went back.
    pub retreats: u64,
    /// How strong it is worn, where 1 is as it was trained: less where it would forget too much.
    pub strength: f32,
    /// Tokens of the writer's that it learned from, for who asks later what is new.
    pub own_tokens: u64,
    /// Their documents.
    pub documents: usize,
    /// Tokens of generic prose that it could draw from.
    pub generic_tokens: u64,
    /// Seconds that this process computed, waiting not counted.
    pub seconds: f64,
    /// Tokens a second while it trained.
    pub tokens_per_s: f64,
    /// The most memory it was seen to hold, in MiB.
    pub peak_rss_mb: f64,
}

/// Why nothing can be trained.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// Another process trains.
    #[error("another training runs (see: inkstone status); wait until it is done")]
    Another,
    /// No model serves the language.
    #[error("no model completes {language}; name one in model.completion.{language}")]
    NoModel {
        /// The language.
        language: String,
    },
    /// Nothing could be said of what an adapter forgets.
    #[error("{} holds too little prose (`.md`, `.txt`) to measure what is forgotten; name another folder in train.replay_folder, or none", folder.display())]
    NoGeneric {
        /// The folder.
        folder: PathBuf,
    },
    /// Nothing may be kept of what it learned.
    #[error(
        "a text that it learned from was taken back meanwhile, so nothing is kept of this training; train anew: inkstone train"
    )]
    TakenBack,
    /// What was trained is of no use any more.
    #[error(
        "the model {name} was replaced while it was trained on (SHA-256 {was}, now {is}); nothing is kept of this training; train anew: inkstone train"
    )]
    Replaced {
        /// Its name.
        name: String,
        /// The hash of the file that was trained on.
        was: String,
        /// Of the one that is installed now.
        is: String,
    },
    /// The model cannot be trained on.
    #[error(transparent)]
    Lora(#[from] LoraError),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_are_told_by_their_word() {
        let small = Outcome::TooSmall {
            what: "tokens",
            found: 500,
            needed: 4_000,
        };
        let json = serde_json::to_value(&small).unwrap();
        assert_eq!(json["outcome"], "too_small");
        assert_eq!(json["needed"], 4_000);
    }
}
