//! Records as lines of JSON: one object a line, UTF-8, a line feed after each.

use std::io::{self, BufRead, Read as _, Write};

use crate::dataset::Record;

/// Longest line that is read: a document may have 16 MiB, and JSON may spell a character with six.
pub const LINE_BYTES_MAX: u64 = 128 * 1024 * 1024;

/// Why a line is no record.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    /// The line cannot be read.
    #[error("line {line}: {source}")]
    Read {
        /// Counted from 1.
        line: u64,
        /// What the system said.
        source: io::Error,
    },
    /// The line is too long to be a record.
    #[error("line {line} is longer than {LINE_BYTES_MAX} bytes: not an export of records")]
    TooLong {
        /// Counted from 1.
        line: u64,
    },
    /// The line is not JSON, or not a record's.
    #[error("line {line} is not a record: {source}; export again")]
    NotARecord {
        /// Counted from 1.
        line: u64,
        /// What is wrong with it.
        source: serde_json::Error,
    },
}

/// Writes one record as one line.
pub fn write(out: &mut impl Write, record: &Record) -> io::Result<()> {
    serde_json::to_writer(&mut *out, record)?;
    out.write_all(b"\n")
}

/// The records of an export, one after the other; stops after the first error.
pub fn read(input: impl BufRead) -> impl Iterator<Item = Result<Record, LineError>> {
    Lines {
        input,
        line: 0,
        is_over: false,
    }
}

struct Lines<R> {
    input: R,
    line: u64,
    is_over: bool,
}

impl<R: BufRead> Lines<R> {
    fn next_record(&mut self) -> Result<Option<Record>, LineError> {
        let mut bytes = Vec::new();
        self.line += 1;
        let line = self.line;
        let mut bounded = (&mut self.input).take(LINE_BYTES_MAX);
        let length = bounded
            .read_until(b'\n', &mut bytes)
            .map_err(|source| LineError::Read { line, source })?;
        if length == 0 {
            return Ok(None);
        }
        if length as u64 == LINE_BYTES_MAX && bytes.last() != Some(&b'\n') {
            return Err(LineError::TooLong { line });
        }
        serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|source| LineError::NotARecord { line, source })
    }
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = Result<Record, LineError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let next = self.next_record().transpose();
        self.is_over = !matches!(next, Some(Ok(_)));
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::examples::records;

    #[test]
    fn records_come_back_as_they_were() {
        let mut out = Vec::new();
        for record in records() {
            write(&mut out, &record).unwrap();
        }
        assert_eq!(out.split(|byte| *byte == b'\n').count(), 3 + 1);
        let back: Result<Vec<_>, _> = read(out.as_slice()).collect();
        assert_eq!(back.unwrap(), records());
    }

    #[test]
    fn a_broken_line_is_named_and_ends_the_reading() {
        let mut out = Vec::new();
        write(&mut out, &records()[0]).unwrap();
        out.extend_from_slice(b"{\"text\": \"cut o\n");
        write(&mut out, &records()[1]).unwrap();
        let read: Vec<_> = read(out.as_slice()).collect();
        assert_eq!(read.len(), 2);
        let error = read[1].as_ref().unwrap_err().to_string();
        assert!(error.starts_with("line 2 is not a record"), "{error}");
    }

    #[test]
    fn a_line_without_end_is_refused_without_reading_it_whole() {
        let input = io::BufReader::new(io::repeat(b'x'));
        let first = read(input).next().unwrap();
        assert!(matches!(first, Err(LineError::TooLong { line: 1 })));
    }
}
