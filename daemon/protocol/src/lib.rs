//! The local socket's protocol: what clients and the daemon say to each other.
//!
//! Newline-delimited JSON that a person can read with `socat`. Every connection opens with a
//! [`Hello`] and its [`Welcome`]; then requests carry ids, replies may stream, and a request can
//! be cancelled. In reading order: [`ids`], [`hello`], [`message`] (what one line holds),
//! [`complete`], [`score`], [`corpus`] and [`status`] (the methods), [`technique`] (what a measurement can leave out),
//! [`error`] (codes and remedies); [`framing`] (bytes to
//! lines, bounded), [`halves`] (messages over a stream), [`endpoint`] (the socket and who is at its
//! other end); [`client`] (one connection, many requests), [`lifecycle`] (which process is started,
//! stopped or replaced when).
//!
//! Not here: who listens (`inkstoned`).

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))] // A test that fails panics.

pub mod client;
pub mod complete;
pub mod corpus;
pub mod endpoint;
pub mod error;
pub mod framing;
pub mod halves;
pub mod hello;
pub mod ids;
pub mod lifecycle;
pub mod message;
pub mod score;
pub mod status;
pub mod technique;
pub mod training;

pub use client::{Client, ClientError, CompletionEvent, CompletionStream};
pub use complete::{
    Alternative, CompleteParams, CompleteReply, Confidence, Finish, Place, Silence, StopRule,
    Timing, TokenUse, Trigger,
};
pub use corpus::{
    INSERTED_SHINGLES_MAX, InsertedOrigin, SAVED_PATH_BYTES_MAX, TrainerReport, TrainerState,
};
pub use error::{ErrorCode, WireError};
pub use framing::{FRAME_BYTES_MAX, FrameError, LineDecoder};
pub use hello::{Hello, PROTOCOL_VERSION, Welcome};
pub use ids::{DocumentId, DocumentVersion, RequestId};
pub use lifecycle::{Launcher, StartError};
pub use message::{Call, ClientMessage, DaemonMessage, Judged, Reply};
pub use score::{
    LIVE_ADAPTER, SCORE_BYTES_MAX, SCORE_TEXTS_MAX, ScoreParams, ScoreReply, TextScore,
};
pub use status::{
    AdapterReport, AdapterState, AdaptersReport, ComputationReport, DraftReport, MemoryReport,
    ModelReport, ModelState, RecollectionReport, Release, ReleaseReason, Released, StatusReply,
};
pub use technique::Technique;
pub use training::{TrainingPhase, TrainingReport};
