//! The filter over whole corpora: how much stays, and a sample to read.
//!
//! `cargo test --release -p inkstone-corpus --test filter_on_corpora -- --nocapture` prints the
//! counts; with `INKSTONE_SAMPLE=30` also as many blocks of each kind, which a person reads.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use inkstone_corpus::filter::filter;
use inkstone_corpus::format::Format;
use inkstone_corpus::read::{ReadLimits, read};

/// All files below a folder, in the order of their names.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// About `count` entries, spread over all.
fn sample<T>(all: &[T], count: usize) -> impl Iterator<Item = &T> {
    let step = (all.len() / count.max(1)).max(1);
    all.iter().skip(step / 2).step_by(step).take(count)
}

#[test]
fn most_of_each_corpus_is_prose_and_every_loss_has_its_reason() {
    let Some(corpora) = std::env::var_os("INKSTONE_CORPORA").map(PathBuf::from) else {
        println!("skipped: INKSTONE_CORPORA names no folder of corpora");
        return;
    };
    let to_read: usize = std::env::var("INKSTONE_SAMPLE")
        .ok()
        .and_then(|count| count.parse().ok())
        .unwrap_or(0);
    // The share of the bytes of all blocks that must stay: books nearly whole, documentation with
    // its code for the most part.
    for (corpus, percent_min) in [
        ("en/thoreau", 85),
        ("en/twain", 90),
        ("en/willison-til", 25),
        ("en/harper-texts", 85),
        ("zh/luxun", 85),
        ("zh/react-docs", 40),
    ] {
        let folder = corpora.join(corpus);
        if !folder.is_dir() {
            println!("skipped: {} is not there", folder.display());
            continue;
        }
        let mut paths = Vec::new();
        files(&folder, &mut paths);
        let (mut kept, mut lost) = (Vec::new(), Vec::new());
        let (mut kept_bytes, mut all_bytes) = (0, 0);
        let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
        for path in &paths {
            let bytes = fs::read(path).unwrap();
            let name = path.file_name().unwrap().to_string_lossy();
            let Some(format) = Format::of(&name, &bytes) else {
                continue;
            };
            let reading = read(format, &bytes, &ReadLimits::default()).unwrap();
            all_bytes += reading
                .blocks
                .iter()
                .map(|block| block.text.len())
                .sum::<usize>();
            let (prose, left_out) = filter(reading);
            kept_bytes += prose
                .iter()
                .map(|prose| prose.block.text.len())
                .sum::<usize>();
            for left_out in &left_out {
                *reasons.entry(format!("{:?}", left_out.reason)).or_default() += 1;
            }
            kept.extend(
                prose
                    .into_iter()
                    .map(|prose| (prose.block.kind, prose.block.text)),
            );
            lost.extend(
                left_out
                    .into_iter()
                    .map(|left_out| (left_out.reason, left_out.excerpt)),
            );
        }
        let percent = kept_bytes * 100 / all_bytes.max(1);
        println!(
            "{corpus}: {} files, {} kept, {percent} % of bytes, {reasons:?}",
            paths.len(),
            kept.len()
        );
        for (kind, text) in sample(&kept, to_read) {
            println!(
                "  + {kind:?} {}",
                text.replace('\n', "⏎")
                    .chars()
                    .take(160)
                    .collect::<String>()
            );
        }
        let judged: Vec<_> = lost
            .iter()
            .filter(|(reason, _)| {
                !matches!(
                    format!("{reason:?}").as_str(),
                    "Code" | "Markup" | "FrontMatter" | "Table" | "Math"
                ) || to_read == 0
            })
            .collect();
        for (reason, text) in sample(&judged, to_read) {
            println!(
                "  - {reason:?} {}",
                text.replace('\n', "⏎")
                    .chars()
                    .take(160)
                    .collect::<String>()
            );
        }
        assert!(
            percent >= percent_min,
            "{corpus}: only {percent} % of the text stay"
        );
    }
}

#[test]
fn a_notebook_of_the_vectors_is_read_with_its_lines() {
    let Some(corpora) = std::env::var_os("INKSTONE_CORPORA").map(PathBuf::from) else {
        println!("skipped: INKSTONE_CORPORA names no folder of corpora");
        return;
    };
    let path = corpora.join("vectors/autocorrect/jupyter.ipynb");
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
