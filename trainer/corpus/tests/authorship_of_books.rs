//! Books and notes of one author each: nothing of them is somebody else's, but for what they quote.
//! Read paragraph by paragraph, without the readers, whose work is tested elsewhere.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test that fails panics.

mod corpora;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use inkstone_corpus::authorship::{Claim, Evidence, Origin, Verdict, judge};
use inkstone_corpus::{Block, BlockKind, Reason};
use inkstone_prose::Language;
use inkstone_prose::shingle::{Width, shingles};

/// Paragraphs in a thousand that may be left out.
const LEFT_OUT_PER_MILLE_MAX: usize = 2;

/// Excerpts printed for whoever looks.
const SHOWN: usize = 12;

/// Paragraphs of a Markdown file that are running text.
fn paragraphs(text: &str) -> Vec<Block> {
    let text = text.replace("\r\n", "\n");
    let running = text.split("\n\n").map(str::trim).filter(|paragraph| {
        let first = paragraph.chars().next();
        first.is_some_and(|c| !"#>|`<-*+![0123456789".contains(c)) && !paragraph.contains("```")
    });
    running
        .map(|paragraph| Block {
            kind: BlockKind::Paragraph,
            text: paragraph.to_owned(),
            lines: None,
        })
        .collect()
}

fn documents() -> Option<Vec<Vec<Block>>> {
    let root = corpora::corpora()?;
    let read = |path: &PathBuf| fs::read_to_string(path).ok();
    let of = |language: &str| corpora::files(&root.join(language));
    let texts = of("en").into_iter().chain(of("zh"));
    Some(
        texts
            .filter_map(|path| read(&path))
            .map(|text| paragraphs(&text))
            .collect(),
    )
}

fn judged(blocks: &[Block], origin_of: &dyn Fn(u64) -> Option<Origin>) -> Vec<Verdict> {
    let evidence = Evidence {
        path: "book.md",
        line_authors: None,
        origin_of,
        claim: Claim::Auto,
        main_language: Language::English,
    };
    judge(&blocks.iter().collect::<Vec<_>>(), &evidence)
}

#[test]
fn almost_no_paragraph_of_a_book_is_taken_from_its_author() {
    let Some(documents) = documents() else {
        return;
    };
    let (mut paragraphs, mut bytes) = (0, 0);
    let mut left_out: BTreeMap<Reason, Vec<String>> = BTreeMap::new();
    let begun = Instant::now();
    for blocks in &documents {
        for (block, verdict) in blocks.iter().zip(judged(blocks, &|_| None)) {
            paragraphs += 1;
            bytes += block.text.len();
            if let Verdict::LeaveOut(reason) = verdict {
                left_out.entry(reason).or_default().push(block.text.clone());
            }
        }
    }
    let took = begun.elapsed().as_secs_f64();
    let mb = bytes as f64 / 1e6;
    println!("{paragraphs} paragraphs, {mb:.1} MB, {:.1} MB/s", mb / took);
    for (reason, texts) in &left_out {
        println!("{reason:?}: {}", texts.len());
        for text in texts.iter().take(SHOWN) {
            println!(
                "    {}",
                text.chars()
                    .take(160)
                    .collect::<String>()
                    .replace('\n', " ")
            );
        }
    }
    let count: usize = left_out.values().map(Vec::len).sum();
    assert!(paragraphs > 1_000);
    assert!(
        count * 1_000 <= paragraphs * LEFT_OUT_PER_MILLE_MAX,
        "{count} of {paragraphs}"
    );
}

#[test]
fn a_marked_paragraph_is_found_again_in_every_book_and_its_neighbours_are_not() {
    let Some(documents) = documents() else {
        return;
    };
    let (mut marked, mut found, mut neighbours, mut wrong) = (0, 0, 0, 0);
    for blocks in documents.iter().filter(|blocks| blocks.len() > 4) {
        let middle = blocks.len() / 2;
        let marks = shingles(&blocks[middle].text, Width::RECOGNISE);
        // Where a paragraph stands twice, both are marked.
        let is_again = |block: &Block| block.text == blocks[middle].text;
        if marks.len() < 8 {
            continue;
        }
        let origin_of = |hash| marks.contains(&hash).then_some(Origin::Suggested);
        for (at, verdict) in judged(blocks, &origin_of).into_iter().enumerate() {
            let is_suggested = verdict == Verdict::LeaveOut(Reason::Suggested);
            if at == middle {
                marked += 1;
                found += usize::from(is_suggested);
            } else if !is_again(&blocks[at]) {
                neighbours += 1;
                wrong += usize::from(is_suggested || matches!(verdict, Verdict::Assisted { .. }));
            }
        }
    }
    println!("{found} of {marked} marked paragraphs, {wrong} of {neighbours} neighbours");
    assert!(marked > 50);
    // One may be a quotation. Manuals repeat half of a paragraph in the next.
    assert!(found * 100 >= marked * 99, "{found} of {marked}");
    assert!(wrong * 100 <= neighbours, "{wrong} of {neighbours}");
}
