//! The methods that measurements and tests use, one function each.

use inkstone_text::Position;
use serde_json::{Value, json};

use super::LspClient;
use super::connection::PendingReply;
use super::error::LspClientError;

/// An edit as `didChange` carries it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What is replaced; none: the whole document.
    pub range: Option<(Position, Position)>,
    /// What replaces it.
    pub text: String,
}

/// One suggestion of `textDocument/inlineCompletion`.
#[derive(Debug, Clone, PartialEq)]
pub struct InlineItem {
    /// What would be inserted.
    pub insert_text: String,
    /// The item as it came, with its range and command.
    pub wire: Value,
}

impl InlineItem {
    /// Where a key that takes one word stops, in the units of the positions; the end of the text
    /// when the server does not say.
    pub fn first_word_end(&self) -> usize {
        let ends = &self.wire["command"]["arguments"][1]["ends"]["words"];
        let end = ends[0].as_u64().and_then(|end| usize::try_from(end).ok());
        end.unwrap_or(self.insert_text.len())
    }
}

/// Why an inline completion is asked for, as LSP 3.18 numbers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InlineTrigger {
    /// A person asked.
    Invoked,
    /// The editor asked while its user typed.
    Automatic,
}

impl InlineTrigger {
    fn number(self) -> u32 {
        match self {
            Self::Invoked => 1,
            Self::Automatic => 2,
        }
    }
}

impl LspClient {
    /// `textDocument/didOpen`.
    pub fn did_open(&self, uri: &str, language: &str, text: &str) -> Result<(), LspClientError> {
        let item = json!({ "uri": uri, "languageId": language, "version": 1, "text": text });
        self.notify("textDocument/didOpen", &json!({ "textDocument": item }))
    }

    /// `textDocument/didChange`.
    pub fn did_change(
        &self,
        uri: &str,
        version: i32,
        changes: &[Change],
    ) -> Result<(), LspClientError> {
        let changes: Vec<Value> = changes.iter().map(to_wire).collect();
        let document = json!({ "uri": uri, "version": version });
        let params = json!({ "textDocument": document, "contentChanges": changes });
        self.notify("textDocument/didChange", &params)
    }

    /// `textDocument/didClose`.
    pub fn did_close(&self, uri: &str) -> Result<(), LspClientError> {
        self.notify(
            "textDocument/didClose",
            &json!({ "textDocument": { "uri": uri } }),
        )
    }

    /// `textDocument/inlineCompletion`, without waiting.
    pub fn begin_inline(
        &self,
        uri: &str,
        caret: Position,
        trigger: InlineTrigger,
    ) -> Result<PendingReply, LspClientError> {
        let params = json!({
            "textDocument": { "uri": uri },
            "position": position_to_wire(caret),
            "context": { "triggerKind": trigger.number() },
        });
        self.begin(INLINE_METHOD, &params)
    }

    /// `textDocument/inlineCompletion`, as while typing.
    pub fn inline(&self, uri: &str, caret: Position) -> Result<Vec<InlineItem>, LspClientError> {
        let pending = self.begin_inline(uri, caret, InlineTrigger::Automatic)?;
        inline_items(pending.wait(self.answer_wait)?)
    }

    /// `textDocument/inlineCompletion`, as by key.
    pub fn inline_by_key(
        &self,
        uri: &str,
        caret: Position,
    ) -> Result<Vec<InlineItem>, LspClientError> {
        let pending = self.begin_inline(uri, caret, InlineTrigger::Invoked)?;
        inline_items(pending.wait(self.answer_wait)?)
    }

    /// `textDocument/completion`: the items as they came.
    pub fn completion(&self, uri: &str, caret: Position) -> Result<Vec<Value>, LspClientError> {
        let method = "textDocument/completion";
        let params = json!({
            "textDocument": { "uri": uri },
            "position": position_to_wire(caret),
            "context": { "triggerKind": 1 },
        });
        items(method, self.request(method, &params)?)
    }

    /// `workspace/executeCommand`.
    pub fn execute(&self, command: &str, arguments: &[Value]) -> Result<Value, LspClientError> {
        let params = json!({ "command": command, "arguments": arguments });
        self.request("workspace/executeCommand", &params)
    }
}

const INLINE_METHOD: &str = "textDocument/inlineCompletion";

/// Reads the answer to `textDocument/inlineCompletion`.
pub fn inline_items(answer: Value) -> Result<Vec<InlineItem>, LspClientError> {
    let read = |wire: Value| {
        let text = &wire["insertText"];
        let text = text
            .as_str()
            .or_else(|| text["value"].as_str())
            .map(str::to_owned);
        match text {
            Some(insert_text) => Ok(InlineItem { insert_text, wire }),
            None => Err(shape(INLINE_METHOD, &wire)),
        }
    };
    items(INLINE_METHOD, answer)?
        .into_iter()
        .map(read)
        .collect()
}

/// Both completion methods answer with a list, an object that holds one, or null for nothing.
fn items(method: &str, mut answer: Value) -> Result<Vec<Value>, LspClientError> {
    let list = if answer.is_object() {
        answer["items"].take()
    } else {
        answer
    };
    match list {
        Value::Null => Ok(Vec::new()),
        Value::Array(items) => Ok(items),
        other => Err(shape(method, &other)),
    }
}

fn shape(method: &str, found: &Value) -> LspClientError {
    LspClientError::Shape {
        method: method.to_owned(),
        found: found.to_string(),
    }
}

fn position_to_wire(position: Position) -> Value {
    json!({ "line": position.line, "character": position.character })
}

fn to_wire(change: &Change) -> Value {
    match change.range {
        None => json!({ "text": change.text }),
        Some((start, end)) => json!({
            "range": { "start": position_to_wire(start), "end": position_to_wire(end) },
            "text": change.text,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_read_from_every_form_the_protocol_allows() {
        let item = json!({ "insertText": "雨停了" });
        for answer in [json!([item]), json!({ "items": [item] })] {
            let items = inline_items(answer).unwrap();
            assert_eq!(items[0].insert_text, "雨停了");
        }
        let snippet = json!([{ "insertText": { "kind": "snippet", "value": "a" } }]);
        assert_eq!(inline_items(snippet).unwrap()[0].insert_text, "a");
        assert_eq!(inline_items(Value::Null).unwrap(), []);
    }

    #[test]
    fn an_answer_of_another_shape_is_an_error() {
        for answer in [json!("text"), json!([{ "text": "a" }]), json!(3)] {
            assert!(inline_items(answer).is_err());
        }
    }
}
