//! Jupyter notebooks: Markdown cells by the reader of Markdown, the others as what they are.
//!
//! What cells put out is computed, nobody wrote it, and is not read. Lines are those of the JSON,
//! so that git can say who wrote a cell. Called by [`super::read`].

use serde::Deserialize;
use serde_json::value::RawValue;

use super::source::with_line_feeds;
use super::{ReadLimits, Unreadable, markdown};
use crate::block::{Block, BlockKind, LineRange, Reading};

const FORMAT: &str = "Jupyter";

/// A notebook of format 4, or of 3, which has its cells in worksheets.
#[derive(Deserialize)]
struct Notebook<'a> {
    #[serde(borrow, default)]
    cells: Vec<Cell<'a>>,
    #[serde(borrow, default)]
    worksheets: Vec<Worksheet<'a>>,
    #[serde(default)]
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Worksheet<'a> {
    #[serde(borrow, default)]
    cells: Vec<Cell<'a>>,
}

#[derive(Deserialize, Default)]
struct Metadata {
    #[serde(default)]
    title: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Cell<'a> {
    #[serde(rename = "cell_type", default)]
    kind: String,
    /// As it stands, so that its place in the file is known.
    #[serde(borrow, alias = "input", default)]
    source: Option<&'a RawValue>,
    /// Of headings in format 3.
    #[serde(default)]
    level: Option<u8>,
}

/// A cell's text: one string, or one for each line.
#[derive(Deserialize)]
#[serde(untagged)]
enum Source {
    Text(String),
    Lines(Vec<String>),
}

/// Reads the cells in order.
pub(crate) fn read(bytes: &[u8], limits: &ReadLimits) -> Result<Reading, Unreadable> {
    let broken = |what: String| Unreadable::Broken {
        format: FORMAT,
        what,
    };
    // JSON is UTF-8 (RFC 8259); some editors put a mark before it.
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| broken(error.to_string()))?;
    if !text.trim_start().starts_with('{') {
        return Err(broken("it is no JSON object".to_owned()));
    }
    let notebook: Notebook<'_> =
        serde_json::from_str(text).map_err(|error| broken(error.to_string()))?;
    let mut places = Places::new(text);
    let mut reading = Reading {
        title: match notebook.metadata.title {
            Some(serde_json::Value::String(title)) if !title.trim().is_empty() => Some(title),
            _ => None,
        },
        ..Reading::default()
    };
    let sheets = notebook.worksheets.into_iter();
    let cells = notebook.cells.into_iter();
    for cell in cells.chain(sheets.flat_map(|sheet| sheet.cells)) {
        let Some(raw) = cell.source else {
            continue;
        };
        let source = match serde_json::from_str(raw.get()) {
            Ok(Source::Text(text)) => with_line_feeds(&text),
            Ok(Source::Lines(lines)) => with_line_feeds(&lines.concat()),
            Err(error) => {
                reading.problems.push(format!("a cell's source: {error}"));
                continue;
            }
        };
        let place = places.of(raw.get(), &source);
        add_cell(&mut reading, &cell, &source, &place, limits);
        if reading.blocks.len() > limits.blocks_max {
            reading.blocks.truncate(limits.blocks_max);
            let what = format!("blocks after the first {} were not read", limits.blocks_max);
            reading.problems.push(what);
            break;
        }
    }
    Ok(reading)
}

fn add_cell(
    reading: &mut Reading,
    cell: &Cell<'_>,
    source: &str,
    place: &Place,
    limits: &ReadLimits,
) {
    let kind = match cell.kind.as_str() {
        "markdown" => {
            let part = markdown::read(source, limits);
            reading.title = reading.title.take().or(part.title);
            reading.problems.extend(part.problems);
            reading
                .blocks
                .extend(part.blocks.into_iter().map(|mut block| {
                    block.lines = Some(block.lines.map_or(place.whole, |lines| place.of(lines)));
                    block
                }));
            return;
        }
        "heading" => BlockKind::Heading(cell.level.unwrap_or(1).clamp(1, 6)),
        "code" => BlockKind::Code,
        _ => BlockKind::Markup,
    };
    if !source.trim().is_empty() {
        reading.blocks.push(Block {
            kind,
            text: source.trim_end().to_owned(),
            lines: Some(place.whole),
        });
    }
}

/// Where a cell's source stands in the file.
struct Place {
    /// All of it.
    whole: LineRange,
    /// Where its first line stands, if the file has a line for each of the source.
    first_line: Option<u32>,
}

impl Place {
    /// The lines of the file for lines of the source.
    fn of(&self, lines: LineRange) -> LineRange {
        match self.first_line {
            Some(first) => LineRange {
                start: first
                    .saturating_add(lines.start)
                    .min(self.whole.end.saturating_sub(1)),
                end: first.saturating_add(lines.end).min(self.whole.end),
            },
            None => self.whole,
        }
    }
}

/// Counts lines up to places that come in order, each byte once.
struct Places<'a> {
    text: &'a str,
    counted_bytes: usize,
    line: u32,
}

impl<'a> Places<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            counted_bytes: 0,
            line: 0,
        }
    }

    /// The place of `raw`, a part of the text that was borrowed from it, which holds `source`.
    fn of(&mut self, raw: &str, source: &str) -> Place {
        let at = (raw.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        let at = at.min(self.text.len());
        if at < self.counted_bytes {
            (self.counted_bytes, self.line) = (0, 0);
        }
        let between = &self.text.as_bytes()[self.counted_bytes..at];
        self.line = self.line.saturating_add(line_feeds(between));
        self.counted_bytes = at;
        let raw_lines = line_feeds(raw.as_bytes());
        let whole = LineRange {
            start: self.line,
            end: self.line.saturating_add(raw_lines).saturating_add(1),
        };
        // One line with the bracket before the first string, and one after the last.
        let source_lines = u32::try_from(source.lines().count()).unwrap_or(u32::MAX);
        let is_line_by_line = raw.starts_with('[') && raw_lines == source_lines.saturating_add(1);
        Place {
            whole,
            first_line: is_line_by_line.then(|| self.line.saturating_add(1)),
        }
    }
}

fn line_feeds(bytes: &[u8]) -> u32 {
    let count = memchr::memchr_iter(b'\n', bytes).count();
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
