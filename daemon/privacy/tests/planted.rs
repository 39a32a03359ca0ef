//! Planted secrets and personal data: each goes, whole and under its name, and the words around stay.

#![allow(clippy::unwrap_used)] // A test that fails panics.

use std::collections::{BTreeMap, BTreeSet};

use inkstone_privacy::{Kind, find, redact};

const PLANTED: &str = include_str!("../../../tests/eval/privacy/planted.tsv");
const ORDINARY: &str = include_str!("../../../tests/eval/privacy/ordinary.tsv");

/// What the contract asks for.
const INSTANCES_MIN: usize = 280;
const KINDS_MIN: usize = 15;
const ORDINARY_MIN: usize = 150;

struct Planted {
    kind: Kind,
    language: String,
    text: String,
    redacted: String,
    secret: String,
}

fn planted() -> Vec<Planted> {
    let rows = PLANTED.lines().filter(|line| !line.starts_with('#'));
    rows.map(|row| {
        let [kind, language, sentence] = row
            .split('\t')
            .collect::<Vec<_>>()
            .try_into()
            .unwrap_or_else(|_| panic!("three columns: {row}"));
        let kind = Kind::by_name(kind).unwrap_or_else(|| panic!("no such kind: {row}"));
        let sentence = sentence.replace("\\n", "\n");
        let (head, rest) = sentence
            .split_once('⟦')
            .unwrap_or_else(|| panic!("⟦ is missing: {row}"));
        let (secret, tail) = rest
            .split_once('⟧')
            .unwrap_or_else(|| panic!("⟧ is missing: {row}"));
        Planted {
            kind,
            language: language.to_owned(),
            text: format!("{head}{secret}{tail}"),
            redacted: format!("{head}{}{tail}", kind.placeholder()),
            secret: secret.to_owned(),
        }
    })
    .collect()
}

#[test]
fn nothing_planted_survives_and_every_word_around_it_does() {
    let planted = planted();
    let mut wrong = Vec::new();
    for row in &planted {
        let redacted = redact(&row.text);
        if redacted.text != row.redacted || redacted.counts != BTreeMap::from([(row.kind, 1)]) {
            wrong.push(format!(
                "{}\n  want {}\n  got  {} {:?}",
                row.text, row.redacted, redacted.text, redacted.counts
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} wrong:\n{}",
        wrong.len(),
        planted.len(),
        wrong.join("\n")
    );
}

#[test]
fn the_planted_rows_are_enough_of_every_kind_in_both_languages() {
    let planted = planted();
    assert!(planted.len() >= INSTANCES_MIN, "{}", planted.len());
    let kinds: BTreeSet<(Kind, &str)> = planted
        .iter()
        .map(|row| (row.kind, row.language.as_str()))
        .collect();
    for kind in Kind::ALL {
        for language in ["en", "zh"] {
            assert!(
                kinds.contains(&(kind, language)),
                "no row of {} in {language}",
                kind.name()
            );
        }
    }
    assert!(Kind::ALL.len() >= KINDS_MIN);
}

#[test]
fn what_is_planted_goes_from_the_middle_of_a_page_too() {
    // Neighbours on the same page, with line ends of either kind, change nothing.
    let page: String = planted()
        .iter()
        .map(|row| row.text.clone() + "\n\n")
        .collect();
    for page in [page.clone(), page.replace('\n', "\r\n")] {
        let redacted = redact(&page).text.into_owned();
        for row in planted()
            .iter()
            .filter(|row| row.secret.len() >= 8 && !row.secret.contains('\n'))
        {
            assert!(!redacted.contains(&row.secret), "{} survives", row.secret);
        }
        assert_eq!(redact(&redacted).text, redacted);
    }
}

#[test]
fn nothing_is_found_in_ordinary_sentences() {
    let rows: Vec<&str> = ORDINARY
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect();
    let sentences: Vec<&str> = rows
        .iter()
        .map(|row| {
            row.split_once('\t')
                .unwrap_or_else(|| panic!("two columns: {row}"))
                .1
        })
        .collect();
    assert!(sentences.len() >= ORDINARY_MIN, "{}", sentences.len());
    let wrong: Vec<String> = sentences
        .iter()
        .flat_map(|sentence| {
            find(sentence)
                .into_iter()
                .map(move |finding| (sentence, finding))
        })
        .map(|(sentence, finding)| {
            format!(
                "{}: ⟦{}⟧ in {sentence}",
                finding.kind.name(),
                &sentence[finding.range.clone()]
            )
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
