//! What is found in books and documentation that are clean: false alarms, judged by a person.
//!
//! `tests/eval/privacy/README.md` has the judgement of every finding. What is listed there as true (an
//! address of a person in a page, an address of a machine) is no false alarm; anything else counts.

#![allow(clippy::unwrap_used)] // A test that fails panics.

use std::fs;
use std::path::{Path, PathBuf};

use inkstone_privacy::find;
use inkstone_test_support::corpora;

/// The contract: under one in ten thousand words.
const WORDS_PER_FALSE_ALARM_MIN: usize = 10_000;

/// Findings that were read and are true: kind, a tab, the text found.
const TRUE: &str = include_str!("../../../tests/eval/privacy/true_in_corpora.tsv");

fn files(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, into);
        } else if path
            .extension()
            .is_some_and(|ending| ending == "md" || ending == "txt")
        {
            into.push(path);
        }
    }
}

/// Words between spaces, and Chinese characters by two, which is about how long words are.
fn words(text: &str) -> usize {
    let han = text
        .chars()
        .filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c))
        .count();
    let is_word = |word: &&str| {
        word.chars()
            .any(|c| c.is_alphanumeric() && !('\u{4e00}'..='\u{9fff}').contains(&c))
    };
    text.split_whitespace().filter(is_word).count() + han / 2
}

#[test]
fn false_alarms_on_clean_corpora_are_under_one_in_ten_thousand_words() {
    let Some(corpora) = corpora() else { return };
    for language in ["en", "zh"] {
        let mut paths = Vec::new();
        files(&corpora.join(language), &mut paths);
        paths.sort();
        let (mut count, mut true_ones, mut false_alarms) = (0, 0, Vec::new());
        for path in &paths {
            let bytes = fs::read(path).unwrap();
            let text = String::from_utf8_lossy(&bytes);
            count += words(&text);
            for finding in find(&text) {
                let found = &text[finding.range.clone()];
                let row = format!("{}\t{}", finding.kind.name(), found.replace('\n', "\\n"));
                if TRUE.lines().any(|line| line == row) {
                    true_ones += 1;
                } else {
                    let context = text[..finding.range.start]
                        .chars()
                        .rev()
                        .take(30)
                        .collect::<String>();
                    let context: String =
                        context.chars().rev().collect::<String>().replace('\n', " ");
                    false_alarms.push(format!(
                        "{row}\t{}: …{context}",
                        path.file_name().unwrap().to_string_lossy()
                    ));
                }
            }
        }
        println!(
            "{language}: {count} words, {true_ones} true findings, {} false alarms\n{}",
            false_alarms.len(),
            false_alarms.join("\n")
        );
        assert!(count > 100_000, "{language}: {count} words");
        assert!(
            false_alarms.len() * WORDS_PER_FALSE_ALARM_MIN < count,
            "{language}: {} false alarms in {count} words:\n{}",
            false_alarms.len(),
            false_alarms.join("\n")
        );
    }
}
