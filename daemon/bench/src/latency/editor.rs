//! A document open in the language server, and a person who types at its end.

use std::time::Instant;

use inkstone_text::Position;
use serde_json::json;

use crate::error::BenchError;
use crate::lsp_client::Change;
use crate::stage::Stage;
use crate::typist::Cost;

/// A document whose caret is at its end. The texts are ASCII, so a column is a count of bytes.
pub(super) struct Editor {
    uri: String,
    text: String,
    version: i32,
}

/// What came of one question.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    /// From the key to the answer, as the editor sees it.
    pub(super) elapsed_ms: f64,
    /// The suggestion, if one was offered.
    pub(super) suggestion: Option<String>,
}

/// Where a suggestion came from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Source {
    /// The daemon wrote it, at this cost.
    Daemon(Cost),
    /// It is what is left of the one before.
    EarlierSuggestion,
    /// There is none.
    None,
}

impl Editor {
    pub(super) fn open(stage: &Stage, name: &str, text: &str) -> Result<Self, BenchError> {
        let uri = stage.uri(name);
        stage.client()?.did_open(&uri, "markdown", text)?;
        Ok(Self {
            uri,
            text: text.to_owned(),
            version: 1,
        })
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn uri(&self) -> &str {
        &self.uri
    }

    /// The end of the text.
    pub(super) fn caret(&self) -> Position {
        let lines = self.text.bytes().filter(|byte| *byte == b'\n').count();
        let column = self.text.len() - self.text.rfind('\n').map_or(0, |index| index + 1);
        Position::new(as_u32(lines), as_u32(column))
    }

    /// Asks for a suggestion at the end.
    pub(super) fn ask(&self, stage: &Stage) -> Result<Asked, BenchError> {
        let started = Instant::now();
        self.ask_since(stage, started)
    }

    /// Types one character at the end and asks, as an editor does.
    pub(super) fn key(&mut self, stage: &Stage, key: char) -> Result<Asked, BenchError> {
        let started = Instant::now();
        self.insert(stage, self.caret(), &key.to_string())?;
        self.text.push(key);
        self.ask_since(stage, started)
    }

    /// Types text at the end without asking.
    pub(super) fn paste(&mut self, stage: &Stage, text: &str) -> Result<(), BenchError> {
        self.insert(stage, self.caret(), text)?;
        self.text.push_str(text);
        Ok(())
    }

    /// Types text at the very start, after which nothing cached of the document holds.
    pub(super) fn paste_at_start(&mut self, stage: &Stage, text: &str) -> Result<(), BenchError> {
        self.insert(stage, Position::default(), text)?;
        self.text.insert_str(0, text);
        Ok(())
    }

    /// Where the answer to the last question came from: from the daemon, from the rest of an earlier
    /// suggestion or from a rule that says where to stay silent.
    pub(super) fn source(&self, stage: &Stage) -> Result<Source, BenchError> {
        let argument = json!({ "uri": self.uri, "quiet": true });
        let mut status = stage.client()?.execute("inkstone.status", &[argument])?;
        let document = &mut status["document"];
        match document["decision"]["outcome"].as_str() {
            Some("offered") => serde_json::from_value(document["cost"].take())
                .map(Source::Daemon)
                .map_err(|error| BenchError::Numbers {
                    problem: format!("what the suggestion cost: {error}"),
                }),
            Some("reused") => Ok(Source::EarlierSuggestion),
            Some("silent") => Ok(Source::None),
            _ => Err(BenchError::Numbers {
                problem: format!("no decision in {status}"),
            }),
        }
    }

    /// What the daemon's answer to the last question cost; an error when it was not asked.
    pub(super) fn cost(&self, stage: &Stage) -> Result<Cost, BenchError> {
        match self.source(stage)? {
            Source::Daemon(cost) => Ok(cost),
            source => Err(BenchError::Numbers {
                problem: format!("the daemon offered nothing: {source:?}"),
            }),
        }
    }

    fn insert(&mut self, stage: &Stage, at: Position, text: &str) -> Result<(), BenchError> {
        self.version += 1;
        let change = Change {
            range: Some((at, at)),
            text: text.to_owned(),
        };
        Ok(stage
            .client()?
            .did_change(&self.uri, self.version, &[change])?)
    }

    fn ask_since(&self, stage: &Stage, started: Instant) -> Result<Asked, BenchError> {
        let items = stage.client()?.inline(&self.uri, self.caret())?;
        let elapsed_ms = started.elapsed().as_secs_f64() * 1_000.0;
        let suggestion = items.into_iter().next().map(|item| item.insert_text);
        Ok(Asked {
            elapsed_ms,
            suggestion,
        })
    }
}

/// The texts measured have thousands of bytes.
fn as_u32(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
