//! What was asked and what came of it.

use crate::lsp_client::error::{
    CODE_CONTENT_MODIFIED, CODE_REQUEST_CANCELLED, CODE_SERVER_CANCELLED,
};
use crate::lsp_client::requests::inline_items;
use crate::lsp_client::{InlineItem, LspClientError, PendingReply};
use crate::stage::ANSWER_WAIT;

/// The most problems that are kept in words.
const PROBLEMS_MAX: usize = 20;

/// Counts of a run.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    pub(super) actions: u64,
    /// Suggestions asked for.
    pub(super) asked: u64,
    /// Answered with a suggestion, with none, or with a refusal that the protocol has for it.
    pub(super) answered: u64,
    /// Of these, with a suggestion.
    pub(super) offered: u64,
    /// Asked for, and taken back before the answer.
    pub(super) cancelled: u64,
    /// Asked for by an editor that then went away: nobody is left to answer.
    pub(super) abandoned: u64,
    pub(super) accepted: u64,
    pub(super) rejected: u64,
    pub(super) disconnects: u64,
    /// No answer, or one that no client can make anything of.
    pub(super) lost: u64,
    pub(super) problems: Vec<String>,
}

impl Tally {
    /// Waits for an answer and counts it.
    pub(super) fn take(&mut self, pending: PendingReply) -> Option<InlineItem> {
        let answer = pending.wait(ANSWER_WAIT).and_then(inline_items);
        match answer {
            Ok(items) => {
                self.answered += 1;
                let first = items.into_iter().next();
                self.offered += u64::from(first.is_some());
                first
            }
            Err(error) => {
                self.count_refusal(&error);
                None
            }
        }
    }

    fn count_refusal(&mut self, error: &LspClientError) {
        let fair = [
            CODE_CONTENT_MODIFIED,
            CODE_REQUEST_CANCELLED,
            CODE_SERVER_CANCELLED,
        ];
        if error
            .refusal_code()
            .is_some_and(|code| fair.contains(&code))
        {
            self.answered += 1;
            return;
        }
        self.lost += 1;
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(error.to_string());
        }
    }
}
