//! What a build did and what a dataset holds, as the trainer tells it, in words and tables. Pure.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Deserialize;

use super::model_table::size;

/// Files that cannot be read and are named one by one.
const UNREADABLE_SHOWN_MAX: usize = 10;
/// Characters of a dataset's name that people see and type.
const SHORT_NAME_CHARS: usize = 12;

/// What a build did (`inkstone-trainer build`).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Report {
    workspaces: BTreeMap<String, Looked>,
    /// What came of asking a language model.
    scoring: Option<Scoring>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Scoring {
    scored: u64,
    unscored: u64,
    unscored_is_more: bool,
    why: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Looked {
    files: Files,
    kept: Kept,
    /// Why it was not looked at.
    problem: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Files {
    unchanged: u64,
    added: u64,
    changed: u64,
    renamed: u64,
    removed: u64,
    skipped: BTreeMap<String, u64>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Kept {
    files_read: u64,
    bytes_read: u64,
    messages_read: u64,
    unreadable: BTreeMap<String, String>,
}

/// What a version holds (`inkstone-trainer stats`, and in the answer of `build`).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Stats {
    dataset: String,
    tokens_of: Option<String>,
    versions: Vec<Version>,
    statistics: Statistics,
    scored_by: Vec<ScoredBy>,
    scores: Vec<Scores>,
    rules_off: Vec<RuleOff>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct ScoredBy {
    language: String,
    model: String,
}

/// How surprising the pieces of a language and genre are to a model.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Scores {
    language: String,
    genre: String,
    pieces: u64,
    scored: u64,
    usual: Option<f64>,
    deviation: Option<f64>,
    surprising: u64,
    predictable: u64,
    left_out: u64,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct RuleOff {
    notice: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Version {
    dataset: String,
    pinned_by: Vec<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Statistics {
    total: Counts,
    by_language: BTreeMap<String, Counts>,
    by_genre: BTreeMap<String, Counts>,
    by_author: BTreeMap<String, Counts>,
    by_split: BTreeMap<String, Counts>,
    left_out: BTreeMap<String, u64>,
    brought_back: BTreeMap<String, u64>,
    rules: BTreeMap<String, u64>,
    redacted: BTreeMap<String, u64>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
struct Counts {
    documents: u64,
    pieces: u64,
    words: u64,
    tokens: Option<u64>,
}

/// A dataset's name as people see it: enough to tell it from the others.
pub(super) fn short(name: &str) -> &str {
    let end = name.char_indices().nth(SHORT_NAME_CHARS);
    end.map_or(name, |(end, _)| &name[..end])
}

/// A word of the trainer's as people read it.
pub(super) fn words(name: &str) -> String {
    name.replace('_', " ")
}

impl Report {
    /// In words.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for (folder, looked) in &self.workspaces {
            line(&mut text, format_args!("{folder}"));
            looked.tell(&mut text);
        }
        if let Some(scoring) = &self.scoring {
            scoring.tell(&mut text);
        }
        text
    }
}

impl Scoring {
    /// Of what has its score already nobody wants to hear.
    fn tell(&self, text: &mut String) {
        if self.scored > 0 {
            let scored = self.scored;
            line(text, format_args!("{scored:>9}  texts scored by a model"));
        }
        if let Some(why) = self.why.as_ref().filter(|_| self.unscored > 0) {
            let or_more = if self.unscored_is_more { "+" } else { "" };
            let unscored = format!("{}{or_more}", self.unscored);
            line(
                text,
                format_args!("{unscored:>9}  texts not scored, and so not judged by it: {why}"),
            );
        }
    }
}

impl Looked {
    fn tell(&self, text: &mut String) {
        let Self {
            files,
            kept,
            problem,
        } = self;
        if let Some(problem) = problem {
            return line(text, format_args!("           {problem}"));
        }
        let counts = [
            ("unchanged, not opened", files.unchanged),
            ("new", files.added),
            ("changed", files.changed),
            ("renamed", files.renamed),
            ("gone", files.removed),
            ("commit messages read", kept.messages_read),
        ];
        for (what, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
            line(text, format_args!("{count:>9}  {what}"));
        }
        let read = kept.files_read;
        let bytes = size(kept.bytes_read);
        line(text, format_args!("{read:>9}  read ({bytes})"));
        // Of what is no document at all, nobody wants to hear.
        let skipped = files.skipped.iter().filter(|(why, _)| *why != "no_format");
        for (why, count) in skipped {
            line(text, format_args!("{count:>9}  not read: {}", words(why)));
        }
        for (path, why) in kept.unreadable.iter().take(UNREADABLE_SHOWN_MAX) {
            line(text, format_args!("           {path}: {why}"));
        }
        let more = kept.unreadable.len().saturating_sub(UNREADABLE_SHOWN_MAX);
        if more > 0 {
            line(
                text,
                format_args!("           and {more} more; all with --json"),
            );
        }
    }
}

impl Stats {
    /// The tables.
    pub(super) fn text(&self) -> String {
        let Statistics {
            total,
            by_language,
            by_genre,
            by_author,
            by_split,
            left_out,
            brought_back,
            rules,
            redacted,
        } = &self.statistics;
        let mut text = String::new();
        line(&mut text, format_args!("dataset {}", short(&self.dataset)));
        let [pieces, words_, tokens] = ["pieces", "words", "tokens"];
        line(
            &mut text,
            format_args!(
                "  {:<16} {:>9} {pieces:>9} {words_:>11} {tokens:>11}",
                "", "documents"
            ),
        );
        let named = |name: &str| words(name);
        row(&mut text, "all", total);
        for (title, group) in [
            ("language", by_language),
            ("kind", by_genre),
            ("author", by_author),
            ("use", by_split),
        ] {
            if !group.is_empty() {
                line(&mut text, format_args!("{title}"));
            }
            for (name, counts) in group {
                row(&mut text, &named(name), counts);
            }
        }
        for (title, counts) in [
            ("left out, by reason", left_out),
            (
                "brought back by you, by the reason that they were left out for",
                brought_back,
            ),
            ("replaced by placeholders", redacted),
            ("rules that mended or flagged", rules),
        ] {
            if !counts.is_empty() {
                line(&mut text, format_args!("{title}"));
                tally(&mut text, counts);
            }
        }
        self.tell_scores(&mut text);
        if !self.rules_off.is_empty() {
            line(&mut text, format_args!("rules that are off"));
        }
        for off in &self.rules_off {
            line(&mut text, format_args!("  {}", off.notice));
        }
        match &self.tokens_of {
            Some(model) => line(&mut text, format_args!("tokens are those of {model}")),
            None => line(
                &mut text,
                format_args!("tokens are unknown: no model is installed that could count them"),
            ),
        }
        text
    }

    /// What a model finds usual, and what it finds far from it.
    fn tell_scores(&self, text: &mut String) {
        let scored = self.scores.iter().filter(|group| group.scored > 0);
        let scored: Vec<&Scores> = scored.collect();
        if scored.is_empty() {
            return;
        }
        let models = self.scored_by.iter();
        let models = models.map(|by| format!("{} ({})", by.model, by.language));
        let models: Vec<String> = models.collect();
        line(
            text,
            format_args!(
                "surprise in nats for each token, by {}",
                models.join(" and ")
            ),
        );
        let [pieces, scored_, usual, above, below] =
            ["pieces", "scored", "usual", "far above", "far below"];
        line(
            text,
            format_args!(
                "  {:<20} {pieces:>9} {scored_:>9} {usual:>13} {above:>10} {below:>10}",
                ""
            ),
        );
        for group in scored {
            let name = format!("{} {}", group.language, words(&group.genre));
            let usual = match (group.usual, group.deviation) {
                (Some(usual), Some(deviation)) => format!("{usual:.2} ± {deviation:.2}"),
                _ => "too few".to_owned(),
            };
            let out = match group.left_out {
                0 => String::new(),
                count => format!("  {count} left out"),
            };
            line(
                text,
                format_args!(
                    "  {name:<20} {:>9} {:>9} {usual:>13} {:>10} {:>10}{out}",
                    group.pieces, group.scored, group.surprising, group.predictable
                ),
            );
        }
    }

    /// The versions that are kept.
    pub(super) fn versions_text(&self) -> String {
        let mut text = String::from("versions, the newest first\n");
        for version in &self.versions {
            let held = match &version.pinned_by[..] {
                [] => String::new(),
                holders => format!("  held by {}", holders.join(", ")),
            };
            line(
                &mut text,
                format_args!("  {}{held}", short(&version.dataset)),
            );
        }
        text
    }
}

fn row(text: &mut String, name: &str, counts: &Counts) {
    let tokens = counts
        .tokens
        .map_or("?".to_owned(), |tokens| tokens.to_string());
    line(
        text,
        format_args!(
            "  {name:<16} {:>9} {:>9} {:>11} {tokens:>11}",
            counts.documents, counts.pieces, counts.words
        ),
    );
}

/// The most frequent first.
fn tally(text: &mut String, counts: &BTreeMap<String, u64>) {
    let mut counts: Vec<_> = counts.iter().collect();
    counts.sort_by_key(|(name, count)| (std::cmp::Reverse(**count), *name));
    for (name, count) in counts {
        line(text, format_args!("  {count:>9}  {}", words(name)));
    }
}

fn line(text: &mut String, words: std::fmt::Arguments<'_>) {
    // proof: writing into a string cannot fail.
    let _ = writeln!(text, "{words}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_is_told_in_words_and_a_dataset_in_tables() {
        let answer = serde_json::json!({
            "workspaces": {"/w/书": {
                "files": {"unchanged": 7, "opened": 2, "added": 2, "skipped": {"no_format": 90, "too_large": 1}},
                "kept": {"files_read": 2, "bytes_read": 4_000, "unreadable": {"坏.docx": "not a Word file"}},
            }, "/disk": {"problem": "/disk: No such file; is its disk connected?"}},
            "scoring": {"scored": 8, "unscored": 3, "unscored_is_more": true, "why": "the model m is not in memory"},
            "scored_by": [{"language": "zh", "model": "gemma-3-270m", "hash": "00"}],
            "scores": [
                {"language": "zh", "genre": "comment_reply", "pieces": 60, "scored": 55, "usual": 2.512, "deviation": 0.4, "surprising": 2, "predictable": 1, "left_out": 3},
                {"language": "zh", "genre": "notes", "pieces": 4, "scored": 3, "usual": null, "deviation": null},
                {"language": "en", "genre": "blog", "pieces": 9, "scored": 0},
            ],
            "dataset": "0123456789abcdef0123",
            "versions": [{"dataset": "0123456789abcdef0123", "pinned_by": ["adapter 3"]}],
            "statistics": {
                "total": {"documents": 2, "pieces": 5, "words": 70, "tokens": null},
                "by_language": {"zh": {"documents": 1, "pieces": 2, "words": 30, "tokens": null}},
                "by_genre": {"comment_reply": {"documents": 1, "pieces": 3, "words": 40}},
                "left_out": {"code": 1, "too_short": 12},
                "brought_back": {"link_list": 4},
            },
            "rules_off": [{"rule": "spaces", "place": "书/章", "notice": "the rule `spaces` is off in /w/书/章"}],
        });
        let report: Report = serde_json::from_value(answer.clone()).unwrap();
        let stats: Stats = serde_json::from_value(answer).unwrap();
        let text = format!("{}{}{}", report.text(), stats.text(), stats.versions_text());
        for words in [
            "7  unchanged, not opened",
            "2  read (4000 B)",
            "/disk\n           /disk: No such file",
            "1  not read: too large",
            "坏.docx: not a Word file",
            "dataset 0123456789ab\n",
            "comment reply",
            "12  too short\n          1  code",
            "brought back by you, by the reason that they were left out for\n          4  link list",
            "rules that are off\n  the rule `spaces` is off in /w/书/章\n",
            "0123456789ab  held by adapter 3",
            "8  texts scored by a model",
            "3+  texts not scored, and so not judged by it: the model m is not in memory",
            "by gemma-3-270m (zh)",
            "2.51 ± 0.40          2          1  3 left out",
            "too few",
        ] {
            assert!(text.contains(words), "`{words}` is missing in\n{text}");
        }
        assert!(!text.contains("90") && !text.contains("blog"), "{text}");
    }

    #[test]
    fn a_short_name_never_cuts_a_character() {
        assert_eq!(
            short("一二三四五六七八九十甲乙丙"),
            "一二三四五六七八九十甲乙"
        );
        assert_eq!(short("ab"), "ab");
    }
}
