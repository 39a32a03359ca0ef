//! The bounded queue of lines to one client, and the future that writes them.

use std::future::Future;

use inkstone_protocol::DaemonMessage;
use inkstone_protocol::framing::encode;
use inkstone_protocol::halves::MessageWriter;
use tokio::io::AsyncWrite;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Lines that may wait for a client to read. A suggestion streams some twenty; a client that is so
/// far behind has stopped reading, and is dropped so that its lines do not fill the memory.
const LINES_MAX: usize = 512;

/// Sends lines to the client; cheap to clone. Never waits.
#[derive(Debug, Clone)]
pub(super) struct Outgoing {
    lines: mpsc::Sender<Vec<u8>>,
    stalled: CancellationToken,
}

/// A queue and the future that writes it to `output`. The future ends when the client is gone, or
/// when every [`Outgoing`] is and the queue is empty.
pub(super) fn channel(output: impl AsyncWrite + Unpin) -> (Outgoing, impl Future<Output = ()>) {
    let (lines, mut to_write) = mpsc::channel::<Vec<u8>>(LINES_MAX);
    let mut writer = MessageWriter::<_, DaemonMessage>::new(output);
    let writing = async move {
        while let Some(line) = to_write.recv().await {
            if let Err(error) = writer.send_line(&line).await {
                tracing::debug!(%error, "a client is gone");
                return;
            }
        }
    };
    (
        Outgoing {
            lines,
            stalled: CancellationToken::new(),
        },
        writing,
    )
}

impl Outgoing {
    /// Queues a message. When the queue is full the client counts as stalled.
    pub(super) fn send(&self, message: &DaemonMessage) {
        match encode(message) {
            Ok(line) => {
                if let Err(mpsc::error::TrySendError::Full(_)) = self.lines.try_send(line) {
                    self.stalled.cancel();
                }
            }
            Err(error) => {
                // A reply without its line would be waited for for ever.
                tracing::error!(%error, "an answer cannot be sent");
                self.stalled.cancel();
            }
        }
    }

    /// Waits until the client has stopped reading.
    pub(super) async fn stalled(&self) {
        self.stalled.cancelled().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use inkstone_protocol::RequestId;

    #[tokio::test]
    async fn a_client_that_does_not_read_is_noticed_and_nobody_waits_for_it() {
        let (ours, _never_read) = tokio::io::duplex(64);
        let (outgoing, writing) = channel(ours);
        let writing = tokio::spawn(writing);
        let piece = DaemonMessage::Text {
            id: RequestId(1),
            piece: "word ".to_owned(),
        };
        for _ in 0..=LINES_MAX + 1 {
            outgoing.send(&piece);
        }
        outgoing.stalled().await;
        writing.abort();
    }
}
