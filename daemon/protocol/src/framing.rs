//! Bytes to lines, bounded. Pure: what has arrived in, lines or the reason why not out.
//!
//! *Incomplete* is not *invalid*: a line whose end has not arrived yet is `Ok(None)`, a line that
//! can never become valid is an error. Not here: what a line means ([`crate::message`]) and where
//! bytes come from ([`crate::halves`]).

use std::num::NonZeroUsize;

use bytes::{Buf as _, BytesMut};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::ids::RequestId;

/// Longest line in bytes, its line feed not counted. The largest request is 52 KiB of text around
/// a caret, six times that when every character is escaped; a longer line ends the connection.
pub const FRAME_BYTES_MAX: usize = 1 << 20;

/// Why bytes are not a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// The line is longer than any message. What follows cannot be read any more.
    #[error("a line is longer than {FRAME_BYTES_MAX} bytes; send less text around the caret")]
    TooLong,
    /// The line is not UTF-8. The next line can be read.
    #[error("a line is not UTF-8 (first bad byte: {valid_bytes}); send JSON in UTF-8")]
    NotUtf8 {
        /// How many bytes were good.
        valid_bytes: usize,
    },
    /// The stream ended inside a line.
    #[error("the stream ended inside a line, {bytes} bytes after its start")]
    Truncated {
        /// How many bytes of the line arrived.
        bytes: usize,
    },
}

impl FrameError {
    /// Whether the lines that follow can still be told apart.
    pub fn is_recoverable(&self) -> bool {
        matches!(self, Self::NotUtf8 { .. })
    }
}

/// Finds lines in a growing buffer, looking at each byte once.
#[derive(Debug, Clone, Default)]
pub struct LineDecoder {
    /// Bytes at the start of the buffer that hold no line feed.
    scanned_bytes: usize,
    /// A line was too long: there is no next one.
    is_lost: bool,
}

impl LineDecoder {
    /// Takes the next line out of `buffer`, without its line feed; none until its end has arrived.
    /// Blank lines are passed over. After [`FrameError::TooLong`] the buffer is given up, and every
    /// further call answers the same.
    pub fn next_line(&mut self, buffer: &mut BytesMut) -> Result<Option<String>, FrameError> {
        loop {
            if self.is_lost {
                buffer.clear();
                return Err(FrameError::TooLong);
            }
            let looked_at = buffer.len().min(FRAME_BYTES_MAX + 1);
            let unseen = buffer
                .get(self.scanned_bytes..looked_at)
                .unwrap_or_default();
            let Some(found) = unseen.iter().position(|byte| *byte == b'\n') else {
                self.scanned_bytes = looked_at;
                self.is_lost = looked_at > FRAME_BYTES_MAX;
                if self.is_lost {
                    continue;
                }
                return Ok(None);
            };
            let line = buffer.split_to(self.scanned_bytes + found);
            buffer.advance(1);
            self.scanned_bytes = 0;
            if !line.iter().all(u8::is_ascii_whitespace) {
                return text_of(&line).map(Some);
            }
        }
    }

    /// What an ended stream left behind: nothing, or the beginning of a line.
    pub fn finish(&self, buffer: &BytesMut) -> Result<(), FrameError> {
        if self.is_lost {
            Err(FrameError::TooLong)
        } else if buffer.iter().all(u8::is_ascii_whitespace) {
            Ok(())
        } else {
            Err(FrameError::Truncated {
                bytes: buffer.len(),
            })
        }
    }
}

fn text_of(line: &[u8]) -> Result<String, FrameError> {
    match std::str::from_utf8(line) {
        Ok(text) => Ok(text.to_owned()),
        Err(error) => Err(FrameError::NotUtf8 {
            valid_bytes: error.valid_up_to(),
        }),
    }
}

/// Everything that a stream of these bytes would give a reader that gets `chunk` of them at a time:
/// lines and errors up to the one after which nothing can be read. The result is the same for every
/// chunk size; property tests and the fuzz target hold it to that.
pub fn decode_in_chunks(bytes: &[u8], chunk: NonZeroUsize) -> Vec<Result<String, FrameError>> {
    let mut decoder = LineDecoder::default();
    let mut buffer = BytesMut::new();
    let mut read = Vec::new();
    for piece in bytes.chunks(chunk.get()) {
        buffer.extend_from_slice(piece);
        loop {
            match decoder.next_line(&mut buffer) {
                Ok(None) => break,
                Ok(Some(line)) => read.push(Ok(line)),
                Err(error) => {
                    let is_recoverable = error.is_recoverable();
                    read.push(Err(error));
                    if !is_recoverable {
                        return read;
                    }
                }
            }
        }
    }
    read.extend(decoder.finish(&buffer).err().map(Err));
    read
}

/// A message as a line, line feed included.
pub fn encode(message: &impl Serialize) -> Result<Vec<u8>, EncodeError> {
    let mut line = serde_json::to_vec(message)?;
    if line.len() > FRAME_BYTES_MAX {
        return Err(EncodeError::TooLong { bytes: line.len() });
    }
    line.push(b'\n');
    Ok(line)
}

/// Why a message cannot become a line.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// Its text is too long.
    #[error(
        "a message has {bytes} bytes, more than the {FRAME_BYTES_MAX} of a line; send less text around the caret"
    )]
    TooLong {
        /// How long it would be.
        bytes: usize,
    },
    /// A value has no JSON form.
    #[error("a message has no JSON form: {0}")]
    NotJson(#[from] serde_json::Error),
}

/// A line as a message. serde_json refuses what is nested deeper than 128 levels.
pub fn parse<T: DeserializeOwned>(line: &str) -> Result<T, ParseError> {
    serde_json::from_str(line).map_err(|source| ParseError {
        request: request_id_of(line),
        source,
    })
}

/// A line that is not a message.
///
/// The text of `source` may quote the line, and so the user: it may be sent back to whoever wrote
/// the line, but not be logged. [`ParseError::place`] may.
#[derive(Debug, thiserror::Error)]
#[error("a line is not a message of this protocol: {source}")]
pub struct ParseError {
    /// The id of the request it was meant to be, when that much could be read.
    pub request: Option<RequestId>,
    /// What is wrong.
    pub source: serde_json::Error,
}

impl ParseError {
    /// Where and of what kind, without any of the line's text.
    pub fn place(&self) -> String {
        format!(
            "{:?} error at column {}",
            self.source.classify(),
            self.source.column()
        )
    }
}

/// The id of a request whose call cannot be read, so that its sender learns which one failed.
fn request_id_of(line: &str) -> Option<RequestId> {
    #[derive(serde::Deserialize)]
    struct Line {
        request: Request,
    }
    #[derive(serde::Deserialize)]
    struct Request {
        id: RequestId,
    }
    serde_json::from_str(line)
        .ok()
        .map(|line: Line| line.request.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{Call, ClientMessage};

    fn decode(bytes: &[u8]) -> Vec<Result<String, FrameError>> {
        decode_in_chunks(bytes, NonZeroUsize::new(7).unwrap())
    }

    #[test]
    fn lines_in_any_script_are_found_and_blank_ones_passed_over() {
        let read = decode("{}\r\n\n  \r\n{\"砚\":\"👨‍👩‍👧\"}\ne\u{301}\n".as_bytes());
        assert_eq!(
            read,
            [
                Ok("{}\r".to_owned()),
                Ok("{\"砚\":\"👨‍👩‍👧\"}".to_owned()),
                Ok("e\u{301}".to_owned())
            ]
        );
    }

    #[test]
    fn the_longest_line_is_read_and_one_byte_more_is_refused() {
        let longest = vec![b'a'; FRAME_BYTES_MAX];
        let with_end = |line: &[u8]| [line, b"\n"].concat();
        let chunk = NonZeroUsize::new(8 * 1024).unwrap();
        let read = decode_in_chunks(&with_end(&longest), chunk);
        assert!(matches!(read.as_slice(), [Ok(line)] if line.len() == FRAME_BYTES_MAX));
        let longer = with_end(&[&longest[..], b"a"].concat());
        for chunk in [chunk, NonZeroUsize::new(longer.len()).unwrap()] {
            assert_eq!(decode_in_chunks(&longer, chunk), [Err(FrameError::TooLong)]);
        }
    }

    #[test]
    fn a_line_without_end_is_refused_without_being_kept() {
        let mut decoder = LineDecoder::default();
        let mut buffer = BytesMut::from(&vec![b'['; FRAME_BYTES_MAX + 1][..]);
        assert_eq!(decoder.next_line(&mut buffer), Err(FrameError::TooLong));
        assert!(buffer.is_empty());
        buffer.extend_from_slice(b"{}\n");
        assert_eq!(decoder.next_line(&mut buffer), Err(FrameError::TooLong));
    }

    #[test]
    fn bytes_that_are_not_utf8_cost_one_line_only() {
        let read = decode(b"ok\n\xff\xfe\nab\xe4\xbd\n{}\n");
        assert_eq!(
            read,
            [
                Ok("ok".to_owned()),
                Err(FrameError::NotUtf8 { valid_bytes: 0 }),
                Err(FrameError::NotUtf8 { valid_bytes: 2 }),
                Ok("{}".to_owned())
            ]
        );
    }

    #[test]
    fn a_stream_that_ends_inside_a_line_says_so() {
        assert_eq!(
            decode(b"{}\n{\"a"),
            [Ok("{}".to_owned()), Err(FrameError::Truncated { bytes: 3 })]
        );
        assert_eq!(decode(b"{}\n "), [Ok("{}".to_owned())]);
    }

    #[test]
    fn deep_nesting_is_an_error_and_no_crash() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        let error = parse::<ClientMessage>(&deep).unwrap_err();
        assert_eq!(error.request, None);
        let hidden = format!(r#"{{"request":{{"id":7,"call":{deep}}}}}"#);
        assert!(parse::<ClientMessage>(&hidden).is_err());
    }

    #[test]
    fn the_id_of_an_unreadable_request_is_known() {
        let error =
            parse::<ClientMessage>(r#"{"request":{"id":7,"call":{"method":"sing"}}}"#).unwrap_err();
        assert_eq!(error.request, Some(RequestId(7)));
    }

    #[test]
    fn what_is_logged_of_a_bad_line_holds_none_of_its_text() {
        let error = parse::<ClientMessage>(r#"{"request":"my secret"}"#).unwrap_err();
        assert!(error.to_string().contains("my secret"));
        assert!(!error.place().contains("secret"), "{}", error.place());
    }

    #[test]
    fn a_message_that_is_too_long_is_not_encoded() {
        let sample = "字".repeat(FRAME_BYTES_MAX / 3 + 1);
        let call = Call::Warm { sample };
        let message = ClientMessage::Request {
            id: RequestId(1),
            deadline_ms: None,
            call,
        };
        assert!(
            matches!(encode(&message), Err(EncodeError::TooLong { bytes }) if bytes > FRAME_BYTES_MAX)
        );
    }
}
