//! The writer's own n-grams, for each model that completes: built from a version of the dataset, kept
//! beside the database, gone when what they were built from is.
//!
//! Not what is in one (`inkstone-memory`), nor who reads it (the daemon). A file is made whole from the
//! newest version each time: what has left the dataset is in it no more. Called after a version is
//! published, and wherever folders that were removed are swept away.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use inkstone_corpus::dataset::{DatasetId, DocumentKey, Record};
use inkstone_corpus::split::Split;
use inkstone_gguf::Gguf;
use inkstone_memory::{Builder, FILE_BYTES_MAX, FILE_ENDING, HASH_BYTES, Memory, file_name};
use inkstone_models::{Registry, fingerprint};
use inkstone_platform::{MappedFile, private};
use inkstone_settings::{Directories, ModelName, Settings};
use inkstone_store::Store;
use inkstone_vocab::{IncrementalTokenizer, TokenizeOptions, Vocab};
use serde::Serialize;

use crate::assemble::{self, AssembleError};
use crate::swept_folder::remove_but;

/// Languages that records are in.
const LANGUAGES: [&str; 2] = ["en", "zh"];
/// Between two pieces of a document, as in the document.
const BETWEEN_PIECES: &str = "\n\n";

/// A memory that a model has now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Made {
    /// The model.
    pub model: String,
    /// Documents that are remembered.
    pub documents: u32,
    /// Tokens of them.
    pub tokens: u32,
    /// Tokens that found no room.
    pub left_out: usize,
}

/// A model that completes some languages.
struct Served {
    name: ModelName,
    path: PathBuf,
    model: [u8; HASH_BYTES],
    languages: BTreeSet<&'static str>,
}

/// Makes the memory of each model that completes from a version of the dataset, unless it is there
/// already, and takes the older ones away; all of them where the settings want none.
pub fn update(
    directories: &Directories,
    settings: &Settings,
    store: &mut Store,
    id: DatasetId,
    now_ms: i64,
) -> anyhow::Result<Vec<Made>> {
    let folder = directories.memory_dir();
    if !settings.memory.enabled {
        remove_but(&folder, || Ok(|_: &Path| false))?;
        return Ok(Vec::new());
    }
    let mut made = Vec::new();
    let mut kept = BTreeSet::new();
    for served in served(directories, settings) {
        let file = folder.join(file_name(&served.model, &id.0));
        let one = match known(&file, &served) {
            Some(known) => Some(known),
            None => build(&served, store, id, now_ms, &file)?,
        };
        // A version without prose in its languages has nothing to be remembered.
        if let Some(one) = one {
            made.push(one);
            kept.insert(file);
        }
    }
    remove_but(&folder, || Ok(|path: &Path| kept.contains(path)))?;
    Ok(made)
}

/// Whether some model would have a memory.
pub fn is_wanted(directories: &Directories, settings: &Settings) -> bool {
    settings.memory.enabled && !served(directories, settings).is_empty()
}

/// Takes away what was built from versions that are no longer kept, or from documents that are no
/// longer there: those of a folder that was removed, even where an adapter holds its version.
pub fn forget_old(directories: &Directories, store: &mut Store) -> anyhow::Result<()> {
    remove_but(&directories.memory_dir(), || {
        let mut kept = BTreeSet::new();
        for version in assemble::versions(store)? {
            if assemble::is_whole(store, version.id)? {
                kept.insert(format!("{}{FILE_ENDING}", version.id));
            }
        }
        // Of whichever model.
        Ok(move |path: &Path| {
            let name = path.file_name().and_then(|name| name.to_str());
            let rest = name.and_then(|name| name.split_once('-'));
            rest.is_some_and(|(_, rest)| kept.contains(rest))
        })
    })
}

/// The installed models that complete, each once.
fn served(directories: &Directories, settings: &Settings) -> Vec<Served> {
    let registry = Registry::of(directories);
    let mut languages: BTreeMap<&ModelName, BTreeSet<&'static str>> = BTreeMap::new();
    for language in LANGUAGES {
        if let Some(name) = settings.model.completion.get(language) {
            languages.entry(name).or_default().insert(language);
        }
    }
    let installed = languages.into_iter().filter_map(|(name, languages)| {
        let path = registry.resolve(name.as_str()).ok()?.path;
        let model = fingerprint::of_file(&path).ok()?.to_bytes();
        Some(Served {
            name: name.clone(),
            path,
            model,
            languages,
        })
    });
    installed.collect()
}

/// What a file of this version and model says, if it is whole.
fn known(file: &Path, served: &Served) -> Option<Made> {
    let memory = Memory::open(MappedFile::open(file, FILE_BYTES_MAX).ok()?).ok()?;
    memory.verify().ok()?;
    let header = memory.header();
    (header.model == served.model).then(|| Made {
        model: served.name.to_string(),
        documents: header.documents,
        tokens: header.tokens,
        left_out: 0,
    })
}

fn build(
    served: &Served,
    store: &mut Store,
    id: DatasetId,
    now_ms: i64,
    file: &Path,
) -> anyhow::Result<Option<Made>> {
    let named = || served.path.display().to_string();
    let gguf = Gguf::from_path(&served.path).with_context(named)?;
    // A vocabulary that only llama.cpp can read serves, and remembers nothing.
    let Ok(vocab) = Vocab::from_gguf(&gguf) else {
        return Ok(None);
    };
    let mut collecting = Collecting {
        builder: Builder::new(served.model, id.0),
        vocab: Arc::new(vocab),
        document: None,
    };
    assemble::read_version(store, id, |record| {
        let is_trained_on = record.split == Split::Train;
        if is_trained_on && served.languages.contains(record.language.as_str()) {
            collecting.take(&record);
        }
        Ok::<_, AssembleError>(())
    })?;
    collecting.end_document();
    let builder = collecting.builder;
    if builder.is_empty() {
        return Ok(None);
    }
    let left_out = builder.left_out();
    let bytes = builder.finish(now_ms);
    let named = || file.display().to_string();
    if let Some(folder) = file.parent() {
        // Within the data directory, which is its owner's alone.
        fs::create_dir_all(folder).with_context(named)?;
    }
    private::replace(file, &bytes).with_context(named)?;
    Ok(known(file, served).map(|made| Made { left_out, ..made }))
}

/// Puts the pieces of a document together, so that its tokens are those of a text that is being
/// written.
struct Collecting {
    builder: Builder,
    vocab: Arc<Vocab>,
    document: Option<Document>,
}

struct Document {
    key: DocumentKey,
    text: String,
    /// Where each piece begins, and what it weighs.
    pieces: Vec<(usize, f32)>,
}

impl Collecting {
    fn take(&mut self, record: &Record) {
        let key = record.provenance.document;
        if self.document.as_ref().is_some_and(|one| one.key != key) {
            self.end_document();
        }
        let document = self.document.get_or_insert_with(|| Document {
            key,
            text: String::new(),
            pieces: Vec::new(),
        });
        if !document.text.is_empty() {
            document.text.push_str(BETWEEN_PIECES);
        }
        document.pieces.push((document.text.len(), record.weight));
        document.text.push_str(&record.text);
    }

    fn end_document(&mut self) {
        let Some(document) = self.document.take() else {
            return;
        };
        let vocab = Arc::clone(&self.vocab);
        let mut tokenizer = IncrementalTokenizer::new(vocab, TokenizeOptions::default());
        tokenizer.update(&document.text);
        let weight = |start: &usize| {
            let piece = document.pieces.partition_point(|(from, _)| from <= start);
            document.pieces[piece.saturating_sub(1)].1
        };
        let tokens = tokenizer.tokens().iter().copied();
        self.builder
            .add(tokens.zip(tokenizer.starts().iter().map(weight)));
    }
}
