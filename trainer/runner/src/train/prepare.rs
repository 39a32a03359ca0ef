//! What a training needs, read from the store, the model's file and the folder of generic prose.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use inkstone_corpus::dataset::DatasetId;
use inkstone_gguf::Gguf;
use inkstone_lora::{Decoder, Device, Hyperparameters};
use inkstone_models::{Registry, Sha256};
use inkstone_settings::{Directories, Settings};
use inkstone_store::Store;
use inkstone_vocab::Vocab;

use super::order::{Order, Outcome, TrainError};
use super::passages::{Cutter, Passage, tokens_of};
use super::prose::{Collector, Document};
use super::sections;
use crate::assemble::{self, AssembleError};

/// Tokens to learn from below which an adapter learns the texts and not the writer.
pub const OWN_TOKENS_MIN: u64 = 4_000;
/// Held-out documents below which nothing can be said of a gain, and their tokens.
pub const HELD_OUT_DOCUMENTS_MIN: u64 = 3;
/// See [`HELD_OUT_DOCUMENTS_MIN`].
pub const HELD_OUT_TOKENS_MIN: u64 = 400;
/// Held-out documents from which on some steer the training and the others judge it.
const SPLIT_DOCUMENTS_MIN: usize = 6;
/// Of so many held-out documents one steers.
const STEERING_ONE_IN: usize = 3;
/// Tokens that a training is steered by: each look at them costs seconds.
const STEERING_TOKENS_MAX: u64 = 6_000;
/// Tokens that an adapter is judged by, once.
const JUDGED_TOKENS_MAX: u64 = 24_000;
/// Generic tokens that a training is steered by.
const GENERIC_STEERING_TOKENS_MAX: u64 = 2_000;
/// Generic tokens that an adapter is judged by.
const GENERIC_JUDGED_TOKENS_MAX: u64 = 12_000;
/// Of so many generic texts one is held out.
const GENERIC_ONE_IN: usize = 4;
/// Bytes of the model's file that are read at once.
const READ_BYTES: usize = 1 << 20;

/// The base model.
pub struct Base {
    /// Its name.
    pub name: String,
    /// Its file.
    pub path: PathBuf,
    /// Hash of the file.
    pub sha256: [u8; 32],
    /// Its length.
    pub bytes: u64,
    /// Its metadata.
    pub gguf: Gguf,
    /// Its numbers.
    pub model: Hyperparameters,
    /// Its tokenizer.
    pub vocab: Arc<Vocab>,
}

impl Base {
    /// The model that completes a language.
    pub fn of_language(
        directories: &Directories,
        settings: &Settings,
        language: &str,
    ) -> anyhow::Result<Self> {
        let name = settings.model.completion.get(language);
        let name = name.ok_or_else(|| TrainError::NoModel {
            language: language.to_owned(),
        })?;
        let installed = Registry::of(directories).resolve(name.as_str())?;
        let named = || installed.path.display().to_string();
        let gguf = Gguf::from_path(&installed.path).with_context(named)?;
        Ok(Self {
            name: name.to_string(),
            // Of the file as it is now: its description says what it was when it was installed.
            sha256: hash(&installed.path)?,
            bytes: installed.size_bytes,
            model: Hyperparameters::from_gguf(&gguf)
                .map_err(anyhow::Error::from)
                .with_context(named)?,
            vocab: Arc::new(Vocab::from_gguf(&gguf).with_context(named)?),
            path: installed.path,
            gguf,
        })
    }

    /// Hash of the file that has its name now.
    pub fn hash_now(&self) -> anyhow::Result<[u8; 32]> {
        hash(&self.path)
    }

    /// Reads its weights.
    pub fn decoder(&self, plain_bytes: u64) -> anyhow::Result<Decoder> {
        let file = File::open(&self.path).with_context(|| self.path.display().to_string())?;
        let file = BufReader::with_capacity(READ_BYTES, file);
        let decoder = Decoder::read(&self.path, &self.gguf, file, &Device::Cpu, plain_bytes);
        Ok(decoder.map_err(TrainError::Lora)?)
    }
}

fn hash(path: &Path) -> anyhow::Result<[u8; 32]> {
    let hash = File::open(path).and_then(Sha256::of_reader);
    Ok(hash.with_context(|| path.display().to_string())?.to_bytes())
}

/// What is learned from, and what is measured by.
pub struct Texts {
    /// The documents that are learned from, for probes.
    pub documents: Vec<Document>,
    /// Their passages.
    pub own: Vec<Passage>,
    /// Held-out passages that steer.
    pub steering: Vec<Passage>,
    /// Held-out passages that judge.
    pub judged: Vec<Passage>,
    /// All held-out tokens.
    pub held_out_tokens: u64,
    /// All held-out documents that have passages.
    pub held_out_documents: usize,
}

impl Texts {
    /// Of a version, which must be held meanwhile.
    pub fn read(
        store: &mut Store,
        dataset: DatasetId,
        order: &Order,
        vocab: &Arc<Vocab>,
        sequence_tokens: usize,
    ) -> Result<Self, AssembleError> {
        let folder = order.workspace.as_ref().map(|one| one.path.as_path());
        let mut collector = Collector::new(&order.language, folder, order.genre);
        assemble::read_version(store, dataset, |record| {
            collector.add(&record);
            Ok::<_, AssembleError>(())
        })?;
        let mut prose = collector.finish();
        sections::hold_out(&mut prose, HELD_OUT_DOCUMENTS_MIN as usize);
        let mut cutter = Cutter::new(vocab, sequence_tokens);
        let own = cutter.cut_all(&prose.train);
        let mut held_out = cutter.cut_all(&prose.held_out);
        let held_out_tokens = tokens_of(&held_out);
        let held_out_documents = count_anew(&mut held_out);
        let (steering, judged) = steering_and_judged(held_out, held_out_documents);
        Ok(Self {
            documents: prose.train,
            own,
            steering: capped(steering, STEERING_TOKENS_MAX),
            judged: capped(judged, JUDGED_TOKENS_MAX),
            held_out_tokens,
            held_out_documents,
        })
    }

    /// Tokens to learn from.
    pub fn own_tokens(&self) -> u64 {
        tokens_of(&self.own)
    }

    /// What there is too little of.
    pub fn too_small(&self) -> Option<Outcome> {
        let small = |what, found, needed| {
            (found < needed).then_some(Outcome::TooSmall {
                what,
                found,
                needed,
            })
        };
        let documents = self.held_out_documents as u64;
        small("tokens to learn from", self.own_tokens(), OWN_TOKENS_MIN)
            .or_else(|| small("held-out documents", documents, HELD_OUT_DOCUMENTS_MIN))
            .or_else(|| small("held-out tokens", self.held_out_tokens, HELD_OUT_TOKENS_MIN))
    }
}

/// Numbers the documents that have passages from 0 on; how many there are.
fn count_anew(passages: &mut [Passage]) -> usize {
    let (mut count, mut before) = (0, None);
    for passage in passages {
        if before.replace(passage.document) != Some(passage.document) {
            count += 1;
        }
        passage.document = count - 1;
    }
    count
}

/// Where there are enough documents, those that decide when a training ends do not judge it: it would
/// be judged by what it was chosen by.
fn steering_and_judged(passages: Vec<Passage>, documents: usize) -> (Vec<Passage>, Vec<Passage>) {
    if documents < SPLIT_DOCUMENTS_MIN {
        return (passages.clone(), passages);
    }
    let steers = |passage: &Passage| passage.document.is_multiple_of(STEERING_ONE_IN);
    passages.into_iter().partition(steers)
}

/// So many tokens of all documents alike: the first passages of each, then the second ones.
fn capped(passages: Vec<Passage>, tokens_max: u64) -> Vec<Passage> {
    let mut turn = 0;
    let mut before = None;
    let mut in_turns: Vec<(usize, usize, Passage)> = Vec::new();
    for (index, passage) in passages.into_iter().enumerate() {
        turn = if before == Some(passage.document) {
            turn + 1
        } else {
            0
        };
        before = Some(passage.document);
        in_turns.push((turn, index, passage));
    }
    in_turns.sort_by_key(|&(turn, index, _)| (turn, index));
    let mut tokens = 0;
    in_turns.retain(|(_, _, passage)| {
        let more = passage.tokens.len() as u64;
        // One at least, however long.
        let fits = tokens == 0 || tokens + more <= tokens_max;
        tokens += if fits { more } else { 0 };
        fits
    });
    in_turns.sort_by_key(|&(_, index, _)| index);
    in_turns
        .into_iter()
        .map(|(_, _, passage)| passage)
        .collect()
}

/// Generic prose as passages.
#[derive(Debug, Default)]
pub struct GenericTexts {
    /// To be mixed in.
    pub mixed: Vec<Passage>,
    /// To steer by.
    pub steering: Vec<Passage>,
    /// To judge by.
    pub judged: Vec<Passage>,
}

impl GenericTexts {
    /// Every few texts one is held out, and every few passages of a text that is all there is.
    pub fn cut(texts: &[String], vocab: &Arc<Vocab>, sequence_tokens: usize) -> Self {
        let documents: Vec<Document> = texts.iter().cloned().map(Document::plain).collect();
        let passages = Cutter::new(vocab, sequence_tokens).cut_all(&documents);
        let by_text = documents.len() >= GENERIC_ONE_IN;
        let mut generic = Self::default();
        for (index, mut passage) in passages.into_iter().enumerate() {
            let number = if by_text { passage.document } else { index };
            if number % GENERIC_ONE_IN == GENERIC_ONE_IN - 1 {
                if !by_text {
                    passage.document = index;
                }
                generic.judged.push(passage);
            } else {
                generic.mixed.push(passage);
            }
        }
        generic.steering = capped(generic.judged.clone(), GENERIC_STEERING_TOKENS_MAX);
        generic.judged = capped(generic.judged, GENERIC_JUDGED_TOKENS_MAX);
        generic
    }
}

#[cfg(test)]
mod tests {
    use inkstone_vocab::TokenId;

    use super::*;

    fn passages(of_documents: &[usize]) -> Vec<Passage> {
        let passages = of_documents.iter().map(|&document| Passage {
            tokens: vec![TokenId(1); 10],
            weights: vec![1.0; 10],
            document,
        });
        passages.collect()
    }

    #[test]
    fn every_document_has_its_say_before_one_has_two() {
        let kept = capped(passages(&[0, 0, 0, 1, 2, 2]), 40);
        let documents: Vec<usize> = kept.iter().map(|one| one.document).collect();
        assert_eq!(documents, [0, 0, 1, 2]);
        assert_eq!(capped(passages(&[0, 1]), 1_000).len(), 2);
    }

    #[test]
    fn with_few_documents_all_steer_and_judge_and_with_many_none_does_both() {
        let (steering, judged) = steering_and_judged(passages(&[0, 1, 2]), 3);
        assert_eq!((steering.len(), judged.len()), (3, 3));
        let (steering, judged) = steering_and_judged(passages(&[0, 1, 2, 3, 4, 5]), 6);
        let documents = |some: &[Passage]| some.iter().map(|one| one.document).collect::<Vec<_>>();
        assert_eq!(documents(&steering), [0, 3]);
        assert_eq!(documents(&judged), [1, 2, 4, 5]);
    }
}
