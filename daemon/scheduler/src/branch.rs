//! Several ways to go on from one prompt, each in a sequence that shares the prompt's cells.

use crate::request::{Request, RequestKey};
use crate::running::{Graft, Running};
use crate::scheduler::{Scheduler, count};
use crate::slot::{Change, Sequence};

/// Spare sequences that no branch takes: a document whose window slides must not wait until another
/// document's alternatives are written.
const SPARES_FOR_GRAFTS: usize = 1;

impl<T: Copy + Eq> Scheduler<T> {
    /// Lets the request `of`, which waits for a choice, be continued in another way as well: `branch`
    /// waits for a choice of its own. From then on it is stepped, chosen for and ended as a request
    /// is; it ends with `of` at the latest. False when `of` has as many branches as it may have, or
    /// no sequence is spare.
    pub fn branch(&mut self, of: RequestKey, branch: RequestKey) -> bool {
        let Some(index) = self.index_of(of).filter(|&i| self.running[i].awaits_choice) else {
            return false;
        };
        let branches_max = self.running[index].request.branches_max;
        if count(self.branches_of(of).count()) >= branches_max {
            return false;
        }
        let kept_spares = usize::from(self.limits.can_shift) * SPARES_FOR_GRAFTS;
        let Some(spare) = self.unused_spares().nth(kept_spares) else {
            return false;
        };
        let parent = &self.running[index];
        // A request that waits for a choice has all its tokens in its sequence.
        let tokens = parent.tokens.clone();
        self.changes.push(Change::Copy {
            from: Sequence::of(parent.slot),
            to: Sequence::of(spare),
            start: 0,
            end: count(tokens.len()),
        });
        self.slots[spare].cached.clone_from(&tokens);
        self.slots[spare].adapter = parent.request.adapter;
        let request = Request {
            key: branch,
            branches_max: 0,
            ..parent.request.clone()
        };
        self.running.push(Running {
            request,
            slot: spare,
            tokens,
            reused_tokens: 0,
            awaits_choice: true,
            graft: Graft::None,
            branch_of: Some(of),
            successions: 0,
        });
        true
    }

    pub(crate) fn branches_of(&self, key: RequestKey) -> impl Iterator<Item = usize> {
        let running = self.running.iter().enumerate();
        running
            .filter_map(move |(index, running)| (running.branch_of == Some(key)).then_some(index))
    }

    /// The request that a key belongs to: itself, or the one that it is a branch of.
    pub(crate) fn request_of(&self, key: RequestKey) -> RequestKey {
        let branch_of = self.index_of(key).and_then(|i| self.running[i].branch_of);
        branch_of.unwrap_or(key)
    }

    pub(crate) fn leave_branches(&mut self, key: RequestKey) {
        loop {
            // Found anew each time: whoever leaves changes the places of the others.
            let branch = self.branches_of(key).next();
            let Some(branch) = branch else { return };
            self.leave(branch);
        }
    }

    /// Takes a request or branch from those that run.
    pub(crate) fn leave(&mut self, index: usize) {
        self.finish_graft(index);
        let running = self.running.swap_remove(index);
        if running.branch_of.is_some() {
            self.empty_spare(running.slot);
        } else {
            self.slots[running.slot].busy = false;
        }
    }
}
