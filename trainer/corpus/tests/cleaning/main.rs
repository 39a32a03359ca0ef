//! How right the cleaning rules are: on the labelled sample of `tests/eval/cleaning`, and on whole
//! books that are clean. Not the rules' own examples, which stand beside them.
//!
//! The result is committed as `tests/eval/cleaning/results.md`; a rule that changes its judgement
//! shows there as a diff. To write it anew:
//! `INKSTONE_WRITE_RESULTS=1 cargo test --release -p inkstone-corpus --test cleaning`. The same writes
//! `tests/eval/perplexity/results.md` anew, from scores that `tests/e2e` has real models make.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a test fails"
)]

mod corpora;
mod perplexity;
mod report;
mod sample;

use std::path::PathBuf;

use inkstone_corpus::clean::RULES;

/// Of every rule that is on.
const PRECISION_MIN: f64 = 0.95;
/// Sentences of the sample, at least.
const ROWS_MIN: usize = 650;

fn folder() -> PathBuf {
    PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/eval/cleaning"
    ))
}

#[test]
fn every_rule_that_is_on_is_right_in_95_of_100_cases() {
    let rows = sample::read(&folder());
    assert!(rows.len() >= ROWS_MIN, "{} rows", rows.len());
    let judged: Vec<_> = rows.iter().map(sample::judge).collect();
    let scores = sample::scores(&rows, &judged, |_| true);
    let mut wrong = Vec::new();
    for rule in RULES.iter().filter(|rule| rule.default_on) {
        let score = scores.get(rule.id.as_str()).copied().unwrap_or_default();
        if score.precision() < PRECISION_MIN || score.expected == 0 {
            wrong.push(format!("{}: {score:?}", rule.id));
        }
    }
    let misjudged = report::misjudged(&rows, &judged);
    assert!(wrong.is_empty(), "{}\n{misjudged}", wrong.join("\n"));
}

#[test]
fn the_committed_results_are_fresh() {
    let rows = sample::read(&folder());
    let judged: Vec<_> = rows.iter().map(sample::judge).collect();
    let of_sample = report::of_sample(&rows, &judged);
    let Some(root) = std::env::var_os("INKSTONE_CORPORA") else {
        println!("skipped: INKSTONE_CORPORA names no folder of corpora");
        return;
    };
    let of_corpora = report::of_corpora(&corpora::count_all(&PathBuf::from(root)));
    let fresh = format!("{of_sample}\n{of_corpora}");
    report::must_be_fresh(&folder(), &fresh);
}
