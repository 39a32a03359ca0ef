//! Real documents for the tests, and a reader of plain Markdown that is good enough for them.
//!
//! Not the product's reader, which these tests are not about. Needs the corpora (`INKSTONE_CORPORA`);
//! without them, tests fail in CI and say elsewhere why they skip.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::path::{Path, PathBuf};

use inkstone_corpus::{Block, BlockKind};
pub(crate) use inkstone_test_support::corpora;

/// Every file below a folder, in order.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("readable folder") {
            let path = entry.expect("readable entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Path and text of each document in Markdown under a folder of the corpora, in order.
pub(crate) fn documents(folder: &str) -> Option<Vec<(PathBuf, String)>> {
    let mut documents = Vec::new();
    for path in files(&corpora()?.join(folder)) {
        if path.extension().is_some_and(|extension| extension == "md") {
            let bytes = std::fs::read(&path).expect("readable file");
            documents.push((path, String::from_utf8_lossy(&bytes).into_owned()));
        }
    }
    assert!(!documents.is_empty(), "{folder} is empty");
    Some(documents)
}

/// Headings, items, quotations, fenced code and paragraphs. A fence around a whole document, as
/// around Lu Xun's, is none.
pub(crate) fn blocks(text: &str) -> Vec<Block> {
    let fence_lines = text
        .lines()
        .filter(|line| line.trim_start().starts_with("```"));
    let is_fenced_whole = fence_lines.count() <= 2 && text.trim_start().starts_with("```");
    let mut blocks: Vec<Block> = Vec::new();
    let mut in_code = false;
    let mut is_new = true;
    for line in text.lines() {
        let trimmed = line.trim();
        if trimmed.starts_with("```") {
            in_code = !in_code && !is_fenced_whole;
            is_new = true;
            continue;
        }
        let (kind, content) = kind_of(trimmed, in_code);
        if content.is_empty() && kind != BlockKind::Code {
            is_new = true;
            continue;
        }
        // Lines of Chinese books are indented where a paragraph begins.
        let continues = !is_new
            && !line.starts_with("\u{3000}\u{3000}\u{3000}\u{3000}")
            && matches!(
                kind,
                BlockKind::Code | BlockKind::Paragraph | BlockKind::Quote
            );
        match blocks.last_mut() {
            Some(last) if continues && last.kind == kind => {
                last.text.push('\n');
                last.text.push_str(content);
            }
            _ => blocks.push(Block {
                kind,
                text: content.to_owned(),
                lines: None,
            }),
        }
        is_new = matches!(kind, BlockKind::Heading(_));
    }
    blocks
}

fn kind_of(line: &str, in_code: bool) -> (BlockKind, &str) {
    if in_code {
        return (BlockKind::Code, line);
    }
    let hashes = line.bytes().take_while(|byte| *byte == b'#').count();
    if (1..=6).contains(&hashes) && line[hashes..].starts_with(' ') {
        let level = u8::try_from(hashes).expect("at most six");
        return (BlockKind::Heading(level), line[hashes..].trim());
    }
    for marker in ["- ", "* ", "+ "] {
        if let Some(item) = line.strip_prefix(marker) {
            return (BlockKind::ListItem, item);
        }
    }
    match line.strip_prefix('>') {
        Some(quote) => (BlockKind::Quote, quote.trim()),
        None => (BlockKind::Paragraph, line),
    }
}
