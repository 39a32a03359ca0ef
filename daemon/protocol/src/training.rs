//! How a training is, as the trainer says it: on its standard error, line by line, and in a file of
//! the state directory (`inkstone_settings::Directories::training_report`) for `inkstone status`.

use serde::{Deserialize, Serialize};

/// How a training is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrainingReport {
    /// The process that trains.
    pub pid: u32,
    /// What it is at.
    pub phase: TrainingPhase,
    /// Language of the adapter.
    pub language: String,
    /// Name of the base model.
    pub model: String,
    /// Steps that were taken, or samples that were drawn.
    pub step: u64,
    /// How many there are in all, at most.
    pub steps: u64,
    /// Mean loss of the last step, in nats for each token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loss: Option<f64>,
    /// Loss on held-out documents before the first step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_out_at_start: Option<f64>,
    /// The best since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_out: Option<f64>,
    /// Tokens a second, waiting not counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens_per_s: Option<f64>,
    /// Seconds until all steps are taken, at this speed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_s: Option<u64>,
    /// Resident memory in MiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rss_mb: Option<f64>,
    /// What it waits for, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits: Option<String>,
}

/// What a training is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrainingPhase {
    /// It reads the dataset and the model.
    Preparing,
    /// It draws samples of the model, to keep what it knows.
    Sampling,
    /// It tries learning rates.
    Searching,
    /// It trains.
    Training,
    /// It measures what came of it.
    Judging,
    /// Something that this build does not know.
    #[serde(other)]
    Other,
}
