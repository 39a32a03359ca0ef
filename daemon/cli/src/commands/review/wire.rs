//! What `inkstone-trainer review` tells, on each line.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// An answer.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Answer {
    /// The sample.
    Items(Vec<Item>),
    /// It is kept.
    Done,
    /// Whether there was something to take back.
    Undone(bool),
    /// How everything fares that was judged.
    Rates(BTreeMap<String, Fares>),
    /// What follows.
    Finished {
        /// Why rules are off now that were on.
        switched_off: Vec<String>,
        /// How everything fares.
        rates: BTreeMap<String, Fares>,
    },
    /// It cannot be done.
    Error(String),
}

/// How a rule or a reason fares.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
pub(super) struct Fares {
    pub(super) accepted: u32,
    pub(super) judged: u32,
    pub(super) low: f64,
    pub(super) high: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) off: Option<String>,
}

/// A text to be judged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[allow(
    clippy::struct_field_names,
    reason = "as decisions name it: {\"do\": \"keep\", \"item\": …}"
)]
pub(super) struct Item {
    pub(super) item: String,
    pub(super) stratum: String,
    pub(super) judges: Option<String>,
    pub(super) folder: String,
    pub(super) path: String,
    pub(super) lines: Option<Lines>,
    pub(super) original: String,
    /// What is learned from; none where nothing is.
    pub(super) text: Option<String>,
    pub(super) rules: BTreeMap<String, u32>,
    pub(super) left_out: Option<String>,
    pub(super) decided: Option<bool>,
}

/// Lines of a file, counted from 0, without the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
pub(super) struct Lines {
    pub(super) start: u32,
    pub(super) end: u32,
}

impl Item {
    /// Where it stands, as editors count.
    pub(super) fn place(&self) -> String {
        let lines = self.lines.map_or_else(String::new, |lines| {
            format!(":{}-{}", lines.start + 1, lines.end.max(lines.start + 1))
        });
        format!("{}/{}{lines}", self.folder, self.path)
    }

    /// The rules that fired.
    pub(super) fn rules_text(&self) -> String {
        let rules = self.rules.iter();
        let rules: Vec<String> = rules
            .map(|(rule, times)| format!("{rule} ×{times}"))
            .collect();
        if rules.is_empty() {
            "none".to_owned()
        } else {
            rules.join(", ")
        }
    }
}
