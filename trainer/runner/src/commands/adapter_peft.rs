//! `inkstone-trainer adapter-peft`: an adapter of the registry as the files that Hugging Face PEFT
//! loads.

use std::fs;
use std::path::PathBuf;

use anyhow::Context as _;
use inkstone_gguf::Gguf;
use inkstone_lora::adapter::export::peft;
use inkstone_lora::{Hyperparameters, LoraConfig, adapter};
use inkstone_models::{AdapterFile, Registry, Sha256};
use inkstone_platform::private;
use inkstone_store::StoreError;
use inkstone_store::adapters::file_name;
use serde_json::json;

use super::failure::WrongUse;
use super::{Desk, answer};
use crate::train::chosen::Chosen;

/// Scales that are this close are the same in 32 bits.
const SAME_SCALE: f32 = 1e-6;

/// What is asked.
#[derive(Debug, Clone, clap::Args)]
pub struct PeftArgs {
    /// The adapter's name
    pub name: String,
    /// The folder to write to; made where it is missing
    pub out: PathBuf,
}

/// Writes `adapter_model.safetensors` and `adapter_config.json`.
pub fn run(args: &PeftArgs) -> anyhow::Result<()> {
    let desk = Desk::of_user()?;
    let store = desk.store()?;
    let row = store
        .adapter(&args.name)?
        .ok_or_else(|| StoreError::NoAdapter {
            name: args.name.clone(),
        })?;
    let base = Registry::of(&desk.directories).resolve(&row.base_model)?;
    let named = || base.path.display().to_string();
    let header = Gguf::from_path(&base.path).with_context(named)?;
    let model = Hyperparameters::from_gguf(&header)
        .map_err(anyhow::Error::from)
        .with_context(named)?;
    let path = desk.directories.adapters_dir().join(file_name(&row.sha256));
    let file = AdapterFile::open(&path, &header, Some(Sha256::from_bytes(row.sha256)))
        .map_err(WrongUse::AdapterFile)?;
    let read = adapter::read::gguf(&file.bytes, &header, &model);
    let (read, weights) = read.map_err(|source| WrongUse::NotForPeft { path, source })?;
    let config = as_trained(&row.config, read);
    let files = peft::files(&config, &weights, &model, &row.base_model)?;
    let cannot = |path: PathBuf| move |source| WrongUse::Output { path, source };
    fs::create_dir_all(&args.out).map_err(cannot(args.out.clone()))?;
    let mut written = Vec::new();
    for (name, bytes) in [
        ("adapter_model.safetensors", &files.weights[..]),
        ("adapter_config.json", files.config.as_bytes()),
    ] {
        let to = args.out.join(name);
        private::replace(&to, bytes).map_err(cannot(to.clone()))?;
        written.push(to);
    }
    answer(&json!({ "files": written }))
}

/// The configuration as the training chose it, where the registry knows it and the file agrees: a GGUF
/// tells neither dropout nor how the scale came about.
fn as_trained(chosen: &str, read: LoraConfig) -> LoraConfig {
    let Ok(chosen) = serde_json::from_str::<Chosen>(chosen) else {
        return read;
    };
    let trained = chosen.lora();
    let is_same = trained.rank == read.rank
        && trained.targets == read.targets
        && trained.first_block == read.first_block
        && (trained.scale() - read.scale()).abs() <= SAME_SCALE * read.scale().abs();
    if is_same { trained } else { read }
}
