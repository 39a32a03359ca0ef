//! The one task that speaks to the editor without being asked: messages, progress, questions.
//!
//! Not replies to requests: those go through their handlers. The event loop hands over effects
//! and never waits for the editor to read; a queue that is full drops the newest and says so in
//! the log.

use std::time::Duration;

use serde_json::Value;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tower_lsp_server::Client;
use tower_lsp_server::ls_types as lsp;

use crate::event::Event;

/// Messages that may wait for an editor that does not read. Progress is the most frequent, at a
/// few a second.
const OUTBOX_MESSAGES_MAX: usize = 256;

/// How long the editor may think about a progress; messages wait behind the question.
const PROGRESS_CREATE_WAIT: Duration = Duration::from_secs(2);

/// Section of the editor's configuration that is ours.
const CONFIGURATION_SECTION: &str = "inkstone";

/// Something to tell or ask the editor.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Outgoing {
    /// A message that a person sees.
    Show(lsp::MessageType, String),
    /// Create the progress with this token, then say that it begins.
    ProgressBegin {
        /// Names it from now on.
        token: lsp::ProgressToken,
        /// What is going on.
        begin: lsp::WorkDoneProgressBegin,
    },
    /// Further news or the end of a progress.
    Progress(lsp::ProgressParams),
    /// Ask for our section of the configuration.
    PullConfiguration,
    /// Ask to be told of changes of the configuration.
    RegisterConfiguration,
}

/// The loop's end of the queue.
#[derive(Debug, Clone)]
pub(crate) struct Outbox {
    queue: mpsc::Sender<Outgoing>,
}

impl Outbox {
    /// The two ends.
    pub(crate) fn new() -> (Self, mpsc::Receiver<Outgoing>) {
        let (queue, waiting) = mpsc::channel(OUTBOX_MESSAGES_MAX);
        (Self { queue }, waiting)
    }

    /// Queues without waiting.
    pub(crate) fn send(&self, outgoing: Outgoing) {
        if self.queue.try_send(outgoing).is_err() {
            tracing::warn!("the editor does not read its messages; one was dropped");
        }
    }
}

/// Speaks until the loop's end of the queue is gone.
pub(crate) async fn deliver(
    client: Client,
    mut waiting: mpsc::Receiver<Outgoing>,
    events: mpsc::Sender<Event>,
) {
    // Owns the questions to the editor, which may be answered late or never, and ends them.
    let mut questions = JoinSet::new();
    let mut shown_progress: Vec<lsp::ProgressToken> = Vec::new();
    while let Some(outgoing) = waiting.recv().await {
        while questions.try_join_next().is_some() {}
        match outgoing {
            Outgoing::Show(level, message) => client.show_message(level, message).await,
            Outgoing::ProgressBegin { token, begin } => {
                shown_progress.extend(begin_progress(&client, token, begin).await);
            }
            Outgoing::Progress(params) if shown_progress.contains(&params.token) => {
                let lsp::ProgressParamsValue::WorkDone(value) = &params.value;
                if matches!(value, lsp::WorkDoneProgress::End(_)) {
                    shown_progress.retain(|token| *token != params.token);
                }
                client
                    .send_notification::<lsp::notification::Progress>(params)
                    .await;
            }
            Outgoing::Progress(_) => {}
            Outgoing::PullConfiguration => {
                questions.spawn(pull_configuration(client.clone(), events.clone()));
            }
            Outgoing::RegisterConfiguration => {
                questions.spawn(register_configuration(client.clone()));
            }
        }
    }
}

/// LSP 3.17, "Server Initiated Progress": the token may be used once the client has accepted it.
async fn begin_progress(
    client: &Client,
    token: lsp::ProgressToken,
    begin: lsp::WorkDoneProgressBegin,
) -> Option<lsp::ProgressToken> {
    let create = lsp::WorkDoneProgressCreateParams {
        token: token.clone(),
    };
    let asked = client.send_request::<lsp::request::WorkDoneProgressCreate>(create);
    match tokio::time::timeout(PROGRESS_CREATE_WAIT, asked).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => {
            tracing::info!(%error, "the editor shows no progress");
            return None;
        }
        Err(_) => {
            tracing::info!("the editor does not answer whether it shows progress");
            return None;
        }
    }
    let value = lsp::ProgressParamsValue::WorkDone(lsp::WorkDoneProgress::Begin(begin));
    let params = lsp::ProgressParams {
        token: token.clone(),
        value,
    };
    client
        .send_notification::<lsp::notification::Progress>(params)
        .await;
    Some(token)
}

async fn pull_configuration(client: Client, events: mpsc::Sender<Event>) {
    let item = lsp::ConfigurationItem {
        scope_uri: None,
        section: Some(CONFIGURATION_SECTION.into()),
    };
    match client.configuration(vec![item]).await {
        Ok(values) => {
            let section = values.into_iter().next().unwrap_or(Value::Null);
            // A loop that has ended needs no configuration.
            let _ = events.send(Event::ConfigurationPulled(section)).await;
        }
        Err(error) => tracing::info!(%error, "the editor gave no configuration"),
    }
}

async fn register_configuration(client: Client) {
    let registration = lsp::Registration {
        id: "inkstone-configuration".into(),
        method: "workspace/didChangeConfiguration".into(),
        register_options: Some(serde_json::json!({ "section": CONFIGURATION_SECTION })),
    };
    if let Err(error) = client.register_capability(vec![registration]).await {
        tracing::info!(%error, "the editor registers no configuration changes");
    }
}
