//! The readers on whole books and documentation, where the corpora are installed.
//!
//! `INKSTONE_CORPORA` names their folder; without it these tests say so and pass.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a test fails"
)]

mod corpora;

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;

use inkstone_corpus::format::Format;
use inkstone_corpus::read::{ReadLimits, read};
use inkstone_corpus::{BlockKind, Reading};

fn reading_of(path: &Path, format: Format) -> Reading {
    read(format, &fs::read(path).unwrap(), &ReadLimits::default())
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The words of what a reader of the page reads.
fn words(reading: &Reading) -> Vec<String> {
    let shown = reading.blocks.iter().filter(|block| {
        matches!(
            block.kind,
            BlockKind::Paragraph
                | BlockKind::Heading(_)
                | BlockKind::Quote
                | BlockKind::ListItem
                | BlockKind::Footnote
                | BlockKind::Code
        )
    });
    shown
        .flat_map(|block| {
            block
                .text
                .split(|character: char| !character.is_alphanumeric())
        })
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// How many words both texts have, each counted as often as the one that has it less often.
fn shared(left: &[String], right: &[String]) -> usize {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for word in left {
        *counts.entry(word).or_default() += 1;
    }
    let mut both = 0;
    for word in right {
        if let Some(count) = counts.get_mut(word.as_str()).filter(|count| **count > 0) {
            *count -= 1;
            both += 1;
        }
    }
    both
}

/// Where `window` stands in `text` for the first time.
fn position(text: &[String], window: &[String]) -> Option<usize> {
    text.windows(window.len()).position(|words| words == window)
}

/// The words of the raw page from the first sentence of the clean book on, and those of the clean
/// book up to where the page, of which the corpus holds the first 200 kB, is cut.
fn common_part(raw: &[String], clean: &[String]) -> (Vec<String>, Vec<String>) {
    const WINDOW_WORDS: usize = 8;
    let start =
        position(raw, &clean[..WINDOW_WORDS]).expect("the book's first words stand in the page");
    let (end, clean_end) = (start..raw.len() - WINDOW_WORDS)
        .rev()
        .find_map(|at| Some((at, position(clean, &raw[at..at + WINDOW_WORDS])?)))
        .expect("the page's last words stand in the book");
    (
        raw[start..end + WINDOW_WORDS].to_vec(),
        clean[..clean_end + WINDOW_WORDS].to_vec(),
    )
}

#[track_caller]
fn same_prose(page: &str, book: &str) {
    let Some(root) = corpora::corpora() else {
        return;
    };
    let raw = words(&reading_of(&root.join(page), Format::Html));
    let clean: Vec<String> = corpora::files(&root.join(book))
        .iter()
        .flat_map(|path| words(&reading_of(path, Format::Markdown)))
        .collect();
    let (raw, clean) = common_part(&raw, &clean);
    let both = shared(&raw, &clean);
    let (of_raw, of_clean) = (
        both as f64 / raw.len() as f64,
        both as f64 / clean.len() as f64,
    );
    println!(
        "{page}: {} words, {book}: {}, both: {both} ({of_raw:.4} and {of_clean:.4})",
        raw.len(),
        clean.len()
    );
    assert!(raw.len() > 20_000, "only {} words are compared", raw.len());
    assert!(
        of_raw >= 0.98 && of_clean >= 0.98,
        "{page} and {book} share {of_raw:.4} and {of_clean:.4} of their words"
    );
}

// Of the 32,424 words of the page 9 are not in the book, and of the book's 56 not in the page: the
// contents, which the page has as navigation and the book as text; letters that the page has lost
// (`M�r Udd�n`, `�clat`) and one that its editors spell `œ` where the book has `æ`. Verse is in
// `pre` on the page, so that the filter leaves it out as preformatted; it is compared here, too.
#[test]
fn the_raw_page_of_walden_is_the_clean_book() {
    same_prose("noisy/walden.html", "en/thoreau");
}

// The book's 21,585 words are all on the page, which has 29 more: the headings of its chapters,
// which the book has as names of its files.
#[test]
fn the_raw_page_of_roughing_it_is_the_clean_book() {
    same_prose("noisy/roughing-it.html", "en/twain");
}

#[test]
fn every_file_of_the_corpora_keeps_the_promises_of_readings() {
    let Some(root) = corpora::corpora() else {
        return;
    };
    let mut counts: BTreeMap<(String, String), (usize, usize)> = BTreeMap::new();
    let mut read_files = 0;
    for path in corpora::files(&root) {
        let bytes = fs::read(&path).unwrap();
        let Some(format) = Format::of(&path.to_string_lossy(), &bytes) else {
            continue;
        };
        // Their blocks have no lines.
        if format.is_archive() || matches!(format, Format::Notebook | Format::Email) {
            continue;
        }
        let lines = u32::try_from(bytes.split(|&byte| byte == b'\n').count()).unwrap();
        let reading = match read(format, &bytes, &ReadLimits::default()) {
            Ok(reading) => reading,
            Err(error) => panic!("{}: {error}", path.display()),
        };
        read_files += 1;
        let mut previous = 0;
        for block in &reading.blocks {
            let range = block.lines.unwrap();
            assert!(
                range.start < range.end && range.end <= lines,
                "{}: {block:?} of {lines} lines",
                path.display()
            );
            assert!(
                range.start >= previous,
                "{}: {block:?} stands before line {previous}",
                path.display()
            );
            assert!(
                !block.text.trim().is_empty() && !block.text.contains('\r'),
                "{}: {block:?}",
                path.display()
            );
            previous = range.start;
            let kind = if let BlockKind::Heading(_) = block.kind {
                "Heading".to_owned()
            } else {
                format!("{:?}", block.kind)
            };
            let folder = path
                .strip_prefix(&root)
                .unwrap()
                .components()
                .take(2)
                .map(|part| part.as_os_str().to_string_lossy().into_owned())
                .collect::<Vec<_>>()
                .join("/");
            let count = counts.entry((folder, kind)).or_default();
            count.0 += 1;
            count.1 += block.text.len();
        }
    }
    for ((folder, kind), (blocks, bytes)) in counts {
        println!("{folder:<24} {kind:<14} {blocks:>7} blocks {bytes:>9} bytes");
    }
    assert!(read_files > 400, "only {read_files} files were read");
}

#[test]
fn the_notes_of_an_editions_editors_are_not_the_writers() {
    let Some(root) = corpora::corpora() else {
        return;
    };
    let (mut editors, mut writers) = (0, Vec::new());
    for path in corpora::files(&root.join("zh/luxun")) {
        for block in reading_of(&path, Format::Markdown).blocks {
            match block.kind {
                BlockKind::EditorsNote => editors += 1,
                // The author himself wrote none.
                BlockKind::Footnote => writers.push((path.clone(), block.text)),
                _ => {}
            }
        }
    }
    println!("{editors} notes of editors, {} left", writers.len());
    assert!(editors > 1200, "{editors}");
    assert!(writers.len() * 50 < editors, "{writers:?}");
}
