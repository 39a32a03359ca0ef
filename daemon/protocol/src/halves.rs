//! Messages over a stream: the reading half and the writing half of a connection. Both sides of the
//! socket use them; the tests use them over a pipe in memory.

use std::io;
use std::marker::PhantomData;

use bytes::BytesMut;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use crate::framing::{self, EncodeError, FrameError, LineDecoder, ParseError};

/// Bytes asked for at a time: a usual request comes in one piece.
const READ_BYTES: usize = 16 * 1024;

/// Reads messages of type `T`.
#[derive(Debug)]
pub struct MessageReader<R, T> {
    input: R,
    buffer: BytesMut,
    lines: LineDecoder,
    messages: PhantomData<fn() -> T>,
}

/// Why there is no message.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The stream failed.
    #[error("the connection cannot be read: {0}")]
    Io(#[from] io::Error),
    /// Bytes are not a line.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// A line is not a message.
    #[error(transparent)]
    Parse(#[from] ParseError),
}

impl ReadError {
    /// Whether the next message can be read.
    pub fn is_recoverable(&self) -> bool {
        match self {
            Self::Io(_) => false,
            Self::Frame(error) => error.is_recoverable(),
            Self::Parse(_) => true,
        }
    }
}

impl<R: AsyncRead + Unpin, T: DeserializeOwned> MessageReader<R, T> {
    /// Reads from `input`.
    pub fn new(input: R) -> Self {
        Self {
            input,
            buffer: BytesMut::new(),
            lines: LineDecoder::default(),
            messages: PhantomData,
        }
    }

    /// The next message; none when the stream has ended between two lines. Cancel safe: what has
    /// arrived of a line stays.
    pub async fn next(&mut self) -> Result<Option<T>, ReadError> {
        loop {
            if let Some(line) = self.lines.next_line(&mut self.buffer)? {
                return Ok(Some(framing::parse(&line)?));
            }
            self.buffer.reserve(READ_BYTES);
            if self.input.read_buf(&mut self.buffer).await? == 0 {
                self.lines.finish(&self.buffer)?;
                return Ok(None);
            }
        }
    }
}

/// Writes messages of type `T`.
#[derive(Debug)]
pub struct MessageWriter<W, T> {
    output: W,
    messages: PhantomData<fn(T)>,
}

/// Why a message was not written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The stream failed.
    #[error("the connection cannot be written to: {0}")]
    Io(#[from] io::Error),
    /// It cannot become a line.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

impl<W: AsyncWrite + Unpin, T: Serialize> MessageWriter<W, T> {
    /// Writes to `output`.
    pub fn new(output: W) -> Self {
        Self {
            output,
            messages: PhantomData,
        }
    }

    /// Writes a message. Not cancel safe: a line may stay unfinished.
    pub async fn send(&mut self, message: &T) -> Result<(), WriteError> {
        let line = framing::encode(message)?;
        self.send_line(&line).await?;
        Ok(())
    }

    /// Writes an encoded message. Not cancel safe.
    pub async fn send_line(&mut self, line: &[u8]) -> io::Result<()> {
        self.output.write_all(line).await?;
        self.output.flush().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::RequestId;
    use crate::message::ClientMessage;

    #[tokio::test]
    async fn messages_pass_and_the_end_between_two_lines_is_no_error() {
        let (ours, theirs) = tokio::io::duplex(16);
        let sent: Vec<ClientMessage> = (0..40)
            .map(|id| ClientMessage::Cancel(RequestId(id)))
            .collect();
        let messages = sent.clone();
        let writing = tokio::spawn(async move {
            let mut writer = MessageWriter::new(theirs);
            for message in &messages {
                writer.send(message).await.unwrap();
            }
        });
        let mut reader = MessageReader::<_, ClientMessage>::new(ours);
        for message in sent {
            assert_eq!(reader.next().await.unwrap(), Some(message));
        }
        assert_eq!(reader.next().await.unwrap(), None);
        writing.await.unwrap();
    }

    #[tokio::test]
    async fn a_bad_line_is_an_error_after_which_reading_goes_on() {
        let input: &[u8] = b"nonsense\n\xff\n{\"cancel\":1}\n{\"canc";
        let mut reader = MessageReader::<_, ClientMessage>::new(input);
        for _ in 0..2 {
            assert!(reader.next().await.unwrap_err().is_recoverable());
        }
        assert_eq!(
            reader.next().await.unwrap(),
            Some(ClientMessage::Cancel(RequestId(1)))
        );
        let end = reader.next().await.unwrap_err();
        assert!(!end.is_recoverable(), "{end}");
    }

    #[tokio::test]
    async fn an_endless_line_is_refused() {
        let mut reader = MessageReader::<_, ClientMessage>::new(tokio::io::repeat(b'['));
        let error = reader.next().await.unwrap_err();
        assert!(
            matches!(error, ReadError::Frame(FrameError::TooLong)),
            "{error}"
        );
    }
}
