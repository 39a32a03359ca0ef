//! One line of a log, for a person. Pure: JSON in, text out.

use serde_json::{Map, Value};

/// Keys that have a place of their own in the text.
const PLACED: [&str; 6] = ["timestamp", "level", "target", "message", "client", "id"];

/// Reasons that say only that a newer keystroke came: every fast writer's log is full of them.
const OVERTAKEN: [&str; 2] = ["superseded", "cancelled"];

/// A line as it was logged.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LogLine {
    /// When, as text that sorts (RFC 3339, UTC); empty for a line that is not ours.
    pub(crate) timestamp: String,
    fields: Map<String, Value>,
    raw: String,
}

impl LogLine {
    /// Reads a line; one that is no JSON is kept as it is.
    pub(crate) fn parse(line: &str) -> Self {
        let fields = match serde_json::from_str(line) {
            Ok(Value::Object(fields)) => fields,
            _ => Map::new(),
        };
        let timestamp = fields
            .get("timestamp")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        Self {
            timestamp,
            fields,
            raw: line.to_owned(),
        }
    }

    /// Whether it says why a request brought no suggestion.
    pub(crate) fn says_why(&self) -> bool {
        let is_answer = matches!(self.text("outcome"), Some("silent" | "failed"));
        let reason = self.text("reason");
        is_answer && reason.is_some_and(|reason| !OVERTAKEN.contains(&reason))
    }

    /// The line with all it holds.
    pub(crate) fn in_full(&self) -> String {
        if self.fields.is_empty() {
            return self.raw.clone();
        }
        let rest: Vec<String> = self
            .fields
            .iter()
            .filter(|(key, _)| !PLACED.contains(&key.as_str()))
            .map(|(key, value)| format!("{key}={}", plain(value)))
            .collect();
        let message = self.text("message").unwrap_or_default();
        let level = self.text("level").unwrap_or_default();
        format!(
            "{} {level:<5} {}{message} {}",
            self.time(),
            self.who(),
            rest.join(" ")
        )
        .trim_end()
        .to_owned()
    }

    /// Why there was no suggestion, and what would change it.
    pub(crate) fn why(&self) -> String {
        let reason = self.text("reason").unwrap_or_default();
        let why = self
            .text("why")
            .map(|why| format!(": {why}"))
            .unwrap_or_default();
        let remedy = self
            .text("remedy")
            .map(|remedy| format!(" Run: {remedy}"))
            .unwrap_or_default();
        format!("{} {}{reason}{why}{remedy}", self.time(), self.who())
    }

    /// To the second; the zone is UTC.
    fn time(&self) -> String {
        let seconds = self.timestamp.split('.').next().unwrap_or_default();
        seconds.trim_end_matches('Z').replace('T', " ")
    }

    /// Whose request it was, if it was one's.
    fn who(&self) -> String {
        let client = self
            .text("client")
            .map(|client| format!("{client} "))
            .unwrap_or_default();
        let id = self
            .fields
            .get("id")
            .map(|id| format!("#{} ", plain(id)))
            .unwrap_or_default();
        format!("{client}{id}")
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.fields.get(key).and_then(Value::as_str)
    }
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SILENT: &str = r#"{"timestamp":"2026-11-24T02:33:12.123456Z","level":"INFO","message":"request","client":"inkstone-lsp","id":7,"method":"complete","outcome":"silent","reason":"no_model_for_language","why":"No model is chosen for Chinese text.","remedy":"inkstone model pull gemma-3-270m","elapsed_ms":0.2,"target":"inkstoned::request_log"}"#;

    #[test]
    fn a_silence_says_why_and_what_to_do() {
        let line = LogLine::parse(SILENT);
        assert!(line.says_why());
        assert_eq!(
            line.why(),
            "2026-11-24 02:33:12 inkstone-lsp #7 no_model_for_language: No model is chosen for Chinese text. \
             Run: inkstone model pull gemma-3-270m"
        );
    }

    #[test]
    fn in_full_the_message_comes_first_and_nothing_is_lost() {
        let full = LogLine::parse(SILENT).in_full();
        assert!(
            full.starts_with("2026-11-24 02:33:12 INFO  inkstone-lsp #7 request "),
            "{full}"
        );
        for part in ["method=complete", "elapsed_ms=0.2", "outcome=silent"] {
            assert!(full.contains(part), "{part}: {full}");
        }
    }

    #[test]
    fn other_lines_do_not_say_why() {
        for line in [
            r#"{"level":"INFO","message":"request","outcome":"offered"}"#,
            r#"{"level":"INFO","message":"ending","reason":"Stop"}"#,
            r#"{"level":"INFO","message":"request","outcome":"failed","reason":"superseded"}"#,
            "not JSON 今天",
            "[]",
            "",
        ] {
            assert!(!LogLine::parse(line).says_why(), "{line}");
        }
        assert_eq!(LogLine::parse("not JSON 今天").in_full(), "not JSON 今天");
    }
}
