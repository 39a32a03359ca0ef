//! The writer's own n-grams, for each model that completes: built from a version of the dataset, kept
//! beside the database, gone when what they were built from is.
//!
//! Not what is in one (`inkstone-memory`), nor who reads it (the daemon). A file is made of the newest
//! version and of the file before: documents in which training sees the same take their tokens over,
//! and only the others are read. The newest documents come first, by when their files were changed,
//! and reading ends with the room for them. What has left the dataset is in no file that is made after
//! that. Called after a version is published, and wherever folders that were removed are swept away.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use inkstone_corpus::dataset::{DatasetId, Digest, Record};
use inkstone_corpus::split::Split;
use inkstone_gguf::Gguf;
use inkstone_memory::{
    Builder, DocumentName, FILE_BYTES_MAX, FILE_ENDING, Former, HASH_BYTES, Header, Memory,
    file_name, file_prefix,
};
use inkstone_models::{Registry, fingerprint};
use inkstone_platform::{MappedFile, private};
use inkstone_settings::{Directories, ModelName, Settings};
use inkstone_store::Store;
use inkstone_vocab::{IncrementalTokenizer, TokenId, TokenizeOptions, Vocab};
use serde::Serialize;

use crate::assemble::{self, Seen};
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
    /// Documents that found no room: those whose files have not been changed for longest.
    pub left_out: u32,
    /// Documents that were read for it; the others were in the memory before.
    pub read: u32,
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
        forget_all(directories)?;
        return Ok(Vec::new());
    }
    let mut made = Vec::new();
    let mut kept = BTreeSet::new();
    let served = served(directories, settings);
    let documents = if served.is_empty() {
        Vec::new()
    } else {
        newest_first(assemble::seen(store, id)?)
    };
    let mut first_error = None;
    for served in served {
        let file = folder.join(file_name(&served.model, &id.0));
        let one = match known(&file, &served, &documents) {
            Some(known) => Ok(Some(known)),
            None => build(&served, store, id, &documents, now_ms, &file),
        };
        match one {
            Ok(Some(one)) => {
                kept.insert(file);
                // A version without prose in its languages has nothing to be remembered; that this
                // was looked for is kept, so that it is not looked for in every document again.
                if one.tokens > 0 {
                    made.push(one);
                }
            }
            Ok(None) => {}
            Err(error) => first_error = first_error.or(Some(error)),
        }
    }
    // Also after an error: an older memory may hold text that was excluded or removed since.
    let removed = remove_but(&folder, || Ok(|path: &Path| kept.contains(path)));
    match first_error {
        Some(error) => Err(error),
        None => removed.map(|()| made),
    }
}

/// Whether some model would have a memory.
pub fn is_wanted(directories: &Directories, settings: &Settings) -> bool {
    settings.memory.enabled && !served(directories, settings).is_empty()
}

/// Takes away all of it.
pub fn forget_all(directories: &Directories) -> anyhow::Result<()> {
    remove_but(&directories.memory_dir(), || Ok(|_: &Path| false))
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

/// Texts as their tokens lie in a memory of each model: without the first ones, which are others where
/// something stands before them, and the last.
pub(crate) fn as_tokens(
    directories: &Directories,
    settings: &Settings,
    texts: &[&str],
) -> Vec<Vec<u8>> {
    /// Fewer may stand in anybody's text.
    const TOKENS_MIN: usize = 6;
    let vocabs = served(directories, settings).into_iter().filter_map(|one| {
        let gguf = Gguf::from_path(&one.path).ok()?;
        Vocab::from_gguf(&gguf).ok()
    });
    let mut all = Vec::new();
    for vocab in vocabs {
        for text in texts {
            let tokens = vocab.tokenize(text, TokenizeOptions::default());
            let middle = tokens.get(2..tokens.len().saturating_sub(2));
            let middle = middle.filter(|middle| middle.len() >= TOKENS_MIN);
            all.extend(middle.map(|middle| {
                let numbers = middle.iter().flat_map(|token| token.0.to_le_bytes());
                numbers.collect::<Vec<u8>>()
            }));
        }
    }
    all
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

/// Of what there is not room for, the oldest goes: people write as they wrote last. What is gone from
/// the folders and still in the version is older than all.
fn newest_first(mut documents: Vec<Seen>) -> Vec<Seen> {
    documents.sort_by_key(|one| (Reverse(one.modified_ms), one.key));
    documents
}

impl Served {
    /// A document as this model remembers it: what training sees of it, in its languages.
    fn name_of(&self, document: &Seen) -> DocumentName {
        let mut bytes = document.digest.0.to_vec();
        for language in &self.languages {
            bytes.extend(language.as_bytes());
        }
        DocumentName {
            key: document.key.0,
            content: Digest::of(&bytes).0,
        }
    }

    /// Its vocabulary; none that only llama.cpp can read.
    fn vocab(&self) -> anyhow::Result<Option<Arc<Vocab>>> {
        let named = || self.path.display().to_string();
        let gguf = Gguf::from_path(&self.path).with_context(named)?;
        Ok(Vocab::from_gguf(&gguf).ok().map(Arc::new))
    }

    fn made(&self, header: &Header, read: u32) -> Made {
        Made {
            model: self.name.to_string(),
            documents: header.documents,
            tokens: header.tokens,
            left_out: header.left_out,
            read,
        }
    }
}

/// What a file of this version and model says, if it is whole, and of the languages that the model
/// serves now.
fn known(file: &Path, served: &Served, documents: &[Seen]) -> Option<Made> {
    let memory = open(file, served)?;
    memory.verify().ok()?;
    let is_of_these = |newest: &Seen| memory.was_built_from(&served.name_of(newest));
    let is_current = documents.first().is_some_and(is_of_these);
    is_current.then(|| served.made(memory.header(), 0))
}

fn open(file: &Path, served: &Served) -> Option<Memory<MappedFile>> {
    let memory = Memory::open(MappedFile::open(file, FILE_BYTES_MAX).ok()?).ok()?;
    (memory.header().model == served.model).then_some(memory)
}

/// The files that a model has of any version; mostly one.
fn former(folder: &Path, served: &Served) -> Vec<PathBuf> {
    let prefix = file_prefix(&served.model);
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let of_model = entries.filter(|entry| {
        let name = entry.file_name();
        let name = name.to_str().unwrap_or_default();
        name.starts_with(&prefix) && name.ends_with(FILE_ENDING)
    });
    of_model.map(|entry| entry.path()).collect()
}

fn build(
    served: &Served,
    store: &mut Store,
    id: DatasetId,
    documents: &[Seen],
    now_ms: i64,
    file: &Path,
) -> anyhow::Result<Option<Made>> {
    if documents.is_empty() {
        return Ok(None);
    }
    let folder = file.parent().unwrap_or(Path::new(""));
    let former = former(folder, served);
    let former = former.iter().find_map(|file| open(file, served));
    let mut builder = Builder::new(served.model, id.0);
    // One that is damaged, or of an older build, is no help and no harm.
    if let Some(former) = former.as_ref().and_then(|memory| Former::of(memory).ok()) {
        builder = builder.following(former);
    }
    let mut vocab = None;
    let mut read = 0;
    for (at, document) in documents.iter().enumerate() {
        if builder.is_full() {
            builder.leave_out(documents.len() - at);
            break;
        }
        let name = served.name_of(document);
        if builder.keep(&name) {
            continue;
        }
        let vocab = match &vocab {
            Some(vocab) => vocab,
            None => match served.vocab()? {
                Some(known) => vocab.insert(known),
                // It serves, and remembers nothing.
                None => return Ok(None),
            },
        };
        let records = assemble::read_document(store, document)?;
        builder.add(&name, tokens(&records, served, vocab));
        read += 1;
    }
    let bytes = builder.finish(now_ms);
    let named = || file.display().to_string();
    // Within the data directory, which is its owner's alone.
    fs::create_dir_all(folder).with_context(named)?;
    private::replace(file, &bytes).with_context(named)?;
    let header = *Memory::open(bytes).with_context(named)?.header();
    Ok(Some(served.made(&header, read)))
}

/// The tokens of a document with their weights. Its pieces are put together, so that these are the
/// tokens of a text that is being written.
fn tokens(records: &[Record], served: &Served, vocab: &Arc<Vocab>) -> Vec<(TokenId, f32)> {
    let mut text = String::new();
    let mut pieces = Vec::new();
    for record in records {
        let is_trained_on = record.split == Split::Train;
        if is_trained_on && served.languages.contains(record.language.as_str()) {
            if !text.is_empty() {
                text.push_str(BETWEEN_PIECES);
            }
            pieces.push((text.len(), record.weight));
            text.push_str(&record.text);
        }
    }
    if pieces.is_empty() {
        return Vec::new();
    }
    let mut tokenizer = IncrementalTokenizer::new(Arc::clone(vocab), TokenizeOptions::default());
    tokenizer.update(&text);
    let weight = |start: &usize| {
        let piece = pieces.partition_point(|(from, _)| from <= start);
        pieces[piece.saturating_sub(1)].1
    };
    let weights = tokenizer.starts().iter().map(weight);
    tokenizer.tokens().iter().copied().zip(weights).collect()
}
