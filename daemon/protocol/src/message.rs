//! What one line of the socket holds, in each direction.

use serde::{Deserialize, Serialize};

use crate::complete::{CompleteParams, CompleteReply};
use crate::corpus::InsertedOrigin;
use crate::error::WireError;
use crate::hello::{Hello, Welcome};
use crate::ids::{DocumentId, RequestId};
use crate::score::{ScoreParams, ScoreReply};
use crate::status::StatusReply;

/// A line from a client.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientMessage {
    /// Must be the first line.
    Hello(Hello),
    /// A call that will be answered by exactly one `result` or `error` with the same id.
    Request {
        /// Chosen by the client.
        id: RequestId,
        /// Give up after this many milliseconds, counted from the daemon's receipt.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        deadline_ms: Option<u64>,
        /// What is asked.
        call: Call,
    },
    /// Ends the named request early; it is answered with the error `cancelled`.
    Cancel(RequestId),
}

/// The methods of the daemon.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "method", content = "params", rename_all = "snake_case")]
pub enum Call {
    /// Continue a document at the caret.
    Complete(Box<CompleteParams>),
    /// Say how surprising texts are to a model, when nobody types.
    Score(ScoreParams),
    /// Load the model that serves this text before it is needed (an editor got the focus).
    Warm {
        /// Text around the caret, by which the language and so the model is chosen.
        sample: String,
    },
    /// The document was closed: its sequence may be given to another.
    Close {
        /// Which document.
        document: DocumentId,
    },
    /// Text came into a document otherwise than by typing: remember what it can be recognised by.
    Inserted {
        /// Where it came from.
        origin: InsertedOrigin,
        /// Its hashed shingles (`inkstone_prose::shingle`, `Width::RECOGNISE`), at most
        /// [`crate::corpus::INSERTED_SHINGLES_MAX`].
        shingles: Vec<u64>,
    },
    /// A document was saved: whoever watches its folder need not wait for the system to say so.
    Saved {
        /// Absolute, as the editor names it.
        path: String,
    },
    /// Somebody types in a document, whether or not anything is asked: what can wait makes room.
    Typed,
    /// What became of a suggestion that was shown.
    Judged(Judged),
    /// Report the daemon's state.
    Status,
    /// Read the settings files and the installed models again.
    Reload,
    /// Read the registry of adapters again: one was added, switched or removed.
    AdaptersChanged,
    /// A source was forgotten: nothing that was read of documents is kept, and adapters and memories are
    /// read again.
    Forgotten,
    /// Finish the requests in hand, then exit and stay off until a `start`.
    Stop,
    /// Finish the requests in hand, then exit so that a newer build takes over.
    HandOver,
}

/// Whether a suggestion that was shown was right: its first word was taken or typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judged {
    /// The model that wrote it.
    pub model: String,
    /// Tag of the language around it.
    pub language: String,
    /// Name of the adapter that the model wore.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adapter: Option<String>,
    /// Whether it was.
    pub is_right: bool,
}

/// A line from the daemon.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DaemonMessage {
    /// Answers a valid `Hello`.
    Welcome(Welcome),
    /// A further piece of a streaming reply.
    Text {
        /// The request it belongs to.
        id: RequestId,
        /// Whole characters only.
        piece: String,
    },
    /// The model of this request is being loaded; sent at most a few times a second.
    Loading {
        /// The request that waits.
        id: RequestId,
        /// Name of the model.
        model: String,
        /// 0 to 100.
        percent: u8,
    },
    /// The request succeeded.
    Result {
        /// The request it answers.
        id: RequestId,
        /// Its answer.
        reply: Reply,
    },
    /// The request, or with no id the connection, failed.
    Error {
        /// The request it answers; none when the line could not be read as a request.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<RequestId>,
        /// What went wrong and what to do.
        error: WireError,
    },
}

/// The answers of the methods.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "method", content = "value", rename_all = "snake_case")]
pub enum Reply {
    /// Of [`Call::Complete`].
    Complete(Box<CompleteReply>),
    /// Of [`Call::Score`].
    Score(Box<ScoreReply>),
    /// Of [`Call::Status`].
    Status(Box<StatusReply>),
    /// Of `warm`, `close`, `inserted`, `saved`, `judged`, `reload`, `adapters_changed`,
    /// `forgotten`, `stop` and `hand_over`.
    Done,
}
