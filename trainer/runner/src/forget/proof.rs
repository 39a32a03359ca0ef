//! Whether an adapter knows a text that was forgotten better than text that it never saw.
//!
//! Compared is by how much the adapter lowers the loss, on the forgotten text and on the held-out
//! documents of its own dataset, each with and without it (paired). An adapter that never saw either
//! lowers both alike, but for what sets one document apart from another; which of the two it is, the
//! interval of the difference says.

use anyhow::Context as _;
use inkstone_corpus::dataset::{DatasetId, names};
use inkstone_lora::{Adapter, adapter};
use inkstone_models::{AdapterFile, Sha256};
use inkstone_settings::{Directories, Settings};
use inkstone_store::adapters::file_name;
use inkstone_store::{AdapterRow, Store};
use serde::Serialize;

use super::evidence::Evidence;
use crate::train::course::attended;
use crate::train::gate::bootstrap::{Gain, gain};
use crate::train::gate::unlike::{Difference, difference};
use crate::train::measure::Measuring;
use crate::train::order::Order;
use crate::train::passages::{Cutter, Passage, tokens_of};
use crate::train::prepare::{Base, Texts};
use crate::train::prose::{Collector, Document};
use crate::train::quiet::Quiet;
use crate::train::teller::Teller;

/// Tokens of a passage: short, so that a single document has several.
const PASSAGE_TOKENS: usize = 96;
/// Tokens of the forgotten text that are measured.
const TOKENS_MAX: u64 = 12_000;
/// Passages below which nothing can be said of either side.
const PASSAGES_MIN: usize = 3;
/// The memory for weights in plain numbers: it is measured once, and not in a hurry.
const PLAIN_BYTES: u64 = 0;

/// What was measured of one adapter.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Proof {
    /// The adapter.
    pub adapter: String,
    /// Its language.
    pub language: String,
    /// What came of it.
    #[serde(flatten)]
    pub verdict: Verdict,
}

/// Whether it knows the text.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// It lowers the loss on it no more than on text that it never saw.
    Unknown(Box<Numbers>),
    /// It lowers it by more.
    Remembered(Box<Numbers>),
    /// Nothing can be said.
    NotMeasured {
        /// Why, in words.
        why: String,
    },
}

/// The numbers of it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Numbers {
    /// On the forgotten text.
    pub forgotten: Gain,
    /// On held-out documents.
    pub unseen: Gain,
    /// By how much more it falls on the forgotten text.
    pub difference: Difference,
}

/// What proves.
pub struct Proving<'a> {
    /// Where everything lies.
    pub directories: &'a Directories,
    /// The user's settings.
    pub settings: &'a Settings,
    /// When it may compute.
    pub quiet: &'a Quiet,
    /// The text.
    pub evidence: &'a Evidence,
}

impl Proving<'_> {
    /// Measures an adapter of the registry; none where the text is in other languages.
    pub fn prove(&self, store: &mut Store, row: &AdapterRow) -> anyhow::Result<Option<Proof>> {
        let Some(language) = row.scope.language.clone() else {
            return Ok(None);
        };
        let verdict = match self.compared(store, row, &language)? {
            Ok(None) => return Ok(None),
            Err(why) => Verdict::NotMeasured { why },
            Ok(Some(numbers)) if numbers.difference.low_percent > 0.0 => {
                Verdict::Remembered(Box::new(numbers))
            }
            Ok(Some(numbers)) => Verdict::Unknown(Box::new(numbers)),
        };
        Ok(Some(Proof {
            adapter: row.name.clone(),
            language,
            verdict,
        }))
    }

    /// The numbers, or why there are none; nothing where none of the text is of the adapter's language
    /// and genre.
    fn compared(
        &self,
        store: &mut Store,
        row: &AdapterRow,
        language: &str,
    ) -> anyhow::Result<Result<Option<Numbers>, String>> {
        let order = match as_it_was_trained(store, row, language)? {
            Ok(order) => order,
            Err(why) => return Ok(Err(why.to_owned())),
        };
        let documents = self.documents(&order);
        if documents.is_empty() {
            return Ok(Ok(None));
        }
        let numbers = self.numbers(store, row, &order, &documents)?;
        Ok(numbers.map(Some))
    }

    /// The forgotten text of a language and genre.
    fn documents(&self, order: &Order) -> Vec<Document> {
        let mut collector = Collector::new(&order.language, None, order.genre);
        for record in self.evidence.records() {
            collector.add(record);
        }
        collector.finish().train
    }

    fn numbers(
        &self,
        store: &mut Store,
        row: &AdapterRow,
        order: &Order,
        documents: &[Document],
    ) -> anyhow::Result<Result<Numbers, String>> {
        let no = |why: &str| Ok(Err(why.to_owned()));
        let language = order.language.as_str();
        let base = Base::of_language(self.directories, self.settings, language)?;
        if base.sha256 != row.scope.base_sha256 {
            return no("another model completes its language now");
        }
        let Some(dataset) = row.dataset else {
            return no("it came from elsewhere");
        };
        let dataset = DatasetId(dataset);
        let is_there = crate::assemble::versions(store)?
            .iter()
            .any(|version| version.id == dataset);
        if !is_there {
            return no("its dataset is gone");
        }
        let texts = Texts::read(store, dataset, order, &base.vocab, PASSAGE_TOKENS)?;
        let mut cutter = Cutter::new(&base.vocab, PASSAGE_TOKENS);
        let forgotten = some(cutter.cut_all(documents));
        if forgotten.len() < PASSAGES_MIN || texts.judged.len() < PASSAGES_MIN {
            return no("the text, or what is held out to compare it with, is too short");
        }
        let path = self.directories.adapters_dir().join(file_name(&row.sha256));
        let registered = Sha256::from_bytes(row.sha256);
        let file = AdapterFile::open(&path, &base.gguf, Some(registered))?;
        let (config, weights) = adapter::read::gguf(&file.bytes, &base.gguf, &base.model)
            .with_context(|| path.display().to_string())?;
        let adapter = Adapter {
            config: &config,
            weights: &weights,
        };
        let decoder = base.decoder(PLAIN_BYTES)?;
        let measuring = Measuring {
            decoder: &decoder,
            vocab: &base.vocab,
            pass_tokens: PASSAGE_TOKENS * 4,
        };
        let mut teller = Teller::new(self.directories.training_report(), language, &base.name);
        let by_document = attended(self.quiet, &mut teller, |between| {
            measuring.pairs(&forgotten, adapter, between)
        })?;
        let apart = each_apart(&forgotten);
        let by_passage = attended(self.quiet, &mut teller, |between| {
            measuring.pairs(&apart, adapter, between)
        })?;
        let unseen = attended(self.quiet, &mut teller, |between| {
            measuring.pairs(&texts.judged, adapter, between)
        })?;
        let seed = u64::from(self.settings.train.seed);
        Ok(Ok(Numbers {
            forgotten: gain(&by_document, seed),
            unseen: gain(&unseen, seed),
            difference: difference(&by_passage, by_document.len(), &unseen, seed),
        }))
    }
}

/// Names the documents that an adapter is for: what it is compared with is of the same folder and genre,
/// or other writing would seem unknown to it. Else why there are none any more.
fn as_it_was_trained(
    store: &mut Store,
    row: &AdapterRow,
    language: &str,
) -> anyhow::Result<Result<Order, &'static str>> {
    let workspace = match row.scope.workspace {
        None => None,
        Some(id) => match store.workspaces()?.into_iter().find(|one| one.id == id) {
            None => return Ok(Err("its folder is no longer among yours")),
            there => there,
        },
    };
    let genre = match row.scope.genre.as_deref() {
        None => None,
        Some(word) => match names::genre_of(word) {
            None => return Ok(Err("its kind of writing is not known any more")),
            known => known,
        },
    };
    Ok(Ok(Order::to_measure(language, workspace, genre)))
}

/// The first passages, of so many tokens.
fn some(mut passages: Vec<Passage>) -> Vec<Passage> {
    while tokens_of(&passages) > TOKENS_MAX && passages.len() > PASSAGES_MIN {
        passages.pop();
    }
    passages
}

/// Passages as if each were a document.
fn each_apart(passages: &[Passage]) -> Vec<Passage> {
    let numbered = passages.iter().cloned().enumerate();
    numbered
        .map(|(document, passage)| Passage {
            document,
            ..passage
        })
        .collect()
}
