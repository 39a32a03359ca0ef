//! A daemon that answers only what a test tells it to, on a real local socket.

use std::collections::VecDeque;

use inkstone_protocol::endpoint::{self, Stream};
use inkstone_protocol::{
    Call, ClientMessage, CompleteParams, CompleteReply, Confidence, DaemonMessage, Judged,
    PROTOCOL_VERSION, Reply, RequestId, Timing, TokenUse, Welcome, WireError,
};
use inkstone_settings::Directories;
use interprocess::local_socket::tokio::prelude::*;
use tokio::io::{AsyncBufReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::in_time;

/// The daemon's side of one connection.
pub(crate) struct ScriptedDaemon {
    received: mpsc::UnboundedReceiver<ClientMessage>,
    to_client: mpsc::UnboundedSender<DaemonMessage>,
    task: JoinHandle<()>,
    /// What came for the trainer and was not looked at.
    for_trainer: VecDeque<Call>,
    /// What became of suggestions and was not looked at.
    judged: VecDeque<Judged>,
    /// How often it was told that somebody types, and nobody looked at it.
    typed: usize,
}

/// A completion request that waits for its answer.
#[derive(Debug)]
pub(crate) struct Completion {
    pub(crate) id: RequestId,
    pub(crate) params: CompleteParams,
}

impl ScriptedDaemon {
    /// Listens where the directories say, and serves one connection at a time.
    pub(crate) fn listen(directories: &Directories) -> Self {
        let listener = endpoint::listen(&directories.socket()).expect("listens");
        let (received_tx, received) = mpsc::unbounded_channel();
        let (to_client, mut outgoing) = mpsc::unbounded_channel();
        let task = tokio::spawn(async move {
            while let Ok(connection) = listener.accept().await {
                serve(connection, &received_tx, &mut outgoing).await;
            }
        });
        Self {
            received,
            to_client,
            task,
            for_trainer: VecDeque::new(),
            judged: VecDeque::new(),
            typed: 0,
        }
    }

    /// Dies at once: the connection breaks, the socket's file stays.
    pub(crate) async fn kill(self) {
        self.task.abort();
        let _ = self.task.await;
    }

    /// The next message that is neither a greeting, nor about warmth, nor for the trainer.
    pub(crate) async fn next(&mut self) -> ClientMessage {
        loop {
            let message = self.receive().await;
            if let Some(message) = self.take_hint(message) {
                return message;
            }
        }
    }

    /// The next call for the trainer, passing over warmth.
    pub(crate) async fn next_for_trainer(&mut self) -> Call {
        loop {
            if let Some(call) = self.for_trainer.pop_front() {
                return call;
            }
            let message = self.receive().await;
            if let Some(other) = self.take_hint(message) {
                panic!("expected a call for the trainer, got {other:?}");
            }
        }
    }

    async fn receive(&mut self) -> ClientMessage {
        let message = in_time("a message to the daemon", self.received.recv()).await;
        message.expect("the connection is open")
    }

    /// Answers what matters to few tests; gives back the rest.
    fn take_hint(&mut self, message: ClientMessage) -> Option<ClientMessage> {
        match message {
            ClientMessage::Request {
                id,
                call:
                    call @ (Call::Warm { .. }
                    | Call::Typed
                    | Call::Inserted { .. }
                    | Call::Saved { .. }
                    | Call::Judged(_)),
                ..
            } => {
                self.send(DaemonMessage::Result {
                    id,
                    reply: Reply::Done,
                });
                match call {
                    Call::Warm { .. } => {}
                    Call::Typed => self.typed += 1,
                    Call::Judged(judged) => self.judged.push_back(judged),
                    call => self.for_trainer.push_back(call),
                }
                None
            }
            other => Some(other),
        }
    }

    /// What became of the next suggestion, passing over warmth and what is for the trainer.
    pub(crate) async fn next_judged(&mut self) -> Judged {
        loop {
            if let Some(judged) = self.judged.pop_front() {
                return judged;
            }
            let message = self.receive().await;
            if let Some(other) = self.take_hint(message) {
                panic!("expected an outcome, got {other:?}");
            }
        }
    }

    /// The next word that somebody types.
    pub(crate) async fn next_typed(&mut self) {
        while self.typed == 0 {
            let message = self.receive().await;
            if let Some(other) = self.take_hint(message) {
                panic!("expected a word that somebody types, got {other:?}");
            }
        }
        self.typed -= 1;
    }

    /// The next warming, passing over words that somebody types alone.
    pub(crate) async fn warmed_with(&mut self) -> String {
        loop {
            let message = in_time("a warming", self.received.recv()).await;
            let message = message.expect("the connection is open");
            let ClientMessage::Request { id, call, .. } = message else {
                panic!("expected a warming, got {message:?}");
            };
            self.send(DaemonMessage::Result {
                id,
                reply: Reply::Done,
            });
            match call {
                Call::Warm { sample } => return sample,
                Call::Typed => self.typed += 1,
                other => panic!("expected a warming, got {other:?}"),
            }
        }
    }

    pub(crate) async fn next_completion(&mut self) -> Completion {
        match self.next().await {
            ClientMessage::Request {
                id,
                call: Call::Complete(params),
                ..
            } => Completion {
                id,
                params: *params,
            },
            other => panic!("expected a completion request, got {other:?}"),
        }
    }

    pub(crate) async fn next_cancel(&mut self) -> RequestId {
        match self.next().await {
            ClientMessage::Cancel(id) => id,
            other => panic!("expected a cancellation, got {other:?}"),
        }
    }

    /// The same as [`Self::suggest_scored`], with an adapter on.
    pub(crate) fn suggest_wearing(&self, id: RequestId, text: &str, score: f32, adapter: &str) {
        let confidence = Confidence {
            first_word_probability: score,
            finishes_word: false,
            score,
        };
        let reply = CompleteReply {
            text: text.into(),
            confidence: Some(confidence),
            adapter: Some(adapter.into()),
            ..silent_reply()
        };
        self.reply(id, reply);
    }

    /// The same as [`Self::suggest`], so sure of its first word.
    pub(crate) fn suggest_scored(&self, id: RequestId, text: &str, score: f32) {
        let confidence = Confidence {
            first_word_probability: score,
            finishes_word: false,
            score,
        };
        self.reply(
            id,
            CompleteReply {
                text: text.into(),
                confidence: Some(confidence),
                ..silent_reply()
            },
        );
    }

    pub(crate) fn suggest(&self, id: RequestId, text: &str) {
        let reply = CompleteReply {
            text: text.into(),
            ..silent_reply()
        };
        self.send(DaemonMessage::Result {
            id,
            reply: Reply::Complete(Box::new(reply)),
        });
    }

    pub(crate) fn reply(&self, id: RequestId, reply: CompleteReply) {
        self.send(DaemonMessage::Result {
            id,
            reply: Reply::Complete(Box::new(reply)),
        });
    }

    pub(crate) fn refuse(&self, id: RequestId, error: WireError) {
        self.send(DaemonMessage::Error {
            id: Some(id),
            error,
        });
    }

    pub(crate) fn loading(&self, id: RequestId, percent: u8) {
        self.send(DaemonMessage::Loading {
            id,
            model: "test-model".into(),
            percent,
        });
    }

    pub(crate) fn send(&self, message: DaemonMessage) {
        self.to_client
            .send(message)
            .expect("the connection's task lives");
    }
}

/// A reply without a suggestion.
pub(crate) fn silent_reply() -> CompleteReply {
    CompleteReply {
        text: String::new(),
        word_ends: Vec::new(),
        alternatives: Vec::new(),
        silence: None,
        finish: None,
        model: Some("test-model".into()),
        adapter: None,
        notice: None,
        mean_logprob: None,
        confidence: None,
        timing: Timing::default(),
        tokens: TokenUse::default(),
    }
}

async fn serve(
    connection: Stream,
    received: &mpsc::UnboundedSender<ClientMessage>,
    outgoing: &mut mpsc::UnboundedReceiver<DaemonMessage>,
) {
    let (from_client, mut to_client) = tokio::io::split(connection);
    let mut lines = BufReader::new(from_client).lines();
    loop {
        tokio::select! {
            line = lines.next_line() => {
                let Ok(Some(line)) = line else { return };
                match serde_json::from_str(&line).expect("the client writes messages") {
                    ClientMessage::Hello(_) => {
                        let welcome = Welcome {
                            protocol: PROTOCOL_VERSION,
                            version: env!("CARGO_PKG_VERSION").into(),
                            pid: std::process::id(),
                        };
                        write(&mut to_client, &DaemonMessage::Welcome(welcome)).await;
                    }
                    message => drop(received.send(message)),
                }
            }
            Some(message) = outgoing.recv() => write(&mut to_client, &message).await,
        }
    }
}

async fn write(to_client: &mut (impl AsyncWrite + Unpin), message: &DaemonMessage) {
    let mut line = serde_json::to_vec(message).expect("messages serialize");
    line.push(b'\n');
    // A client that has gone away is what some tests want.
    let _ = to_client.write_all(&line).await;
}
