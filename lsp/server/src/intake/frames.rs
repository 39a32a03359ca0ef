//! `Content-Length` frames out of a byte stream, without input or output of its own.
//!
//! Not JSON: a frame's body is bytes. Called by `pump` and by the fuzz entry.

use inkstone_text::DOCUMENT_BYTES_MAX;

/// The largest body read: the largest document, where each byte may be escaped to six. A larger
/// one is skipped and reported, so that a wrong length costs a message and not our memory.
pub(crate) const FRAME_BYTES_MAX: usize = 6 * DOCUMENT_BYTES_MAX;

/// The most bytes of headers; real ones take about 40. Past it the bytes are no header: they are
/// dropped up to the next `Content-Length`.
const HEADER_BYTES_MAX: usize = 4 * 1024;

const HEADER_NAME: &[u8] = b"content-length";
const HEADER_END: &[u8] = b"\r\n\r\n";

/// Why bytes were dropped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FrameProblem {
    /// No usable `Content-Length` before the empty line.
    #[error("a message came without a usable Content-Length header and was dropped")]
    BadHeader,
    /// The body is larger than [`FRAME_BYTES_MAX`].
    #[error("a message of {bytes} bytes was dropped: at most {FRAME_BYTES_MAX} are read")]
    TooLarge {
        /// What the header announced.
        bytes: usize,
    },
    /// The body is not UTF-8 or not JSON.
    #[error("a message that is not JSON was dropped: {0}")]
    NotJson(String),
    /// The body is JSON, but no JSON-RPC message.
    #[error("a message that is not JSON-RPC was dropped")]
    NotJsonRpc,
}

/// Collects bytes and gives out whole bodies.
#[derive(Debug, Default)]
pub(crate) struct FrameReader {
    buffer: Vec<u8>,
    state: State,
}

#[derive(Debug, Default, Clone, Copy)]
enum State {
    #[default]
    Header,
    Body {
        bytes: usize,
    },
    Skipping {
        bytes_left: usize,
    },
}

impl FrameReader {
    /// Takes bytes as they came.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The next body, or a problem; none until more bytes come.
    pub(crate) fn next_frame(&mut self) -> Option<Result<Vec<u8>, FrameProblem>> {
        loop {
            match self.state {
                State::Header => match self.read_header()? {
                    Ok(bytes) if bytes > FRAME_BYTES_MAX => {
                        self.state = State::Skipping { bytes_left: bytes };
                        return Some(Err(FrameProblem::TooLarge { bytes }));
                    }
                    Ok(bytes) => self.state = State::Body { bytes },
                    Err(problem) => return Some(Err(problem)),
                },
                State::Body { bytes } => {
                    if self.buffer.len() < bytes {
                        return None;
                    }
                    let rest = self.buffer.split_off(bytes);
                    let body = std::mem::replace(&mut self.buffer, rest);
                    self.state = State::Header;
                    return Some(Ok(body));
                }
                State::Skipping { bytes_left } => {
                    let now = bytes_left.min(self.buffer.len());
                    self.buffer.drain(..now);
                    if now < bytes_left {
                        self.state = State::Skipping {
                            bytes_left: bytes_left - now,
                        };
                        return None;
                    }
                    self.state = State::Header;
                }
            }
        }
    }

    /// The announced length; none until the header is whole.
    fn read_header(&mut self) -> Option<Result<usize, FrameProblem>> {
        let Some(end) = find(&self.buffer, HEADER_END) else {
            if self.buffer.len() <= HEADER_BYTES_MAX {
                return None;
            }
            self.drop_to_next_header(1);
            return Some(Err(FrameProblem::BadHeader));
        };
        if let Some(bytes) = content_length(&self.buffer[..end]) {
            self.buffer.drain(..end + HEADER_END.len());
            return Some(Ok(bytes));
        }
        self.drop_to_next_header(end + HEADER_END.len());
        Some(Err(FrameProblem::BadHeader))
    }

    /// Drops `from` bytes and then what comes before something that looks like a header. Where
    /// nothing does, the last few bytes stay: they may be the beginning of one.
    fn drop_to_next_header(&mut self, from: usize) {
        let from = from.min(self.buffer.len());
        let lower: Vec<u8> = self.buffer[from..].to_ascii_lowercase();
        let keep_from = match find(&lower, HEADER_NAME) {
            Some(at) => from + at,
            None => from.max(self.buffer.len().saturating_sub(HEADER_NAME.len())),
        };
        self.buffer.drain(..keep_from);
    }
}

/// The length in a header block. Garbage before the header's name on its line, left by a broken
/// writer, is forgiven.
fn content_length(block: &[u8]) -> Option<usize> {
    let block = std::str::from_utf8(block).ok()?.to_ascii_lowercase();
    let name = std::str::from_utf8(HEADER_NAME).ok()?;
    block.lines().rev().find_map(|line| {
        let value = line[line.find(name)? + name.len()..].trim_start();
        value.strip_prefix(':')?.trim().parse().ok()
    })
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}

/// A body with its header, as it goes over the wire.
pub(crate) fn framed(body: &[u8]) -> Vec<u8> {
    let mut frame = format!("Content-Length: {}\r\n\r\n", body.len()).into_bytes();
    frame.extend_from_slice(body);
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(bytes: &[u8], piece: usize) -> Vec<Result<Vec<u8>, FrameProblem>> {
        let mut reader = FrameReader::default();
        let mut out = Vec::new();
        for chunk in bytes.chunks(piece) {
            reader.push(chunk);
            while let Some(frame) = reader.next_frame() {
                out.push(frame);
            }
        }
        out
    }

    #[test]
    fn frames_come_out_whole_however_the_bytes_arrive() {
        let mut bytes = framed("{\"a\":\"砚\"}".as_bytes());
        bytes.extend(framed(b""));
        bytes.extend(framed(b"[]"));
        for piece in 1..bytes.len() {
            let bodies = read_all(&bytes, piece);
            let expected: Vec<_> = ["{\"a\":\"砚\"}", "", "[]"]
                .map(|body| Ok(body.as_bytes().to_vec()))
                .into();
            assert_eq!(bodies, expected, "pieces of {piece} bytes");
        }
    }

    #[test]
    fn header_names_are_read_in_any_case_and_order() {
        let bytes = b"content-type: application/vscode-jsonrpc; charset=utf-8\r\ncontent-length:2\r\n\r\n{}";
        assert_eq!(read_all(bytes, 7), vec![Ok(b"{}".to_vec())]);
    }

    #[test]
    fn a_header_without_a_length_costs_one_message_and_not_the_next() {
        for bad in [
            "Content-Length: -1\r\n\r\n{}",
            "Nonsense: 1\r\n\r\n",
            "\r\n\r\n",
        ] {
            let mut bytes = bad.as_bytes().to_vec();
            bytes.extend(framed(b"[1]"));
            let frames = read_all(&bytes, 5);
            assert_eq!(
                frames.first(),
                Some(&Err(FrameProblem::BadHeader)),
                "{bad:?}"
            );
            assert_eq!(frames.last(), Some(&Ok(b"[1]".to_vec())), "{bad:?}");
        }
    }

    #[test]
    fn a_body_over_the_limit_is_skipped_without_being_held() {
        let announced = FRAME_BYTES_MAX + 1;
        let mut reader = FrameReader::default();
        reader.push(format!("Content-Length: {announced}\r\n\r\n").as_bytes());
        assert_eq!(
            reader.next_frame(),
            Some(Err(FrameProblem::TooLarge { bytes: announced }))
        );
        let piece = vec![b'x'; 1 << 20];
        let mut left = announced;
        while left > 0 {
            let now = left.min(piece.len());
            reader.push(&piece[..now]);
            assert_eq!(reader.next_frame(), None);
            assert!(reader.buffer.is_empty());
            left -= now;
        }
        reader.push(&framed(b"{}"));
        assert_eq!(reader.next_frame(), Some(Ok(b"{}".to_vec())));
    }

    #[test]
    fn endless_garbage_is_dropped_piece_by_piece() {
        let mut reader = FrameReader::default();
        for _ in 0..1_000 {
            reader.push(&[b'x'; 1_000]);
            while reader.next_frame().is_some() {}
            assert!(reader.buffer.len() <= HEADER_BYTES_MAX + 1_000);
        }
        reader.push(&framed(b"{}"));
        let mut last = None;
        while let Some(frame) = reader.next_frame() {
            last = Some(frame);
        }
        assert_eq!(last, Some(Ok(b"{}".to_vec())));
    }
}
