//! Blocks put together while a word processor's XML goes by: paragraphs, tables, what nests.
//!
//! Knows no format: the readers of `.docx` and `.odt` say what opens and closes.

use super::source::with_line_feeds;
use crate::block::{Block, BlockKind};

/// Blocks so far, and what is open.
pub(crate) struct Assembly {
    frames: Vec<Frame>,
    blocks: Vec<Block>,
    blocks_max: usize,
    left_over: usize,
}

enum Frame {
    Paragraph {
        text: String,
        /// Text boxes and notes that stand in it come after it.
        after: Vec<Block>,
    },
    Table {
        rows: Vec<Vec<String>>,
        cells: usize,
        blocks: Vec<Block>,
    },
}

impl Assembly {
    pub(crate) fn new(blocks_max: usize) -> Self {
        Self {
            frames: Vec::new(),
            blocks: Vec::new(),
            blocks_max,
            left_over: 0,
        }
    }

    pub(crate) fn open_paragraph(&mut self) {
        self.frames.push(Frame::Paragraph {
            text: String::new(),
            after: Vec::new(),
        });
    }

    /// The text of the innermost paragraph; none where no paragraph is the innermost.
    pub(crate) fn paragraph(&mut self) -> Option<&mut String> {
        match self.frames.last_mut() {
            Some(Frame::Paragraph { text, .. }) => Some(text),
            _ => None,
        }
    }

    /// Ends the innermost paragraph, which is of this kind, and returns its text as it was.
    pub(crate) fn close_paragraph(&mut self, kind: BlockKind) {
        if !matches!(self.frames.last(), Some(Frame::Paragraph { .. })) {
            return;
        }
        let Some(Frame::Paragraph { text, after }) = self.frames.pop() else {
            return;
        };
        self.add(kind, &text);
        for block in after {
            self.put(block);
        }
    }

    /// Ends the innermost paragraph without a block, and returns its text.
    pub(crate) fn withdraw_paragraph(&mut self) -> Option<String> {
        if !matches!(self.frames.last(), Some(Frame::Paragraph { .. })) {
            return None;
        }
        let Some(Frame::Paragraph { text, after }) = self.frames.pop() else {
            return None;
        };
        for block in after {
            self.put(block);
        }
        Some(text)
    }

    pub(crate) fn open_table(&mut self) {
        self.frames.push(Frame::Table {
            rows: Vec::new(),
            cells: 0,
            blocks: Vec::new(),
        });
    }

    pub(crate) fn open_row(&mut self) {
        if let Some(Frame::Table { rows, .. }) = self.frames.last_mut() {
            rows.push(Vec::new());
        }
    }

    pub(crate) fn open_cell(&mut self) {
        if let Some(Frame::Table { rows, cells, .. }) = self.frames.last_mut() {
            *cells += 1;
            match rows.last_mut() {
                Some(row) => row.push(String::new()),
                None => rows.push(vec![String::new()]),
            }
        }
    }

    /// Ends the innermost table. One of a single cell is a frame around text.
    pub(crate) fn close_table(&mut self) {
        if !matches!(self.frames.last(), Some(Frame::Table { .. })) {
            return;
        }
        let Some(Frame::Table {
            rows,
            cells,
            blocks,
        }) = self.frames.pop()
        else {
            return;
        };
        if cells <= 1 {
            for block in blocks {
                self.put(block);
            }
        } else {
            let rows: Vec<String> = rows.iter().map(|row| row.join("\t")).collect();
            self.add(BlockKind::Table, &rows.join("\n"));
        }
    }

    fn add(&mut self, kind: BlockKind, text: &str) {
        // The indentation of code says something.
        let text = if kind == BlockKind::Code {
            text.trim_end()
        } else {
            text.trim()
        };
        if !text.trim().is_empty() {
            self.put(Block {
                kind,
                text: with_line_feeds(text),
                lines: None,
            });
        }
    }

    fn put(&mut self, block: Block) {
        let blocks = match self.frames.last_mut() {
            Some(Frame::Paragraph { after, .. }) => after,
            Some(Frame::Table { rows, blocks, .. }) => {
                if let Some(cell) = rows.last_mut().and_then(|row| row.last_mut()) {
                    if !cell.is_empty() {
                        cell.push(' ');
                    }
                    cell.push_str(&block.text);
                }
                blocks
            }
            None => &mut self.blocks,
        };
        // A paragraph for each line is how word processors keep code.
        if block.kind == BlockKind::Code
            && let Some(last) = blocks.last_mut()
            && last.kind == BlockKind::Code
        {
            last.text.push('\n');
            last.text.push_str(&block.text);
        } else if blocks.len() < self.blocks_max {
            blocks.push(block);
        } else {
            self.left_over += 1;
        }
    }

    /// All blocks, and what is to be said of those that were too many.
    pub(crate) fn finish(self) -> (Vec<Block>, Option<String>) {
        let problem = (self.left_over > 0).then(|| {
            format!(
                "{} blocks after the first {} were not read",
                self.left_over, self.blocks_max
            )
        });
        (self.blocks, problem)
    }
}
