//! How often the genre is right: on the labelled sample of `tests/eval/genre`, and on real authors.
//!
//! The sample gives the text alone, without a path or a title that might give it away. The weights
//! were set looking at its `tune` half; what counts is the `test` half.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a test fails"
)]

mod corpora;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use inkstone_corpus::format::Format;
use inkstone_corpus::tag::{GenreInput, genre};
use inkstone_corpus::{Block, Genre};

fn name(genre: Genre) -> String {
    let json = serde_json::to_string(&genre).unwrap();
    json.trim_matches('"').to_owned()
}

fn of(path: &str, blocks: &[Block]) -> Genre {
    let input = GenreInput {
        path,
        format: Format::Markdown,
        title: None,
        blocks,
    };
    genre(&input).genre
}

fn eval() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/eval")
}

/// Label, part and text of each row.
fn sample(language: &str) -> Vec<(Genre, String, String)> {
    let path = eval().join("genre").join(format!("{language}.tsv"));
    let rows = std::fs::read_to_string(path).unwrap();
    let row = |line: &str| {
        let cells: Vec<&str> = line.split('\t').collect();
        let genre = Genre::ALL
            .into_iter()
            .find(|genre| name(*genre) == cells[0])
            .unwrap();
        (genre, cells[1].to_owned(), cells[2].replace("\\n", "\n"))
    };
    rows.lines().map(row).collect()
}

/// Of documents of each genre: how many were given which.
type Confusion = BTreeMap<(Genre, Genre), usize>;

fn accuracy(confusion: &Confusion) -> (usize, usize) {
    let right = confusion
        .iter()
        .filter(|((label, given), _)| label == given);
    (
        right.map(|(_, count)| count).sum(),
        confusion.values().sum(),
    )
}

fn judged(language: &str, part: &str) -> Confusion {
    let mut confusion = Confusion::new();
    for (label, of_part, text) in sample(language) {
        if of_part != part {
            continue;
        }
        let given = of("", &corpora::blocks(&text));
        *confusion.entry((label, given)).or_default() += 1;
        if label != given && std::env::var_os("INKSTONE_SHOW_GENRES").is_some() && part == "tune" {
            let blocks = corpora::blocks(&text);
            let input = GenreInput {
                path: "",
                format: Format::Markdown,
                title: None,
                blocks: &blocks,
            };
            let verdict = genre(&input);
            println!(
                "{label:?} as {given:?}: {text}\n    {:?}\n    {:?}",
                &verdict.scores[..3],
                verdict.reasons
            );
        }
    }
    confusion
}

fn table() -> String {
    let mut table = String::from(
        "# Genres\n\nChecked by the test `the_table_is_that_of_the_sample` of inkstone-corpus from the \
         labelled texts in `genre/`, by their text alone: no path, title or front matter. Rows are what \
         they are, columns what they were taken for. The texts are short, and the same hand \
         wrote them and the lists of cues: other writers' texts will be told less well. Do not edit.\n",
    );
    for language in ["en", "zh"] {
        let (tuned, tuned_all) = accuracy(&judged(language, "tune"));
        let confusion = judged(language, "test");
        let (right, all) = accuracy(&confusion);
        write!(
            table,
            "\n## {language}\n\n{right} of {all} right on the half that was not tuned on, {tuned} of {tuned_all} on the other.\n\n|"
        )
        .unwrap();
        for given in Genre::ALL {
            write!(table, " | {}", name(given)).unwrap();
        }
        table.push_str(" |\n|---|---|---|---|---|---|---|---|---|\n");
        for label in Genre::ALL {
            write!(table, "| {}", name(label)).unwrap();
            for given in Genre::ALL {
                let count = confusion.get(&(label, given)).copied().unwrap_or(0);
                let cell = if count == 0 {
                    "–".to_owned()
                } else {
                    count.to_string()
                };
                write!(table, " | {cell}").unwrap();
            }
            table.push_str(" |\n");
        }
    }
    table
}

#[test]
fn genres_are_right_on_the_half_not_tuned_on() {
    for language in ["en", "zh"] {
        let (right, all) = accuracy(&judged(language, "test"));
        println!("{language}: {right} of {all}");
        assert!(all >= 40);
        assert!(right * 10 >= all * 8, "{language}: {right} of {all}");
    }
}

#[test]
fn the_table_is_that_of_the_sample() {
    let made = table();
    let kept = std::fs::read_to_string(eval().join("genre.md")).unwrap_or_default();
    assert!(
        made == kept,
        "tests/eval/genre.md is not what the test makes:\n{made}"
    );
}

/// The share of a folder's documents with one of the genres.
fn share(folder: &str, wanted: &[Genre]) -> Option<f64> {
    let documents = corpora::documents(folder)?;
    let mut counts: BTreeMap<Genre, usize> = BTreeMap::new();
    for (_, text) in &documents {
        // Without the path, which would say it.
        let blocks = corpora::blocks(text);
        *counts.entry(of("", &blocks)).or_default() += 1;
        if std::env::var_os("INKSTONE_SHOW_GENRES").is_some() {
            let input = GenreInput {
                path: "",
                format: Format::Markdown,
                title: None,
                blocks: &blocks,
            };
            println!("{:?}", genre(&input));
        }
    }
    println!("{folder}: {counts:?}");
    let right: usize = wanted.iter().filter_map(|genre| counts.get(genre)).sum();
    Some(right as f64 / documents.len() as f64)
}

#[test]
fn authors_have_their_genre() {
    let mut missed = Vec::new();
    // Each collection of stories has a preface and a table of contents, which are none.
    for (folder, wanted, least) in [
        ("zh/luxun/呐喊", &[Genre::Fiction][..], 0.7),
        ("zh/luxun/彷徨", &[Genre::Fiction], 0.8),
        ("zh/luxun/故事新编", &[Genre::Fiction], 0.7),
        ("zh/luxun/热风", &[Genre::Blog], 0.5),
        ("zh/luxun/华盖集", &[Genre::Blog], 0.5),
        ("zh/luxun/坟", &[Genre::Blog], 0.5),
        ("zh/react-docs/reference", &[Genre::Documentation], 0.95),
        ("zh/react-docs/learn", &[Genre::Documentation], 0.95),
        (
            "en/willison-til",
            &[Genre::Documentation, Genre::Notes],
            0.8,
        ),
        ("en/twain", &[Genre::Fiction, Genre::Blog], 0.9),
        ("en/thoreau", &[Genre::Fiction, Genre::Blog], 0.9),
    ] {
        let Some(share) = share(folder, wanted) else {
            return;
        };
        println!("{folder}: {share:.2}");
        missed.extend((share < least).then(|| format!("{folder}: {share}")));
    }
    assert!(missed.is_empty(), "{missed:?}");
}
