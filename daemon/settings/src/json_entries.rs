//! An editor's settings (`init_options`, `didChangeConfiguration`) as a flat list of keys and
//! values. Tables may be nested, keys may be dotted, and all may lie under `inkstone`. Pure.

use serde_json::Value as Json;

use crate::problem::Fault;
use crate::toml_entries::{DEPTH_MAX, Entry};
use crate::value::Value;

/// Most entries taken from one editor; the table has about fifty.
const ENTRIES_MAX: usize = 1_024;

/// Splits an editor's settings into entries. `null` stands for "not set", as editors send it.
pub(crate) fn parse(settings: &Json) -> (Vec<Entry>, Vec<Fault>) {
    let mut entries = Vec::new();
    match settings {
        Json::Null => {}
        Json::Object(_) => flatten(settings, "", 0, &mut entries),
        other => {
            return (
                entries,
                vec![Fault::NotATable {
                    found: leaf(other).to_string(),
                }],
            );
        }
    }
    let faults = match entries.len().checked_sub(ENTRIES_MAX) {
        Some(count) if count > 0 => vec![Fault::More { count }],
        _ => Vec::new(),
    };
    entries.truncate(ENTRIES_MAX);
    (entries, faults)
}

/// Collects the leaves below a value; recursion ends at `DEPTH_MAX`.
fn flatten(value: &Json, prefix: &str, depth: usize, entries: &mut Vec<Entry>) {
    match value {
        Json::Null => {}
        Json::Object(fields) if depth <= DEPTH_MAX => {
            for (name, inner) in fields {
                let key = if prefix.is_empty() {
                    name.clone()
                } else {
                    format!("{prefix}.{name}")
                };
                flatten(inner, &key, depth + 1, entries);
            }
        }
        other => {
            entries.push(Entry {
                key: prefix.to_owned(),
                value: leaf(other),
                line: None,
            });
        }
    }
}

/// One value that is not a table.
fn leaf(value: &Json) -> Value {
    match value {
        Json::Bool(value) => Value::Bool(*value),
        Json::String(text) => Value::Text(text.clone()),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Value::Int(whole),
            (None, Some(value)) if value.is_finite() => Value::Decimal(value),
            _ => Value::Other(number.to_string()),
        },
        Json::Array(items) => {
            let texts: Option<Vec<String>> = items
                .iter()
                .map(|item| item.as_str().map(str::to_owned))
                .collect();
            texts.map_or_else(
                || Value::Other("a list with other things than texts".to_owned()),
                Value::List,
            )
        }
        Json::Null => Value::Other("null".to_owned()),
        Json::Object(_) => Value::Other("a table".to_owned()),
    }
}
