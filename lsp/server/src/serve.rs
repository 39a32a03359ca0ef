//! Wires one editor's connection: pump, library, mailbox, event loop, outbox, link to the daemon.
//!
//! Input, output and the machine are arguments, so that tests hold both ends. Called by `main`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;
use tower_lsp_server::{LspService, Server};

use crate::api::mailbox::Mailbox;
use crate::daemon::link::Link;
use crate::event_loop::{EVENTS_MAX, EventLoop};
use crate::host::Host;
use crate::intake::gate::{Farewell, Gate};
use crate::intake::pump::pump;
use crate::outbox::{Outbox, deliver};
use crate::session::Session;
use crate::wire::document_text::DOCUMENT_TEXT_METHOD;
use crate::wire::editor_state::EDITOR_STATE_METHOD;

/// Handlers that the library runs at once. It reads no further message while so many wait, not
/// even a cancellation, and its default of 4 was measured to delay edits by a second behind slow
/// requests.
const HANDLERS_MAX: usize = 64;
// Every handler's event finds room at once: see `api::mailbox`.
const _: () = assert!(HANDLERS_MAX * 2 <= EVENTS_MAX);

/// Bytes between the pump and the library.
const PIPE_BYTES: usize = 64 * 1024;

/// How long each part may take to end at the end.
const END_MAX: Duration = Duration::from_secs(2);

/// How a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// `shutdown`, then `exit` or the end of the input.
    Ordered,
    /// `exit` without `shutdown`.
    ExitWithoutShutdown,
    /// The input ended without either, or the editor's process did.
    EditorGone,
}

impl Ending {
    /// What the process exits with (LSP 3.17, "Exit Notification").
    pub fn exit_code(self) -> i32 {
        match self {
            Self::Ordered => 0,
            Self::ExitWithoutShutdown | Self::EditorGone => 1,
        }
    }
}

/// Serves one editor until it says goodbye or is gone.
pub async fn serve(
    input: impl AsyncRead + Unpin + Send + 'static,
    output: impl AsyncWrite + Send,
    host: Host,
) -> Ending {
    let (sender, events) = mpsc::channel(EVENTS_MAX);
    let (outbox, waiting) = Outbox::new();
    let stop = CancellationToken::new();
    let farewell = Arc::new(Farewell::default());
    let (library_input, pumped) = tokio::io::duplex(PIPE_BYTES);

    let (service, socket) = LspService::build(|client| Mailbox::new(client, sender.clone()))
        .custom_method("textDocument/inlineCompletion", Mailbox::inline_completion)
        .custom_method(DOCUMENT_TEXT_METHOD, Mailbox::document_text)
        .custom_method(EDITOR_STATE_METHOD, Mailbox::editor_state)
        .finish();
    let client = service.inner().client();
    let gate = Gate::new(service, sender.clone(), Arc::clone(&farewell));

    // The link outlasts the loop, whose last word may be for the daemon.
    let link_stop = CancellationToken::new();
    let (link, link_task) = Link::new(&host, sender.clone(), link_stop.clone());
    let event_loop = EventLoop {
        session: Session::new(host.salt, Some(host.directories.config_file())),
        events,
        sender: sender.clone(),
        outbox,
        link,
        host,
        started: Instant::now(),
        tasks: JoinSet::new(),
        stop: stop.clone(),
        for_trainer: None,
    };
    let pump = tokio::spawn(pump(input, pumped, sender.clone()));
    let delivery = tokio::spawn(deliver(client, waiting, sender));
    let link_task = tokio::spawn(link_task);
    let event_loop = tokio::spawn(event_loop.run());

    let library = Server::new(library_input, output, socket).concurrency_level(HANDLERS_MAX);
    tokio::select! {
        () = library.serve(gate) => {}
        () = stop.cancelled() => {}
    }
    stop.cancel();
    // These two may wait for an editor that neither writes nor reads any more.
    pump.abort();
    delivery.abort();
    end(event_loop).await;
    link_stop.cancel();
    for task in [link_task, pump, delivery] {
        end(task).await;
    }
    ending(&farewell)
}

/// Joins a task with a deadline.
async fn end(mut task: JoinHandle<()>) {
    if let Ok(joined) = tokio::time::timeout(END_MAX, &mut task).await {
        if let Err(error) = joined
            && !error.is_cancelled()
        {
            tracing::error!(%error, "a task failed; please report this bug");
        }
        return;
    }
    task.abort();
}

fn ending(farewell: &Farewell) -> Ending {
    match (farewell.shutdown_seen(), farewell.exit_seen()) {
        (true, _) => Ending::Ordered,
        (false, true) => Ending::ExitWithoutShutdown,
        (false, false) => Ending::EditorGone,
    }
}
