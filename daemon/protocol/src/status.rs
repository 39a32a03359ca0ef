//! The `status` method: what the daemon says of itself.

use serde::{Deserialize, Serialize};

use crate::corpus::TrainerReport;

/// The daemon's state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StatusReply {
    /// Process id.
    pub pid: u32,
    /// Semantic version of its build.
    pub version: String,
    /// Seconds since it started.
    pub uptime_s: u64,
    /// Clients connected now.
    pub clients: u32,
    /// Requests waiting or running now.
    pub requests_active: u32,
    /// Completion requests answered since the start, silences included.
    pub completions: u64,
    /// Requests superseded or cancelled since the start.
    pub cancelled: u64,
    /// Requests turned away because a queue was full.
    pub rejected: u64,
    /// Resident memory in MiB, as the operating system counts it.
    pub rss_mb: f64,
    /// Times the engine thread has woken; an idle daemon makes none.
    #[serde(default)]
    pub engine_turns: u64,
    /// Milliseconds since a suggestion was last asked for, which a keystroke does; none before the
    /// first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub typed_ms_ago: Option<u64>,
    /// What is held beside the weights, and how much that may be.
    #[serde(default)]
    pub memory: MemoryReport,
    /// What watches the writer's folders.
    #[serde(default)]
    pub trainer: TrainerReport,
    /// Every model that a role names, loaded or not.
    pub models: Vec<ModelReport>,
    /// What the models wear.
    #[serde(default)]
    pub adapters: AdaptersReport,
}

/// What the models wear, and what they were not given to wear.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdaptersReport {
    /// Those that are live in the registry.
    pub live: Vec<AdapterReport>,
    /// Why the registry could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// Adapters that were taken back since less was right with them, in words; the latest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub taken_back: Vec<String>,
    /// How often another adapter, or none, took over an open document since the start.
    pub swaps: u64,
    /// Open documents whose text is being read for the adapter that takes over next.
    pub documents_waiting: u32,
}

/// An adapter that is live in the registry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdapterReport {
    /// Its name.
    pub name: String,
    /// The model that it is for.
    pub model: String,
    /// Whether it is worn.
    pub state: AdapterState,
    /// Why, in words; of a refused one with the file and the remedy.
    pub why: String,
    /// Requests that wore it since the start.
    pub requests: u64,
    /// Suggestions with it that were shown lately, about.
    #[serde(default)]
    pub shown: u32,
    /// Of these, those whose first word was right.
    #[serde(default)]
    pub right: u32,
}

/// Whether a live adapter is worn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AdapterState {
    /// By the documents that it is for.
    Worn,
    /// Its file cannot be used, or its model is another by now.
    Refused,
}

/// The memory that all models and documents share beside the weights.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct MemoryReport {
    /// `engine.memory_mb_max`, in MiB.
    pub ceiling_mb: u32,
    /// What is set aside below it, in MiB: the daemon itself, vocabularies, KV caches, buffers and
    /// tokenized texts. An upper bound of what is resident.
    pub held_mb: f64,
    /// Documents that models had read when their contexts went, kept on the disk.
    #[serde(default)]
    pub saved_documents: u32,
    /// What is kept of them, in MiB.
    #[serde(default)]
    pub saved_mb: f64,
    /// Adapters in memory.
    #[serde(default)]
    pub adapters: u32,
    /// What these take of `held_mb`, in MiB.
    #[serde(default)]
    pub adapters_mb: f64,
    /// Files of what the writer wrote that are mapped, in MiB: beside the ceiling, like the weights,
    /// since the system can drop what it has read of them.
    #[serde(default)]
    pub mapped_mb: f64,
}

/// One model of the daemon.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelReport {
    /// Name in the catalogue or registry.
    pub name: String,
    /// Languages whose completion role it serves (`en`, `zh`).
    pub languages: Vec<String>,
    /// Whether it is in memory.
    pub state: ModelState,
    /// Why it is not, when it failed or is missing; of a loaded one, why not on the graphics card
    /// that was wished for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// Device that computes: `CPU`, or the name the backend gives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// Instruction set of the CPU backend in use, e.g. `AVX512_VNNI`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instruction_set: Option<String>,
    /// Layers on the GPU.
    pub layers_offloaded: u32,
    /// Layers in all.
    pub layers: u32,
    /// Size of the weights in MiB.
    pub weights_mb: f64,
    /// Size of the KV cache in MiB.
    pub kv_mb: f64,
    /// Context size in tokens, shared by all sequences.
    pub context_tokens: u32,
    /// Sequences in use.
    pub sequences_used: u32,
    /// Sequences in all.
    pub sequences: u32,
    /// Whether its context is smaller than the settings wish, because the ceiling leaves no more.
    #[serde(default)]
    pub is_made_smaller: bool,
    /// How often its weights were read into memory since the start.
    pub loads: u64,
    /// What it gave back last, while it is away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub released: Option<Release>,
    /// How it is computed, while it is in memory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub computation: Option<ComputationReport>,
    /// What was computed on a guess, while it is in memory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drafts: Option<DraftReport>,
    /// What it remembers of the writer's own prose, while it is in memory; none where there is nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recollection: Option<RecollectionReport>,
}

/// The writer's own prose as n-grams, which count in every suggestion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecollectionReport {
    /// Tokens that are remembered.
    pub tokens: u32,
    /// Of so many documents.
    pub documents: u32,
    /// When the trainer put it together, in milliseconds since 1970.
    pub built_ms: i64,
    /// `memory.strength`.
    pub strength_percent: u32,
}

/// Tokens that were guessed, so that several are computed in one batch; the text is the same.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DraftReport {
    /// The smaller model that guesses what the open documents do not know; none without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Tokens that were computed as guesses since the model was loaded.
    pub tokens_guessed: u64,
    /// Of these, those that the model chose.
    pub tokens_taken: u64,
}

/// Memory that a model gave back, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// What it gave back.
    pub what: Released,
    /// Why.
    pub why: ReleaseReason,
}

/// What a model can give back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Released {
    /// The KV cache and the buffers of its context; the weights stay.
    Context,
    /// Everything.
    Weights,
}

/// Why a model gave memory back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReleaseReason {
    /// Nobody has asked for it lately.
    Idle,
    /// Another model needed the room.
    Room,
    /// Its settings or its file have changed.
    Changed,
    /// A bug of ours.
    Panicked,
}

/// How a model is computed, and why so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ComputationReport {
    /// Threads that compute.
    pub threads: u32,
    /// Whether attention is computed in one pass, where the device has code for it.
    pub flash_attention: bool,
    /// How the numbers of the KV cache are kept: `f16`, `q8_0`.
    pub kv_type: String,
    /// Tokens of one batch at most.
    pub batch_tokens: u32,
    /// Whether `inkstone setup` measured this model on this device; else what is not set is the
    /// default.
    pub is_measured: bool,
    /// Settings that the user fixed, by their keys.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub set: Vec<String>,
}

/// Whether a model is in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelState {
    /// Named by a role, but no file is installed.
    Missing,
    /// Installed, not in memory.
    Unloaded,
    /// Its weights are in memory; its context was given back.
    Resting,
    /// Being read into memory.
    Loading,
    /// Ready.
    Loaded,
    /// Could not be loaded; see `problem`.
    Failed,
}
