//! Everything that may wake the language server: one closed list.
//!
//! Not what is done about it (`api/`, `session/`). Sent by the mailbox, the intake, the daemon's
//! link and the tasks of the event loop; received by the event loop alone.

use inkstone_policy::{Learned, Lesson};
use inkstone_protocol::{CompleteReply, TrainingReport};
use serde_json::Value;
use tokio::sync::oneshot;
use tower_lsp_server::jsonrpc;
use tower_lsp_server::ls_types as lsp;

use crate::daemon::problem::DaemonProblem;
use crate::session::ask::Ask;
use crate::wire::document_text::{DocumentTextParams, DocumentTextResult};
use crate::wire::editor_state::EditorStateParams;

/// Answers one request of the editor. Dropping it answers with an internal error; the editor's
/// cancellation closes it.
pub(crate) type Reply<T> = oneshot::Sender<jsonrpc::Result<T>>;

/// Tells a notification's handler that its event was dealt with.
pub(crate) type Ack = oneshot::Sender<()>;

/// What may wake the loop.
#[derive(Debug)]
pub(crate) enum Event {
    /// `initialize`.
    Initialize(Box<lsp::InitializeParams>, Reply<lsp::InitializeResult>),
    /// `initialized`.
    Initialized(Ack),
    /// `shutdown`.
    Shutdown(Reply<()>),
    /// `textDocument/didOpen`.
    DidOpen(lsp::DidOpenTextDocumentParams, Ack),
    /// `textDocument/didChange`.
    DidChange(lsp::DidChangeTextDocumentParams, Ack),
    /// `textDocument/didSave`.
    DidSave(lsp::DidSaveTextDocumentParams, Ack),
    /// `textDocument/didClose`.
    DidClose(lsp::DidCloseTextDocumentParams, Ack),
    /// `workspace/didChangeConfiguration`.
    DidChangeConfiguration(lsp::DidChangeConfigurationParams, Ack),
    /// `inkstone/editorState`.
    EditorState(EditorStateParams, Ack),
    /// `textDocument/inlineCompletion`.
    InlineCompletion(
        Box<lsp::InlineCompletionParams>,
        Reply<lsp::InlineCompletionResponse>,
    ),
    /// `textDocument/completion`.
    Completion(Box<lsp::CompletionParams>, Reply<lsp::CompletionResponse>),
    /// `workspace/executeCommand`.
    ExecuteCommand(lsp::ExecuteCommandParams, Reply<Option<Value>>),
    /// `inkstone/documentText`.
    DocumentText(DocumentTextParams, Reply<DocumentTextResult>),
    /// The editor's answer to `workspace/configuration`: the `inkstone` section.
    ConfigurationPulled(Value),
    /// A frame that no handler will see.
    Unreadable(String),
    /// A document notification of the wrong shape.
    Malformed(Malformed),
    /// The editor closed our standard input.
    InputClosed,
    /// The process that started us is gone.
    EditorGone,
    /// The daemon answered a completion, or will not.
    Answered(Box<Answered>),
    /// The daemon reads a model into memory for one of our requests.
    ModelLoading {
        /// The model's name.
        model: String,
        /// 0 to 100.
        percent: u8,
    },
    /// How the training is that runs; none where none does.
    Training(Option<Box<TrainingReport>>),
    /// What feedback has taught, from the file; or the lessons that it could not take.
    Learned(Result<Learned, Vec<Lesson>>),
    /// The daemon can be talked to.
    DaemonUp,
    /// The daemon cannot be talked to.
    DaemonAway(DaemonProblem),
}

impl Event {
    /// For logs: which event, without any of its content.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Initialize(..) => "initialize",
            Self::Initialized(..) => "initialized",
            Self::Shutdown(..) => "shutdown",
            Self::DidOpen(..) => "did_open",
            Self::DidChange(..) => "did_change",
            Self::DidSave(..) => "did_save",
            Self::DidClose(..) => "did_close",
            Self::DidChangeConfiguration(..) => "did_change_configuration",
            Self::EditorState(..) => "editor_state",
            Self::InlineCompletion(..) => "inline_completion",
            Self::Completion(..) => "completion",
            Self::ExecuteCommand(..) => "execute_command",
            Self::DocumentText(..) => "document_text",
            Self::ConfigurationPulled(..) => "configuration_pulled",
            Self::Unreadable(..) => "unreadable",
            Self::Malformed(..) => "malformed",
            Self::InputClosed => "input_closed",
            Self::EditorGone => "editor_gone",
            Self::Answered(..) => "answered",
            Self::ModelLoading { .. } => "model_loading",
            Self::Training(_) => "training",
            Self::Learned(..) => "learned",
            Self::DaemonUp => "daemon_up",
            Self::DaemonAway(..) => "daemon_away",
        }
    }
}

/// A document notification whose parameters have the wrong shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Malformed {
    /// Its method.
    pub(crate) method: String,
    /// The document it names, if it does.
    pub(crate) uri: Option<String>,
    /// What is wrong, without any of its content.
    pub(crate) problem: String,
}

/// How an ask ended.
#[derive(Debug)]
pub(crate) struct Answered {
    /// The question, with the editor's reply in it.
    pub(crate) ask: Ask,
    /// What the daemon said.
    pub(crate) outcome: Result<CompleteReply, DaemonProblem>,
}
