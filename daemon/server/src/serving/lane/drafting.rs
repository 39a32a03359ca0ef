//! What is computed on a guess: how much, who guesses, and how often that was right.

use inkstone_protocol::{CompleteParams, DraftReport, Technique};

use super::Lane;
use crate::serving::drafter::Drafter;

/// Tokens that are guessed at a time: more are seldom right in prose.
const DRAFT_TOKENS_MAX: u32 = 4;

impl Lane {
    /// Lets a smaller model guess from now on.
    pub(in crate::serving) fn set_drafter(&mut self, drafter: Drafter) {
        self.drafter = Some(drafter);
    }

    /// What was guessed since it was loaded, and by whom.
    pub(in crate::serving) fn drafts(&self) -> DraftReport {
        let drafts = self.scheduler.drafts();
        let model = self.drafter.as_ref().and_then(Drafter::name);
        DraftReport {
            model: model.map(str::to_owned),
            tokens_guessed: drafts.guessed,
            tokens_taken: drafts.taken,
        }
    }
}

/// How many tokens a request lets be guessed at a time.
pub(super) fn tokens_max(params: &CompleteParams) -> u32 {
    if params.uses(Technique::Drafts) {
        DRAFT_TOKENS_MAX
    } else {
        0
    }
}
