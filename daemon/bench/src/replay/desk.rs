//! A document open in the language server, set to any text before and after a caret.
//!
//! Not a person: `points.rs` and `typing.rs` decide what is written. Positions are counted in
//! UTF-8, which the server chooses when it may.

use std::time::Instant;

use inkstone_text::Position;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::corpus::Document;
use crate::error::BenchError;
use crate::lsp_client::{Change, InlineItem, LspClient};
use crate::stage::Stage;

/// A document at which suggestions are asked for.
pub(super) struct Desk<'a> {
    client: &'a LspClient,
    uri: String,
    version: i32,
    before: String,
}

/// What came of one question.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked {
    /// What the editor would show.
    pub(super) suggestion: Option<String>,
    /// Byte of it at which its first word ends, as the editor is told.
    pub(super) word_end: usize,
    /// Whether it is the rest of an earlier one.
    pub(super) is_rest: bool,
    /// Why there is none.
    pub(super) reason: Option<String>,
    /// How sure the daemon was, shown or not; none when it was not asked.
    pub(super) confidence: Option<Confidence>,
    /// What the answer cost the daemon, as it says; none when it was not asked.
    pub(super) cost: Option<Value>,
    /// From the question to the answer, as the editor sees it.
    pub(super) elapsed_ms: f64,
}

/// What the daemon thinks of its suggestion.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Confidence {
    /// Probability of the first word as the model gives it.
    pub(super) first_word_probability: f64,
    /// What the gate compares with its threshold.
    pub(super) score: f64,
    /// Whatever else it says, as it says it: what a better score may be fitted on.
    #[serde(flatten)]
    pub(super) others: Map<String, Value>,
}

impl<'a> Desk<'a> {
    pub(super) fn open(
        stage: &'a Stage,
        name: &str,
        document: &Document,
    ) -> Result<Self, BenchError> {
        let client = stage.client()?;
        let uri = stage.uri(name);
        client.did_open(&uri, document.language_id, "")?;
        Ok(Self {
            client,
            uri,
            version: 1,
            before: String::new(),
        })
    }

    /// Makes this the whole text, with the caret between its parts.
    pub(super) fn set(&mut self, before: &str, after: &str) -> Result<(), BenchError> {
        before.clone_into(&mut self.before);
        self.change(None, format!("{before}{after}"))
    }

    /// Types at the caret.
    pub(super) fn insert(&mut self, text: &str) -> Result<(), BenchError> {
        let at = self.caret();
        self.before.push_str(text);
        self.change(Some((at, at)), text.to_owned())
    }

    /// Asks for a suggestion at the caret, as an editor does while its user types.
    pub(super) fn ask(&self) -> Result<Asked, BenchError> {
        let started = Instant::now();
        let items = self.client.inline(&self.uri, self.caret())?;
        let elapsed_ms = started.elapsed().as_secs_f64() * 1_000.0;
        let argument = json!({ "uri": self.uri, "quiet": true });
        let mut status = self.client.execute("inkstone.status", &[argument])?;
        let document = &mut status["document"];
        let decision = document["decision"].take();
        let confidence = serde_json::from_value(document["confidence"].take());
        let cost = document["cost"].take();
        let item = items.into_iter().next();
        Ok(Asked {
            word_end: item.as_ref().map_or(0, InlineItem::first_word_end),
            suggestion: item.map(|item| item.insert_text),
            is_rest: decision["outcome"] == "reused",
            reason: decision["reason"].as_str().map(str::to_owned),
            confidence: confidence.map_err(|error| BenchError::Numbers {
                problem: format!("how sure the daemon is: {error}"),
            })?,
            cost: (!cost.is_null()).then_some(cost),
            elapsed_ms,
        })
    }

    /// Asks at the caret as a person does by key: what there is to choose from.
    pub(super) fn ask_by_key(&self) -> Result<Vec<String>, BenchError> {
        let items = self.client.inline_by_key(&self.uri, self.caret())?;
        Ok(items.into_iter().map(|item| item.insert_text).collect())
    }

    pub(super) fn close(self) -> Result<(), BenchError> {
        Ok(self.client.did_close(&self.uri)?)
    }

    fn change(
        &mut self,
        range: Option<(Position, Position)>,
        text: String,
    ) -> Result<(), BenchError> {
        self.version += 1;
        let change = Change { range, text };
        Ok(self.client.did_change(&self.uri, self.version, &[change])?)
    }

    fn caret(&self) -> Position {
        let lines = self.before.bytes().filter(|byte| *byte == b'\n').count();
        let column = self.before.len() - self.before.rfind('\n').map_or(0, |at| at + 1);
        let count = |number| u32::try_from(number).unwrap_or(u32::MAX);
        Position::new(count(lines), count(column))
    }
}

/// What follows the paragraph that holds a byte: the rest of the caret's sentence is always hidden,
/// so that nothing can copy the answer, and with it the rest of its paragraph, as for a writer who
/// is just writing it.
pub(super) fn after_paragraph(text: &str, byte: usize) -> &str {
    text[byte..]
        .find("\n\n")
        .map_or("", |length| &text[byte + length..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_of_the_paragraph_is_hidden_across_its_lines() {
        let text = "One line\nand another.\n\nNext 段落";
        assert_eq!(after_paragraph(text, 4), "\n\nNext 段落");
        assert_eq!(after_paragraph(text, text.len() - 3), "");
    }
}
