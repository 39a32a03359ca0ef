//! A session over a pipe in memory, with a clock that the test moves.

use std::any::Any;
use std::sync::Arc;
use std::time::{Duration, Instant};

use inkstone_protocol::halves::MessageReader;
use inkstone_protocol::{
    CompleteParams, DaemonMessage, DocumentId, ErrorCode, ScoreParams, ScoreReply, WireError,
};
use inkstone_settings::Settings;
use tokio::io::AsyncWriteExt as _;
use tokio::sync::{mpsc, oneshot, watch};

use super::{Phase, Shared, serve};
use crate::completions::Completions;
use crate::marks::Marks;
use crate::outcomes::Outcomes;
use crate::serving::{ServingEvent, ServingReport};
use crate::trainer::Trainer;

/// Models that never answer.
#[derive(Debug, Clone)]
struct Silent;

impl Completions for Silent {
    type Ticket = Box<dyn Any + Send>;

    fn complete(
        &self,
        _params: CompleteParams,
        _deadline: Option<Instant>,
        events: mpsc::Sender<ServingEvent>,
    ) -> Self::Ticket {
        Box::new(events)
    }

    fn score(
        &self,
        _params: ScoreParams,
        _deadline: Option<Instant>,
        answer: oneshot::Sender<Result<Box<ScoreReply>, WireError>>,
    ) -> Self::Ticket {
        Box::new(answer)
    }

    fn warm(&self, _sample: String) {}

    fn close(&self, _document: DocumentId) {}

    fn reload(&self, _settings: Arc<Settings>) {}

    fn adapters_changed(&self, _done: oneshot::Sender<()>) {}

    fn forget(&self) {}

    fn report(&self) -> ServingReport {
        ServingReport::default()
    }

    async fn ended(&self) {
        std::future::pending::<()>().await;
    }

    async fn shutdown(self, _deadline: Duration) {}
}

fn shared(phase: &watch::Sender<Phase>) -> Arc<Shared<Silent>> {
    let (orders, _nobody) = mpsc::channel(1);
    Arc::new(Shared::new(
        Silent,
        orders,
        phase.subscribe(),
        "0.1.0".to_owned(),
        (
            Marks::new("nowhere".into()),
            Outcomes::new("nowhere/o.json".into(), "nowhere".into()),
        ),
        Trainer::none(),
    ))
}

async fn next_error(
    reader: &mut MessageReader<impl tokio::io::AsyncRead + Unpin, DaemonMessage>,
) -> ErrorCode {
    match reader.next().await.unwrap() {
        Some(DaemonMessage::Error { error, .. }) => error.code,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_never_says_hello_is_let_go() {
    let (ours, theirs) = tokio::io::duplex(4_096);
    let phase = watch::Sender::new(Phase::Serving);
    let session = tokio::spawn(serve(theirs, shared(&phase)));
    let mut reader = MessageReader::<_, DaemonMessage>::new(ours);
    assert_eq!(next_error(&mut reader).await, ErrorCode::DeadlineExceeded);
    assert_eq!(reader.next().await.unwrap(), None);
    session.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_request_without_a_deadline_is_not_kept_for_ever() {
    let (ours, theirs) = tokio::io::duplex(4_096);
    let phase = watch::Sender::new(Phase::Serving);
    let _session = tokio::spawn(serve(theirs, shared(&phase)));
    let (input, mut output) = tokio::io::split(ours);
    let hello = r#"{"hello":{"protocol":1,"client":"c","version":"0.1.0"}}"#;
    let request = r#"{"request":{"id":1,"call":{"method":"complete","params":{"document":"d","version":1,"prefix":"a"}}}}"#;
    output
        .write_all(format!("{hello}\n{request}\n").as_bytes())
        .await
        .unwrap();
    let mut reader = MessageReader::<_, DaemonMessage>::new(input);
    assert!(matches!(
        reader.next().await.unwrap(),
        Some(DaemonMessage::Welcome(_))
    ));
    assert_eq!(next_error(&mut reader).await, ErrorCode::DeadlineExceeded);
}

#[tokio::test]
async fn a_daemon_that_ends_welcomes_nobody() {
    let (ours, theirs) = tokio::io::duplex(4_096);
    let phase = watch::Sender::new(Phase::Ending);
    let session = tokio::spawn(serve(theirs, shared(&phase)));
    let (input, mut output) = tokio::io::split(ours);
    output
        .write_all(b"{\"hello\":{\"protocol\":1,\"client\":\"c\",\"version\":\"0.1.0\"}}\n")
        .await
        .unwrap();
    let mut reader = MessageReader::<_, DaemonMessage>::new(input);
    assert_eq!(next_error(&mut reader).await, ErrorCode::ShuttingDown);
    session.await.unwrap();
}
