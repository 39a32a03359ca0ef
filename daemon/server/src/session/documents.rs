//! The documents that a client has open: closed for it when it leaves without saying so, so that
//! nothing of them is kept for somebody who does not come back.

use std::collections::VecDeque;
use std::sync::Arc;

use inkstone_protocol::DocumentId;

use super::Shared;
use crate::completions::Completions;

/// Documents remembered per client: a quarter of the letters that may wait for the models, which get
/// one for each when it leaves. Older ones are left to the models' own bounds.
const DOCUMENTS_MAX: usize = 64;

/// What a client has asked about and not closed. Dropping it closes them.
pub(super) struct Documents<C: Completions> {
    shared: Arc<Shared<C>>,
    /// The one asked about last comes last.
    open: VecDeque<DocumentId>,
}

impl<C: Completions> Documents<C> {
    pub(super) fn new(shared: &Arc<Shared<C>>) -> Self {
        Self {
            shared: Arc::clone(shared),
            open: VecDeque::new(),
        }
    }

    pub(super) fn note(&mut self, document: &DocumentId) {
        // A writer stays in one document for many keys.
        if self.open.back() == Some(document) {
            return;
        }
        self.forget(document);
        if self.open.len() == DOCUMENTS_MAX {
            self.open.pop_front();
        }
        self.open.push_back(document.clone());
    }

    pub(super) fn forget(&mut self, document: &DocumentId) {
        self.open.retain(|open| open != document);
    }
}

impl<C: Completions> Drop for Documents<C> {
    fn drop(&mut self) {
        for document in self.open.drain(..) {
            self.shared.completions.close(document);
        }
    }
}
