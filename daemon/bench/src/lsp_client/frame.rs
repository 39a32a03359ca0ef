//! One message of the language server protocol on a byte stream: `Content-Length`, body.
//!
//! Not JSON: the body is bytes. Called by the reader and writer threads of the client.

use std::io::{self, BufRead, Read, Write};

/// The longest body taken: twice the largest document served, so that a whole document fits
/// escaped. A longer one is refused before anything is allocated for it.
pub const FRAME_BYTES_MAX: usize = 32 * 1024 * 1024;

/// The longest header line taken; `Content-Length` with any number is far below.
const HEADER_LINE_BYTES_MAX: u64 = 1_024;

/// The most header lines of one message; the protocol knows two.
const HEADER_LINES_MAX: usize = 16;

/// Why a stream holds no further message.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// The stream failed.
    #[error("the stream failed: {0}")]
    Io(#[from] io::Error),
    /// The stream ended inside a message.
    #[error("the stream ended inside a message")]
    Truncated,
    /// A header is not one of the protocol.
    #[error("not a header of the protocol: {line:?}")]
    Header {
        /// What was read.
        line: String,
    },
    /// The headers do not say how long the body is.
    #[error("the headers of a message name no Content-Length")]
    NoLength,
    /// The body is longer than [`FRAME_BYTES_MAX`].
    #[error("a message of {bytes} bytes is longer than the limit of {FRAME_BYTES_MAX}")]
    TooLarge {
        /// As the header says.
        bytes: usize,
    },
}

/// Reads one message; none when the stream ended between two.
pub fn read_frame(reader: &mut impl BufRead) -> Result<Option<Vec<u8>>, FrameError> {
    let Some(length) = read_headers(reader)? else {
        return Ok(None);
    };
    if length > FRAME_BYTES_MAX {
        return Err(FrameError::TooLarge { bytes: length });
    }
    let mut body = vec![0; length];
    match reader.read_exact(&mut body) {
        Ok(()) => Ok(Some(body)),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Err(FrameError::Truncated),
        Err(error) => Err(error.into()),
    }
}

/// Writes one message and flushes it.
pub fn write_frame(writer: &mut impl Write, body: &[u8]) -> io::Result<()> {
    write!(writer, "Content-Length: {}\r\n\r\n", body.len())?;
    writer.write_all(body)?;
    writer.flush()
}

fn read_headers(reader: &mut impl BufRead) -> Result<Option<usize>, FrameError> {
    let mut length = None;
    for index in 0..HEADER_LINES_MAX {
        let mut line = Vec::new();
        let read = reader
            .by_ref()
            .take(HEADER_LINE_BYTES_MAX)
            .read_until(b'\n', &mut line)?;
        if read == 0 && index == 0 {
            return Ok(None);
        }
        let line = String::from_utf8_lossy(&line);
        let Some(header) = line.strip_suffix("\r\n") else {
            let ended_early = !line.ends_with('\n') && (read as u64) < HEADER_LINE_BYTES_MAX;
            let line = line.into_owned();
            return Err(if ended_early {
                FrameError::Truncated
            } else {
                FrameError::Header { line }
            });
        };
        if header.is_empty() {
            return length.map(Some).ok_or(FrameError::NoLength);
        }
        let unreadable = || FrameError::Header {
            line: header.to_owned(),
        };
        let (name, value) = header.split_once(':').ok_or_else(unreadable)?;
        if name.eq_ignore_ascii_case("content-length") {
            length = Some(value.trim().parse().map_err(|_not_a_number| unreadable())?);
        }
    }
    Err(FrameError::NoLength)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<Option<Vec<u8>>, FrameError> {
        read_frame(&mut io::BufReader::new(bytes))
    }

    #[test]
    fn what_is_written_is_read_back_whatever_the_script() {
        for text in ["", "{}", "雨后的清晨", "👨‍👩‍👧 e\u{301}\r\n\r\n"] {
            let mut wire = Vec::new();
            write_frame(&mut wire, text.as_bytes()).unwrap();
            write_frame(&mut wire, b"next").unwrap();
            let mut reader = io::BufReader::new(wire.as_slice());
            assert_eq!(
                read_frame(&mut reader).unwrap().as_deref(),
                Some(text.as_bytes())
            );
            assert_eq!(
                read_frame(&mut reader).unwrap().as_deref(),
                Some(b"next".as_slice())
            );
            assert_eq!(read_frame(&mut reader).unwrap(), None);
        }
    }

    #[test]
    fn other_headers_and_letter_cases_are_taken() {
        let wire = b"Content-Type: application/vscode-jsonrpc\r\ncontent-length:2\r\n\r\n{}";
        assert_eq!(read(wire).unwrap().as_deref(), Some(b"{}".as_slice()));
    }

    #[test]
    fn hostile_streams_are_refused_by_name() {
        let endless_line = [b"X".as_slice(), &[b'y'; 5_000]].concat();
        let many_headers = b"A: b\r\n".repeat(40);
        for (wire, expected) in [
            (b"Content-Length: 10\r\n\r\n{}".as_slice(), "ended inside"),
            (b"Content-Length: 1", "ended inside"),
            (b"Content-Length: ten\r\n\r\n", "not a header"),
            (b"Content-Length: -1\r\n\r\n", "not a header"),
            (
                b"Content-Length: 99999999999\r\n\r\n",
                "longer than the limit",
            ),
            (b"nonsense\r\n\r\n", "not a header"),
            (b"A: b\r\n\r\n", "name no Content-Length"),
            (&endless_line, "not a header"),
            (&many_headers, "name no Content-Length"),
        ] {
            let error = read(wire).unwrap_err().to_string();
            assert!(
                error.contains(expected),
                "{error} for {:?}",
                String::from_utf8_lossy(wire)
            );
        }
    }
}
