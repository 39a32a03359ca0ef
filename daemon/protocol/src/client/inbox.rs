//! What has arrived for one request and was not taken yet.
//!
//! Bounded without making the connection wait for a slow taker: pieces of text join, and of the
//! progress of loading only the newest counts.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::client::ClientError;
use crate::framing::FRAME_BYTES_MAX;
use crate::message::Reply;

/// Something that arrived.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Letter {
    /// The model is being loaded.
    Loading { model: String, percent: u8 },
    /// More text.
    Text(String),
    /// The end; comes once, and last.
    End(Result<Reply, ClientError>),
}

/// The letters of one request. One task takes them.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    waiting: Mutex<Waiting>,
    arrived: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    loading: Option<(String, u8)>,
    text: String,
    end: Option<Result<Reply, ClientError>>,
}

impl Inbox {
    pub(super) fn loading(&self, model: String, percent: u8) {
        self.lock().loading = Some((model, percent));
        self.arrived.notify_one();
    }

    /// Text beyond the longest line is dropped: the end carries the whole text anyway.
    pub(super) fn text(&self, piece: &str) {
        let mut waiting = self.lock();
        if waiting.text.len() + piece.len() <= FRAME_BYTES_MAX {
            waiting.text.push_str(piece);
        }
        drop(waiting);
        self.arrived.notify_one();
    }

    pub(super) fn end(&self, result: Result<Reply, ClientError>) {
        self.lock().end = Some(result);
        self.arrived.notify_one();
    }

    /// The next letter, in the order loading, text, end. After the end it waits for ever.
    pub(super) async fn next(&self) -> Letter {
        loop {
            if let Some(letter) = self.lock().take() {
                return letter;
            }
            self.arrived.notified().await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn take(&mut self) -> Option<Letter> {
        if let Some((model, percent)) = self.loading.take() {
            return Some(Letter::Loading { model, percent });
        }
        if !self.text.is_empty() {
            return Some(Letter::Text(std::mem::take(&mut self.text)));
        }
        self.end.take().map(Letter::End)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn pieces_join_and_only_the_newest_progress_counts() {
        let inbox = Inbox::default();
        inbox.loading("m".to_owned(), 10);
        inbox.loading("m".to_owned(), 90);
        inbox.text("湖边的");
        inbox.text("柳树");
        inbox.end(Ok(Reply::Done));
        assert_eq!(
            inbox.next().await,
            Letter::Loading {
                model: "m".to_owned(),
                percent: 90
            }
        );
        assert_eq!(inbox.next().await, Letter::Text("湖边的柳树".to_owned()));
        assert_eq!(inbox.next().await, Letter::End(Ok(Reply::Done)));
    }

    #[tokio::test]
    async fn text_that_nobody_takes_does_not_grow_without_bound() {
        let inbox = Inbox::default();
        let piece = "x".repeat(FRAME_BYTES_MAX / 4 + 1);
        for _ in 0..100 {
            inbox.text(&piece);
        }
        let Letter::Text(text) = inbox.next().await else {
            panic!("no text")
        };
        assert!(text.len() <= FRAME_BYTES_MAX);
    }
}
