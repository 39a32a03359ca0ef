//! One connection to the daemon, in terms of questions, hints and our own problems.
//!
//! Not the wire, nor the starting of daemons (`inkstone-protocol`), nor reconnecting (`link`).

use std::time::Duration;

use inkstone_protocol::{
    Call, Client, ClientError, CompleteParams, CompleteReply, CompletionEvent, ErrorCode, Launcher,
};
use tokio::sync::mpsc;

use crate::daemon::problem::DaemonProblem;
use crate::event::Event;
use crate::host::Host;

/// How long a hint may take: loading the largest model from a cold disk.
const HINT_MAX: Duration = Duration::from_secs(120);

/// How long the daemon may take to write some marks: its disk may be busy.
const DELIVERY_MAX: Duration = Duration::from_secs(60);

/// What became of a message that must arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// The daemon has it.
    Taken,
    /// The connection went before the answer: it may be sent again.
    Lost,
    /// The daemon does not want it: sent again, it would be refused again.
    Refused,
    /// The daemon is too old to know such messages.
    Unknown,
}

/// An open connection.
#[derive(Debug)]
pub(crate) struct Connection {
    client: Client,
}

impl Connection {
    /// Finds the daemon; starts it when there is none and the host allows it.
    pub(crate) async fn open(host: &Host) -> Result<Self, DaemonProblem> {
        let (name, version) = (env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
        let launcher = Launcher::new(host.directories.clone(), name, version);
        let client = if host.starts_daemon {
            let started = launcher.connect_or_start().await;
            started.map_err(|error| DaemonProblem::Away {
                message: error.to_string(),
            })
        } else {
            let found = launcher.connect().await;
            found.map_err(|error| DaemonProblem::Away {
                message: error.to_string(),
            })
        };
        Ok(Self { client: client? })
    }

    /// Asks for a completion and tells the loop when a model is being loaded for it. Dropping the
    /// future cancels the request in the daemon.
    pub(crate) async fn complete(
        &self,
        params: CompleteParams,
        deadline: Duration,
        events: &mpsc::Sender<Event>,
    ) -> Result<CompleteReply, DaemonProblem> {
        let mut stream = self
            .client
            .complete(params, Some(deadline))
            .map_err(|error| problem_of(error, deadline))?;
        loop {
            match stream.next().await {
                Some(CompletionEvent::Loading { model, percent }) => {
                    // A loop that has ended shows nothing any more.
                    let _ = events.send(Event::ModelLoading { model, percent }).await;
                }
                Some(CompletionEvent::Text(_)) => {}
                Some(CompletionEvent::Result(result)) => {
                    return result
                        .map(|reply| *reply)
                        .map_err(|error| problem_of(error, deadline));
                }
                None => return Err(DaemonProblem::Lost),
            }
        }
    }

    /// Sends something whose answer matters to nobody.
    pub(crate) async fn hint(&self, call: Call) {
        if let Err(error) = self.client.call(call, HINT_MAX).await {
            tracing::debug!(%error, "the daemon did not take a hint");
        }
    }

    /// Sends something that must arrive once.
    pub(crate) async fn deliver(&self, call: Call) -> Delivery {
        match self.client.call(call, DELIVERY_MAX).await {
            Ok(_) => Delivery::Taken,
            Err(ClientError::Refused(error)) => match error.code {
                ErrorCode::ShuttingDown => Delivery::Lost,
                ErrorCode::InvalidMessage => Delivery::Unknown,
                _ => {
                    tracing::warn!(%error, "the daemon did not take what is for the trainer");
                    Delivery::Refused
                }
            },
            Err(_) => Delivery::Lost,
        }
    }

    /// Whether it can no longer be used.
    pub(crate) fn is_closed(&self) -> bool {
        !self.client.is_connected()
    }

    /// Waits until it can no longer be used.
    pub(crate) async fn closed(&self) {
        self.client.lost().await;
    }
}

fn problem_of(error: ClientError, deadline: Duration) -> DaemonProblem {
    match error {
        ClientError::Lost { .. } => DaemonProblem::Lost,
        ClientError::TooLate { .. } => DaemonProblem::too_late(deadline),
        ClientError::Refused(error) => match error.code {
            ErrorCode::Superseded | ErrorCode::Cancelled => DaemonProblem::Superseded,
            ErrorCode::DeadlineExceeded => DaemonProblem::too_late(deadline),
            _ => DaemonProblem::Refused(error),
        },
        other => DaemonProblem::Failed {
            message: other.to_string(),
        },
    }
}
