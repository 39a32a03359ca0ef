//! The daemon's socket, line by line: what a client sends and gets, well-behaved or not.
//!
//! Not the client of `inkstone-protocol`, which could not send what a hostile one does.

use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use inkstone_protocol::{
    Call, ClientMessage, CompleteParams, CompleteReply, DaemonMessage, DocumentId, DocumentVersion,
    Hello, PROTOCOL_VERSION, Reply, RequestId, StatusReply, StopRule, Welcome, WireError,
};
use inkstone_test_support::{Home, eventually};

/// How long a line may take to come: a model that loads on a busy machine, many times over.
const LINE_WAIT_S: u64 = 60;
/// A longer line of the daemon is a mistake of its own.
const LINE_BYTES_MAX: u64 = 1 << 20;

/// What ended a request, and what came before.
#[derive(Debug)]
pub struct Ended {
    /// The answer.
    pub outcome: Result<Box<CompleteReply>, WireError>,
    /// When each piece of text came.
    pub pieces: Vec<(Instant, String)>,
    /// How often the daemon said that it loads a model.
    pub loading: usize,
}

/// Starts the daemon of a home, as a client would that found none, and connects to it.
///
/// # Panics
/// When it does not start.
pub fn start_daemon(home: &Home) -> Wire {
    start_daemon_with(home, &[])
}

/// The same with more in its environment.
///
/// # Panics
/// As [`start_daemon`].
pub fn start_daemon_with(home: &Home, environment: &[(&str, OsString)]) -> Wire {
    let mut command = home.command("inkstoned");
    command
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut child = command
        .spawn()
        .unwrap_or_else(|error| panic!("inkstoned: {error}"));
    // The home ends it; this thread only takes note of its end.
    std::thread::spawn(move || child.wait());
    let wait = Duration::from_secs(LINE_WAIT_S);
    let connected = || UnixStream::connect(home.socket()).ok();
    drop(eventually(wait, "the daemon's socket", connected));
    Wire::greeted(&home.socket())
}

/// One connection.
#[derive(Debug)]
pub struct Wire {
    reader: BufReader<UnixStream>,
    id_next: u64,
}

impl Wire {
    /// Connects without a word.
    ///
    /// # Panics
    /// When nobody listens.
    pub fn connect(socket: &Path) -> Self {
        let stream = UnixStream::connect(socket);
        let stream = stream.unwrap_or_else(|error| panic!("{}: {error}", socket.display()));
        let set = stream.set_read_timeout(Some(Duration::from_secs(LINE_WAIT_S)));
        set.unwrap_or_else(|error| panic!("no read timeout: {error}"));
        Self {
            reader: BufReader::new(stream),
            id_next: 1,
        }
    }

    /// Connects and greets.
    ///
    /// # Panics
    /// When the daemon does not welcome this client.
    pub fn greeted(socket: &Path) -> Self {
        let mut wire = Self::connect(socket);
        wire.hello(PROTOCOL_VERSION);
        match wire.next_message() {
            Some(DaemonMessage::Welcome(Welcome {
                protocol: PROTOCOL_VERSION,
                ..
            })) => wire,
            other => panic!("no welcome: {other:?}"),
        }
    }

    /// Says hello in a version of the protocol.
    pub fn hello(&mut self, protocol: u32) {
        let client = "inkstone-e2e".to_owned();
        let version = env!("CARGO_PKG_VERSION").to_owned();
        self.send(&ClientMessage::Hello(Hello {
            protocol,
            client,
            version,
        }));
    }

    /// Sends a message.
    ///
    /// # Panics
    /// When the daemon has closed the connection.
    pub fn send(&mut self, message: &ClientMessage) {
        let mut line = serde_json::to_vec(message).unwrap_or_else(|error| panic!("{error}"));
        line.push(b'\n');
        self.send_bytes(&line)
            .unwrap_or_else(|error| panic!("cannot send {message:?}: {error}"));
    }

    /// Sends anything at all; an error when the daemon has closed the connection.
    pub fn send_bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.reader.get_mut().write_all(bytes)
    }

    /// Closes the sending half, as a client that crashed in the middle of a line.
    pub fn close_sending(&mut self) {
        // One that the daemon closed already is closed.
        let _closed_already = self.reader.get_ref().shutdown(std::net::Shutdown::Write);
    }

    /// The next message; none when the daemon closed the connection.
    ///
    /// # Panics
    /// When nothing comes in time, or a line is no message.
    pub fn next_message(&mut self) -> Option<DaemonMessage> {
        let mut line = String::new();
        match self
            .reader
            .by_ref()
            .take(LINE_BYTES_MAX)
            .read_line(&mut line)
        {
            Ok(0) => None,
            Ok(_) => {
                Some(serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}")))
            }
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => None,
            Err(error) => panic!("no line from the daemon: {error}"),
        }
    }

    /// Sends a call and returns its id.
    pub fn begin(&mut self, call: Call) -> RequestId {
        let id = RequestId(self.id_next);
        self.id_next += 1;
        self.send(&ClientMessage::Request {
            id,
            deadline_ms: None,
            call,
        });
        id
    }

    /// Waits for the end of a completion, passing over what belongs to others.
    ///
    /// # Panics
    /// When the daemon closes the connection instead.
    pub fn end_of(&mut self, wanted: RequestId) -> Ended {
        let mut ended = Pieces::default();
        loop {
            match self.next_message() {
                Some(DaemonMessage::Text { id, piece }) if id == wanted => {
                    ended.pieces.push((Instant::now(), piece));
                }
                Some(DaemonMessage::Loading { id, .. }) if id == wanted => ended.loading += 1,
                Some(DaemonMessage::Result {
                    id,
                    reply: Reply::Complete(reply),
                }) if id == wanted => {
                    return ended.end(Ok(reply));
                }
                Some(DaemonMessage::Error {
                    id: Some(id),
                    error,
                }) if id == wanted => {
                    return ended.end(Err(error));
                }
                Some(_) => {}
                None => panic!("the daemon closed the connection instead of an answer"),
            }
        }
    }

    /// Asks for a completion and waits for it.
    ///
    /// # Panics
    /// When the daemon closes the connection instead.
    pub fn complete(&mut self, params: CompleteParams) -> Ended {
        let id = self.begin(Call::Complete(Box::new(params)));
        self.end_of(id)
    }

    /// Asks for the daemon's state.
    ///
    /// # Panics
    /// When it does not answer.
    pub fn status(&mut self) -> StatusReply {
        let wanted = self.begin(Call::Status);
        loop {
            match self.next_message() {
                Some(DaemonMessage::Result {
                    id,
                    reply: Reply::Status(status),
                }) if id == wanted => {
                    return *status;
                }
                Some(DaemonMessage::Error { error, .. }) => panic!("no status: {error}"),
                Some(_) => {}
                None => panic!("the daemon closed the connection instead of its status"),
            }
        }
    }
}

#[derive(Default)]
struct Pieces {
    pieces: Vec<(Instant, String)>,
    loading: usize,
}

impl Pieces {
    fn end(self, outcome: Result<Box<CompleteReply>, WireError>) -> Ended {
        Ended {
            outcome,
            pieces: self.pieces,
            loading: self.loading,
        }
    }
}

/// A question about a text up to its caret, for at most so many tokens of running text.
pub fn question(document: &str, version: u64, prefix: &str, max_tokens: u32) -> CompleteParams {
    CompleteParams {
        stop: Some(StopRule::Paragraph),
        max_tokens: Some(max_tokens),
        stream: true,
        ..CompleteParams::new(
            DocumentId(document.to_owned()),
            DocumentVersion(version),
            prefix,
        )
    }
}
