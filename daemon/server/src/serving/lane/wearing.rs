//! What the context wears: which adapter computes the next batch, and how an open document changes over
//! to another without waiting for it.
//!
//! A request ends with what it began with. When the registry changes, the text of each open document
//! that is to wear something else is read for that ahead of its requests, whenever nobody waits; until
//! it is read, its requests go on with what they wore. Not which adapter a request gets
//! (`adapters/rule.rs`), nor whose turn it is (the scheduler).

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use inkstone_engine::EngineError;
use inkstone_scheduler::{Adapter, Document};

use super::Lane;
use crate::serving::adapters::{Asked, CheckedAdapter, SCALE};
use crate::serving::report::SharedReport;

/// A document that is typed into without a pause changes over after so long in any case, and pays for
/// the rest of the reading itself.
const CHANGE_OVER_MAX: Duration = Duration::from_secs(30);
/// A shorter text is read in less time than a keystroke takes.
const PREFILL_TOKENS_MIN: usize = 16;
/// Documents whose last request is remembered; with more open than that the next change costs each a
/// reading.
const DOCUMENTS_MAX: usize = 256;

/// What a request is to wear.
#[derive(Debug, Clone, Copy)]
pub(in crate::serving) enum Wish {
    /// What it names.
    Named(Adapter),
    /// What the rule says for a request that is judged by this.
    Chosen(Adapter, Asked),
}

impl Wish {
    /// What it comes to when nothing is about to change.
    pub(in crate::serving) fn adapter(self) -> Adapter {
        match self {
            Self::Named(adapter) | Self::Chosen(adapter, _) => adapter,
        }
    }
}

/// The adapters of a lane.
#[derive(Debug, Default)]
pub(super) struct Wearing {
    loaded: BTreeMap<Adapter, Loaded>,
    /// What the context has on.
    on: Adapter,
    /// What each document's last request was judged by, and what it got.
    asked: HashMap<Document, (Asked, Adapter)>,
    /// Documents that are about to change over.
    changing: HashMap<Document, Change>,
}

#[derive(Debug)]
struct Loaded {
    adapter: Arc<inkstone_engine::Adapter>,
    name: String,
}

/// A document on its way from one adapter to another.
#[derive(Debug, Clone, Copy)]
struct Change {
    from: Adapter,
    to: Adapter,
    since: Instant,
}

impl Lane {
    /// Takes an adapter that requests may wear from now on.
    pub(in crate::serving) fn put_in(
        &mut self,
        checked: &CheckedAdapter,
        adapter: Arc<inkstone_engine::Adapter>,
    ) {
        self.wearing.loaded.entry(checked.key).or_insert(Loaded {
            adapter,
            name: checked.name.clone(),
        });
    }

    /// Whether requests may wear it.
    pub(in crate::serving) fn has_adapter(&self, adapter: Adapter) -> bool {
        adapter == Adapter::NONE || self.wearing.loaded.contains_key(&adapter)
    }

    /// What requests may wear beside the model as it is.
    pub(in crate::serving) fn adapters(&self) -> Vec<Adapter> {
        self.wearing.loaded.keys().copied().collect()
    }

    /// Documents that are about to change over.
    pub(in crate::serving) fn changing(&self) -> usize {
        self.wearing.changing.len()
    }

    /// What a request of a document wears, and the name of that.
    pub(super) fn dress(&mut self, document: Document, wish: Wish) -> (Adapter, Option<String>) {
        let adapter = match wish {
            Wish::Named(adapter) => adapter,
            Wish::Chosen(adapter, asked) => self.follow_rule(document, adapter, asked),
        };
        match self.wearing.loaded.get(&adapter) {
            Some(loaded) => (adapter, Some(loaded.name.clone())),
            // It is on its way into memory: the registry has just changed.
            None => (Adapter::NONE, None),
        }
    }

    fn follow_rule(&mut self, document: Document, adapter: Adapter, asked: Asked) -> Adapter {
        let wearing = &mut self.wearing;
        if wearing.asked.len() >= DOCUMENTS_MAX {
            wearing.asked.clear();
        }
        wearing.asked.insert(document, (asked, adapter));
        match wearing.changing.get(&document) {
            Some(change) if change.to == adapter => change.from,
            Some(_) => {
                // Another language, or another change meanwhile.
                wearing.changing.remove(&document);
                adapter
            }
            None => adapter,
        }
    }

    /// The rule says something else from now on. `keeps` tells which adapters may still be asked for.
    pub(in crate::serving) fn change_over(
        &mut self,
        choose: impl Fn(Asked) -> Adapter,
        keeps: impl Fn(Adapter) -> bool,
        report: &SharedReport,
    ) {
        let documents: Vec<(Document, (Asked, Adapter))> = self
            .wearing
            .asked
            .iter()
            .map(|(document, asked)| (*document, *asked))
            .collect();
        for (document, (asked, chosen)) in documents {
            let changing = self.wearing.changing.remove(&document);
            let from = changing.map_or(chosen, |change| change.from);
            let to = choose(asked);
            // One that is not in memory yet comes with the next change.
            let to = if self.has_adapter(to) {
                to
            } else {
                Adapter::NONE
            };
            self.wearing.asked.insert(document, (asked, to));
            if let Some(change) = changing.filter(|change| change.to != to) {
                self.scheduler.put_off(document, change.to);
            }
            if from != to {
                self.begin_change(document, from, to);
            }
        }
        // Those whose text cannot be read ahead change over now.
        self.end_changes(report);
        self.drop_unused(keeps);
    }

    /// Begins to read a document's text for what it is to wear, where that is possible.
    fn begin_change(&mut self, document: Document, from: Adapter, to: Adapter) {
        let text = self.scheduler.prompt_of(document, from);
        let text = text
            .filter(|text| text.len() >= PREFILL_TOKENS_MIN)
            .map(<[_]>::to_vec);
        if let Some(text) = text
            && !self.scheduler.is_prefilling(document, to)
        {
            self.scheduler.prefill(document, to, text);
        }
        let since = Instant::now();
        let change = Change { from, to, since };
        self.wearing.changing.insert(document, change);
    }

    /// Changes over the documents whose text is read.
    pub(super) fn end_changes(&mut self, report: &SharedReport) {
        let changing = self.wearing.changing.iter();
        let is_over = |(document, change): &(&Document, &Change)| {
            !self.scheduler.is_prefilling(**document, change.to)
                || change.since.elapsed() > CHANGE_OVER_MAX
        };
        let over: Vec<Document> = changing
            .filter(is_over)
            .map(|(document, _)| *document)
            .collect();
        // Counted before anybody can see that none is left.
        report.count_swaps(over.len() as u64);
        for document in over {
            if let Some(change) = self.wearing.changing.remove(&document) {
                self.scheduler.put_off(document, change.from);
            }
        }
    }

    /// Forgets a document that was closed.
    pub(super) fn undress(&mut self, document: Document) {
        self.wearing.asked.remove(&document);
        self.wearing.changing.remove(&document);
    }

    /// Frees the adapters that nobody wears and nobody will.
    fn drop_unused(&mut self, keeps: impl Fn(Adapter) -> bool) {
        let Wearing {
            loaded, changing, ..
        } = &mut self.wearing;
        let is_changing = |adapter| {
            let mut changes = changing.values();
            changes.any(|change| change.from == adapter || change.to == adapter)
        };
        loaded.retain(|&adapter, _| {
            // What the context has on it holds itself.
            keeps(adapter) || is_changing(adapter) || self.scheduler.is_worn(adapter)
        });
    }

    /// Puts on what the next batch is computed with.
    pub(super) fn wear(&mut self, adapter: Adapter) -> Result<(), EngineError> {
        if self.wearing.on == adapter {
            return Ok(());
        }
        let worn = match self.wearing.loaded.get(&adapter) {
            Some(loaded) => vec![(Arc::clone(&loaded.adapter), SCALE)],
            None if adapter == Adapter::NONE => Vec::new(),
            None => {
                return Err(EngineError::Batch(
                    "its adapter is not in memory".to_owned(),
                ));
            }
        };
        self.context.set_adapters(worn)?;
        self.wearing.on = adapter;
        Ok(())
    }
}
