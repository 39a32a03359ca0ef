//! The table as a JSON schema: editors check and complete `inkstone.toml`, `init_options` and their
//! own settings with it. Generated into `inkstone.schema.json`; a test fails when that is stale.

use serde_json::{Map, Value as Json, json};

use crate::setting::{FOLDER_BYTES_MAX, Kind, LIST_ITEMS_MAX, Setting};
use crate::table::{SECTIONS, TABLE};
use crate::value::Value;

/// The schema of the nested form (`completion.max_tokens` is `max_tokens` in `completion`).
pub fn schema() -> Json {
    let sections: Map<String, Json> = SECTIONS
        .iter()
        .map(|(section, doc)| {
            let properties: Map<String, Json> = TABLE
                .iter()
                .filter_map(|setting| {
                    let (its_section, field) = setting.key.split_once('.')?;
                    (its_section == *section).then(|| (field.to_owned(), property(setting)))
                })
                .collect();
            let schema = json!({
                "type": "object",
                "description": doc,
                "additionalProperties": false,
                "properties": properties,
            });
            ((*section).to_owned(), schema)
        })
        .collect();
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Inkstone settings",
        "type": "object",
        "additionalProperties": false,
        "properties": sections,
    })
}

/// The text of `inkstone.schema.json`.
pub fn schema_text() -> String {
    format!("{:#}\n", schema())
}

/// The schema of one setting.
fn property(setting: &Setting) -> Json {
    let mut schema = match setting.kind {
        Kind::Switch => json!({ "type": "boolean" }),
        Kind::Number { min, max } => json!({ "type": "integer", "minimum": min, "maximum": max }),
        Kind::Decimal { min, max } => json!({ "type": "number", "minimum": min, "maximum": max }),
        Kind::Folder => json!({ "type": "string", "maxLength": FOLDER_BYTES_MAX }),
        Kind::Choice(words) => json!({ "type": "string", "enum": words }),
        Kind::Names => json!({
            "type": "array",
            "items": { "type": "string", "minLength": 1 },
            "maxItems": LIST_ITEMS_MAX,
        }),
        Kind::Selection(words) => json!({
            "type": "array",
            "items": { "type": "string", "enum": words },
            "maxItems": LIST_ITEMS_MAX,
        }),
        Kind::ModelByLanguage => json!({
            "type": "object",
            "propertyNames": { "pattern": "^[a-z]{2,3}$" },
            "additionalProperties": { "type": "string", "pattern": "^([a-z0-9][a-z0-9._-]{0,63})?$" },
        }),
    };
    schema["description"] = json!(setting.doc);
    for (entry, value) in (setting.defaults)() {
        match entry {
            Some(language) => schema["default"][language] = to_json(&value),
            None => schema["default"] = to_json(&value),
        }
    }
    schema
}

/// A value of ours as JSON.
fn to_json(value: &Value) -> Json {
    match value {
        Value::Bool(value) => json!(value),
        Value::Int(value) => json!(value),
        Value::Decimal(value) => json!(value),
        Value::Text(text) | Value::Other(text) => json!(text),
        Value::List(items) => json!(items),
    }
}
