//! Where readers put the blocks they find, within the limits.
//!
//! What every format needs alike is here: empty blocks are none, lists of links are told from lists
//! of text, what stands under the heading "References" is a bibliography, and an edition's notes are
//! told from its writer's.

use crate::block::{Block, BlockKind, LineRange, Reading};

use super::source::with_line_feeds;
use super::{ReadLimits, edition_notes};

/// Neighbouring items that are links and nothing else: so many are a list of links.
const LINK_ITEMS_MIN: usize = 3;

/// Of an item's bytes, so many percent are links in a list of links.
const LINK_PERCENT_MIN: usize = 80;

/// Headings over lists of what a text refers to, in small letters.
const BIBLIOGRAPHY_HEADINGS: &[&str] = &[
    "references",
    "bibliography",
    "works cited",
    "literature cited",
    "参考文献",
    "引用文献",
    "參考文獻",
    "参考书目",
    "參考書目",
    "参考资料",
    "參考資料",
    "参考链接",
];

/// The blocks so far.
pub(super) struct Page {
    reading: Reading,
    /// Of each block, how many bytes of its text are links.
    link_bytes: Vec<usize>,
    blocks_max: usize,
}

impl Page {
    pub(super) fn new(limits: &ReadLimits) -> Self {
        Self {
            reading: Reading::default(),
            link_bytes: Vec::new(),
            blocks_max: limits.blocks_max,
        }
    }

    /// Adds a block, unless it shows nothing.
    pub(super) fn push(&mut self, kind: BlockKind, text: &str, lines: Option<LineRange>) {
        self.push_linked(kind, text, lines, 0);
    }

    /// Adds a block of whose text `link_bytes` are links.
    pub(super) fn push_linked(
        &mut self,
        kind: BlockKind,
        text: &str,
        lines: Option<LineRange>,
        link_bytes: usize,
    ) {
        let text = trimmed(kind, text);
        if text.trim().is_empty() || self.is_full() {
            return;
        }
        self.reading.blocks.push(Block {
            kind,
            text: with_line_feeds(text),
            lines,
        });
        self.link_bytes.push(link_bytes);
        if self.is_full() {
            self.problem(format!(
                "it has more than {} blocks; the rest is not read",
                self.blocks_max
            ));
        }
    }

    /// Whether no block is taken any more, so that reading may stop.
    pub(super) fn is_full(&self) -> bool {
        self.reading.blocks.len() >= self.blocks_max
    }

    /// The line after the last block.
    pub(super) fn last_line(&self) -> Option<u32> {
        self.reading.blocks.last()?.lines.map(|lines| lines.end)
    }

    /// Adds the blocks of another reading, which read the lines from `first_line` on.
    pub(super) fn append(&mut self, other: Reading, first_line: u32) {
        for mut block in other.blocks {
            if let Some(lines) = &mut block.lines {
                lines.start = lines.start.saturating_add(first_line);
                lines.end = lines.end.saturating_add(first_line);
            }
            self.push(block.kind, &block.text, block.lines);
        }
        for problem in other.problems {
            self.problem(problem);
        }
    }

    /// Sets the title; the first one counts.
    pub(super) fn title(&mut self, title: &str) {
        let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
        if self.reading.title.is_none() && !title.is_empty() {
            self.reading.title = Some(title);
        }
    }

    /// Says once that something was odd.
    pub(super) fn problem(&mut self, problem: String) {
        if !self.reading.problems.contains(&problem) {
            self.reading.problems.push(problem);
        }
    }

    /// What was read.
    pub(super) fn finish(mut self) -> Reading {
        self.sort();
        self.mark_link_lists();
        mark_bibliography(&mut self.reading.blocks);
        edition_notes::mark(&mut self.reading.blocks);
        self.reading
    }

    /// A table is known at its end only, after what stands in its cells.
    fn sort(&mut self) {
        let start = |block: &Block| block.lines.map_or(0, |lines| lines.start);
        if self.reading.blocks.is_sorted_by_key(start) {
            return;
        }
        let blocks = std::mem::take(&mut self.reading.blocks);
        let mut both: Vec<(Block, usize)> = blocks
            .into_iter()
            .zip(std::mem::take(&mut self.link_bytes))
            .collect();
        both.sort_by_key(|(block, _)| start(block));
        (self.reading.blocks, self.link_bytes) = both.into_iter().unzip();
    }

    fn mark_link_lists(&mut self) {
        let is_link = |block: &Block, bytes: usize| {
            block.kind == BlockKind::ListItem && bytes * 100 >= block.text.len() * LINK_PERCENT_MIN
        };
        let blocks = &mut self.reading.blocks;
        let mut start = 0;
        while start < blocks.len() {
            let length = blocks[start..]
                .iter()
                .zip(&self.link_bytes[start..])
                .take_while(|&(block, &bytes)| is_link(block, bytes))
                .count();
            if length >= LINK_ITEMS_MIN {
                for block in &mut blocks[start..start + length] {
                    block.kind = BlockKind::LinkList;
                }
            }
            start += length.max(1);
        }
    }
}

/// Code keeps its first line's indent; other text has no blanks around it.
fn trimmed(kind: BlockKind, text: &str) -> &str {
    match kind {
        BlockKind::Code
        | BlockKind::Table
        | BlockKind::Math
        | BlockKind::Markup
        | BlockKind::FrontMatter => {
            let end = text.trim_end();
            let first_text = end.len() - end.trim_start().len();
            let line_start = end[..first_text].rfind('\n').map_or(0, |at| at + 1);
            &end[line_start..]
        }
        _ => text.trim(),
    }
}

/// From a heading "References" to the next one of its level or above.
fn mark_bibliography(blocks: &mut [Block]) {
    let mut under: Option<u8> = None;
    for block in blocks {
        match (block.kind, under) {
            (BlockKind::Heading(level), Some(above)) if level > above => {}
            (BlockKind::Heading(level), _) => {
                let text = block
                    .text
                    .trim_end_matches([':', '：'])
                    .trim()
                    .to_lowercase();
                let bare = text.trim_start_matches(|character: char| {
                    character.is_ascii_digit() || matches!(character, '.' | '、' | ' ')
                });
                under = BIBLIOGRAPHY_HEADINGS.contains(&bare).then_some(level);
            }
            (BlockKind::Paragraph | BlockKind::ListItem | BlockKind::LinkList, Some(_)) => {
                block.kind = BlockKind::Bibliography;
            }
            _ => {}
        }
    }
}

/// Text of one block that grows while its parts are read.
#[derive(Default)]
pub(super) struct Run {
    pub(super) text: String,
    /// The bytes of the source it comes from.
    pub(super) span: Option<(usize, usize)>,
    /// How many bytes of its text are links.
    pub(super) link_bytes: usize,
}

impl Run {
    /// Adds text that stands from `start` to `end` in the source.
    pub(super) fn push(&mut self, text: &str, start: usize, end: usize) {
        self.text.push_str(text);
        self.cover(start, end);
    }

    /// Counts a stretch of the source as part of it.
    pub(super) fn cover(&mut self, start: usize, end: usize) {
        let (first, last) = self.span.unwrap_or((start, end));
        self.span = Some((first.min(start), last.max(end)));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// The run, and an empty one in its place.
    pub(super) fn take(&mut self) -> Self {
        std::mem::take(self)
    }
}
