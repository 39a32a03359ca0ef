//! What was forgotten, or would be, for a person. Pure.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde::Deserialize;

use super::train_table;
use crate::exit_status::ExitStatus;

/// Names that are shown of a list.
const NAMES_SHOWN_MAX: usize = 5;

/// The trainer's answer.
#[derive(Debug, Deserialize)]
pub(super) struct Answer {
    path: PathBuf,
    purged: Purged,
    is_generic: bool,
    also_in: Vec<PathBuf>,
    search: Option<Search>,
    daemon: Option<String>,
    retraining: Option<String>,
    trainings: Vec<serde_json::Value>,
    proofs: Vec<Proof>,
}

#[derive(Debug, Deserialize)]
struct Purged {
    documents: u64,
    records: u64,
    versions: u64,
    versions_kept: u64,
    adapters: Vec<String>,
    adapter_files: u64,
    trainings: Vec<String>,
    memories_and_profiles: u64,
    decisions: u64,
    marks: u64,
}

#[derive(Debug, Deserialize)]
struct Search {
    rows: u64,
    files: u64,
    bytes: u64,
    hashes: u64,
    shingles: u64,
    needles: u64,
    is_partial: bool,
    left: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Proof {
    adapter: String,
    #[serde(flatten)]
    verdict: Verdict,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
enum Verdict {
    Unknown(Numbers),
    Remembered(Numbers),
    NotMeasured { why: String },
}

#[derive(Debug, Deserialize)]
struct Numbers {
    forgotten: Gain,
    unseen: Gain,
    difference: Difference,
}

#[derive(Debug, Deserialize)]
struct Gain {
    base_loss: f64,
    adapter_loss: f64,
    percent: f64,
    documents: u64,
}

#[derive(Debug, Deserialize)]
struct Difference {
    percent: f64,
    low_percent: f64,
    high_percent: f64,
}

impl Answer {
    /// Refused where something is left, or an adapter knows the text; what could not be trained is
    /// none of this command's failures.
    pub(super) fn status(&self) -> ExitStatus {
        let is_left = self
            .search
            .as_ref()
            .is_some_and(|search| !search.left.is_empty());
        let is_known = |proof: &Proof| matches!(proof.verdict, Verdict::Remembered(_));
        if is_left || self.proofs.iter().any(is_known) {
            return ExitStatus::Refused;
        }
        ExitStatus::Done
    }

    fn kinds(&self) -> Vec<(&'static str, String)> {
        let gone = &self.purged;
        let count = |number: u64| (number > 0).then(|| number.to_string());
        let named = |names: &[String]| (!names.is_empty()).then(|| some(names));
        let kinds = [
            ("documents", count(gone.documents)),
            ("records of versions", count(gone.records)),
            ("versions of the dataset", count(gone.versions)),
            ("versions that go on without it", count(gone.versions_kept)),
            ("adapters retired", named(&gone.adapters)),
            ("files of adapters", count(gone.adapter_files)),
            ("trainings that had begun", named(&gone.trainings)),
            ("memories and profiles", count(gone.memories_and_profiles)),
            ("decisions of the review", count(gone.decisions)),
            ("marks of its words", count(gone.marks)),
        ];
        let kinds = kinds.into_iter();
        kinds
            .filter_map(|(what, found)| Some((what, found?)))
            .collect()
    }

    fn also_in(&self) -> String {
        if self.also_in.is_empty() {
            return String::new();
        }
        let names: Vec<String> = self
            .also_in
            .iter()
            .map(|one| one.display().to_string())
            .collect();
        format!(
            "some of it stands in other documents too, and stays with them: {}\n",
            some(&names)
        )
    }
}

/// What would go.
pub(super) fn plan(answer: &Answer) -> String {
    let mut lines = format!("of {} would go:\n", answer.path.display());
    let kinds = answer.kinds();
    for (what, found) in &kinds {
        add(&mut lines, format_args!("    {what}: {found}\n"));
    }
    if kinds.is_empty() {
        lines.push_str("    nothing: nothing of it is kept\n");
    }
    if answer.is_generic {
        lines.push_str("it is part of train.replay_folder, which every adapter learned from\n");
    }
    lines + &answer.also_in() + "from then on it is not read\n"
}

/// What went, and what was found afterwards.
pub(super) fn text(answer: &Answer) -> String {
    let path = answer.path.display();
    let mut lines = String::new();
    if answer.retraining.is_some() {
        add(
            &mut lines,
            format_args!(
                "{path} is forgotten, and not read any more (inkstone forget --undo takes that back)\n"
            ),
        );
    }
    for (what, found) in answer.kinds() {
        add(&mut lines, format_args!("    {what}: {found}\n"));
    }
    lines.push_str(&answer.also_in());
    if let Some(search) = &answer.search {
        lines.push_str(&found(search));
    }
    match answer.daemon.as_deref() {
        None | Some("not_running") => {}
        Some("told") => lines.push_str("the daemon has let go of what it had read of documents\n"),
        Some(why) => add(&mut lines, format_args!("the daemon was not told: {why}\n")),
    }
    let retraining = match answer.retraining.as_deref() {
        Some("automatic") => {
            "a new adapter is trained without it by itself; at once with: inkstone train\n"
        }
        Some("by_hand") => "train a new adapter without it with: inkstone train\n",
        _ => "",
    };
    lines.push_str(retraining);
    if !answer.trainings.is_empty() {
        let told = serde_json::json!({ "trainings": &answer.trainings });
        // What this build does not know stays in the JSON.
        if let Ok(read) = serde_json::from_value::<train_table::Answer>(told) {
            lines.push_str(&train_table::text(&read));
        }
    }
    for proof in &answer.proofs {
        lines.push_str(&proved(proof));
    }
    lines
}

fn found(search: &Search) -> String {
    let looked = format!(
        "looked for {} hashes, {} runs of words and {} stretches of it in {} rows and {} files ({:.1} MB): ",
        search.hashes,
        search.shingles,
        search.needles,
        search.rows,
        search.files,
        search.bytes as f64 / 1e6
    );
    let mut lines = looked;
    if search.left.is_empty() {
        lines.push_str("0 left\n");
    } else {
        add(&mut lines, format_args!("{} left\n", search.left.len()));
        for place in &search.left {
            add(&mut lines, format_args!("    {place}\n"));
        }
    }
    if search.is_partial {
        lines.push_str("it is so long that only a part of it was looked for\n");
    }
    lines
}

fn proved(proof: &Proof) -> String {
    let numbers = |numbers: &Numbers, verdict: &str| {
        let loss = |gain: &Gain| {
            format!(
                "{:+.1} % ({:.3} from {:.3}, {} documents)",
                -gain.percent, gain.adapter_loss, gain.base_loss, gain.documents
            )
        };
        format!(
            "{}: {verdict}; the loss on it changes by {}, on text that it never saw by {}; it falls by {:.1} points more on it, 95 % interval {:.1} to {:.1}\n",
            proof.adapter,
            loss(&numbers.forgotten),
            loss(&numbers.unseen),
            numbers.difference.percent,
            numbers.difference.low_percent,
            numbers.difference.high_percent
        )
    };
    match &proof.verdict {
        Verdict::Unknown(found) => numbers(found, "does not know the text"),
        Verdict::Remembered(found) => numbers(found, "STILL KNOWS the text"),
        Verdict::NotMeasured { why } => {
            format!("{}: not measured: {why}\n", proof.adapter)
        }
    }
}

fn add(lines: &mut String, words: std::fmt::Arguments<'_>) {
    // Writing to a string does not fail.
    let _ = lines.write_fmt(words);
}

fn some(names: &[String]) -> String {
    let shown = names.iter().take(NAMES_SHOWN_MAX).cloned();
    let shown = shown.collect::<Vec<String>>().join(", ");
    match names.len().checked_sub(NAMES_SHOWN_MAX) {
        Some(more) if more > 0 => format!("{shown} and {more} more"),
        _ => shown,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn answer(change: impl FnOnce(&mut Value)) -> Answer {
        let mut value = json!({
            "path": "/写作/日记.md", "workspace": "/写作", "is_generic": false, "also_in": [],
            "purged": {
                "documents": 1, "records": 2, "versions": 2, "versions_kept": 0, "adapters": ["zh-3"],
                "adapter_files": 1, "trainings": [], "memories_and_profiles": 2, "decisions": 0, "marks": 0
            },
            "search": {
                "rows": 30, "files": 12, "bytes": 1_500_000, "hashes": 9, "shingles": 80, "needles": 6,
                "is_partial": false, "left": []
            },
            "daemon": "told", "retraining": "automatic", "trainings": [], "proofs": []
        });
        change(&mut value);
        serde_json::from_value(value).unwrap()
    }

    fn numbers(low: f64) -> Value {
        let gain = |percent: f64| {
            json!({
                "base_loss": 3.5, "adapter_loss": 3.4, "percent": percent, "low_percent": 0.0,
                "high_percent": 0.0, "documents": 4, "tokens": 900.0
            })
        };
        json!({
            "forgotten": gain(3.0), "unseen": gain(2.8),
            "difference": {"percent": 0.2, "low_percent": low, "high_percent": low + 4.0}
        })
    }

    fn with_proof(verdict: &'static str, low: f64) -> Answer {
        answer(|value| {
            let mut proof = numbers(low);
            proof["adapter"] = json!("zh-4");
            proof["language"] = json!("zh");
            proof["verdict"] = json!(verdict);
            value["proofs"] = json!([proof]);
        })
    }

    #[test]
    fn what_went_is_told_by_kind_with_what_was_looked_at_and_how_to_take_it_back() {
        let told = text(&answer(|_| ()));
        for words in [
            "/写作/日记.md is forgotten",
            "inkstone forget --undo",
            "adapters retired: zh-3",
            "versions of the dataset: 2",
            "in 30 rows and 12 files (1.5 MB): 0 left",
            "inkstone train",
        ] {
            assert!(told.contains(words), "{words:?} in {told}");
        }
        assert!(!told.contains("decisions"), "{told}");
        assert_eq!(answer(|_| ()).status(), ExitStatus::Done);
    }

    #[test]
    fn what_is_left_and_an_adapter_that_knows_the_text_are_refused() {
        let left = answer(|value| value["search"]["left"] = json!(["/data/x"]));
        assert_eq!(left.status(), ExitStatus::Refused);
        assert!(text(&left).contains("1 left\n    /data/x"));
        let known = with_proof("remembered", 1.0);
        assert_eq!(known.status(), ExitStatus::Refused);
        assert!(text(&known).contains("STILL KNOWS"));
        let unknown = with_proof("unknown", -2.0);
        assert_eq!(unknown.status(), ExitStatus::Done);
        let told = text(&unknown);
        assert!(
            told.contains("zh-4: does not know the text") && told.contains("-2.0 to 2.0"),
            "{told}"
        );
    }

    #[test]
    fn a_plan_says_what_would_go_and_what_stays_elsewhere() {
        let planned = answer(|value| {
            value["also_in"] = json!(["写作/旧.md"]);
            value["retraining"] = Value::Null;
        });
        let told = plan(&planned);
        assert!(
            told.contains("would go") && told.contains("写作/旧.md"),
            "{told}"
        );
        let nothing = answer(|value| {
            for kind in [
                "documents",
                "records",
                "versions",
                "adapter_files",
                "memories_and_profiles",
            ] {
                value["purged"][kind] = json!(0);
            }
            value["purged"]["adapters"] = json!([]);
        });
        assert!(plan(&nothing).contains("nothing of it is kept"));
    }
}
