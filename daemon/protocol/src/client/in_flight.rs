//! Which requests of a connection wait for their end.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::client::ClientError;
use crate::client::inbox::Inbox;
use crate::ids::RequestId;
use crate::message::{DaemonMessage, Reply};

/// Requests that may wait on one connection, cancelled ones that the daemon has not answered yet
/// included. A language server has one per document that is being typed in; the daemon's own limit
/// per connection is the same.
pub const REQUESTS_IN_FLIGHT_MAX: usize = 64;

/// The requests in flight, or why there will be none any more.
#[derive(Debug)]
pub(super) struct InFlight {
    table: Mutex<Table>,
    is_lost: watch::Sender<bool>,
}

#[derive(Debug, Default)]
struct Table {
    last_id: u64,
    /// None: nobody waits any more, but the daemon's last word has not come.
    waiting: HashMap<RequestId, Option<Arc<Inbox>>>,
    lost: Option<String>,
}

impl Default for InFlight {
    fn default() -> Self {
        Self {
            table: Mutex::default(),
            is_lost: watch::Sender::new(false),
        }
    }
}

impl InFlight {
    /// A new request's id and inbox.
    pub(super) fn begin(&self) -> Result<(RequestId, Arc<Inbox>), ClientError> {
        let mut table = self.lock();
        if let Some(reason) = &table.lost {
            return Err(ClientError::Lost {
                reason: reason.clone(),
            });
        }
        if table.waiting.len() >= REQUESTS_IN_FLIGHT_MAX {
            return Err(ClientError::TooManyInFlight);
        }
        table.last_id += 1;
        let id = RequestId(table.last_id);
        let inbox = Arc::new(Inbox::default());
        table.waiting.insert(id, Some(Arc::clone(&inbox)));
        Ok((id, inbox))
    }

    /// The request was never sent.
    pub(super) fn forget(&self, id: RequestId) {
        self.lock().waiting.remove(&id);
    }

    /// Nobody waits for the request any more. True when the daemon should be told.
    pub(super) fn abandon(&self, id: RequestId) -> bool {
        let mut table = self.lock();
        let is_connected = table.lost.is_none();
        match table.waiting.entry(id) {
            Entry::Occupied(mut waiting) => waiting.insert(None).is_some() && is_connected,
            Entry::Vacant(_) => false,
        }
    }

    /// Gives a message to the request that it is for. A message for nobody is passed over: its
    /// request was cancelled in the same moment. An error for the connection as a whole comes back.
    pub(super) fn deliver(&self, message: DaemonMessage) -> Result<(), ClientError> {
        match message {
            DaemonMessage::Text { id, piece } => {
                if let Some(inbox) = self.inbox(id) {
                    inbox.text(&piece);
                }
            }
            DaemonMessage::Loading { id, model, percent } => {
                if let Some(inbox) = self.inbox(id) {
                    inbox.loading(model, percent);
                }
            }
            DaemonMessage::Result { id, reply } => self.end(id, Ok(reply)),
            DaemonMessage::Error {
                id: Some(id),
                error,
            } => self.end(id, Err(error.into())),
            DaemonMessage::Error { id: None, error } => return Err(error.into()),
            DaemonMessage::Welcome(_) => {}
        }
        Ok(())
    }

    /// Fails every request, and every later one.
    pub(super) fn lose(&self, reason: &str) {
        let mut table = self.lock();
        table.lost.get_or_insert_with(|| reason.to_owned());
        let waiting = std::mem::take(&mut table.waiting);
        drop(table);
        for inbox in waiting.into_values().flatten() {
            inbox.end(Err(ClientError::Lost {
                reason: reason.to_owned(),
            }));
        }
        self.is_lost.send_replace(true);
    }

    pub(super) fn is_lost(&self) -> bool {
        *self.is_lost.borrow()
    }

    pub(super) async fn lost(&self) {
        // Fails only when the sender is gone, and that is us.
        let _ = self.is_lost.subscribe().wait_for(|is_lost| *is_lost).await;
    }

    fn inbox(&self, id: RequestId) -> Option<Arc<Inbox>> {
        self.lock().waiting.get(&id).cloned().flatten()
    }

    fn end(&self, id: RequestId, result: Result<Reply, ClientError>) {
        let inbox = self.lock().waiting.remove(&id).flatten();
        if let Some(inbox) = inbox {
            inbox.end(result);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
