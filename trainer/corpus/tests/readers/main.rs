//! What each reader makes of small documents, and that no document brings one down.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a test fails"
)]

mod asciidoc;
mod commit_message;
mod hostile;
mod html;
mod latex;
mod markdown;
mod org;
mod plain_text;
mod restructured_text;
mod typst;

use inkstone_corpus::format::Format;
use inkstone_corpus::read::{ReadLimits, read};
use inkstone_corpus::{BlockKind, Reading};

/// Reads `text`; nothing of it is refused.
fn reading(format: Format, text: &str) -> Reading {
    read(format, text.as_bytes(), &ReadLimits::default()).unwrap()
}

/// The blocks of `text` are those of `expected`, each `kind first-last text`, where the lines are
/// counted from 0, the last one excluded, and `⏎` is a line feed. Read with CRLF they are the same.
#[track_caller]
fn check(format: Format, text: &str, expected: &[&str]) {
    let blocks = described(&reading(format, text));
    assert_eq!(blocks, expected, "{format:?} {text:?}");
    let with_crlf = described(&reading(format, &text.replace('\n', "\r\n")));
    assert_eq!(with_crlf, expected, "with CRLF: {format:?} {text:?}");
}

fn described(reading: &Reading) -> Vec<String> {
    let describe = |block: &inkstone_corpus::Block| {
        let lines = block.lines.expect("a text has lines");
        format!(
            "{} {}-{} {}",
            name(block.kind),
            lines.start,
            lines.end,
            block.text.replace('\n', "⏎")
        )
    };
    reading.blocks.iter().map(describe).collect()
}

fn name(kind: BlockKind) -> String {
    match kind {
        BlockKind::Heading(level) => format!("h{level}"),
        BlockKind::Paragraph => "p".to_owned(),
        BlockKind::ListItem => "item".to_owned(),
        kind => format!("{kind:?}").to_lowercase(),
    }
}
