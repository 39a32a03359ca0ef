//! The library's handlers: each pushes one event and waits for its answer.
//!
//! The library runs up to `concurrency_level` handlers at once and polls new ones in message
//! order. A handler's first wait is [`post`], which puts the event into the channel at its
//! first poll, so events keep message order even when the loop is behind. Nothing may be awaited
//! before it.

use serde_json::Value;
use tokio::sync::{mpsc, oneshot};
use tower_lsp_server::jsonrpc::{self, Error, Result};
use tower_lsp_server::ls_types as lsp;
use tower_lsp_server::{Client, LanguageServer};

use crate::event::{Ack, Event, Reply};
use crate::wire::document_text::{DocumentTextParams, DocumentTextResult};
use crate::wire::editor_state::EditorStateParams;

/// What the library serves.
#[derive(Debug)]
pub(crate) struct Mailbox {
    client: Client,
    events: mpsc::Sender<Event>,
}

impl Mailbox {
    pub(crate) fn new(client: Client, events: mpsc::Sender<Event>) -> Self {
        Self { client, events }
    }

    /// The way to speak to the editor unasked.
    pub(crate) fn client(&self) -> Client {
        self.client.clone()
    }

    async fn ask<T>(&self, event: impl FnOnce(Reply<T>) -> Event) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        if !post(&self.events, event(reply)).await {
            return Err(ending());
        }
        // A dropped reply is a turn that failed: one request is answered with an error, the
        // others go on.
        answer
            .await
            .unwrap_or_else(|_| Err(Error::internal_error()))
    }

    async fn tell(&self, event: impl FnOnce(Ack) -> Event) {
        let (ack, done) = oneshot::channel();
        if post(&self.events, event(ack)).await {
            // Keeps the number of events in the channel bounded by the library's concurrency.
            let _ = done.await;
        }
    }

    /// `textDocument/inlineCompletion` (LSP 3.18), which the library's trait does not have yet.
    pub(crate) async fn inline_completion(
        &self,
        params: lsp::InlineCompletionParams,
    ) -> Result<lsp::InlineCompletionResponse> {
        self.ask(|reply| Event::InlineCompletion(Box::new(params), reply))
            .await
    }

    /// `inkstone/documentText`.
    pub(crate) async fn document_text(
        &self,
        params: DocumentTextParams,
    ) -> Result<DocumentTextResult> {
        self.ask(|reply| Event::DocumentText(params, reply)).await
    }

    /// `inkstone/editorState`.
    pub(crate) async fn editor_state(&self, params: EditorStateParams) {
        self.tell(|ack| Event::EditorState(params, ack)).await;
    }
}

impl LanguageServer for Mailbox {
    async fn initialize(&self, params: lsp::InitializeParams) -> Result<lsp::InitializeResult> {
        self.ask(|reply| Event::Initialize(Box::new(params), reply))
            .await
    }

    async fn initialized(&self, _: lsp::InitializedParams) {
        self.tell(Event::Initialized).await;
    }

    async fn shutdown(&self) -> Result<()> {
        self.ask(Event::Shutdown).await
    }

    async fn did_open(&self, params: lsp::DidOpenTextDocumentParams) {
        self.tell(|ack| Event::DidOpen(params, ack)).await;
    }

    async fn did_change(&self, params: lsp::DidChangeTextDocumentParams) {
        self.tell(|ack| Event::DidChange(params, ack)).await;
    }

    async fn did_save(&self, params: lsp::DidSaveTextDocumentParams) {
        self.tell(|ack| Event::DidSave(params, ack)).await;
    }

    async fn did_close(&self, params: lsp::DidCloseTextDocumentParams) {
        self.tell(|ack| Event::DidClose(params, ack)).await;
    }

    async fn did_change_configuration(&self, params: lsp::DidChangeConfigurationParams) {
        self.tell(|ack| Event::DidChangeConfiguration(params, ack))
            .await;
    }

    async fn completion(
        &self,
        params: lsp::CompletionParams,
    ) -> Result<Option<lsp::CompletionResponse>> {
        self.ask(|reply| Event::Completion(Box::new(params), reply))
            .await
            .map(Some)
    }

    async fn execute_command(&self, params: lsp::ExecuteCommandParams) -> Result<Option<Value>> {
        self.ask(|reply| Event::ExecuteCommand(params, reply)).await
    }
}

/// The loop has ended: nothing will be answered any more.
fn ending() -> jsonrpc::Error {
    jsonrpc::Error {
        code: jsonrpc::ErrorCode::InvalidRequest,
        message: "the language server is ending".into(),
        data: None,
    }
}

/// Puts an event into the channel at the first poll, which comes in message order. False: nobody
/// listens.
///
/// There is room for the events of all handlers at once (see [`EVENTS_MAX`]). Unconstrained: all
/// handlers share one task, and once that task has used up tokio's cooperative budget a plain `send`
/// waits although there is room; such waits are woken last first, so a burst of edits would be
/// applied in the wrong order.
///
/// [`EVENTS_MAX`]: crate::event_loop::EVENTS_MAX
pub(crate) async fn post<T>(events: &mpsc::Sender<T>, event: T) -> bool {
    tokio::task::unconstrained(events.send(event)).await.is_ok()
}

#[cfg(test)]
mod tests {
    use std::future::{Future, poll_fn};
    use std::pin::Pin;
    use std::task::Poll;

    use tokio::sync::mpsc;

    use super::post;
    use crate::event_loop::EVENTS_MAX;

    /// More than tokio lets one task do between two yields (128), and room for all of it.
    const BURST: usize = 200;

    #[tokio::test]
    async fn a_burst_keeps_its_order_however_late_handlers_are_polled_again() {
        let (sender, mut events) = mpsc::channel(EVENTS_MAX);
        let mut handlers: Vec<Pin<Box<dyn Future<Output = bool>>>> = Vec::new();
        for event in 0..BURST {
            let sender = sender.clone();
            handlers.push(Box::pin(async move { post(&sender, event).await }));
        }
        let mut received = Vec::new();
        let mut is_first_round = true;
        poll_fn(|cx| {
            // In message order once, as the library does; afterwards the other way round.
            if !is_first_round {
                handlers.reverse();
            }
            is_first_round = false;
            handlers.retain_mut(|handler| handler.as_mut().poll(cx).is_pending());
            while let Ok(event) = events.try_recv() {
                received.push(event);
            }
            if handlers.is_empty() && received.len() == BURST {
                return Poll::Ready(());
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
        assert!(received.is_sorted(), "{received:?}");
    }
}
