//! The filter: each block goes one way, whatever its text.

use inkstone_corpus::block::{Block, BlockKind, Reading};
use inkstone_corpus::filter::filter;
use inkstone_corpus::left_out::EXCERPT_BYTES_MAX;

const KINDS: &[BlockKind] = &[
    BlockKind::Paragraph,
    BlockKind::Heading(1),
    BlockKind::Heading(3),
    BlockKind::ListItem,
    BlockKind::Footnote,
    BlockKind::Caption,
    BlockKind::Quote,
    BlockKind::Table,
];

/// Each stretch between bytes 0 is a block, whose first byte says its kind.
///
/// # Panics
/// When a promise is broken.
pub fn run(bytes: &[u8]) {
    let blocks: Vec<Block> = bytes
        .split(|byte| *byte == 0)
        .filter_map(|part| {
            let (first, text) = part.split_first()?;
            Some(Block {
                kind: KINDS[usize::from(*first) % KINDS.len()],
                text: String::from_utf8_lossy(text).into_owned(),
                lines: None,
            })
        })
        .collect();
    let headings = blocks
        .iter()
        .filter(|block| matches!(block.kind, BlockKind::Heading(_)))
        .count();
    let all = blocks.len();
    let (prose, left_out) = filter(Reading {
        blocks,
        ..Reading::default()
    });
    assert!(prose.len() + left_out.len() <= all);
    assert!(prose.len() + left_out.len() + headings >= all);
    assert!(prose.iter().all(|prose| prose.headings.len() <= headings));
    assert!(
        left_out
            .iter()
            .all(|left_out| left_out.excerpt.len() <= EXCERPT_BYTES_MAX)
    );
}
