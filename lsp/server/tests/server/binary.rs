//! The real binary: exit codes, memory, logs, and a daemon that was stopped by hand.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::time::Instant;

use inkstone_protocol::lifecycle::stopped;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{DEADLINE, directories};

/// The contract's limit.
const RSS_MB_MAX: f64 = 60.0;
const BYTES_PER_MB: f64 = 1024.0 * 1024.0;

const URI: &str = "file:///secret-folder/harbour.md";

struct Server {
    home: TempDir,
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Server {
    /// With the daemon stopped by hand, so that a test starts no process that outlives it.
    fn start() -> Self {
        let home = tempfile::tempdir().expect("a home");
        stopped::set(&directories(home.path())).expect("the mark can be made");
        let mut child = Command::new(env!("CARGO_BIN_EXE_inkstone-lsp"))
            .env("INKSTONE_HOME", home.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().expect("piped"));
        Self {
            home,
            child,
            input,
            output,
        }
    }

    fn send(&mut self, message: &Value) {
        let body = message.to_string();
        let input = self.input.as_mut().expect("the input is open");
        write!(input, "Content-Length: {}\r\n\r\n{body}", body.len()).expect("the server reads");
        input.flush().expect("the server reads");
    }

    fn notify(&mut self, method: &str, params: &Value) {
        self.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    fn request(&mut self, id: i64, method: &str, params: &Value) -> Value {
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        self.wait_for(|message| message["id"] == id)
    }

    fn wait_for(&mut self, is_it: impl Fn(&Value) -> bool) -> Value {
        loop {
            let message = self.read();
            if is_it(&message) {
                return message;
            }
        }
    }

    fn read(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            assert!(
                self.output.read_line(&mut line).expect("readable") > 0,
                "the server ended"
            );
            if line.trim().is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("Content-Length:") {
                length = value.trim().parse().expect("a length");
            }
        }
        let mut body = vec![0; length];
        self.output.read_exact(&mut body).expect("readable");
        serde_json::from_slice(&body).expect("JSON")
    }

    fn initialize(&mut self) {
        let params = json!({
            "processId": std::process::id(),
            "capabilities": {"textDocument": {"inlineCompletion": {}}},
        });
        self.request(0, "initialize", &params);
        self.notify("initialized", &json!({}));
    }

    fn open(&mut self, text: &str) {
        let document = json!({"uri": URI, "languageId": "markdown", "version": 1, "text": text});
        self.notify("textDocument/didOpen", &json!({"textDocument": document}));
    }

    /// Waits for the process's end.
    fn ended(&mut self) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("it can be waited for") {
                return status;
            }
            assert!(begun.elapsed() < DEADLINE, "the server did not end");
            std::thread::yield_now();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A test that failed may leave it running.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn logs(home: &Path) -> String {
    std::fs::read_to_string(directories(home).log_dir().join("inkstone-lsp.log"))
        .expect("the log is written")
}

#[test]
fn the_binary_ends_with_the_protocols_exit_codes() {
    let mut ordered = Server::start();
    ordered.initialize();
    ordered.request(1, "shutdown", &Value::Null);
    ordered.notify("exit", &json!({}));
    assert_eq!(ordered.ended().code(), Some(0), "with the input still open");

    let mut rude = Server::start();
    rude.initialize();
    rude.notify("exit", &json!({}));
    assert_eq!(rude.ended().code(), Some(1));

    let mut orphan = Server::start();
    orphan.initialize();
    orphan.input = None;
    assert_eq!(orphan.ended().code(), Some(1));
}

#[test]
fn the_version_is_the_first_thing_a_person_asks() {
    let output = Command::new(env!("CARGO_BIN_EXE_inkstone-lsp"))
        .arg("--version")
        .output();
    let output = output.expect("the binary starts");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert_eq!(
        text.trim(),
        format!("inkstone-lsp {}", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn a_daemon_stopped_by_hand_stays_off_and_the_remedy_is_shown() {
    let mut server = Server::start();
    server.initialize();
    server.open("The harbour was quiet. ");
    let message = server.wait_for(|message| message["method"] == "window/showMessage");
    let text = message["params"]["message"].as_str().expect("a text");
    assert!(
        text.contains("stopped by hand") && text.contains("inkstone start"),
        "{text}"
    );
    let params = json!({
        "textDocument": {"uri": URI},
        "position": {"line": 0, "character": 23},
        "context": {"triggerKind": 2},
    });
    let answer = server.request(1, "textDocument/inlineCompletion", &params);
    assert_eq!(answer["result"], json!({"items": []}));
    assert!(
        !directories(server.home.path()).socket().exists(),
        "no daemon was started"
    );
}

#[test]
fn a_novel_fits_into_the_memory_limit_and_its_text_into_no_log() {
    let mut server = Server::start();
    server.initialize();
    let secret = "Quenby hid the ledger under the boathouse floor. ";
    let novel = format!("{secret}\n\n").repeat(1024 * 1024 / secret.len());
    server.open(&novel);
    for id in 1..=20 {
        let end = json!({"line": 0, "character": secret.len()});
        let params =
            json!({"textDocument": {"uri": URI}, "position": end, "context": {"triggerKind": 2}});
        server.request(id, "textDocument/inlineCompletion", &params);
        let range = json!({"start": end, "end": end});
        let document = json!({"uri": URI, "version": id + 1});
        let changes = json!([{"range": range, "text": "砚"}]);
        let params = json!({"textDocument": document, "contentChanges": changes});
        server.notify("textDocument/didChange", &params);
    }
    let text = server.request(21, "inkstone/documentText", &json!({"uri": URI}));
    assert_eq!(
        text["result"]["text"].as_str().map(str::len),
        Some(novel.len() + 20 * "砚".len())
    );
    let rss = inkstone_platform::rss_bytes(server.child.id()).expect("the system tells");
    let rss_mb = rss as f64 / BYTES_PER_MB;
    println!("resident: {rss_mb:.1} MB");
    assert!(rss_mb <= RSS_MB_MAX, "{rss_mb:.1} MB are resident");

    server.request(22, "shutdown", &Value::Null);
    server.notify("exit", &json!({}));
    server.ended();
    let log = logs(server.home.path());
    assert!(log.contains("an editor connected"), "{log}");
    assert!(
        !log.contains("Quenby") && !log.contains("boathouse"),
        "the user's text was logged"
    );
    assert!(
        !log.contains("secret-folder"),
        "a path of the user's was logged"
    );
}
