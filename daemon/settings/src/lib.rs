//! The one settings table, its layers and the directories.
//!
//! In reading order: [`directories`] (where everything of Inkstone lies), [`table`] (every setting,
//! declared once), [`setting`] (what a declaration says), [`choice`] and [`model_name`] (the types
//! of values), [`layers`] (default < user file < workspace file < session, merged into one
//! [`Settings`] and a list of [`Problem`]s), [`user_file`] (one value written back), [`schema`] and
//! [`reference`] (the table for editors and for people).
//!
//! Not here: who reads which setting. A setting is plain data; the crates that use it decide.

pub mod choice;
pub mod directories;
mod error;
mod field;
mod json_entries;
pub mod layers;
pub mod model_name;
pub mod problem;
pub mod reference;
pub mod schema;
pub mod setting;
pub mod table;
mod toml_entries;
pub mod user_file;
mod value;

pub use choice::{
    AutomaticTraining, DecayChoice, DeviceChoice, DraftModelChoice, FlashAttentionChoice,
    KvTypeChoice, LogLevel, MainLanguage, OptimizerChoice, Preset, Reveal, StopBound,
};
pub use directories::Directories;
pub use error::SettingsError;
pub use layers::{Layer, Layers, Loaded};
pub use model_name::{LanguageTag, ModelByLanguage, ModelName};
pub use problem::Problem;
pub use table::{
    ALTERNATIVES_MAX, CORPUS_FORMATS, Completion, Corpus, Engine, Memory, Settings, TRAIN_TARGETS,
    Train,
};
pub use value::Value;
