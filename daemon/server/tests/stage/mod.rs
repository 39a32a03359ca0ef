//! A daemon in this process whose models are a script: the test sees what is submitted and decides
//! what comes of it. For order, deadlines and cancellation; what models say is tested elsewhere.
#![allow(dead_code)] // Reason: each test file uses a part of it.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use inkstone_protocol::endpoint::{self, Stream};
use inkstone_protocol::{
    CompleteParams, CompleteReply, DocumentId, DocumentVersion, Launcher, ScoreParams, ScoreReply,
    Timing, TokenUse, WireError,
};
use inkstone_settings::{Directories, Loaded, Settings};
use inkstoned::serving::{ServingEvent, ServingReport};
use inkstoned::{Completions, Daemon, EndReason, TrainerProgram};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, ReadHalf, WriteHalf};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Every wait of the tests: long against a busy machine.
pub(crate) const WAIT: Duration = Duration::from_secs(30);
/// The version that the daemon on the stage says it has.
pub(crate) const VERSION: &str = "0.0.1";

/// Waits with a limit, so that a failure is no hang.
pub(crate) async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(WAIT, future).await {
        Ok(value) => value,
        Err(tokio::time::error::Elapsed { .. }) => panic!("waited {WAIT:?} in vain: {what}"),
    }
}

/// A completion that reached the models.
pub(crate) struct Submitted {
    pub(crate) params: CompleteParams,
    pub(crate) deadline: Option<Instant>,
    pub(crate) events: mpsc::Sender<ServingEvent>,
    cancelled: oneshot::Receiver<()>,
}

impl Submitted {
    /// Ends it with a suggestion.
    pub(crate) async fn answer(&self, text: &str) {
        let _ = self
            .events
            .send(ServingEvent::Done(Ok(Box::new(reply(text)))))
            .await;
    }

    /// Waits until the session has dropped its ticket.
    pub(crate) async fn cancelled(self) {
        // Its sender lives in the ticket: an error is its end.
        let _ = within("the ticket to be dropped", self.cancelled).await;
    }
}

/// Texts to be scored that reached the models.
pub(crate) struct Asked {
    pub(crate) params: ScoreParams,
    pub(crate) answer: oneshot::Sender<Result<Box<ScoreReply>, WireError>>,
    cancelled: oneshot::Receiver<()>,
}

impl Asked {
    /// Waits until the session has dropped its ticket.
    pub(crate) async fn cancelled(self) {
        let _ = within("the ticket to be dropped", self.cancelled).await;
    }
}

/// Dropping it tells [`Submitted::cancelled`].
pub(crate) struct ScriptedTicket {
    _alive: oneshot::Sender<()>,
    is_rigged: bool,
}

impl Drop for ScriptedTicket {
    fn drop(&mut self) {
        assert!(
            !self.is_rigged || std::thread::panicking(),
            "rigged to panic"
        );
    }
}

/// The models, as a script. A prefix `panic` makes the request's task panic at its end.
#[derive(Clone)]
pub(crate) struct Scripted {
    submitted: mpsc::UnboundedSender<Submitted>,
    asked: mpsc::UnboundedSender<Asked>,
    pub(crate) notes: Arc<Mutex<Vec<String>>>,
    engine_ended: CancellationToken,
}

impl Completions for Scripted {
    type Ticket = ScriptedTicket;

    fn complete(
        &self,
        params: CompleteParams,
        deadline: Option<Instant>,
        events: mpsc::Sender<ServingEvent>,
    ) -> ScriptedTicket {
        let (alive, cancelled) = oneshot::channel();
        let is_rigged = params.prefix == "panic";
        let _ = self.submitted.send(Submitted {
            params,
            deadline,
            events,
            cancelled,
        });
        ScriptedTicket {
            _alive: alive,
            is_rigged,
        }
    }

    fn score(
        &self,
        params: ScoreParams,
        _deadline: Option<Instant>,
        answer: oneshot::Sender<Result<Box<ScoreReply>, WireError>>,
    ) -> ScriptedTicket {
        let (alive, cancelled) = oneshot::channel();
        let _ = self.asked.send(Asked {
            params,
            answer,
            cancelled,
        });
        ScriptedTicket {
            _alive: alive,
            is_rigged: false,
        }
    }

    fn warm(&self, sample: String) {
        self.notes.lock().unwrap().push(format!("warm {sample}"));
    }

    fn close(&self, document: DocumentId) {
        self.notes
            .lock()
            .unwrap()
            .push(format!("close {}", document.0));
    }

    fn reload(&self, settings: Arc<Settings>) {
        self.notes
            .lock()
            .unwrap()
            .push(format!("reload {}", settings.completion.max_tokens));
    }

    fn forget(&self) {
        self.notes.lock().unwrap().push("forget".to_owned());
    }

    fn adapters_changed(&self, done: oneshot::Sender<()>) {
        self.notes.lock().unwrap().push("adapters".to_owned());
        let _ = done.send(());
    }

    fn report(&self) -> ServingReport {
        ServingReport {
            completions: 7,
            ..ServingReport::default()
        }
    }

    async fn ended(&self) {
        self.engine_ended.cancelled().await;
    }

    async fn shutdown(self, _deadline: Duration) {
        self.notes.lock().unwrap().push("shutdown".to_owned());
    }
}

/// The running daemon.
pub(crate) struct Stage {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) directories: Directories,
    pub(crate) running: JoinHandle<EndReason>,
    pub(crate) notes: Arc<Mutex<Vec<String>>>,
    engine_ended: CancellationToken,
    submitted: mpsc::UnboundedReceiver<Submitted>,
    asked: mpsc::UnboundedReceiver<Asked>,
    shutdown: Option<oneshot::Sender<()>>,
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self::with_config("")
    }

    /// With the user's settings file.
    pub(crate) fn with_config(toml: &str) -> Self {
        Self::with_trainer(toml, |_home| None)
    }

    /// With a program that watches folders, made in the daemon's home.
    pub(crate) fn with_trainer(
        toml: &str,
        trainer: impl FnOnce(&Path) -> Option<TrainerProgram>,
    ) -> Self {
        let folder = tempfile::Builder::new().prefix("ink").tempdir().unwrap();
        let directories = directories_of(folder.path());
        directories.ensure_private().unwrap();
        std::fs::write(directories.config_file(), toml).unwrap();
        let listener = endpoint::listen(&directories.socket()).unwrap();
        let (sender, submitted) = mpsc::unbounded_channel();
        let (asking, asked) = mpsc::unbounded_channel();
        let scripted = Scripted {
            submitted: sender,
            asked: asking,
            notes: Arc::default(),
            engine_ended: CancellationToken::new(),
        };
        let notes = Arc::clone(&scripted.notes);
        let engine_ended = scripted.engine_ended.clone();
        let (shutdown, told) = oneshot::channel::<()>();
        let daemon = Daemon {
            directories: directories.clone(),
            settings: Arc::new(Loaded::of_user(&directories).settings),
            version: VERSION.to_owned(),
            log: None,
            trainer: trainer(folder.path()),
        };
        let told = async move {
            let _ = told.await;
        };
        let running = tokio::spawn(inkstoned::run(listener, scripted, told, daemon));
        Self {
            folder,
            directories,
            running,
            notes,
            engine_ended,
            submitted,
            asked,
            shutdown: Some(shutdown),
        }
    }

    pub(crate) fn launcher(&self) -> Launcher {
        Launcher::new(self.directories.clone(), "test", VERSION)
    }

    pub(crate) async fn raw(&self) -> Raw {
        let stream = endpoint::connect(&self.directories.socket()).await.unwrap();
        let (input, output) = tokio::io::split(stream);
        Raw {
            input: BufReader::new(input),
            output,
        }
    }

    /// A raw connection whose handshake is done.
    pub(crate) async fn raw_welcome(&self) -> Raw {
        let mut raw = self.raw().await;
        raw.write(br#"{"hello":{"protocol":1,"client":"raw","version":"0.0.1"}}"#)
            .await;
        raw.write(b"\n").await;
        let welcome = raw.line().await;
        assert_eq!(welcome["welcome"]["version"], VERSION, "{welcome}");
        raw
    }

    pub(crate) async fn submitted(&mut self) -> Submitted {
        within("a completion to be submitted", self.submitted.recv())
            .await
            .unwrap()
    }

    pub(crate) async fn asked(&mut self) -> Asked {
        within("texts to be scored", self.asked.recv())
            .await
            .unwrap()
    }

    pub(crate) fn tell_to_end(&mut self) {
        drop(self.shutdown.take());
    }

    /// As a panic of the engine thread.
    pub(crate) fn end_engine(&self) {
        self.engine_ended.cancel();
    }

    pub(crate) async fn ended(self) -> EndReason {
        within("the daemon to end", self.running).await.unwrap()
    }

    pub(crate) fn notes(&self) -> Vec<String> {
        self.notes.lock().unwrap().clone()
    }
}

/// A connection of which the test writes every byte.
pub(crate) struct Raw {
    input: BufReader<ReadHalf<Stream>>,
    output: WriteHalf<Stream>,
}

impl Raw {
    pub(crate) async fn write(&mut self, bytes: &[u8]) {
        within("the daemon to read", self.output.write_all(bytes))
            .await
            .unwrap();
    }

    /// Writes until the daemon has closed the connection.
    pub(crate) async fn write_until_closed(&mut self, bytes: &[u8]) {
        let writing = async { while self.output.write_all(bytes).await.is_ok() {} };
        within("the daemon to close", writing).await;
    }

    /// The next line.
    pub(crate) async fn line(&mut self) -> Value {
        let mut line = String::new();
        within("a line", self.input.read_line(&mut line))
            .await
            .unwrap();
        assert!(!line.is_empty(), "the daemon closed the connection");
        serde_json::from_str(&line).unwrap()
    }

    /// The next line is an error; its id and code.
    pub(crate) async fn error(&mut self) -> (Option<u64>, String) {
        let line = self.line().await;
        let error = &line["error"];
        let code = error["error"]["code"]
            .as_str()
            .unwrap_or_else(|| panic!("{line}"));
        (error["id"].as_u64(), code.to_owned())
    }

    /// Waits until the daemon has closed the connection.
    pub(crate) async fn closed(&mut self) {
        let mut line = String::new();
        match within("the connection to close", self.input.read_line(&mut line)).await {
            Ok(0) | Err(_) => {}
            Ok(_) => panic!("not closed, but: {line}"),
        }
    }

    /// Asks for the status and gets it: the connection works.
    pub(crate) async fn check_alive(&mut self, id: u64) {
        let request =
            format!("{{\"request\":{{\"id\":{id},\"call\":{{\"method\":\"status\"}}}}}}\n");
        self.write(request.as_bytes()).await;
        let line = self.line().await;
        assert_eq!(line["result"]["id"], id, "{line}");
        assert_eq!(line["result"]["reply"]["value"]["completions"], 7, "{line}");
    }
}

pub(crate) fn directories_of(home: &Path) -> Directories {
    Directories::from_lookup(|name| (name == "INKSTONE_HOME").then(|| home.as_os_str().to_owned()))
        .unwrap()
}

pub(crate) fn params(prefix: &str) -> CompleteParams {
    CompleteParams {
        stream: true,
        ..CompleteParams::new(DocumentId("d".to_owned()), DocumentVersion(1), prefix)
    }
}

pub(crate) fn reply(text: &str) -> CompleteReply {
    CompleteReply {
        text: text.to_owned(),
        word_ends: Vec::new(),
        alternatives: Vec::new(),
        silence: None,
        finish: None,
        model: Some("scripted".to_owned()),
        adapter: None,
        notice: None,
        mean_logprob: None,
        confidence: None,
        timing: Timing::default(),
        tokens: TokenUse::default(),
    }
}
