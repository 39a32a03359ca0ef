//! What the client says of itself in `initialize`: which editor it stands for.

use std::path::PathBuf;
use std::time::Duration;

use inkstone_text::PositionEncoding;
use serde_json::{Value, json};

/// How long an answer may take: a model that loads on a busy machine, many times over.
const ANSWER_WAIT_MS: u64 = 60_000;

/// The abilities and settings of the editor that the client stands for.
#[derive(Debug, Clone)]
pub struct ClientProfile {
    /// Offered in this order; the server chooses.
    pub encodings: Vec<PositionEncoding>,
    /// Whether it asks for inline completions (Neovim, VS Code) or cannot (Helix).
    pub inline_completion: bool,
    /// Whether it shows `$/progress`.
    pub progress: bool,
    /// Whether it answers `workspace/configuration`.
    pub configuration: bool,
    /// Answers `workspace/configuration`: the value of each section, by name.
    pub settings: Value,
    /// Sent as `initializationOptions`.
    pub init_options: Value,
    /// The process whose end shall end the server; none: the client's own.
    pub parent_pid: Option<u32>,
    /// How long it waits for an answer.
    pub answer_wait: Duration,
    /// The folder that the editor has open.
    pub folder: Option<PathBuf>,
}

impl Default for ClientProfile {
    fn default() -> Self {
        Self {
            encodings: vec![PositionEncoding::Utf8],
            inline_completion: true,
            progress: true,
            configuration: false,
            settings: json!({}),
            init_options: Value::Null,
            parent_pid: None,
            answer_wait: Duration::from_millis(ANSWER_WAIT_MS),
            folder: None,
        }
    }
}

impl ClientProfile {
    /// The parameters of `initialize`.
    pub(super) fn initialize_params(&self) -> Value {
        let encodings: Vec<_> = self
            .encodings
            .iter()
            .map(|encoding| encoding.name())
            .collect();
        let mut text_document = json!({
            "synchronization": { "didSave": true },
            "completion": { "completionItem": { "insertReplaceSupport": true } },
        });
        if self.inline_completion {
            text_document["inlineCompletion"] = json!({ "dynamicRegistration": false });
        }
        let folders = self
            .folder
            .iter()
            .map(|folder| json!({ "uri": super::file_uri(folder), "name": "folder" }));
        json!({
            "processId": self.parent_pid.unwrap_or_else(std::process::id),
            "clientInfo": { "name": "inkstone-bench", "version": env!("CARGO_PKG_VERSION") },
            "rootUri": null,
            "workspaceFolders": folders.collect::<Vec<_>>(),
            "initializationOptions": self.init_options,
            "capabilities": {
                "general": { "positionEncodings": encodings },
                "textDocument": text_document,
                "window": { "workDoneProgress": self.progress, "showMessage": {} },
                "workspace": {
                    "configuration": self.configuration,
                    "didChangeConfiguration": { "dynamicRegistration": true },
                    "workspaceFolders": true,
                },
            },
        })
    }

    /// The client's answer to a request of the server; none for a method it does not know.
    pub(super) fn answer(&self, method: &str, params: &Value) -> Option<Value> {
        match method {
            "window/workDoneProgress/create"
            | "window/showMessageRequest"
            | "client/registerCapability"
            | "client/unregisterCapability" => Some(Value::Null),
            "workspace/applyEdit" => Some(json!({ "applied": true })),
            "workspace/configuration" => {
                let items = params["items"]
                    .as_array()
                    .map(Vec::as_slice)
                    .unwrap_or_default();
                let section = |item: &Value| match item["section"].as_str() {
                    Some(name) => self.settings[name].clone(),
                    None => self.settings.clone(),
                };
                Some(items.iter().map(section).collect())
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configuration_is_answered_item_by_item() {
        let settings = json!({ "inkstone": { "a": 1 } });
        let profile = ClientProfile {
            settings,
            ..ClientProfile::default()
        };
        let params = json!({ "items": [{ "section": "inkstone" }, { "section": "other" }] });
        let answer = profile.answer("workspace/configuration", &params);
        assert_eq!(answer, Some(json!([{ "a": 1 }, null])));
    }

    #[test]
    fn an_unknown_method_is_not_answered_with_a_value() {
        assert_eq!(
            ClientProfile::default().answer("window/dance", &json!({})),
            None
        );
    }

    #[test]
    fn a_client_without_inline_completion_does_not_mention_it() {
        let profile = ClientProfile {
            inline_completion: false,
            ..ClientProfile::default()
        };
        let params = profile.initialize_params();
        assert!(
            params["capabilities"]["textDocument"]
                .get("inlineCompletion")
                .is_none()
        );
    }
}
