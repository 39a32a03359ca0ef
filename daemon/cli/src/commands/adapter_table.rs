//! What `adapter list` and `adapter show` print, as data for JSON and as text for people. Pure.

use std::path::PathBuf;

use inkstone_store::adapters::hex;
use inkstone_store::{AdapterId, AdapterRow, Workspace};
use serde::Serialize;
use serde_json::Value;

use super::calendar::day;
use super::model_table::{columns, size};

/// Where how a training went stands among what was measured.
const CURVE: &str = "curve";

/// One adapter with its names in place of numbers.
#[derive(Debug, Serialize)]
pub(crate) struct Shown {
    pub(crate) name: String,
    pub(crate) state: &'static str,
    model: String,
    base_sha256: String,
    language: Option<String>,
    genre: Option<String>,
    /// The folder whose documents it is for; empty where that was removed.
    folder: Option<PathBuf>,
    sha256: String,
    bytes: u64,
    dataset: Option<String>,
    parent: Option<String>,
    /// The one that was live before it.
    replaced: Option<String>,
    made_at_s: i64,
    file: PathBuf,
    config: Value,
    metrics: Value,
    reasons: Value,
}

/// The adapters of a listing.
#[derive(Debug, Serialize)]
pub(crate) struct Listing {
    adapters: Vec<Shown>,
}

impl Listing {
    /// `file_of` says where an adapter's file lies.
    pub(crate) fn of(
        rows: &[AdapterRow],
        workspaces: &[Workspace],
        file_of: impl Fn(&AdapterRow) -> PathBuf,
    ) -> Self {
        let name_of = |id: Option<AdapterId>| {
            let mut rows = rows.iter();
            rows.find(|row| Some(row.id) == id)
                .map(|row| row.name.clone())
        };
        let folder_of = |row: &AdapterRow| {
            let id = row.scope.workspace?;
            let mut workspaces = workspaces.iter();
            let found = workspaces.find(|workspace| workspace.id == id);
            Some(
                found
                    .map(|workspace| workspace.path.clone())
                    .unwrap_or_default(),
            )
        };
        let shown = |row: &AdapterRow| Shown {
            name: row.name.clone(),
            state: row.state.word(),
            model: row.base_model.clone(),
            base_sha256: hex(&row.scope.base_sha256),
            language: row.scope.language.clone(),
            genre: row.scope.genre.clone(),
            folder: folder_of(row),
            sha256: hex(&row.sha256),
            bytes: row.bytes,
            dataset: row.dataset.as_ref().map(|dataset| hex(dataset)),
            parent: name_of(row.parent),
            replaced: name_of(row.replaced),
            made_at_s: row.made_at_s,
            file: file_of(row),
            config: json(&row.config),
            metrics: json(&row.metrics),
            reasons: json(&row.reasons),
        };
        Self {
            adapters: rows.iter().map(shown).collect(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.adapters.is_empty()
    }

    /// The one of a name.
    pub(crate) fn find(&self, name: &str) -> Option<&Shown> {
        self.adapters.iter().find(|adapter| adapter.name == name)
    }

    /// The listing for people.
    pub(crate) fn text(&self) -> String {
        let titles = [
            "NAME", "STATE", "MODEL", "LANGUAGE", "GENRE", "SIZE", "MADE", "FOLDER",
        ];
        let mut cells = vec![titles.map(str::to_owned).to_vec()];
        cells.extend(self.adapters.iter().map(|adapter| {
            vec![
                adapter.name.clone(),
                adapter.state.to_owned(),
                adapter.model.clone(),
                adapter.language.clone().unwrap_or_else(|| "any".to_owned()),
                adapter.genre.clone().unwrap_or_else(|| "any".to_owned()),
                size(adapter.bytes),
                day(adapter.made_at_s.saturating_mul(1_000)),
                adapter.folder_in_words(),
            ]
        }));
        columns(&cells)
    }
}

impl Shown {
    fn folder_in_words(&self) -> String {
        match &self.folder {
            None => "any".to_owned(),
            Some(folder) if folder.as_os_str().is_empty() => "removed".to_owned(),
            Some(folder) => folder.display().to_string(),
        }
    }

    /// All of it for people: each number of the gate in a line of its own.
    pub(crate) fn text(&self) -> String {
        let none = || "-".to_owned();
        let rows = vec![
            ("name", self.name.clone()),
            ("state", self.state.to_owned()),
            ("model", format!("{} ({})", self.model, self.base_sha256)),
            (
                "language",
                self.language.clone().unwrap_or_else(|| "any".to_owned()),
            ),
            (
                "genre",
                self.genre.clone().unwrap_or_else(|| "any".to_owned()),
            ),
            ("folder", self.folder_in_words()),
            ("made", day(self.made_at_s.saturating_mul(1_000))),
            ("size", size(self.bytes)),
            ("file", self.file.display().to_string()),
            ("dataset", self.dataset.clone().unwrap_or_else(none)),
            ("parent", self.parent.clone().unwrap_or_else(none)),
            ("replaced", self.replaced.clone().unwrap_or_else(none)),
        ];
        let mut rows: Vec<Vec<String>> = rows
            .into_iter()
            .map(|(what, value)| vec![what.to_owned(), value])
            .collect();
        for (what, value) in [
            ("config", &self.config),
            ("metrics", &without_curve(&self.metrics)),
            ("reasons", &self.reasons),
        ] {
            flatten(what, value, &mut rows);
        }
        columns(&rows)
    }

    /// How its training went, if that is known.
    pub(crate) fn curve(&self) -> Option<&Value> {
        self.metrics.get(CURVE)
    }

    /// A number of what was kept of its training.
    pub(crate) fn fact(&self, name: &str) -> Option<u64> {
        self.metrics.get("facts")?.get(name)?.as_u64()
    }
}

/// Hundreds of points are for a picture.
fn without_curve(metrics: &Value) -> Value {
    let mut metrics = metrics.clone();
    if let Some(fields) = metrics.as_object_mut() {
        fields.remove(CURVE);
    }
    metrics
}

/// A text of the registry; what is no JSON is shown as it is.
fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

/// A line for each value, named by its path.
fn flatten(path: &str, value: &Value, rows: &mut Vec<Vec<String>>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                flatten(&format!("{path}.{key}"), value, rows);
            }
        }
        Value::Array(items) => {
            for (number, item) in (1_u32..).zip(items) {
                flatten(&format!("{path}.{number}"), item, rows);
            }
        }
        Value::String(text) => rows.push(vec![path.to_owned(), text.clone()]),
        other => rows.push(vec![path.to_owned(), other.to_string()]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_of_the_gate_has_a_line() {
        let mut rows = Vec::new();
        let value = json(r#"{"own":{"base":3.1,"adapter":2.9},"passed":true,"why":["更好"]}"#);
        flatten("metrics", &value, &mut rows);
        let lines: Vec<String> = rows.iter().map(|row| row.join(" ")).collect();
        let expected = [
            "metrics.own.adapter 2.9",
            "metrics.own.base 3.1",
            "metrics.passed true",
            "metrics.why.1 更好",
        ];
        assert_eq!(lines, expected);
        assert_eq!(json("no json"), Value::String("no json".to_owned()));
    }
}
