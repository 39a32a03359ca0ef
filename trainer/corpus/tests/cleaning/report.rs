//! The committed tables.

use std::fmt::Write;
use std::path::Path;

use inkstone_corpus::clean::RULES;

use crate::corpora::Counts;
use crate::sample::{After, Judged, Row, Score, scores};

/// The table that is committed in a folder is this one; writes it where that is asked for.
pub(crate) fn must_be_fresh(folder: &Path, fresh: &str) {
    let path = folder.join("results.md");
    if std::env::var_os("INKSTONE_WRITE_RESULTS").is_some() {
        std::fs::write(&path, fresh).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == fresh,
        "{} is stale; run: INKSTONE_WRITE_RESULTS=1 cargo test --release -p inkstone-corpus --test \
         cleaning",
        path.display()
    );
}

pub(crate) fn of_sample(rows: &[Row], judged: &[Judged]) -> String {
    let all = scores(rows, judged, |_| true);
    let unseen = scores(rows, judged, |row| row.is_unseen);
    let n = |language: &str| {
        let is = |row: &&Row| row.context.language.tag() == language;
        rows.iter().filter(is).count()
    };
    let n_unseen = rows.iter().filter(|row| row.is_unseen).count();
    let mut text = format!(
        "# How right the cleaning rules are\n\nWritten by `INKSTONE_WRITE_RESULTS=1 cargo test \
         --release -p inkstone-corpus --test cleaning`. Do not edit.\n\n## On the labelled \
         sample\n\n{} sentences, {} English and {} Chinese; {n_unseen} of them were written after \
         the rules were done (*unseen*). A rule is right where it was expected and the text came \
         out as labelled.\n\n| rule | on | expected | precision | recall | unseen: expected | \
         precision | recall |\n|---|---|---|---|---|---|---|---|\n",
        rows.len(),
        n("en"),
        n("zh"),
    );
    for rule in RULES {
        let of = |scores: &std::collections::BTreeMap<String, Score>| {
            scores.get(rule.id.as_str()).copied().unwrap_or_default()
        };
        let on = if rule.default_on { "yes" } else { "no" };
        let line = format!(
            "| {} | {on} | {} | {} |\n",
            rule.id,
            cells(of(&all)),
            cells(of(&unseen))
        );
        text.push_str(&line);
    }
    text.push_str("\n### Sentences that came out otherwise\n\n");
    text.push_str(&misjudged(rows, judged));
    text
}

fn cells(score: Score) -> String {
    if score.expected == 0 && score.fired == 0 {
        return "0 | – | –".to_owned();
    }
    format!(
        "{} | {:.3} | {:.3}",
        score.expected,
        score.precision(),
        score.recall()
    )
}

pub(crate) fn misjudged(rows: &[Row], judged: &[Judged]) -> String {
    let mut text = String::new();
    for (row, judged) in rows.iter().zip(judged) {
        let mut fired = judged.fired.clone();
        let mut expected = row.rules.clone();
        fired.sort();
        expected.sort();
        if judged.is_as_expected && fired == expected {
            continue;
        }
        let wanted = match &row.after {
            After::LeftOut => "left out",
            After::Text(text) => text.as_str(),
        };
        let got = match judged.cleaned.left_out {
            Some(_) => "left out",
            None => judged.cleaned.text.as_str(),
        };
        writeln!(
            text,
            "- {}: {:?} by {expected:?} should be {wanted:?}; {fired:?} made {got:?}",
            row.place, row.before
        )
        .unwrap();
    }
    if text.is_empty() {
        text.push_str("None.\n");
    }
    text
}

pub(crate) fn of_corpora(all: &[Counts]) -> String {
    let mut text = String::from(
        "## On clean books\n\nParagraphs of which the rules changed, flagged or left out any, and \
         by rule. Genre unknown to the rules, which is the hardest case.\n\n| |",
    );
    for counts in all {
        write!(text, " {} |", counts.name).unwrap();
    }
    text.push_str("\n|---|");
    text.push_str(&"---|".repeat(all.len()));
    text.push('\n');
    let mut line = |name: &str, of: &dyn Fn(&Counts) -> usize| {
        let cells: Vec<String> = all.iter().map(|counts| of(counts).to_string()).collect();
        writeln!(text, "| {name} | {} |", cells.join(" | ")).unwrap();
    };
    line("paragraphs", &|counts| counts.paragraphs);
    line("changed", &|counts| counts.changed);
    line("flagged", &|counts| counts.flagged);
    line("left out", &|counts| counts.left_out);
    for rule in RULES.iter().filter(|rule| rule.default_on) {
        let id = rule.id.as_str();
        let of = |counts: &Counts| counts.by_rule.get(id).copied().unwrap_or(0);
        if all.iter().any(|counts| of(counts) > 0) {
            line(id, &of);
        }
    }
    text
}
