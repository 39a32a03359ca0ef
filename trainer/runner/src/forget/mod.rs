//! Forgetting a source: it goes out of everything that saw it, and it is looked whether it is gone.
//!
//! In reading order:
//! - [`source`]: which file or folder of which workspace;
//! - [`evidence`]: its texts, and by what they are recognised, held by this process alone;
//! - here: the steps, each of which a second run does again where the first was killed;
//! - [`files`]: what lies beside the database;
//! - [`seek`]: looking for what is left;
//! - [`proof`]: whether a new adapter knows the text better than text that it never saw.
//!
//! The rows are `assemble::purge`'s. Asked by `inkstone forget`, through `commands::forget`.

pub mod evidence;
pub mod files;
pub mod proof;
pub mod seek;
pub mod source;

use inkstone_corpus::dataset::DatasetId;
use inkstone_settings::{Directories, Settings};
use inkstone_store::{AdapterRow, Store};
use serde::Serialize;

use crate::assemble::purge::{self, Known, Seal};
use crate::assemble::{self, AssembleError};
use crate::build::{measures, publish};
use evidence::Evidence;
use source::Source;

/// What forgetting works with.
pub struct Forgetting<'a> {
    /// Where everything lies.
    pub directories: &'a Directories,
    /// The user's settings.
    pub settings: &'a Settings,
    /// What is to be forgotten.
    pub source: &'a Source,
}

/// What is to go.
pub struct Sight {
    /// What the store keeps of it.
    pub known: Known,
    /// Its texts.
    pub evidence: Evidence,
    /// Adapters that learned from it.
    pub adapters: Vec<AdapterRow>,
    /// Whether it is part of the generic prose that trainings mix in.
    pub is_generic: bool,
}

/// What went, or would go, by kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Purged {
    /// Documents that were read.
    pub documents: u64,
    /// Records of them that versions held.
    pub records: u64,
    /// Versions of the dataset that are gone.
    pub versions: u64,
    /// Versions that another adapter holds, and that go on without it.
    pub versions_kept: u64,
    /// Adapters that are retired, by name.
    pub adapters: Vec<String>,
    /// Files of adapters.
    pub adapter_files: u64,
    /// Trainings that had begun.
    pub trainings: Vec<String>,
    /// Memories of models, and profiles of versions.
    pub memories_and_profiles: u64,
    /// Decisions of the review.
    pub decisions: u64,
    /// Marks of text that was not typed.
    pub marks: u64,
}

impl Forgetting<'_> {
    /// Looks at all that is kept of it, and changes nothing.
    pub fn see(&self, store: &mut Store) -> anyhow::Result<Sight> {
        let mut evidence = Evidence::default();
        let place = self.source.place();
        let known = purge::find(store, place, &mut |found| evidence.take(&found))?;
        evidence.take_files(self.source, self.settings)?;
        purge::each_other(store, place, &mut |row, document| {
            evidence.leave_to(row, document);
        })?;
        let is_generic = self.is_generic();
        let rows = store.adapters()?;
        let workspace = self.source.workspace.id.as_i64();
        let adapters = purge::learned_from(&rows, &known, workspace, is_generic);
        Ok(Sight {
            known,
            evidence,
            adapters,
            is_generic,
        })
    }

    /// Whether it is in the folder of generic prose, or that in it.
    fn is_generic(&self) -> bool {
        let folder = self.settings.train.replay_folder.as_deref();
        folder.is_some_and(|folder| {
            let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
            folder.starts_with(&self.source.path) || self.source.path.starts_with(&folder)
        })
    }

    /// What would go.
    pub fn plan(&self, store: &Store, sight: &Sight) -> anyhow::Result<Purged> {
        let known = &sight.known;
        let hashes = store.inserted(&sight.evidence.shingles())?;
        Ok(Purged {
            documents: known.documents,
            records: known.records.len() as u64,
            versions: known.versions.len() as u64,
            adapters: names(&sight.adapters),
            adapter_files: sight.adapters.len() as u64,
            marks: hashes.len() as u64,
            trainings: files::trainings_on(self.directories, &known.versions),
            ..Purged::default()
        })
    }

    /// Takes it out of the database, and everything that hangs on it out of use, at one moment; then
    /// what was read of it. The version of the dataset that is left.
    pub fn purge(
        &self,
        store: &mut Store,
        sight: &Sight,
        retrain: bool,
        now_ms: i64,
    ) -> Result<(Purged, DatasetId), AssembleError> {
        let sealed = purge::seal(
            store,
            &sight.known,
            &Seal {
                path: &self.source.path,
                now_s: now_ms / 1_000,
                adapters: &sight.adapters,
                retrain,
                texts: sight.evidence.texts(),
                shingles: &sight.evidence.shingles(),
            },
        )?;
        purge::remove(store, self.source.place())?;
        let corpus = &self.settings.corpus;
        // The hashes of its paragraphs go with the comparison.
        assemble::settle(store, measures(corpus))?;
        let newest = publish(store, corpus, now_ms)?;
        purge::clear_left(store)?;
        let purged = Purged {
            documents: sight.known.documents,
            records: sight.known.records.len() as u64,
            versions: sealed.versions,
            versions_kept: sealed.versions_kept,
            adapters: names(&sight.adapters),
            decisions: sealed.decisions,
            marks: sealed.marks,
            ..Purged::default()
        };
        Ok((purged, newest))
    }
}

fn names(rows: &[AdapterRow]) -> Vec<String> {
    rows.iter().map(|row| row.name.clone()).collect()
}
