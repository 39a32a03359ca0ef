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
    /// It is kept, and the text stays out all the same; why.
    StaysOut(String),
    /// The rule is off there.
    Off(String),
    /// Whether there was something to take back.
    Undone(bool),
    /// How everything fares that was judged.
    Rates(BTreeMap<String, Fares>),
    /// What follows.
    Finished {
        /// Why rules are off now that were on.
        switched_off: Vec<String>,
        /// Whether all of it shows only after the next build.
        #[serde(default)]
        needs_build: bool,
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
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) off_in: Vec<String>,
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
    /// Rules that are off where it lies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) rules_off: Vec<String>,
    pub(super) left_out: Option<String>,
    /// Whether keeping it takes its owner's word that it is theirs.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) needs_claim: bool,
    /// Why it was left out before it was brought back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) brought_back: Option<String>,
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
            let (first, last) = (lines.start + 1, lines.end);
            if last > first {
                format!(":{first}-{last}")
            } else {
                format!(":{first}")
            }
        });
        format!("{}/{}{lines}", self.folder, self.path)
    }

    /// What it was drawn for, in words.
    pub(super) fn stands_for(&self) -> String {
        let words = |word: &str| word.replace('_', " ");
        match self.stratum.split(':').collect::<Vec<_>>()[..] {
            ["rule", rule] => format!("the rule {rule}"),
            ["kept", genre, language] => format!("what is kept: {}, {language}", words(genre)),
            ["left_out", reason] => format!("what is left out: {}", words(reason)),
            _ => self.stratum.clone(),
        }
    }

    /// The rules that fired.
    pub(super) fn rules_text(&self) -> String {
        let rules = self.rules.iter();
        let rules: Vec<String> = rules
            .map(|(rule, times)| format!("{rule} ×{times}"))
            .collect();
        let mut text = if rules.is_empty() {
            "none".to_owned()
        } else {
            rules.join(", ")
        };
        if !self.rules_off.is_empty() {
            text.push_str("   off in this folder: ");
            text.push_str(&self.rules_off.join(", "));
        }
        text
    }

    /// What became of it, where that is not that it was kept.
    pub(super) fn outcome(&self) -> String {
        let words = |reason: &String| reason.replace('_', " ");
        match (&self.left_out, &self.brought_back) {
            (Some(reason), _) => format!("left out: {}", words(reason)),
            (None, Some(reason)) => format!("brought back; it was left out as {}", words(reason)),
            (None, None) => String::new(),
        }
    }
}
