//! One question to the daemon, with the editor's reply in it.
//!
//! Not the asking (`daemon/`). Made by `suggest`, carried by a task, given back to the session.

use std::time::Duration;

use inkstone_prose::Zone;
use inkstone_protocol::CompleteParams;
use inkstone_text::{Position, PositionEncoding, Utf8Offset};
use tower_lsp_server::ls_types as lsp;

use crate::event::Reply;
use crate::session::documents::{DocumentKey, Revision};
use crate::session::suggestion::{Suggestion, SuggestionId};
use crate::wire::to_wire;

/// A question on its way.
#[derive(Debug)]
pub(crate) struct Ask {
    /// Names what will be suggested.
    pub(crate) id: SuggestionId,
    /// The document it is about.
    pub(crate) key: DocumentKey,
    /// The text it is about; an answer for another text is dropped.
    pub(crate) revision: Revision,
    /// Where the suggestion would go.
    pub(crate) caret: Utf8Offset,
    /// What kind of text that is.
    pub(crate) zone: Zone,
    /// The question.
    pub(crate) params: CompleteParams,
    /// How long to wait before it is asked, because the writer types fast.
    pub(crate) wait: Duration,
    /// When that is over, counted as the session counts.
    pub(crate) asked_at: Duration,
    /// How long the answer may take.
    pub(crate) deadline: Duration,
    /// Who waits.
    pub(crate) reply: SuggestionReply,
}

/// An editor that waits for a suggestion, in the form that it asked for.
#[derive(Debug)]
pub(crate) enum SuggestionReply {
    /// As ghost text.
    Inline {
        /// Where.
        caret: Position,
        /// Its request.
        reply: Reply<lsp::InlineCompletionResponse>,
    },
    /// As items of a list.
    List {
        /// Where.
        caret: Position,
        /// What stands before the caret.
        word: String,
        /// Its request.
        reply: Reply<lsp::CompletionResponse>,
    },
    /// Nobody yet: it is asked ahead.
    Ahead,
}

impl SuggestionReply {
    /// Answers with suggestions, the likeliest first, in a client's units.
    pub(crate) fn offer(self, suggestions: &[Suggestion], encoding: PositionEncoding) {
        // A closed reply is an editor that cancelled: nothing to tell it.
        match self {
            Self::Inline { caret, reply } => {
                drop(reply.send(Ok(to_wire::inline(suggestions, encoding, caret))));
            }
            Self::List { caret, word, reply } => {
                drop(reply.send(Ok(to_wire::list(suggestions, encoding, caret, &word))));
            }
            Self::Ahead => {}
        }
    }

    /// Answers with nothing.
    pub(crate) fn stay_silent(self) {
        match self {
            Self::Inline { reply, .. } => drop(reply.send(Ok(to_wire::no_inline()))),
            Self::List { reply, .. } => drop(reply.send(Ok(to_wire::no_list()))),
            Self::Ahead => {}
        }
    }

    /// Waits until the editor cancels its request.
    pub(crate) async fn cancelled_by_editor(&mut self) {
        match self {
            Self::Inline { reply, .. } => reply.closed().await,
            Self::List { reply, .. } => reply.closed().await,
            Self::Ahead => std::future::pending().await,
        }
    }
}
