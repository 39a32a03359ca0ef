//! The handshake, and the task that reads and writes one connection until it ends.

use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;

use crate::client::ClientError;
use crate::client::in_flight::InFlight;
use crate::error::{ErrorCode, WireError};
use crate::halves::{MessageReader, MessageWriter};
use crate::hello::{Hello, Welcome};
use crate::message::{ClientMessage, DaemonMessage};

/// The two halves of a connection whose handshake is done.
pub(super) struct Shaken<S> {
    reader: MessageReader<tokio::io::ReadHalf<S>, DaemonMessage>,
    writer: MessageWriter<tokio::io::WriteHalf<S>, ClientMessage>,
}

/// Says hello and takes the welcome.
pub(super) async fn shake_hands<S: AsyncRead + AsyncWrite>(
    stream: S,
    hello: &Hello,
) -> Result<(Shaken<S>, Welcome), ClientError> {
    let (input, output) = tokio::io::split(stream);
    let (mut reader, mut writer) = (MessageReader::new(input), MessageWriter::new(output));
    let lost = |reason: String| ClientError::Lost { reason };
    let sent = writer.send(&ClientMessage::Hello(hello.clone())).await;
    // A daemon that is full refuses before it reads: its word counts more than our failed write.
    match reader.next().await {
        Ok(Some(DaemonMessage::Welcome(welcome))) if welcome.protocol == hello.protocol => {
            Ok((Shaken { reader, writer }, welcome))
        }
        Ok(Some(DaemonMessage::Welcome(welcome))) => Err(ClientError::Refused(WireError::new(
            ErrorCode::ProtocolMismatch,
            format!(
                "the daemon speaks protocol {}, this program {}",
                welcome.protocol, hello.protocol
            ),
        ))),
        Ok(Some(DaemonMessage::Error { error, .. })) => Err(ClientError::Refused(error)),
        Ok(Some(_)) => Err(lost(
            "it answered the handshake with something else".to_owned(),
        )),
        Ok(None) => Err(lost(sent.err().map_or_else(
            || "it closed the connection during the handshake".to_owned(),
            |error| error.to_string(),
        ))),
        Err(error) => Err(lost(error.to_string())),
    }
}

/// Reads and writes until the connection ends or every [`super::Client`] is gone.
pub(super) async fn serve<S: AsyncRead + AsyncWrite>(
    shaken: Shaken<S>,
    mut to_send: mpsc::Receiver<Vec<u8>>,
    in_flight: Arc<InFlight>,
) {
    let Shaken {
        mut reader,
        mut writer,
    } = shaken;
    let read = async {
        loop {
            match reader.next().await {
                Ok(Some(message)) => {
                    if let Err(error) = in_flight.deliver(message) {
                        return error.to_string();
                    }
                }
                Ok(None) => return "the daemon closed it".to_owned(),
                Err(error) => return error.to_string(),
            }
        }
    };
    let write = async {
        while let Some(line) = to_send.recv().await {
            if let Err(error) = writer.send_line(&line).await {
                return error.to_string();
            }
        }
        "nobody uses it any more".to_owned()
    };
    // Whichever ends first drops the other, and with both halves the socket closes.
    let reason = tokio::select! {
        reason = read => reason,
        reason = write => reason,
    };
    in_flight.lose(&reason);
}
