//! A language server in a home, with a document in it and a caret.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use inkstone_bench::lsp_client::requests::{InlineTrigger, inline_items};
use inkstone_bench::lsp_client::{
    Change, ClientProfile, LspClient, LspClientError, PendingReply, file_uri,
};
use inkstone_test_support::{Fixture, Home};
use inkstone_text::Position;
use serde_json::{Value, json};

use crate::mirror::Mirror;

/// How long a suggestion may take: a model that loads on a busy machine, many times over.
const SUGGESTION_WAIT_S: u64 = 60;

/// An editor with one document open.
pub struct Editor {
    /// The language server.
    pub client: Arc<LspClient>,
    /// The document's name.
    pub uri: String,
    mirror: Mirror,
    caret_byte: usize,
    version: i32,
}

impl Editor {
    /// Starts a language server in the home and opens a marked text in it.
    ///
    /// # Panics
    /// When the server does not start, or no caret is marked.
    pub fn open(home: &Home, marked: &str) -> Self {
        Self::open_as(home, marked, &ClientProfile::default())
    }

    /// The same as another editor.
    ///
    /// # Panics
    /// As [`Editor::open`].
    pub fn open_as(home: &Home, marked: &str, profile: &ClientProfile) -> Self {
        Self::in_client(home, &Arc::new(start_client(home, profile)), marked)
    }

    /// Opens a marked text in a running language server, under the name of its file mark if it has
    /// one. A name that ends in anything but `.md` is plain text.
    ///
    /// # Panics
    /// When no caret is marked.
    pub fn in_client(home: &Home, client: &Arc<LspClient>, marked: &str) -> Self {
        let file = Fixture::single(marked);
        let uri = file_uri(&home.scratch().join(&file.path));
        let language = if Path::new(&file.path).extension() == Some("md".as_ref()) {
            "markdown"
        } else {
            "plaintext"
        };
        let opened = client.did_open(&uri, language, &file.text);
        opened.unwrap_or_else(|error| panic!("{error}"));
        let mirror = Mirror::new(&file.text, client.encoding());
        let caret_byte = file.before().len();
        Self {
            client: Arc::clone(client),
            uri,
            mirror,
            caret_byte,
            version: 1,
        }
    }

    /// The text that the editor shows.
    pub fn text(&self) -> &str {
        self.mirror.text()
    }

    /// Where the caret is, as the protocol counts.
    pub fn caret(&self) -> Position {
        self.mirror.position(self.caret_byte)
    }

    /// Types at the caret.
    ///
    /// # Panics
    /// When the server has ended.
    pub fn type_text(&mut self, text: &str) {
        let at = self.caret();
        self.mirror.replace(self.caret_byte, self.caret_byte, text);
        self.caret_byte += text.len();
        self.version += 1;
        let change = Change {
            range: Some((at, at)),
            text: text.to_owned(),
        };
        let changed = self.client.did_change(&self.uri, self.version, &[change]);
        changed.unwrap_or_else(|error| panic!("{error}"));
    }

    /// The suggestion at the caret, if there is one.
    ///
    /// # Panics
    /// When the server refuses.
    pub fn suggestion(&self) -> Option<String> {
        self.try_suggestion()
            .unwrap_or_else(|error| panic!("{error}"))
    }

    /// The suggestion at the caret, if there is one, or the server's refusal.
    pub fn try_suggestion(&self) -> Result<Option<String>, LspClientError> {
        Self::taken(self.begin_suggestion())
    }

    /// Asks for the suggestion at the caret without waiting.
    ///
    /// # Panics
    /// When the server has ended.
    pub fn begin_suggestion(&self) -> PendingReply {
        let begun = self
            .client
            .begin_inline(&self.uri, self.caret(), InlineTrigger::Automatic);
        begun.unwrap_or_else(|error| panic!("{error}"))
    }

    /// Waits for a suggestion asked for before.
    pub fn taken(pending: PendingReply) -> Result<Option<String>, LspClientError> {
        let answer = pending.wait(Duration::from_secs(SUGGESTION_WAIT_S))?;
        Ok(inline_items(answer)?
            .into_iter()
            .next()
            .map(|item| item.insert_text))
    }

    /// What the language server says of itself and of this document.
    ///
    /// # Panics
    /// When the server refuses.
    pub fn status(&self) -> Value {
        let argument = json!({ "uri": self.uri, "quiet": true });
        let status = self.client.execute("inkstone.status", &[argument]);
        status.unwrap_or_else(|error| panic!("{error}"))
    }

    /// Why the last question came to what it did: its stable code and the sentence for a person.
    ///
    /// # Panics
    /// When nothing was asked.
    pub fn decision(&self) -> (String, String) {
        let status = self.status();
        let decision = &status["document"]["decision"];
        match (decision["reason"].as_str(), decision["message"].as_str()) {
            (Some(reason), Some(message)) => (reason.to_owned(), message.to_owned()),
            _ => panic!("no decision in {status}"),
        }
    }
}

/// Starts a language server in the home.
///
/// # Panics
/// When it does not start.
pub fn start_client(home: &Home, profile: &ClientProfile) -> LspClient {
    let client = LspClient::start(home.command("inkstone-lsp"), profile);
    client.unwrap_or_else(|error| panic!("{error}"))
}

/// A text with a caret at its end.
pub fn at_end(text: &str) -> String {
    format!("{text}‸")
}
