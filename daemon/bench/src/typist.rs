//! A document open in a language server, and a person who writes at its end.
//!
//! Positions are counted in UTF-8, which the server chooses when it may. What is written is decided
//! by the measurements: `session`, `load`, `soak`, `idle`.

use std::sync::Arc;
use std::time::Instant;

use inkstone_protocol::{Timing, TokenUse};
use inkstone_text::Position;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::error::BenchError;
use crate::lsp_client::requests::{InlineTrigger, inline_items};
use crate::lsp_client::{Change, LspClient, PendingReply};
use crate::stage::ANSWER_WAIT;

/// What the daemon counted for an answer.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub(crate) struct Cost {
    pub(crate) timing: Timing,
    pub(crate) tokens: TokenUse,
}

/// One key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Stroke {
    /// A character at the end.
    Type(char),
    /// The last character goes.
    Delete,
}

/// What came of one question.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked {
    /// From the key to the answer, as the editor sees it.
    pub(crate) elapsed_ms: f64,
    /// The suggestion, if one was offered.
    pub(crate) suggestion: Option<String>,
}

/// How the language server came to its last answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Outcome {
    /// What the daemon computed for it; none when it was not asked.
    pub(crate) cost: Option<Cost>,
    /// Whether it is the rest of an earlier suggestion.
    pub(crate) is_rest: bool,
    /// Why there is none.
    pub(crate) reason: Option<String>,
}

/// A document whose caret is at its end.
pub(crate) struct Typist {
    client: Arc<LspClient>,
    uri: String,
    text: String,
    version: i32,
}

impl Typist {
    pub(crate) fn open(
        client: &Arc<LspClient>,
        uri: &str,
        language_id: &str,
        text: &str,
    ) -> Result<Self, BenchError> {
        client.did_open(uri, language_id, text)?;
        Ok(Self {
            client: Arc::clone(client),
            uri: uri.to_owned(),
            text: text.to_owned(),
            version: 1,
        })
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The text as it will be after a key.
    pub(crate) fn text_after(&self, stroke: Stroke) -> String {
        let mut text = self.text.clone();
        match stroke {
            Stroke::Type(key) => text.push(key),
            Stroke::Delete => drop(text.pop()),
        }
        text
    }

    /// Types at the end without asking.
    pub(crate) fn insert(&mut self, text: &str) -> Result<(), BenchError> {
        let at = self.position(self.text.len());
        self.text.push_str(text);
        self.change((at, at), text)
    }

    /// Types at the very start, after which nothing cached of the document holds.
    pub(crate) fn insert_at_start(&mut self, text: &str) -> Result<(), BenchError> {
        self.text.insert_str(0, text);
        self.change((Position::default(), Position::default()), text)
    }

    /// Takes the last character away, if there is one.
    pub(crate) fn delete(&mut self) -> Result<(), BenchError> {
        let end = self.position(self.text.len());
        if self.text.pop().is_none() {
            return Ok(());
        }
        self.change((self.position(self.text.len()), end), "")
    }

    /// Presses a key without asking.
    pub(crate) fn press(&mut self, stroke: Stroke) -> Result<(), BenchError> {
        match stroke {
            Stroke::Type(key) => self.insert(key.encode_utf8(&mut [0; 4])),
            Stroke::Delete => self.delete(),
        }
    }

    /// Presses a key and asks, as an editor does.
    pub(crate) fn stroke(&mut self, stroke: Stroke) -> Result<Asked, BenchError> {
        let started = Instant::now();
        self.press(stroke)?;
        let suggestion = taken(self.begin()?)?;
        Ok(Asked {
            elapsed_ms: started.elapsed().as_secs_f64() * 1_000.0,
            suggestion,
        })
    }

    /// Asks without waiting.
    pub(crate) fn begin(&self) -> Result<PendingReply, BenchError> {
        let caret = self.position(self.text.len());
        let automatic = InlineTrigger::Automatic;
        Ok(self.client.begin_inline(&self.uri, caret, automatic)?)
    }

    /// Tells that an answer is no longer wanted.
    pub(crate) fn cancel(&self, pending: &PendingReply) -> Result<(), BenchError> {
        Ok(self.client.cancel(pending)?)
    }

    /// How the last answer came about.
    pub(crate) fn outcome(&self) -> Result<Outcome, BenchError> {
        let argument = json!({ "uri": self.uri, "quiet": true });
        let mut status = self.client.execute("inkstone.status", &[argument])?;
        let document = &mut status["document"];
        let decision = document["decision"].take();
        let cost = match document["cost"].take() {
            Value::Null => None,
            cost => Some(
                serde_json::from_value(cost).map_err(|error| BenchError::Numbers {
                    problem: format!("what the suggestion cost: {error}"),
                })?,
            ),
        };
        Ok(Outcome {
            cost,
            is_rest: decision["outcome"] == "reused",
            reason: decision["reason"].as_str().map(str::to_owned),
        })
    }

    /// Closes the document; it is not to be typed into afterwards.
    pub(crate) fn close(&self) -> Result<(), BenchError> {
        Ok(self.client.did_close(&self.uri)?)
    }

    fn change(&mut self, range: (Position, Position), text: &str) -> Result<(), BenchError> {
        self.version += 1;
        let change = Change {
            range: Some(range),
            text: text.to_owned(),
        };
        Ok(self.client.did_change(&self.uri, self.version, &[change])?)
    }

    fn position(&self, end: usize) -> Position {
        let before = &self.text[..end];
        let lines = before.bytes().filter(|byte| *byte == b'\n').count();
        let column = end - before.rfind('\n').map_or(0, |at| at + 1);
        let count = |number| u32::try_from(number).unwrap_or(u32::MAX);
        Position::new(count(lines), count(column))
    }
}

/// Waits for the suggestion.
pub(crate) fn taken(pending: PendingReply) -> Result<Option<String>, BenchError> {
    let items = inline_items(pending.wait(ANSWER_WAIT)?)?;
    Ok(items.into_iter().next().map(|item| item.insert_text))
}
