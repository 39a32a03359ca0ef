//! What the server sent unasked, kept until somebody looks for it.
//!
//! Not the answers: those go to who asked. Written by the reader thread.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

/// Messages kept; a storm of progress makes some hundreds. When full, the oldest goes.
const INBOX_MESSAGES_MAX: usize = 10_000;

/// A notification, or a request that the client answered by itself.
#[derive(Debug, Clone, PartialEq)]
pub struct ServerMessage {
    /// `$/progress`, `window/logMessage`, …
    pub method: String,
    /// Its parameters, null if there are none.
    pub params: Value,
}

#[derive(Debug, Default)]
pub(super) struct Inbox {
    state: Mutex<InboxState>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct InboxState {
    messages: VecDeque<ServerMessage>,
    is_closed: bool,
}

impl Inbox {
    pub(super) fn push(&self, message: ServerMessage) {
        let mut state = self.lock();
        if state.messages.len() == INBOX_MESSAGES_MAX {
            state.messages.pop_front();
        }
        state.messages.push_back(message);
        self.changed.notify_all();
    }

    /// Nothing more will come: who waits need not wait to the end.
    pub(super) fn close(&self) {
        self.lock().is_closed = true;
        self.changed.notify_all();
    }

    pub(super) fn all(&self) -> Vec<ServerMessage> {
        self.lock().messages.iter().cloned().collect()
    }

    pub(super) fn clear(&self) {
        self.lock().messages.clear();
    }

    /// Waits until the server has closed its output.
    pub(super) fn wait_closed(&self, timeout: Duration) -> bool {
        let deadline = Instant::now() + timeout;
        let mut state = self.lock();
        while !state.is_closed {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            state = self.wait(state, left);
        }
        true
    }

    /// The first message, come or yet to come, that `is_wanted` takes.
    pub(super) fn find(
        &self,
        timeout: Duration,
        mut is_wanted: impl FnMut(&ServerMessage) -> bool,
    ) -> Option<ServerMessage> {
        let deadline = Instant::now() + timeout;
        let mut state = self.lock();
        loop {
            if let Some(found) = state.messages.iter().find(|message| is_wanted(message)) {
                return Some(found.clone());
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || state.is_closed {
                return None;
            }
            state = self.wait(state, left);
        }
    }

    fn lock(&self) -> MutexGuard<'_, InboxState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(
        &'a self,
        state: MutexGuard<'a, InboxState>,
        timeout: Duration,
    ) -> MutexGuard<'a, InboxState> {
        let waited = self.changed.wait_timeout(state, timeout);
        waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(method: &str) -> ServerMessage {
        ServerMessage {
            method: method.into(),
            params: Value::Null,
        }
    }

    #[test]
    fn a_message_that_comes_later_is_found() {
        let inbox = Inbox::default();
        std::thread::scope(|scope| {
            let found = scope.spawn(|| inbox.find(Duration::from_secs(10), |m| m.method == "b"));
            inbox.push(message("a"));
            inbox.push(message("b"));
            assert_eq!(found.join().unwrap(), Some(message("b")));
        });
    }

    #[test]
    fn nobody_waits_for_a_closed_server() {
        let inbox = Inbox::default();
        inbox.close();
        assert_eq!(inbox.find(Duration::from_secs(3_600), |_| true), None);
        assert!(inbox.wait_closed(Duration::from_secs(3_600)));
    }

    #[test]
    fn the_oldest_message_goes_when_the_inbox_is_full() {
        let inbox = Inbox::default();
        for index in 0..=INBOX_MESSAGES_MAX {
            inbox.push(message(&index.to_string()));
        }
        let all = inbox.all();
        assert_eq!(
            (all.len(), all[0].method.as_str()),
            (INBOX_MESSAGES_MAX, "1")
        );
    }
}
