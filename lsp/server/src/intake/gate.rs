//! The service around the library's: sees each message in order, before any handler.
//!
//! It notes how the session ends, for the exit code, and turns document notifications of the
//! wrong shape into an event: the library would drop them without a word, and the text would go
//! stale. Everything else passes. Built by `serve`.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use serde::Deserialize;
use tokio::sync::mpsc;
use tower_lsp_server::ExitedError;
use tower_lsp_server::jsonrpc::{Request, Response};
use tower_lsp_server::ls_types as lsp;
use tower_service::Service;

use crate::api::mailbox::post;
use crate::event::{Event, Malformed};

/// Which of the two closing messages came.
#[derive(Debug, Default)]
pub(crate) struct Farewell {
    shutdown: AtomicBool,
    exit: AtomicBool,
}

impl Farewell {
    pub(crate) fn shutdown_seen(&self) -> bool {
        self.shutdown.load(Ordering::Acquire)
    }

    pub(crate) fn exit_seen(&self) -> bool {
        self.exit.load(Ordering::Acquire)
    }
}

/// The library's service with eyes.
pub(crate) struct Gate<S> {
    inner: S,
    events: mpsc::Sender<Event>,
    farewell: Arc<Farewell>,
}

impl<S> Gate<S> {
    pub(crate) fn new(inner: S, events: mpsc::Sender<Event>, farewell: Arc<Farewell>) -> Self {
        Self {
            inner,
            events,
            farewell,
        }
    }
}

type Answer = Result<Option<Response>, ExitedError>;

impl<S> Service<Request> for Gate<S>
where
    S: Service<Request, Response = Option<Response>, Error = ExitedError>,
    S::Future: Send + 'static,
{
    type Response = Option<Response>;
    type Error = ExitedError;
    type Future = Pin<Box<dyn Future<Output = Answer> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), ExitedError>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let request = match request.method() {
            "shutdown" => {
                self.farewell.shutdown.store(true, Ordering::Release);
                without_params(request)
            }
            "exit" => {
                self.farewell.exit.store(true, Ordering::Release);
                request
            }
            _ => request,
        };
        let lost = unreadable(&request)
            .map(Event::Unreadable)
            .or_else(|| malformed_sync(&request).map(Event::Malformed));
        if let Some(event) = lost {
            let events = self.events.clone();
            return Box::pin(async move {
                // A loop that has ended needs no news.
                let _ = post(&events, event).await;
                Ok(None)
            });
        }
        Box::pin(self.inner.call(request))
    }
}

/// The library refuses a `shutdown` with parameters; some clients send an empty object.
fn without_params(request: Request) -> Request {
    let (method, id, _) = request.into_parts();
    let bare = Request::build(method);
    match id {
        Some(id) => bare.id(id).finish(),
        None => bare.finish(),
    }
}

/// What the pump puts in the place of a message that cannot be read. An editor that sends one
/// itself only makes us ask for its documents anew.
pub(crate) const UNREADABLE_METHOD: &str = "$/inkstone/unreadable";

/// What was wrong with the message that this one stands for.
fn unreadable(request: &Request) -> Option<String> {
    let is_stand_in = request.method() == UNREADABLE_METHOD;
    let problem = || {
        request
            .params()?
            .get("problem")?
            .as_str()
            .map(str::to_owned)
    };
    is_stand_in.then(|| problem().unwrap_or_else(|| "it cannot be read".to_owned()))
}

/// A document notification that its handler would never see.
pub(crate) fn malformed_sync(request: &Request) -> Option<Malformed> {
    let problem = match request.method() {
        "textDocument/didOpen" => problem_of::<lsp::DidOpenTextDocumentParams>(request),
        "textDocument/didChange" => problem_of::<lsp::DidChangeTextDocumentParams>(request),
        "textDocument/didClose" => problem_of::<lsp::DidCloseTextDocumentParams>(request),
        _ => None,
    }?;
    let uri = request
        .params()
        .and_then(|params| params.pointer("/textDocument/uri"))
        .and_then(|uri| uri.as_str())
        .map(str::to_owned);
    Some(Malformed {
        method: request.method().to_owned(),
        uri,
        problem,
    })
}

/// Why the parameters are not a `P`, without any of their text.
fn problem_of<'de, P: Deserialize<'de>>(request: &'de Request) -> Option<String> {
    let Some(params) = request.params() else {
        return Some("it has no parameters".into());
    };
    let error = P::deserialize(params).err()?;
    // serde quotes a string of the wrong type, which may be the user's text: keep what was expected.
    let message = error.to_string();
    Some(match message.rfind("expected ") {
        Some(at) => message[at..].to_owned(),
        None if message.starts_with("missing field") => message,
        None => "a parameter cannot be read".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn problem(method: &'static str, params: serde_json::Value) -> Option<Malformed> {
        malformed_sync(&Request::build(method).params(params).finish())
    }

    #[test]
    fn a_change_without_text_is_named_with_its_document() {
        let found = problem(
            "textDocument/didChange",
            json!({"textDocument": {"uri": "file:///a.md", "version": 2}, "contentChanges": [{}]}),
        );
        let found = found.expect("a change without text is malformed");
        assert_eq!(found.uri.as_deref(), Some("file:///a.md"));
        assert_eq!(found.problem, "missing field `text`");
    }

    #[test]
    fn what_the_user_wrote_is_not_quoted() {
        let found = problem(
            "textDocument/didChange",
            json!({"textDocument": {"uri": "file:///a.md", "version": "secret"}, "contentChanges": []}),
        );
        let found = found.expect("a version must be a number");
        assert!(!found.problem.contains("secret"), "{}", found.problem);
    }

    #[test]
    fn well_formed_and_foreign_messages_pass() {
        let change = json!({
            "textDocument": {"uri": "file:///a.md", "version": 2},
            "contentChanges": [{"text": "whole"}]
        });
        assert!(problem("textDocument/didChange", change).is_none());
        assert!(problem("workspace/didChangeConfiguration", json!(7)).is_none());
    }
}
