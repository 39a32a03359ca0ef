//! What was read of documents: kept when a context goes, and put back when the document is asked about
//! again.

use inkstone_models::ModelName;
use inkstone_protocol::DocumentId;
use inkstone_scheduler::Adapter;

use super::Residency;
use crate::serving::lane::document_of;
use crate::serving::report::SharedReport;
use crate::serving::resident::State;
use crate::serving::saved::Owner;

impl Residency {
    /// Keeps one document of a model whose context is to go; false when there is none left to be kept.
    /// One at a time: writing takes a while, and others want to be served between two of them.
    pub(super) fn keep_one(&mut self, name: &ModelName) -> bool {
        let Some(resident) = self.residents.get_mut(name) else {
            return false;
        };
        let State::Loaded(lane) = &mut resident.state else {
            return false;
        };
        let bytes_per_token = lane.kv_bytes_per_token();
        let next = self.saved.next(name, &lane.documents(), bytes_per_token);
        let Some(worn) = next.filter(|_| !resident.is_stale) else {
            return false;
        };
        let (document, adapter) = worn;
        let owner = Owner {
            model: name.clone(),
            document,
            adapter,
        };
        let contents = lane.save(worn);
        let is_kept = contents.is_some_and(|contents| {
            let identity = lane.identity();
            self.saved.keep(owner, identity, contents, bytes_per_token)
        });
        if !is_kept {
            lane.give_up_saving(worn);
        }
        true
    }

    /// Puts back what was kept of a document that was computed with this adapter, if anything was.
    pub(super) fn restore(
        &mut self,
        name: &ModelName,
        (document, adapter): (&DocumentId, Adapter),
        report: &SharedReport,
    ) {
        let document = document_of(document);
        let owner = Owner {
            model: name.clone(),
            document,
            adapter,
        };
        if !self.saved.has(&owner) {
            return;
        }
        let Some(State::Loaded(lane)) = self.residents.get(name).map(|found| &found.state) else {
            return;
        };
        if lane.has_read(document, adapter) {
            // It was to go, and has a request again before it went.
            return self.saved.discard(&owner);
        }
        if let Some(contents) = self.saved.take(&owner, &lane.identity()) {
            self.with_lane(name, report, |lane| {
                lane.restore((document, adapter), &contents);
            });
        }
    }
}
