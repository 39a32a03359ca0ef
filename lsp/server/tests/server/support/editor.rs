//! An editor: sends messages as a client of the protocol would, and looks at what comes back.

use std::collections::VecDeque;

use inkstone_lsp::host::Host;
use inkstone_lsp::serve::{Ending, serve};
use serde_json::{Value, json};
use tokio::io::{
    AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, DuplexStream, ReadHalf, WriteHalf,
};
use tokio::task::JoinHandle;

use super::in_time;

/// URI of the document that most tests write in.
pub(crate) const DOCUMENT: &str = "file:///notes/harbour.md";

/// An editor with its server.
pub(crate) struct Editor {
    to_server: Option<WriteHalf<DuplexStream>>,
    from_server: BufReader<ReadHalf<DuplexStream>>,
    unseen: VecDeque<Value>,
    next_id: i64,
    version: i32,
    server: JoinHandle<Ending>,
    /// What it answers to `workspace/configuration`.
    pub(crate) configuration: Value,
}

impl Editor {
    /// An editor that has just started its server.
    pub(crate) fn start(host: Host) -> Self {
        let (ours, theirs) = tokio::io::duplex(1 << 16);
        let (server_in, server_out) = tokio::io::split(theirs);
        let server = tokio::spawn(serve(server_in, server_out, host));
        let (from_server, to_server) = tokio::io::split(ours);
        Self {
            to_server: Some(to_server),
            from_server: BufReader::new(from_server),
            unseen: VecDeque::new(),
            next_id: 1,
            version: 0,
            server,
            configuration: Value::Null,
        }
    }

    /// Starts and says hello as an editor with ghost text and the given encodings.
    pub(crate) async fn ready(host: Host, encodings: &[&str]) -> Self {
        let mut editor = Self::start(host);
        editor
            .initialize(
                json!({
                    "general": {"positionEncodings": encodings},
                    "textDocument": {"inlineCompletion": {"dynamicRegistration": false}},
                    "window": {"workDoneProgress": true},
                }),
                Value::Null,
            )
            .await;
        editor
    }

    pub(crate) async fn initialize(&mut self, capabilities: Value, options: Value) -> Value {
        let params = json!({
            "processId": std::process::id(),
            "rootUri": null,
            "capabilities": capabilities,
            "initializationOptions": options,
        });
        let result = self
            .request("initialize", params)
            .await
            .expect("initialize succeeds");
        self.notify("initialized", json!({})).await;
        result
    }

    /// Opens [`DOCUMENT`] as Markdown.
    pub(crate) async fn open(&mut self, text: &str) {
        self.open_as("markdown", text).await;
    }

    pub(crate) async fn open_as(&mut self, language: &str, text: &str) {
        self.version += 1;
        let document =
            json!({"uri": DOCUMENT, "languageId": language, "version": self.version, "text": text});
        self.notify("textDocument/didOpen", json!({"textDocument": document}))
            .await;
    }

    /// One edit on one line.
    pub(crate) async fn edit(&mut self, line: u32, from: u32, to: u32, text: &str) {
        let range = json!({
            "start": {"line": line, "character": from},
            "end": {"line": line, "character": to},
        });
        self.change(json!([{"range": range, "text": text}])).await;
    }

    pub(crate) async fn change(&mut self, changes: Value) {
        self.version += 1;
        let document = json!({"uri": DOCUMENT, "version": self.version});
        let params = json!({"textDocument": document, "contentChanges": changes});
        self.notify("textDocument/didChange", params).await;
    }

    /// Asks for ghost text; gives the request's id.
    pub(crate) async fn ask(&mut self, line: u32, character: u32) -> i64 {
        let params = json!({
            "textDocument": {"uri": DOCUMENT},
            "position": {"line": line, "character": character},
            "context": {"triggerKind": 2},
        });
        self.send_request("textDocument/inlineCompletion", params)
            .await
    }

    /// Asks for ghost text because a person did; gives the request's id.
    pub(crate) async fn ask_by_key(&mut self, line: u32, character: u32) -> i64 {
        let params = json!({
            "textDocument": {"uri": DOCUMENT},
            "position": {"line": line, "character": character},
            "context": {"triggerKind": 1},
        });
        self.send_request("textDocument/inlineCompletion", params)
            .await
    }

    /// Changes one of the editor's settings of ours.
    pub(crate) async fn set(&mut self, key: &str, value: Value) {
        let settings = json!({"settings": {"inkstone": {"completion": {key: value}}}});
        self.notify("workspace/didChangeConfiguration", settings)
            .await;
    }

    /// The ghost texts of an answer.
    pub(crate) async fn ghost_texts(&mut self, id: i64) -> Vec<String> {
        let answer = self.response(id).await.expect("the request succeeds");
        let items = answer["items"].as_array().expect("a list of items");
        items
            .iter()
            .map(|item| item["insertText"].as_str().expect("text").to_owned())
            .collect()
    }

    /// The server's text and version of [`DOCUMENT`].
    pub(crate) async fn server_text(&mut self) -> (String, i64) {
        let result = self
            .request("inkstone/documentText", json!({"uri": DOCUMENT}))
            .await;
        let result = result.expect("the document is known");
        let text = result["text"].as_str().expect("text").to_owned();
        (text, result["version"].as_i64().expect("version"))
    }

    /// `inkstone.status`, quietly.
    pub(crate) async fn status(&mut self) -> Value {
        let argument = json!({"uri": DOCUMENT, "quiet": true});
        self.execute("inkstone.status", argument)
            .await
            .expect("status succeeds")
    }

    pub(crate) async fn execute(&mut self, command: &str, argument: Value) -> Result<Value, Value> {
        let params = json!({"command": command, "arguments": [argument]});
        self.request("workspace/executeCommand", params).await
    }

    pub(crate) async fn request(&mut self, method: &str, params: Value) -> Result<Value, Value> {
        let id = self.send_request(method, params).await;
        self.response(id).await
    }

    pub(crate) async fn send_request(&mut self, method: &str, params: Value) -> i64 {
        let id = self.next_id;
        self.next_id += 1;
        let params = if params.is_null() { json!({}) } else { params };
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}))
            .await;
        id
    }

    pub(crate) async fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}))
            .await;
    }

    pub(crate) async fn cancel(&mut self, id: i64) {
        self.notify("$/cancelRequest", json!({"id": id})).await;
    }

    /// The answer to a request, `Err` when it is an error.
    pub(crate) async fn response(&mut self, id: i64) -> Result<Value, Value> {
        let is_it = |message: &Value| message["id"] == id && message.get("method").is_none();
        let mut message = self
            .wait_for(&format!("the answer to request {id}"), is_it)
            .await;
        match message.get_mut("error") {
            Some(error) => Err(error.take()),
            None => Ok(message["result"].take()),
        }
    }

    /// The next message that a person would see, as level and text.
    pub(crate) async fn shown_message(&mut self) -> (i64, String) {
        let message = self
            .wait_for("a message to the user", |m| {
                m["method"] == "window/showMessage"
            })
            .await;
        let params = &message["params"];
        let level = params["type"].as_i64().expect("a level");
        (
            level,
            params["message"].as_str().expect("a text").to_owned(),
        )
    }

    /// The next value of `$/progress`.
    pub(crate) async fn progress(&mut self) -> Value {
        let mut message = self
            .wait_for("progress", |m| m["method"] == "$/progress")
            .await;
        message["params"]["value"].take()
    }

    /// Whether a message that meets the condition has already been received and not looked at.
    pub(crate) fn has_unseen(&self, is_it: impl Fn(&Value) -> bool) -> bool {
        self.unseen.iter().any(is_it)
    }

    /// The first message that meets the condition; others stay for later.
    pub(crate) async fn wait_for(&mut self, what: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.unseen.iter().position(&is_it) {
            return self.unseen.remove(at).expect("it is there");
        }
        loop {
            let message = in_time(what, self.read()).await;
            let message = message.unwrap_or_else(|| panic!("the server ended before {what}"));
            if is_it(&message) {
                return message;
            }
            self.unseen.push_back(message);
        }
    }

    /// Closes the input and gives how the server ended.
    pub(crate) async fn hang_up(mut self) -> Ending {
        self.to_server = None;
        drop(self.from_server);
        in_time("the server's end", self.server)
            .await
            .expect("the server does not panic")
    }

    /// Waits for the server to end by itself, with the input still open.
    pub(crate) async fn ended(mut self) -> Ending {
        let _open = self.to_server.take();
        in_time("the server's end", &mut self.server)
            .await
            .expect("the server does not panic")
    }

    pub(crate) async fn send(&mut self, message: &Value) {
        self.send_body(message.to_string().as_bytes()).await;
    }

    /// Any bytes as one frame.
    pub(crate) async fn send_body(&mut self, body: &[u8]) {
        let server = self.to_server.as_mut().expect("the input is open");
        let header = format!("Content-Length: {}\r\n\r\n", body.len());
        server
            .write_all(header.as_bytes())
            .await
            .expect("the server reads");
        server.write_all(body).await.expect("the server reads");
    }

    /// The next message; requests of the server are answered on the way.
    async fn read(&mut self) -> Option<Value> {
        let mut length = None;
        loop {
            let mut line = String::new();
            if self.from_server.read_line(&mut line).await.ok()? == 0 {
                return None;
            }
            if line.trim().is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("Content-Length:") {
                length = value.trim().parse().ok();
            }
        }
        let mut body = vec![0; length.expect("a length")];
        self.from_server.read_exact(&mut body).await.ok()?;
        let message: Value = serde_json::from_slice(&body).expect("the server writes JSON");
        if message.get("method").is_some() && message.get("id").is_some() {
            let result = match message["method"].as_str() {
                Some("workspace/configuration") => json!([self.configuration]),
                _ => Value::Null,
            };
            self.send(&json!({"jsonrpc": "2.0", "id": message["id"], "result": result}))
                .await;
        }
        Some(message)
    }
}
