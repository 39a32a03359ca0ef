//! The threads between the client and the server's pipes.
//!
//! Three of them, so that nobody waits in a circle: the *writer* alone writes the server's input,
//! the *reader* only reads its output and never writes (a server that waits for its output to be
//! read would otherwise wait for itself), the *responder* answers the server's own requests.

use std::collections::HashMap;
use std::io::{BufReader, Read, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded};
use serde_json::{Value, json};

use super::error::{LspClientError, ResponseError};
use super::frame::{read_frame, write_frame};
use super::inbox::{Inbox, ServerMessage};
use super::profile::ClientProfile;

/// Messages that wait to be written; when full, the sender waits [`SEND_WAIT_MS`].
const OUTBOX_MESSAGES_MAX: usize = 1_024;
/// Requests of the server that wait for their answer; when full, further ones are not answered.
const SERVER_REQUESTS_MAX: usize = 256;
/// How long a message may wait for room in the outbox before the server counts as not reading.
const SEND_WAIT_MS: u64 = 10_000;

/// JSON-RPC's code for a method that the receiver does not have.
const CODE_METHOD_NOT_FOUND: i64 = -32_601;

type Answer = Result<Value, ResponseError>;

enum Outgoing {
    Message(Vec<u8>),
    Close,
}

struct ServerRequest {
    id: Value,
    method: String,
    params: Value,
}

/// Requests in flight, by id; none after the server has ended.
type Waiting = Mutex<Option<HashMap<u64, Sender<Answer>>>>;

/// A running exchange with a server.
pub(super) struct Connection {
    outbox: Sender<Outgoing>,
    waiting: Arc<Waiting>,
    pub(super) inbox: Arc<Inbox>,
    id_next: AtomicU64,
    threads: Vec<JoinHandle<()>>,
}

/// A request that was sent and whose answer has not been taken yet.
#[derive(Debug)]
pub struct PendingReply {
    pub(super) id: u64,
    method: String,
    answer: Receiver<Answer>,
}

impl PendingReply {
    /// Waits for the answer.
    pub fn wait(self, timeout: Duration) -> Result<Value, LspClientError> {
        let method = self.method;
        match self.answer.recv_timeout(timeout) {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(LspClientError::Refused { method, error }),
            Err(crossbeam_channel::RecvTimeoutError::Timeout) => Err(LspClientError::TimedOut {
                method,
                waited: timeout,
            }),
            Err(crossbeam_channel::RecvTimeoutError::Disconnected) => {
                Err(LspClientError::Ended { method })
            }
        }
    }
}

impl Connection {
    pub(super) fn start(
        input: impl Write + Send + 'static,
        output: impl Read + Send + 'static,
        profile: ClientProfile,
    ) -> Self {
        let (outbox, outgoing) = bounded(OUTBOX_MESSAGES_MAX);
        let (requests, asked) = bounded(SERVER_REQUESTS_MAX);
        let waiting: Arc<Waiting> = Arc::new(Mutex::new(Some(HashMap::new())));
        let inbox = Arc::new(Inbox::default());
        let writer = std::thread::spawn(move || write_all(input, &outgoing));
        let reader = std::thread::spawn({
            let (waiting, inbox) = (Arc::clone(&waiting), Arc::clone(&inbox));
            move || {
                read_all(output, &waiting, &inbox, &requests);
                // Dropping the senders tells everyone who waits.
                lock(&waiting).take();
                inbox.close();
            }
        });
        let responder = std::thread::spawn({
            let outbox = outbox.clone();
            move || respond_all(&asked, &outbox, &profile)
        });
        let threads = vec![writer, reader, responder];
        Self {
            outbox,
            waiting,
            inbox,
            id_next: AtomicU64::new(1),
            threads,
        }
    }

    pub(super) fn request(
        &self,
        method: &str,
        params: &Value,
    ) -> Result<PendingReply, LspClientError> {
        let id = self.id_next.fetch_add(1, Ordering::Relaxed);
        let (sender, answer) = bounded(1);
        match lock(&self.waiting).as_mut() {
            Some(waiting) => waiting.insert(id, sender),
            None => {
                return Err(LspClientError::Ended {
                    method: method.to_owned(),
                });
            }
        };
        let message = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        self.send(method, &message)?;
        Ok(PendingReply {
            id,
            method: method.to_owned(),
            answer,
        })
    }

    pub(super) fn notify(&self, method: &str, params: &Value) -> Result<(), LspClientError> {
        // Null stands for no parameters; JSON-RPC has no null there.
        let message = if params.is_null() {
            json!({ "jsonrpc": "2.0", "method": method })
        } else {
            json!({ "jsonrpc": "2.0", "method": method, "params": params })
        };
        self.send(method, &message)
    }

    /// Closes the server's input once all that was sent is written.
    pub(super) fn close_input(&self) {
        // A writer that has ended has closed it already.
        let _closed_already = self.outbox.send_timeout(Outgoing::Close, wait_to_send());
    }

    /// Waits for the threads; to be called when the server's process has ended.
    pub(super) fn join(&mut self) {
        for thread in self.threads.drain(..) {
            // A panic there has shown itself on standard error; what waited got `Ended`.
            let _panicked = thread.join();
        }
    }

    fn send(&self, method: &str, message: &Value) -> Result<(), LspClientError> {
        let bytes = message.to_string().into_bytes();
        let method = method.to_owned();
        match self
            .outbox
            .send_timeout(Outgoing::Message(bytes), wait_to_send())
        {
            Ok(()) => Ok(()),
            Err(crossbeam_channel::SendTimeoutError::Timeout(_)) => {
                Err(LspClientError::NotReading { method })
            }
            Err(crossbeam_channel::SendTimeoutError::Disconnected(_)) => {
                Err(LspClientError::Ended { method })
            }
        }
    }
}

fn wait_to_send() -> Duration {
    Duration::from_millis(SEND_WAIT_MS)
}

fn lock(waiting: &Waiting) -> MutexGuard<'_, Option<HashMap<u64, Sender<Answer>>>> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}

fn write_all(mut input: impl Write, outgoing: &Receiver<Outgoing>) {
    while let Ok(Outgoing::Message(bytes)) = outgoing.recv() {
        if write_frame(&mut input, &bytes).is_err() {
            return; // the server has ended; the reader sees it too and tells who waits
        }
    }
}

fn read_all(output: impl Read, waiting: &Waiting, inbox: &Inbox, requests: &Sender<ServerRequest>) {
    let mut reader = BufReader::new(output);
    loop {
        let body = match read_frame(&mut reader) {
            Ok(Some(body)) => body,
            Ok(None) => return,
            Err(error) => return eprintln!("language server: {error}"),
        };
        match serde_json::from_slice::<Value>(&body) {
            Ok(message) => dispatch(message, waiting, inbox, requests),
            Err(error) => return eprintln!("language server: not JSON: {error}"),
        }
    }
}

fn dispatch(
    mut message: Value,
    waiting: &Waiting,
    inbox: &Inbox,
    requests: &Sender<ServerRequest>,
) {
    let id = message["id"].take();
    if let Some(method) = message["method"].as_str().map(str::to_owned) {
        let params = message["params"].take();
        inbox.push(ServerMessage {
            method: method.clone(),
            params: params.clone(),
        });
        if !id.is_null()
            && requests
                .try_send(ServerRequest { id, method, params })
                .is_err()
        {
            eprintln!("language server: more requests than the client answers");
        }
        return;
    }
    let answer = match message.get_mut("error") {
        Some(error) => Err(read_error(error.take())),
        None => Ok(message["result"].take()),
    };
    let asked = id
        .as_u64()
        .and_then(|id| lock(waiting).as_mut()?.remove(&id));
    if let Some(asked) = asked {
        // Who asked may have stopped waiting.
        let _unwanted = asked.try_send(answer);
    }
}

fn read_error(error: Value) -> ResponseError {
    let text = error.to_string();
    serde_json::from_value(error).unwrap_or(ResponseError {
        code: 0,
        message: text,
        data: Value::Null,
    })
}

fn respond_all(
    asked: &Receiver<ServerRequest>,
    outbox: &Sender<Outgoing>,
    profile: &ClientProfile,
) {
    while let Ok(ServerRequest { id, method, params }) = asked.recv() {
        let answer = match profile.answer(&method, &params) {
            Some(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
            None => json!({ "jsonrpc": "2.0", "id": id, "error": {
                "code": CODE_METHOD_NOT_FOUND,
                "message": format!("this client has no {method}"),
            } }),
        };
        let bytes = answer.to_string().into_bytes();
        if outbox
            .send_timeout(Outgoing::Message(bytes), wait_to_send())
            .is_err()
        {
            return; // the server has ended or does not read, and the sender of requests says so
        }
    }
}
