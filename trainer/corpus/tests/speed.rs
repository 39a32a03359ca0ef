//! How fast signatures, tags and profiles are made, on one thread, of real text in both languages.
//!
//! Run with `cargo test --release -p inkstone-corpus --test speed -- --ignored --nocapture`: what it
//! measures hangs on the machine, so that it fails only where something is ten times too slow.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a test fails"
)]

mod corpora;

use std::collections::BTreeMap;
use std::time::Instant;

use inkstone_corpus::dedup::DocumentFingerprint;
use inkstone_corpus::format::Format;
use inkstone_corpus::profile::Profile;
use inkstone_corpus::tag::{GenreInput, genre, language};
use inkstone_corpus::{AuthorState, Block, BlockKind, Genre, Piece};

/// Prints what a pass over the documents takes, and checks a tenth of what it should do.
fn measure(what: &str, megabytes: f64, wanted: f64, mut pass: impl FnMut()) {
    pass();
    let start = Instant::now();
    for _ in 0..3 {
        pass();
    }
    let speed = 3.0 * megabytes / start.elapsed().as_secs_f64();
    println!("{what}: {speed:.0} MB/s of {megabytes:.1} MB");
    assert!(speed > wanted / 10.0, "{what}: {speed} MB/s");
}

#[test]
#[ignore = "measures the machine"]
fn signatures_tags_and_profiles_are_made_in_passing() {
    for (folder, tag) in [("en/twain", "en"), ("zh/luxun", "zh")] {
        let Some(documents) = corpora::documents(folder) else {
            return;
        };
        let documents: Vec<Vec<Block>> = documents
            .iter()
            .map(|(_, text)| corpora::blocks(text))
            .collect();
        let texts = || documents.iter().flatten().map(|block| block.text.as_str());
        let megabytes = texts().map(str::len).sum::<usize>() as f64 / 1e6;
        measure(&format!("{tag} fingerprints"), megabytes, 20.0, || {
            for document in &documents {
                let texts = document.iter().map(|block| block.text.as_str());
                std::hint::black_box(DocumentFingerprint::of(texts));
            }
        });
        let bounded = |document: &Vec<Block>| {
            document
                .iter()
                .map(|block| block.text.len())
                .sum::<usize>()
                .min(32 << 10)
        };
        let looked_at = documents.iter().map(bounded).sum::<usize>() as f64 / 1e6;
        measure(&format!("{tag} genre"), looked_at, 50.0, || {
            for blocks in &documents {
                let input = GenreInput {
                    path: "a/b.md",
                    format: Format::Markdown,
                    title: None,
                    blocks,
                };
                std::hint::black_box(genre(&input));
            }
        });
        measure(&format!("{tag} language"), megabytes, 50.0, || {
            for text in texts() {
                std::hint::black_box(language(text));
            }
        });
        let pieces: Vec<Piece> = texts().map(|text| piece(text, tag)).collect();
        measure(&format!("{tag} profile"), megabytes, 10.0, || {
            let mut profile = Profile::default();
            for piece in &pieces {
                profile.add(piece, Genre::Fiction, &|run| vec![run]);
            }
            std::hint::black_box(profile);
        });
    }
}

fn piece(text: &str, language: &str) -> Piece {
    Piece {
        kind: BlockKind::Paragraph,
        headings: Vec::new(),
        original: String::new(),
        text: text.into(),
        rules: BTreeMap::new(),
        redacted: BTreeMap::new(),
        language: language.into(),
        author: AuthorState::Own,
        lines: None,
    }
}
