//! How right the rule `perplexity` is on the labelled sample, by scores of the real models, which are
//! committed beside the result (`tests/eval/perplexity/scores.tsv`).
//!
//! The sample stands for one writer in each language: what is usual is taken from what the other rules
//! leave in. A sentence is dirt when its label says that it stays out, or when it was damaged and no
//! other rule has mended it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use inkstone_corpus::clean::{RULES, RuleSet, clean};
use inkstone_corpus::dataset::Digest;
use inkstone_corpus::surprise::{
    JUDGED_TOKENS_MIN, Limits, Outlier, Surprise, Usual, is_scored, outlier,
};

use crate::sample::{self, After, Row};

/// What a rule must have to be on.
const PRECISION_MIN: f64 = 0.95;

fn folder() -> PathBuf {
    PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/eval/perplexity"
    ))
}

/// A sentence with its score, as it was and as the other rules left it.
struct Scored<'a> {
    row: &'a Row,
    raw: Option<f64>,
    /// None where the other rules keep it out.
    cleaned: Option<Cleaned>,
}

struct Cleaned {
    level: Option<f64>,
    /// Whether it came out as labelled.
    is_as_labelled: bool,
}

impl Scored<'_> {
    fn language(&self) -> &'static str {
        self.row.context.language.tag()
    }

    fn is_dirt(&self) -> bool {
        self.row.after == After::LeftOut
    }
}

/// The scores by the hashes of the texts.
fn scores() -> BTreeMap<String, Surprise> {
    let text = std::fs::read_to_string(folder().join("scores.tsv")).unwrap();
    let line = |line: &str| {
        let fields: Vec<&str> = line.split('\t').collect();
        let [hash, millinats, tokens, characters] = fields[..] else {
            panic!("{line}");
        };
        let surprise = Surprise {
            millinats: millinats.parse().unwrap(),
            tokens: tokens.parse().unwrap(),
            characters: characters.parse().unwrap(),
        };
        (hash.to_owned(), surprise)
    };
    text.lines().map(line).collect()
}

fn scored(rows: &[Row]) -> Vec<Scored<'_>> {
    let scores = scores();
    let level = |text: &str| {
        let hash = Digest::of(text.as_bytes()).to_string();
        let score = scores.get(&hash);
        assert!(
            score.is_some() || !is_scored(text),
            "no score of {text:?}; run: INKSTONE_WRITE_RESULTS=1 cargo test --release -p inkstone-e2e scores_of_the_sample"
        );
        score.and_then(Surprise::level)
    };
    let languages = ["en", "zh"];
    let rows = rows.iter().map(|row| score_row(row, &level));
    rows.filter(|scored| languages.contains(&scored.language()))
        .collect()
}

fn score_row<'a>(row: &'a Row, level: &dyn Fn(&str) -> Option<f64>) -> Scored<'a> {
    let Row {
        before,
        after,
        context,
        ..
    } = row;
    let cleaned = clean(before, context, &RuleSet::default());
    let kept = cleaned.left_out.is_none().then(|| Cleaned {
        level: level(&cleaned.text),
        is_as_labelled: matches!(after, After::Text(text) if *text == cleaned.text),
    });
    Scored {
        row,
        raw: level(before),
        cleaned: kept,
    }
}

#[derive(Default)]
struct Found {
    judged: usize,
    right: usize,
    wrong: Vec<String>,
    missed: usize,
}

impl Found {
    fn add(&mut self, scored: &Scored<'_>, outlier: Option<Outlier>, is_dirt: bool) {
        self.judged += 1;
        match (outlier, is_dirt) {
            (Some(_), true) => self.right += 1,
            (Some(outlier), false) => {
                let wrong = format!(
                    "- {}: {outlier:?}, {:?}",
                    scored.row.place, scored.row.before
                );
                self.wrong.push(wrong);
            }
            (None, true) => self.missed += 1,
            (None, false) => {}
        }
    }

    fn precision(&self) -> Option<f64> {
        let found = self.right + self.wrong.len();
        (found > 0).then(|| self.right as f64 / found as f64)
    }

    fn cells(&self) -> String {
        let share =
            |share: Option<f64>| share.map_or("–".to_owned(), |share| format!("{share:.3}"));
        let dirt = self.right + self.missed;
        let recall = (dirt > 0).then(|| self.right as f64 / dirt as f64);
        format!(
            "{} | {dirt} | {} | {} | {} |",
            self.judged,
            self.right + self.wrong.len(),
            share(self.precision()),
            share(recall)
        )
    }
}

fn report(rows: &[Row]) -> (String, Found) {
    let all = scored(rows);
    let mut text = format!(
        "# How right the rule `perplexity` is\n\nWritten by `INKSTONE_WRITE_RESULTS=1 cargo test --release \
         -p inkstone-corpus --test cleaning`. Do not edit. Scores of `smollm2-135m-instruct` (en) and \
         `gemma-3-270m` (zh), made by `tests/e2e` in the same way. Sentences of `tests/eval/cleaning` \
         with at least {JUDGED_TOKENS_MIN} tokens; usual is what the other rules leave in, by language, in nats for each token; an outlier is {} \
         deviations above it or {} below.\n\n| sentences | language | usual | judged | dirt | found | \
         precision | recall |\n|---|---|---|---|---|---|---|---|\n",
        Limits::DEFAULT.above,
        Limits::DEFAULT.below
    );
    let mut left = Found::default();
    for language in ["en", "zh"] {
        let own = || all.iter().filter(|scored| scored.language() == language);
        let kept = own().filter_map(|scored| scored.cleaned.as_ref()?.level);
        let usual = Usual::of(kept.collect(), 1).unwrap();
        let judge = |level| outlier(level, &usual, &Limits::DEFAULT);
        let (mut before, mut after) = (Found::default(), Found::default());
        for scored in own() {
            if let Some(level) = scored.raw {
                before.add(scored, judge(level), scored.is_dirt());
            }
            if let Some(cleaned) = &scored.cleaned
                && let Some(level) = cleaned.level
            {
                let is_dirt = scored.is_dirt() || !cleaned.is_as_labelled;
                after.add(scored, judge(level), is_dirt);
                left.add(scored, judge(level), is_dirt);
            }
        }
        let usual = format!("{:.2} ± {:.2}", usual.median, usual.deviation);
        for (what, found) in [
            ("as they were", &before),
            ("left in by the other rules", &after),
        ] {
            writeln!(text, "| {what} | {language} | {usual} | {}", found.cells()).unwrap();
        }
    }
    text.push_str("\n### Sound sentences that it finds among what the other rules leave in\n\n");
    match &left.wrong[..] {
        [] => text.push_str("None.\n"),
        wrong => wrong
            .iter()
            .for_each(|line| writeln!(text, "{line}").unwrap()),
    }
    (text, left)
}

#[test]
fn the_committed_results_of_perplexity_are_fresh() {
    let rows = sample::read(&crate::folder());
    let (fresh, _) = report(&rows);
    crate::report::must_be_fresh(&folder(), &fresh);
}

#[test]
fn perplexity_is_on_only_if_it_is_right_in_95_of_100_cases() {
    let rows = sample::read(&crate::folder());
    let (text, left) = report(&rows);
    let rule = RULES.iter().find(|rule| rule.id.as_str() == "perplexity");
    let is_right = left.precision().is_some_and(|share| share >= PRECISION_MIN);
    assert!(is_right || !rule.unwrap().default_on, "{text}");
}
