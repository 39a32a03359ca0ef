//! An `inkstone.toml` as a flat list of keys, values and lines. Any text is accepted: what does not
//! parse becomes a fault with its line, and the rest still counts. Pure; reading is in `layers`.

use toml::de::{DeTable, DeValue};

use crate::problem::Fault;
use crate::value::Value;

/// One key with its value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    /// The dotted key, without a leading `inkstone.`.
    pub(crate) key: String,
    /// Its value, unchecked.
    pub(crate) value: Value,
    /// Line from 1, in a file.
    pub(crate) line: Option<usize>,
}

/// Deepest table that may hold a setting; ours lie at three, one more is `inkstone` itself.
pub(crate) const DEPTH_MAX: usize = 8;

/// Splits a file's text into entries in the order of its lines, and the faults of its syntax.
pub(crate) fn parse(text: &str) -> (Vec<Entry>, Vec<(usize, Fault)>) {
    let (document, errors) = DeTable::parse_recoverable(text);
    let lines = LineStarts::of(text);
    let mut entries = Vec::new();
    flatten(document.get_ref(), "", 0, &lines, &mut entries);
    entries.sort_by_key(|entry| entry.line);
    let faults = errors
        .iter()
        .map(|error| {
            let line = lines.line_of(error.span().map_or(0, |span| span.start));
            (
                line,
                Fault::Syntax {
                    message: error.message().to_owned(),
                },
            )
        })
        .collect();
    (entries, faults)
}

/// Collects the leaves below a table; recursion ends at `DEPTH_MAX`, deeper tables are named as
/// the value of their key.
fn flatten(
    table: &DeTable<'_>,
    prefix: &str,
    depth: usize,
    lines: &LineStarts,
    entries: &mut Vec<Entry>,
) {
    for (key, value) in table {
        let name = key.get_ref();
        let key_path = if prefix.is_empty() {
            name.to_string()
        } else {
            format!("{prefix}.{name}")
        };
        match value.get_ref() {
            DeValue::Table(inner) if depth < DEPTH_MAX => {
                flatten(inner, &key_path, depth + 1, lines, entries);
            }
            other => entries.push(Entry {
                key: key_path,
                value: leaf(other),
                line: Some(lines.line_of(key.span().start)),
            }),
        }
    }
}

/// One value that is not a table.
fn leaf(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::Boolean(value) => Value::Bool(*value),
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or_else(|_| Value::Other(number.to_string()), Value::Int),
        DeValue::Array(items) => {
            let texts: Option<Vec<String>> = items
                .iter()
                .map(|item| item.get_ref().as_str().map(str::to_owned))
                .collect();
            texts.map_or_else(
                || Value::Other("a list with other things than texts".to_owned()),
                Value::List,
            )
        }
        DeValue::Float(number) => match number.as_str().parse::<f64>() {
            Ok(value) if value.is_finite() => Value::Decimal(value),
            _ => Value::Other(number.to_string()),
        },
        DeValue::Datetime(date) => Value::Other(date.to_string()),
        DeValue::Table(_) => Value::Other("a table".to_owned()),
    }
}

/// Byte offsets at which lines start.
struct LineStarts(Vec<usize>);

impl LineStarts {
    fn of(text: &str) -> Self {
        let after_breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Self(
            std::iter::once(0)
                .chain(after_breaks.map(|(at, _)| at + 1))
                .collect(),
        )
    }

    /// The line, from 1, of a byte offset.
    fn line_of(&self, offset: usize) -> usize {
        self.0.partition_point(|start| *start <= offset)
    }
}
