//! The blocks of text before a caret, nearest first: paragraphs, items, headings, cells.
//!
//! Not the readers of `markup/`: the language is asked for without the kind of document, and by
//! the daemon, which has a window of it only. So these are marks that the kinds share, read from
//! the caret upwards, as far as anybody asks.

use super::line::{Line, LineKind, after_block_tag};

/// A block of text.
pub(super) struct Block<'a> {
    /// Its text; marks between its lines remain.
    pub(super) text: &'a str,
    /// How many quote marks stand before its lines.
    pub(super) quote_depth: usize,
}

/// The block that holds the caret.
pub(super) struct CaretBlock<'a> {
    /// What there is of it before the caret.
    pub(super) block: Block<'a>,
    /// The part of it on the caret's line.
    pub(super) line: &'a str,
    /// Whether it is a cell of a table.
    pub(super) is_cell: bool,
}

/// Blocks that are no prose, by how the lines that end and begin them start.
const LITERAL_BLOCKS: [(&str, &str); 14] = [
    ("```", "```"),
    ("~~~", "~~~"),
    ("$$", "$$"),
    ("#+end_src", "#+begin_src"),
    ("#+end_example", "#+begin_example"),
    ("#+end_export", "#+begin_export"),
    ("\\end{verbatim", "\\begin{verbatim"),
    ("\\end{lstlisting", "\\begin{lstlisting"),
    ("\\end{minted", "\\begin{minted"),
    ("\\end{equation", "\\begin{equation"),
    ("\\end{align", "\\begin{align"),
    ("</pre", "<pre"),
    ("</script", "<script"),
    ("</style", "<style"),
];

/// Reads blocks from the end of a text upwards.
pub(super) struct BlocksAbove<'a> {
    text: &'a str,
    /// Where the text that is not read yet ends; `None` when all is.
    end: Option<usize>,
}

impl<'a> BlocksAbove<'a> {
    /// Those of `text`, which ends at the caret, and the block of the caret.
    pub(super) fn of(text: &'a str) -> (CaretBlock<'a>, Self) {
        let mut above = Self {
            text,
            end: Some(text.len()),
        };
        let line = above.next_line().unwrap_or_else(|| Line::read(text, 0, 0));
        let is_cell = line.is_row(text);
        let on_line = if is_cell {
            text[line.content..].rfind('|').map(|at| at + 1)
        } else {
            after_block_tag(&text[line.content..])
        };
        let line_start = line.content + on_line.unwrap_or(0);
        let start = match line.kind {
            LineKind::Text if on_line.is_none() => above.start_of_block(&line),
            _ => line_start,
        };
        let block = Block {
            text: &text[start..],
            quote_depth: line.quote_depth,
        };
        let caret = CaretBlock {
            block,
            line: &text[line_start..],
            is_cell,
        };
        (caret, above)
    }

    fn next_line(&mut self) -> Option<Line> {
        let end = self.end?;
        let start = self.text[..end].rfind('\n').map_or(0, |at| at + 1);
        self.end = start.checked_sub(1);
        Some(Line::read(self.text, start, end))
    }

    /// Where the block that `last` ends begins; reads its lines.
    fn start_of_block(&mut self, last: &Line) -> usize {
        let mut first = *last;
        while first.kind == LineKind::Text {
            let unread = self.end;
            let Some(line) = self.next_line() else { break };
            let goes_on = match line.kind {
                LineKind::Text => true,
                // An item goes on below its mark, further to the right.
                LineKind::Item => first.indent > line.indent,
                LineKind::Blank | LineKind::Alone | LineKind::Mark => false,
            };
            if !goes_on || line.quote_depth != last.quote_depth {
                self.end = unread;
                break;
            }
            first = line;
        }
        first.content
    }

    /// Passes the lines of the literal block that `last` ends, if it does.
    fn skip_literal_block(&mut self, last: &Line) {
        let ends = |(end, _): &&(&str, &str)| last.starts_with(self.text, end);
        let Some(&(_, begin)) = LITERAL_BLOCKS.iter().find(ends) else {
            return self.skip_delimited_block(last);
        };
        let unread = self.end;
        while let Some(line) = self.next_line() {
            if line.starts_with(self.text, begin) {
                return;
            }
        }
        // A fence that does not begin here began above the window; others are no blocks.
        if !matches!(begin, "```" | "~~~") {
            self.end = unread;
        }
    }

    /// Passes a block of AsciiDoc: two equal lines with attributes above. Without attributes such
    /// a line is a rule, or underlines a heading.
    fn skip_delimited_block(&mut self, last: &Line) {
        let delimiter = last.unquoted(self.text);
        if delimiter.len() < 4 || !delimiter.starts_with(['-', '.', '+', '=']) {
            return;
        }
        let unread = self.end;
        while let Some(line) = self.next_line() {
            if line.unquoted(self.text) == delimiter {
                let attributes = self.next_line();
                if attributes.is_some_and(|line| line.starts_with(self.text, "[")) {
                    return;
                }
                break;
            }
        }
        self.end = unread;
    }
}

impl<'a> Iterator for BlocksAbove<'a> {
    type Item = Block<'a>;

    fn next(&mut self) -> Option<Block<'a>> {
        loop {
            let last = self.next_line()?;
            match last.kind {
                LineKind::Blank => {}
                LineKind::Mark => self.skip_literal_block(&last),
                LineKind::Text | LineKind::Alone | LineKind::Item => {
                    let start = self.start_of_block(&last);
                    return Some(Block {
                        text: &self.text[start..last.end],
                        quote_depth: last.quote_depth,
                    });
                }
            }
        }
    }
}

/// The cells above that of the caret, nearest first. `text` ends at the caret, in a row.
pub(super) fn cells_above(text: &str) -> impl Iterator<Item = &str> {
    let mut above = BlocksAbove {
        text,
        end: Some(text.len()),
    };
    let row = above.next_line();
    let column = row.map_or(0, |row| row.unquoted(text).matches('|').count());
    std::iter::from_fn(move || {
        let row = above.next_line().filter(|line| line.is_row(text))?;
        Some(row.unquoted(text).split('|').nth(column).unwrap_or(""))
    })
}

/// The front matter that `text` begins with, fences included; empty if there is none, or if it is
/// not closed.
pub(super) fn front_matter(text: &str) -> &str {
    let mut lines = text.split_inclusive('\n');
    let fence = lines.next().map_or("", str::trim_end);
    if !matches!(fence, "---" | "+++") {
        return "";
    }
    let mut end = text.find('\n').map_or(text.len(), |at| at + 1);
    for line in lines {
        end += line.len();
        if line.trim_end() == fence || (line.trim_end() == "..." && fence == "---") {
            return &text[..end];
        }
    }
    ""
}

/// What front matter says in the document's own words.
pub(super) fn words_of_front_matter(front_matter: &str) -> impl Iterator<Item = &str> {
    front_matter.lines().filter_map(|line| {
        let (key, value) = line.split_once([':', '='])?;
        matches!(key.trim(), "title" | "subtitle" | "description" | "summary").then_some(value)
    })
}
