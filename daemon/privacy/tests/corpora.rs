//! What is found in books and documentation that are clean: every finding was read and judged.
//!
//! `tests/eval/privacy/README.md` says how, and has the counts. What was judged true (a person's
//! address in a page, a machine's in a log) is listed by its digest, since the texts are not ours to
//! commit and the data least of all; anything that is not on the list counts as a false alarm.

#![allow(clippy::unwrap_used)] // A test that fails panics.

use std::fs;
use std::path::{Path, PathBuf};

use inkstone_privacy::find;
use inkstone_test_support::corpora;
use sha2::{Digest, Sha256};

/// The contract: under one in ten thousand words.
const WORDS_PER_FALSE_ALARM_MIN: usize = 10_000;

/// Findings that were read and are true: kind, a tab, the beginning of the text's SHA-256.
const TRUE: &str = include_str!("../../../tests/eval/privacy/true_in_corpora.tsv");

fn digest(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    let digits: Vec<String> = digest
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    digits.concat()
}

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
    let mut too_many = Vec::new();
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
                let row = format!("{}\t{}", finding.kind.name(), digest(found));
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
                    let file = path.file_name().unwrap().to_string_lossy();
                    false_alarms.push(format!("{row}\t{found:?}\t{file}: …{context}"));
                }
            }
        }
        println!(
            "{language}: {count} words, {true_ones} true findings, {} false alarms\n{}",
            false_alarms.len(),
            false_alarms.join("\n")
        );
        assert!(count > 100_000, "{language}: {count} words");
        if false_alarms.len() * WORDS_PER_FALSE_ALARM_MIN >= count {
            too_many.push(language);
        }
    }
    assert!(
        too_many.is_empty(),
        "too many false alarms in {too_many:?}; they are listed above"
    );
}
