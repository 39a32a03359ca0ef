//! The filter over whole corpora: how much stays, and a sample to read.
//!
//! `cargo test --release -p inkstone-corpus --test filter_on_corpora -- --nocapture` prints the
//! counts; with `INKSTONE_SAMPLE=30` also as many blocks of each kind, which a person reads.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a test fails"
)]

mod corpora;

use std::collections::{BTreeMap, HashSet};
use std::fs;

use inkstone_corpus::filter::{Prose, filter};
use inkstone_corpus::format::Format;
use inkstone_corpus::read::{ReadLimits, read};
use inkstone_corpus::{Block, BlockKind, Reading, Reason};

/// What one corpus comes to.
#[derive(Default)]
struct Outcome {
    files: usize,
    kept_bytes: usize,
    all_bytes: usize,
    reasons: BTreeMap<Reason, usize>,
    kept: Vec<String>,
    /// What the filter left out by its text: of other kinds nothing is to be judged.
    judged: Vec<String>,
}

impl Outcome {
    fn add(&mut self, reading: Reading) {
        self.files += 1;
        let bytes = |block: &Block| block.text.len();
        self.all_bytes += reading.blocks.iter().map(bytes).sum::<usize>();
        let running: HashSet<String> = reading
            .blocks
            .iter()
            .filter(|block| {
                use BlockKind::{Caption, Footnote, ListItem, Paragraph};
                matches!(block.kind, Paragraph | ListItem | Footnote | Caption)
            })
            .map(|block| start(&block.text))
            .collect();
        let (prose, left_out) = filter(reading);
        for Prose { block, .. } in prose {
            self.kept_bytes += block.text.len();
            self.kept
                .push(format!("{:?}: {}", block.kind, start(&block.text)));
        }
        for left_out in left_out {
            *self.reasons.entry(left_out.reason).or_default() += 1;
            let start = start(&left_out.excerpt);
            if running.contains(&start) {
                self.judged.push(format!("{:?}: {start}", left_out.reason));
            }
        }
    }
}

/// Enough of a text to judge it by, on one line.
fn start(text: &str) -> String {
    text.replace('\n', "⏎").chars().take(120).collect()
}

/// About `count` entries, spread over all.
fn sample(all: &[String], count: usize) -> impl Iterator<Item = &String> {
    let step = (all.len() / count.max(1)).max(1);
    all.iter().skip(step / 2).step_by(step).take(count)
}

#[test]
fn most_of_each_corpus_is_prose_and_every_loss_has_its_reason() {
    let Some(root) = corpora::corpora() else {
        return;
    };
    let to_read = std::env::var("INKSTONE_SAMPLE").unwrap_or_default();
    let to_read: usize = to_read.parse().unwrap_or_default();
    // The share of the bytes of all blocks that must stay: books nearly whole, documentation
    // without its code, Lu Xun without his editors' notes, which are a quarter.
    for (corpus, percent_min) in [
        ("en/thoreau", 95),
        ("en/twain", 95),
        ("en/willison-til", 40),
        ("en/harper-texts", 95),
        ("zh/luxun", 74),
        ("zh/react-docs", 45),
    ] {
        let paths = corpora::files(&root.join(corpus));
        if paths.is_empty() {
            println!("skipped: {corpus} is not there");
            continue;
        }
        let mut outcome = Outcome::default();
        for path in paths {
            let bytes = fs::read(&path).unwrap();
            let name = path.file_name().unwrap().to_string_lossy();
            if let Some(format) = Format::of(&name, &bytes) {
                outcome.add(read(format, &bytes, &ReadLimits::default()).unwrap());
            }
        }
        let percent = outcome.kept_bytes * 100 / outcome.all_bytes.max(1);
        println!(
            "{corpus}: {} files, {} pieces, {percent} % of the bytes; left out: {:?}",
            outcome.files,
            outcome.kept.len(),
            outcome.reasons
        );
        for text in sample(&outcome.kept, to_read) {
            println!("  + {text}");
        }
        for text in sample(&outcome.judged, to_read) {
            println!("  - {text}");
        }
        assert!(
            percent >= percent_min,
            "{corpus}: only {percent} % of the text stay"
        );
    }
}

#[test]
fn a_notebook_of_the_vectors_is_read_with_its_lines() {
    let Some(root) = corpora::corpora() else {
        return;
    };
    let path = root.join("vectors/autocorrect/jupyter.ipynb");
    let Ok(bytes) = fs::read(&path) else {
        println!("skipped: {} is not there", path.display());
        return;
    };
    let text = String::from_utf8(bytes.clone()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let reading = read(Format::Notebook, &bytes, &ReadLimits::default()).unwrap();
    assert!(
        reading
            .title
            .as_deref()
            .is_some_and(|title| title.contains("Time Series")),
        "{:?}",
        reading.title
    );
    let (prose, left_out) = filter(reading);
    assert!(
        prose.len() > 10 && !left_out.is_empty(),
        "{} and {}",
        prose.len(),
        left_out.len()
    );
    for prose in prose {
        let range = prose.block.lines.unwrap();
        let there = lines[range.start as usize..range.end as usize].concat();
        let first: String = prose
            .block
            .text
            .chars()
            .take_while(|c| c.is_alphanumeric())
            .collect();
        assert!(there.contains(&first), "{first} is not in lines {range:?}");
    }
}
