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
use crate::serving::adapters::{Asked, CheckedAdapter, LOADED_MAX, SCALE};
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
    /// Counts the requests that wore one.
    requests: u64,
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
    bytes: u64,
    /// The number of the last request that wore it, or before which it came.
    worn_at: u64,
}

/// A document on its way from one adapter to another.
#[derive(Debug, Clone, Copy)]
struct Change {
    from: Adapter,
    to: Adapter,
    since: Instant,
}

impl Lane {
    /// Takes an adapter that requests may wear from now on; where there are as many as there may be, the
    /// one that was worn least recently goes. False: all of them are being worn.
    pub(in crate::serving) fn put_in(
        &mut self,
        checked: &CheckedAdapter,
        adapter: Arc<inkstone_engine::Adapter>,
    ) -> bool {
        if self.has_adapter(checked.key) {
            return true;
        }
        if self.wearing.loaded.len() >= LOADED_MAX && !self.let_one_go(|_| true) {
            return false;
        }
        let loaded = Loaded {
            adapter,
            name: checked.name.clone(),
            bytes: checked.bytes,
            worn_at: self.wearing.requests,
        };
        self.wearing.loaded.insert(checked.key, loaded);
        true
    }

    /// Frees the adapter that was worn least recently, of those that may go and that nobody wears now.
    pub(in crate::serving) fn let_one_go(&mut self, may_go: impl Fn(Adapter) -> bool) -> bool {
        let idle = self.wearing.loaded.iter();
        let on = self.wearing.on;
        let idle = idle.filter(|(adapter, _)| {
            **adapter != on && may_go(**adapter) && !self.is_in_use(**adapter)
        });
        let Some((&adapter, _)) = idle.min_by_key(|(_, loaded)| loaded.worn_at) else {
            return false;
        };
        self.wearing.loaded.remove(&adapter);
        true
    }

    /// Adapters in memory.
    pub(in crate::serving) fn adapters_loaded(&self) -> usize {
        self.wearing.loaded.len()
    }

    /// Bytes of the adapters in memory.
    pub(in crate::serving) fn adapters_bytes(&self) -> u64 {
        self.wearing.loaded.values().map(|one| one.bytes).sum()
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
        self.wearing.requests += 1;
        match self.wearing.loaded.get_mut(&adapter) {
            Some(loaded) => {
                loaded.worn_at = self.wearing.requests;
                (adapter, Some(loaded.name.clone()))
            }
            // It is on its way into memory: the registry has just changed, or it was not asked for
            // lately.
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
    /// Returns those that open documents are to wear and that are not in memory.
    pub(in crate::serving) fn change_over(
        &mut self,
        choose: impl Fn(Asked) -> Adapter,
        keeps: impl Fn(Adapter) -> bool,
        report: &SharedReport,
    ) -> Vec<Adapter> {
        let mut lacking = Vec::new();
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
                lacking.push(to);
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
        lacking
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
        let known = self.wearing.loaded.keys().copied();
        // What the context has on it holds itself.
        let unused = known.filter(|&adapter| !keeps(adapter) && !self.is_in_use(adapter));
        for adapter in unused.collect::<Vec<_>>() {
            self.wearing.loaded.remove(&adapter);
        }
    }

    /// Whether a request or a document on its way wears it.
    fn is_in_use(&self, adapter: Adapter) -> bool {
        let mut changes = self.wearing.changing.values();
        changes.any(|change| change.from == adapter || change.to == adapter)
            || self.scheduler.is_worn(adapter)
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
