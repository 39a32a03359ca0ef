//! What an older file has of each document, for the next one to take over.
//!
//! Nothing is believed that the file could lie about: each token has exactly one place and one weight,
//! each document ends where the next begins, and keys are in order. Only whether places are in the
//! order of what follows is taken on trust, since looking would cost as much as sorting; a file that
//! lies there makes one that answers nonsense, and harms nothing else. Called by `build`.

use std::ops::Range;

use crate::build::WEIGHT_OF_OWN;
use crate::error::MemoryError;
use crate::format::{
    DocumentName, HASH_BYTES, HEADER_BYTES, Header, KEY_BYTES, NUMBER_BYTES, ROW_BYTES, SEPARATOR,
    array,
};
use crate::memory::Memory;

/// A file whose parts were found to fit each other.
#[derive(Debug)]
pub struct Former<'m> {
    numbers: &'m [u8],
    header: Header,
    rows: Vec<Row>,
    /// Of each entry of the stream.
    weights: Vec<u8>,
}

/// A document of the file.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) name: DocumentName,
    /// Of the stream; its separators included.
    pub(crate) entries: Range<usize>,
}

impl<'m> Former<'m> {
    /// Reads all of a file, and looks whether its checksum is right and its parts fit each other.
    pub fn of<B: AsRef<[u8]>>(memory: &'m Memory<B>) -> Result<Self, MemoryError> {
        memory.verify()?;
        let (file, header) = (memory.bytes(), *memory.header());
        let mut this = Self {
            numbers: file.get(HEADER_BYTES..).unwrap_or_default(),
            header,
            rows: Vec::with_capacity(header.rows as usize),
            weights: vec![0; header.entries as usize],
        };
        this.read_table(file)?;
        this.read_weights()?;
        Ok(this)
    }

    /// The model whose tokens these are.
    pub fn model(&self) -> &[u8; HASH_BYTES] {
        &self.header.model
    }

    /// Which document of the file this is, if it is in it with this content.
    pub(crate) fn find(&self, name: &DocumentName) -> Option<usize> {
        let found = self
            .rows
            .binary_search_by(|row| row.name.key.cmp(&name.key));
        found.ok().filter(|at| self.rows[*at].name == *name)
    }

    pub(crate) fn row(&self, at: usize) -> &Row {
        &self.rows[at]
    }

    /// Tokens and separators of some entries.
    pub(crate) fn stream(&self, entries: Range<usize>) -> impl Iterator<Item = u32> {
        entries.map(|index| self.number(index))
    }

    /// Weights of some entries.
    pub(crate) fn weights(&self, entries: Range<usize>) -> &[u8] {
        &self.weights[entries]
    }

    /// Tokens among some entries.
    pub(crate) fn tokens(&self, entries: Range<usize>) -> usize {
        let weights = self.weights(entries).iter();
        weights.filter(|weight| **weight > 0).count()
    }

    /// Entries of the stream, in the order of what follows them.
    pub(crate) fn places(&self) -> impl Iterator<Item = usize> {
        let from = self.header.entries as usize;
        (0..self.header.tokens as usize).map(move |at| self.number(from + at) as usize)
    }

    /// How many entries there are.
    pub(crate) fn entries(&self) -> usize {
        self.header.entries as usize
    }

    fn read_table(&mut self, file: &[u8]) -> Result<(), MemoryError> {
        let table = usize::try_from(self.header.table_at()).unwrap_or(usize::MAX);
        let table = file.get(table..).unwrap_or_default();
        let begins = |row: &[u8]| u32::from_le_bytes(array(row, KEY_BYTES + HASH_BYTES)) as usize;
        let mut ends = table.chunks_exact(ROW_BYTES).skip(1).map(begins);
        let mut at = 0;
        for row in table.chunks_exact(ROW_BYTES) {
            let end = ends.next().unwrap_or(self.entries());
            let name = DocumentName {
                key: array(row, 0),
                content: array(row, KEY_BYTES),
            };
            let is_after = |last: &Row| last.name.key < name.key;
            let is_whole = begins(row) == at
                && end >= at
                && end <= self.entries()
                && (end == at || self.number(end - 1) == SEPARATOR)
                && self.rows.last().is_none_or(is_after);
            if !is_whole {
                return Err(MemoryError::Content { what: "table" });
            }
            let entries = at..end;
            self.rows.push(Row { name, entries });
            at = end;
        }
        if at == self.entries() {
            Ok(())
        } else {
            Err(MemoryError::Content { what: "table" })
        }
    }

    fn read_weights(&mut self) -> Result<(), MemoryError> {
        let entries = self.entries();
        let sums = entries + self.header.tokens as usize;
        let mut sum = 0;
        if self.number(sums) != sum {
            return Err(MemoryError::Content { what: "weights" });
        }
        for at in 0..self.header.tokens as usize {
            let place = self.number(entries + at) as usize;
            let next = self.number(sums + at + 1);
            let weight = next.checked_sub(sum);
            sum = next;
            let weight = weight.filter(|weight| (1..=WEIGHT_OF_OWN).contains(weight));
            let weight = weight.and_then(|weight| u8::try_from(weight).ok());
            let weight = weight.ok_or(MemoryError::Content { what: "weights" })?;
            let is_free = self.weights.get(place) == Some(&0) && self.number(place) != SEPARATOR;
            if !is_free {
                return Err(MemoryError::Content { what: "places" });
            }
            self.weights[place] = weight;
        }
        // As many places as tokens, none twice: with no token left over, each has one.
        let separators = (0..entries).filter(|at| self.number(*at) == SEPARATOR);
        if separators.count() + self.header.tokens as usize == entries {
            Ok(())
        } else {
            Err(MemoryError::Content { what: "places" })
        }
    }

    /// A number after the header; the length of the file was compared with the header.
    fn number(&self, index: usize) -> u32 {
        u32::from_le_bytes(array(self.numbers, index * NUMBER_BYTES))
    }
}
