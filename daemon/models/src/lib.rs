//! The model catalogue and the registry of installed models.
//!
//! In reading order: [`entry`] (what the catalogue says of one model), [`catalogue`] (the entries of
//! the source tree and the user's own), [`digest`] (the hash of a file's content), [`fingerprint`] (a quick one, to tell models apart), [`record`] (what is kept of an installed model), [`registry`]
//! (the files themselves: list, resolve, publish, remove), [`summary`] (what a header says, for
//! lists), [`role`] (which model serves what), [`tuning`] (how a model is computed best here),
//! [`adapter_file`] (a LoRA adapter's file, checked against its model).
//!
//! Not here: how a file is fetched (`inkstone-fetch`), what a header means (`inkstone-gguf`), and
//! loading into memory (`inkstone-engine`). Nothing here touches the network.

pub mod adapter_file;
pub mod catalogue;
pub mod digest;
pub mod entry;
mod error;
pub mod fingerprint;
pub mod record;
pub mod registry;
pub mod role;
pub mod summary;
pub mod tuning;

pub use adapter_file::{AdapterFile, AdapterFileError};
pub use catalogue::{Catalogue, CatalogueProblem};
pub use digest::{Hasher, Sha256};
pub use entry::{CatalogueEntry, Licence, Source, Terms, WheelPart};
pub use error::{ModelError, Remedy, Unusable};
/// The reader whose errors are part of ours.
pub use inkstone_gguf as gguf;
pub use inkstone_settings::{LanguageTag, ModelName};
pub use record::{LicenceAcceptance, Record};
pub use registry::{InstalledModel, Listed, Origin, Registry};
pub use role::Role;
pub use summary::Summary;
