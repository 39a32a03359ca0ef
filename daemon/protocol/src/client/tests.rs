//! The client against a daemon whose every line the test writes.

use std::path::PathBuf;

use tokio::io::{ReadHalf, WriteHalf};

use super::*;
use crate::complete::{CompleteReply, Timing, TokenUse};
use crate::endpoint::{Listener, Stream, accept, listen};
use crate::error::{ErrorCode, WireError};
use crate::halves::{MessageReader, MessageWriter};
use crate::hello::PROTOCOL_VERSION;
use crate::ids::{DocumentId, DocumentVersion};
use crate::message::DaemonMessage;

/// Every wait of these tests: long against a busy machine.
const WAIT: Duration = Duration::from_secs(20);

fn hello() -> Hello {
    Hello {
        protocol: PROTOCOL_VERSION,
        client: "test".to_owned(),
        version: "0.1.0".to_owned(),
    }
}

/// The daemon's side, played by the test.
struct Daemon {
    reader: MessageReader<ReadHalf<Stream>, ClientMessage>,
    writer: MessageWriter<WriteHalf<Stream>, DaemonMessage>,
}

impl Daemon {
    async fn accept(listener: &Listener) -> Self {
        let (input, output) = tokio::io::split(accept(listener).await.unwrap());
        Self {
            reader: MessageReader::new(input),
            writer: MessageWriter::new(output),
        }
    }

    async fn welcome(mut self) -> Self {
        assert_eq!(self.next().await, ClientMessage::Hello(hello()));
        let welcome = Welcome {
            protocol: PROTOCOL_VERSION,
            version: "0.1.0".to_owned(),
            pid: 1,
        };
        self.say(DaemonMessage::Welcome(welcome)).await;
        self
    }

    async fn next(&mut self) -> ClientMessage {
        tokio::time::timeout(WAIT, self.reader.next())
            .await
            .unwrap()
            .unwrap()
            .unwrap()
    }

    async fn next_request(&mut self) -> (RequestId, Call) {
        match self.next().await {
            ClientMessage::Request { id, call, .. } => (id, call),
            other => panic!("{other:?}"),
        }
    }

    async fn say(&mut self, message: DaemonMessage) {
        self.writer.send(&message).await.unwrap();
    }
}

async fn connected() -> (Client, Daemon, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("s");
    let listener = listen(&socket).unwrap();
    let hello = hello();
    let (client, daemon) = tokio::join!(Client::connect(&socket, &hello), async {
        Daemon::accept(&listener).await.welcome().await
    });
    (client.unwrap(), daemon, folder)
}

fn params(prefix: &str) -> CompleteParams {
    CompleteParams {
        stream: true,
        ..CompleteParams::new(DocumentId("d".to_owned()), DocumentVersion(1), prefix)
    }
}

fn reply(text: &str) -> CompleteReply {
    CompleteReply {
        text: text.to_owned(),
        word_ends: Vec::new(),
        alternatives: Vec::new(),
        silence: None,
        finish: None,
        model: None,
        adapter: None,
        notice: None,
        mean_logprob: None,
        confidence: None,
        timing: Timing::default(),
        tokens: TokenUse::default(),
    }
}

fn result(id: RequestId, text: &str) -> DaemonMessage {
    DaemonMessage::Result {
        id,
        reply: Reply::Complete(Box::new(reply(text))),
    }
}

#[tokio::test]
async fn answers_find_their_requests_in_whatever_order_they_come() {
    let (client, mut daemon, _folder) = connected().await;
    let mut first = client.complete(params("one"), None).unwrap();
    let second = client.complete(params("二"), None).unwrap();
    let (first_id, call) = daemon.next_request().await;
    assert!(matches!(call, Call::Complete(asked) if asked.prefix == "one"));
    let (second_id, _) = daemon.next_request().await;
    daemon
        .say(DaemonMessage::Loading {
            id: first_id,
            model: "m".to_owned(),
            percent: 5,
        })
        .await;
    daemon.say(result(second_id, "第二")).await;
    assert_eq!(second.result().await.unwrap().text, "第二");
    daemon
        .say(DaemonMessage::Text {
            id: first_id,
            piece: "fi".to_owned(),
        })
        .await;
    let loading = CompletionEvent::Loading {
        model: "m".to_owned(),
        percent: 5,
    };
    assert_eq!(first.next().await, Some(loading));
    assert_eq!(
        first.next().await,
        Some(CompletionEvent::Text("fi".to_owned()))
    );
    daemon.say(result(first_id, "first")).await;
    assert_eq!(
        first.next().await,
        Some(CompletionEvent::Result(Ok(Box::new(reply("first")))))
    );
    assert_eq!(first.next().await, None);
}

#[tokio::test]
async fn dropping_a_stream_cancels_its_request_and_a_finished_one_does_not() {
    let (client, mut daemon, _folder) = connected().await;
    let dropped = client.complete(params("a"), None).unwrap();
    let (dropped_id, _) = daemon.next_request().await;
    drop(dropped);
    assert_eq!(daemon.next().await, ClientMessage::Cancel(dropped_id));
    let finished = client.complete(params("b"), None).unwrap();
    let (finished_id, _) = daemon.next_request().await;
    daemon.say(result(finished_id, "x")).await;
    finished.result().await.unwrap();
    // The next line is the next request: no cancel in between.
    let _waiting = client.complete(params("c"), None).unwrap();
    daemon.next_request().await;
}

#[tokio::test]
async fn a_lost_connection_fails_all_in_flight_and_all_later_requests() {
    let (client, mut daemon, _folder) = connected().await;
    let streams: Vec<_> = (0..3)
        .map(|_| client.complete(params("a"), None).unwrap())
        .collect();
    for _ in 0..3 {
        daemon.next_request().await;
    }
    drop(daemon);
    for stream in streams {
        assert!(matches!(
            stream.result().await,
            Err(ClientError::Lost { .. })
        ));
    }
    tokio::time::timeout(WAIT, client.lost()).await.unwrap();
    assert!(!client.is_connected());
    assert!(matches!(
        client.complete(params("b"), None),
        Err(ClientError::Lost { .. })
    ));
    assert!(matches!(
        client.status().await,
        Err(ClientError::Lost { .. })
    ));
}

#[tokio::test]
async fn a_line_that_is_no_message_ends_the_connection_with_its_reason() {
    let (client, mut daemon, _folder) = connected().await;
    let asked = client.complete(params("a"), None).unwrap();
    daemon.next_request().await;
    daemon.writer.send_line(b"what?\n").await.unwrap();
    match asked.result().await {
        Err(ClientError::Lost { reason }) => assert!(reason.contains("not a message"), "{reason}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_daemon_that_never_answers_is_given_up_and_told_so() {
    let (client, mut daemon, _folder) = connected().await;
    let deadline = Duration::from_millis(30);
    let error = client.call(Call::Status, deadline).await.unwrap_err();
    assert_eq!(error, ClientError::TooLate { deadline_ms: 30 });
    let (id, _) = daemon.next_request().await;
    assert_eq!(daemon.next().await, ClientMessage::Cancel(id));
    let late = client.complete(params("a"), Some(deadline)).unwrap();
    assert_eq!(
        late.result().await,
        Err(ClientError::TooLate { deadline_ms: 30 })
    );
}

#[tokio::test]
async fn too_many_requests_are_refused_here_and_a_cancelled_one_counts_until_its_end() {
    let (client, mut daemon, _folder) = connected().await;
    let mut streams: Vec<_> = (0..REQUESTS_IN_FLIGHT_MAX)
        .map(|_| client.complete(params("a"), None).unwrap())
        .collect();
    let refused = |result: Result<CompletionStream, ClientError>| {
        assert!(
            matches!(result, Err(ClientError::TooManyInFlight)),
            "{result:?}"
        );
    };
    refused(client.complete(params("a"), None));
    drop(streams.pop());
    refused(client.complete(params("a"), None));
    let mut last = RequestId(0);
    for _ in 0..REQUESTS_IN_FLIGHT_MAX {
        (last, _) = daemon.next_request().await;
    }
    assert_eq!(daemon.next().await, ClientMessage::Cancel(last));
    let cancelled = WireError::new(ErrorCode::Cancelled, "cancelled");
    daemon
        .say(DaemonMessage::Error {
            id: Some(last),
            error: cancelled,
        })
        .await;
    daemon.say(result(RequestId(1), "x")).await;
    streams.remove(0).result().await.unwrap();
    client.complete(params("a"), None).unwrap();
}

#[tokio::test]
async fn a_request_that_is_too_long_is_refused_before_it_is_sent() {
    let (client, mut daemon, _folder) = connected().await;
    let long = params(&"\u{1}".repeat(300_000));
    assert!(matches!(
        client.complete(long, None),
        Err(ClientError::TooLong { .. })
    ));
    let _next = client.complete(params("a"), None).unwrap();
    daemon.next_request().await;
}

#[tokio::test]
async fn the_last_client_closes_the_connection() {
    let (client, mut daemon, _folder) = connected().await;
    let other = client.clone();
    drop(client);
    assert!(other.is_connected());
    drop(other);
    assert_eq!(
        tokio::time::timeout(WAIT, daemon.reader.next())
            .await
            .unwrap()
            .unwrap(),
        None
    );
}

#[tokio::test]
async fn a_refused_handshake_is_an_error_with_the_daemons_words() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("s");
    let listener = listen(&socket).unwrap();
    let hello = hello();
    let (client, ()) = tokio::join!(Client::connect(&socket, &hello), async {
        let mut daemon = Daemon::accept(&listener).await;
        daemon.next().await;
        let error = WireError::new(ErrorCode::ProtocolMismatch, "too old");
        daemon.say(DaemonMessage::Error { id: None, error }).await;
    });
    assert_eq!(
        client.unwrap_err().code(),
        Some(ErrorCode::ProtocolMismatch)
    );
}

#[tokio::test]
async fn where_nobody_listens_the_error_says_so() {
    let socket = PathBuf::from("/nonexistent/inkstoned.sock");
    let error = Client::connect(&socket, &hello()).await.unwrap_err();
    assert_eq!(error, ClientError::NotRunning { socket });
}
