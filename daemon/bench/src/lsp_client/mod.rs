//! A client of the language server that a person could have written an editor around.
//!
//! Blocking, on threads: who measures or tests wants to write one thing after the other. Speaks
//! JSON values, so that it is no second copy of the server's own types and sees exactly what is on
//! the wire. Used by the latency measurement and by the end-to-end tests.
//!
//! In reading order: [`profile`] (which editor it stands for), [`frame`] (bytes), [`connection`]
//! (threads), [`inbox`] (what comes unasked), [`requests`] (the methods), [`error`].

mod connection;
pub mod error;
pub mod frame;
pub mod inbox;
pub mod profile;
pub mod requests;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use inkstone_text::PositionEncoding;
use serde_json::{Value, json};

pub use connection::PendingReply;
pub use error::{LspClientError, ResponseError};
pub use inbox::ServerMessage;
pub use profile::ClientProfile;
pub use requests::{Change, InlineItem};

use connection::Connection;

/// How long the server may take to end once its input is closed, before it is killed.
const EXIT_WAIT_MS: u64 = 5_000;
/// Between two looks whether a server that has closed its output has ended: the operating system
/// tells its parent only, and only when asked.
const EXIT_LOOK_EVERY: Duration = Duration::from_millis(1);

/// A running language server and the exchange with it. Dropping it ends the server.
pub struct LspClient {
    child: Child,
    connection: Connection,
    capabilities: Value,
    encoding: PositionEncoding,
    answer_wait: Duration,
}

impl LspClient {
    /// Starts the server, and greets it as the editor of `profile`.
    pub fn start(mut command: Command, profile: &ClientProfile) -> Result<Self, LspClientError> {
        let program = PathBuf::from(command.get_program());
        let unstartable = |source| LspClientError::Start {
            program: program.clone(),
            source,
        };
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command.spawn().map_err(unstartable)?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(unstartable(std::io::ErrorKind::BrokenPipe.into()));
        };
        let connection = Connection::start(input, output, profile.clone());
        let encoding = PositionEncoding::default();
        let mut client = Self {
            child,
            connection,
            answer_wait: profile.answer_wait,
            capabilities: Value::Null,
            encoding,
        };
        client.greet(profile)?;
        Ok(client)
    }

    fn greet(&mut self, profile: &ClientProfile) -> Result<(), LspClientError> {
        let method = "initialize";
        let mut result = self.request(method, &profile.initialize_params())?;
        self.capabilities = result["capabilities"].take();
        if let Some(name) = self.capabilities["positionEncoding"].as_str() {
            self.encoding =
                PositionEncoding::from_name(name).ok_or_else(|| LspClientError::Shape {
                    method: method.to_owned(),
                    found: name.to_owned(),
                })?;
        }
        self.notify("initialized", &json!({}))
    }

    /// What the server said it can do.
    pub fn capabilities(&self) -> &Value {
        &self.capabilities
    }

    /// What the characters of positions count, as the server chose.
    pub fn encoding(&self) -> PositionEncoding {
        self.encoding
    }

    /// The server's process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Asks and waits for the answer.
    pub fn request(&self, method: &str, params: &Value) -> Result<Value, LspClientError> {
        self.begin(method, params)?.wait(self.answer_wait)
    }

    /// Asks without waiting.
    pub fn begin(&self, method: &str, params: &Value) -> Result<PendingReply, LspClientError> {
        self.connection.request(method, params)
    }

    /// Tells, expecting no answer.
    pub fn notify(&self, method: &str, params: &Value) -> Result<(), LspClientError> {
        self.connection.notify(method, params)
    }

    /// Tells the server that an answer is no longer wanted; it still comes.
    pub fn cancel(&self, pending: &PendingReply) -> Result<(), LspClientError> {
        self.notify("$/cancelRequest", &json!({ "id": pending.id }))
    }

    /// What the server sent unasked so far: notifications, and requests of its own.
    pub fn messages(&self) -> Vec<ServerMessage> {
        self.connection.inbox.all()
    }

    /// Forgets what the server sent unasked so far.
    pub fn clear_messages(&self) {
        self.connection.inbox.clear();
    }

    /// The first message sent unasked, come or yet to come, that `is_wanted` takes.
    pub fn wait_for_message(
        &self,
        timeout: Duration,
        is_wanted: impl FnMut(&ServerMessage) -> bool,
    ) -> Option<ServerMessage> {
        self.connection.inbox.find(timeout, is_wanted)
    }

    /// Closes the server's input, as an editor that dies does.
    pub fn close_input(&self) {
        self.connection.close_input();
    }

    /// Waits until the server has ended; none when it still runs after `timeout`.
    pub fn wait_exit(&mut self, timeout: Duration) -> Option<ExitStatus> {
        // Its output closes as it ends, after which the wait is short.
        if !self.connection.inbox.wait_closed(timeout) {
            return None;
        }
        let deadline = Instant::now() + timeout;
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) => return Some(status),
                Ok(None) if Instant::now() < deadline => std::thread::sleep(EXIT_LOOK_EVERY),
                Ok(None) | Err(_) => return None,
            }
        }
    }

    /// Ends the server in order and says how it ended; none when it had to be killed.
    pub fn shut_down(mut self) -> Result<Option<ExitStatus>, LspClientError> {
        self.request("shutdown", &Value::Null)?;
        self.notify("exit", &Value::Null)?;
        Ok(self.wait_exit(Duration::from_millis(EXIT_WAIT_MS)))
    }
}

impl Drop for LspClient {
    fn drop(&mut self) {
        self.connection.close_input();
        if self
            .wait_exit(Duration::from_millis(EXIT_WAIT_MS))
            .is_none()
        {
            // It did not end by itself; one that ended between the two cannot be killed.
            let _ended_meanwhile = self.child.kill();
            let _status = self.child.wait();
        }
        self.connection.join();
    }
}

/// The URI of a file, as editors write it.
pub fn file_uri(path: &Path) -> String {
    let mut uri = String::from("file://");
    for byte in path.to_string_lossy().replace('\\', "/").bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => {
                uri.push(char::from(byte));
            }
            _ => {
                // Writing to a string cannot fail.
                let _infallible = write!(uri, "%{byte:02X}");
            }
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_uri_escapes_what_a_uri_cannot_hold() {
        let uri = file_uri(Path::new("/a b/雨.md"));
        assert_eq!(uri, "file:///a%20b/%E9%9B%A8.md");
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let command = Command::new("/nowhere/inkstone-lsp");
        let error = LspClient::start(command, &ClientProfile::default())
            .err()
            .unwrap();
        assert!(
            error.to_string().contains("/nowhere/inkstone-lsp"),
            "{error}"
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_server_that_ends_at_once_fails_the_greeting_cleanly() {
        let error = LspClient::start(Command::new("true"), &ClientProfile::default()).err();
        assert!(
            matches!(error, Some(LspClientError::Ended { .. })),
            "{error:?}"
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_server_that_speaks_nonsense_fails_the_greeting_cleanly() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo nonsense; cat > /dev/null"]);
        let error = LspClient::start(command, &ClientProfile::default()).err();
        assert!(
            matches!(error, Some(LspClientError::Ended { .. })),
            "{error:?}"
        );
    }
}
