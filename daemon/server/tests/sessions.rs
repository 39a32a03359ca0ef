//! Several clients and many requests: who gets which answer, what is cancelled when, and how the
//! daemon ends.
#![allow(clippy::unwrap_used)] // A test that fails panics.

mod stage;

use std::time::Duration;

use inkstone_protocol::lifecycle::stopped;
use inkstone_protocol::{
    Call, ClientError, CompleteParams, CompletionEvent, DocumentId, ErrorCode, Reply, ScoreParams,
    ScoreReply, TextScore,
};
use inkstoned::EndReason;
use inkstoned::daemon::CONNECTIONS_MAX;
use inkstoned::serving::ServingEvent;
use stage::{Stage, WAIT, params, within};

#[tokio::test]
async fn two_clients_get_their_own_answers_and_are_counted() {
    let mut stage = Stage::new();
    let (one, two) = (
        stage.launcher().connect().await.unwrap(),
        stage.launcher().connect().await.unwrap(),
    );
    let mut first = one.complete(params("one"), None).unwrap();
    let first_submitted = stage.submitted().await;
    let second = two.complete(params("二"), None).unwrap();
    let second_submitted = stage.submitted().await;
    assert_eq!(
        (
            first_submitted.params.prefix.as_str(),
            second_submitted.params.prefix.as_str()
        ),
        ("one", "二")
    );
    let status = two.status().await.unwrap();
    assert_eq!((status.clients, status.completions), (2, 7));
    assert_eq!(status.pid, std::process::id());
    assert!(status.rss_mb > 1.0);
    second_submitted.answer("第二").await;
    assert_eq!(second.result().await.unwrap().text, "第二");
    first_submitted
        .events
        .send(ServingEvent::Loading {
            model: "m".to_owned(),
            percent: 40,
        })
        .await
        .unwrap();
    first_submitted
        .events
        .send(ServingEvent::Text("fir".to_owned()))
        .await
        .unwrap();
    let loading = CompletionEvent::Loading {
        model: "m".to_owned(),
        percent: 40,
    };
    assert_eq!(within("progress", first.next()).await, Some(loading));
    assert_eq!(
        within("text", first.next()).await,
        Some(CompletionEvent::Text("fir".to_owned()))
    );
    first_submitted.answer("first").await;
    assert_eq!(first.result().await.unwrap().text, "first");
}

#[tokio::test]
async fn texts_are_scored_in_order_and_no_further_when_their_client_has_gone() {
    let mut stage = Stage::new();
    let client = stage.launcher().connect().await.unwrap();
    let params = ScoreParams {
        texts: vec!["one".to_owned(), "港口".to_owned()],
        language: Some("zh".to_owned()),
        ..ScoreParams::default()
    };
    let asking = tokio::spawn({
        let (client, params) = (client.clone(), params.clone());
        async move { client.score(params, WAIT).await }
    });
    let asked = stage.asked().await;
    assert_eq!(asked.params, params);
    let score = TextScore {
        nats: 2.5,
        tokens: 2,
        characters: 2,
    };
    let reply = ScoreReply {
        model: "m".to_owned(),
        model_hash: "00".to_owned(),
        adapter: Some("en-1".to_owned()),
        memory: true,
        scores: vec![TextScore::default(), score],
    };
    asked.answer.send(Ok(Box::new(reply.clone()))).unwrap();
    assert_eq!(asking.await.unwrap(), Ok(reply));
    let late = client.score(params.clone(), Duration::from_millis(30));
    let late = late.await.unwrap_err();
    assert_eq!(late.code(), Some(ErrorCode::DeadlineExceeded));
    stage.asked().await.cancelled().await;
    let other = stage.launcher().connect().await.unwrap();
    let asking = tokio::spawn(async move { other.score(params, WAIT).await });
    let asked = stage.asked().await;
    asking.abort();
    asked.cancelled().await;
}

#[tokio::test]
async fn text_is_streamed_only_to_those_who_asked() {
    let mut stage = Stage::new();
    let client = stage.launcher().connect().await.unwrap();
    let mut quiet = params("a");
    quiet.stream = false;
    let mut asked = client.complete(quiet, None).unwrap();
    let submitted = stage.submitted().await;
    submitted
        .events
        .send(ServingEvent::Text("x".to_owned()))
        .await
        .unwrap();
    submitted.answer("xy").await;
    assert!(matches!(
        within("the end", asked.next()).await,
        Some(CompletionEvent::Result(Ok(_)))
    ));
}

#[tokio::test]
async fn cancelling_drops_the_ticket_answers_cancelled_and_spares_the_others() {
    let mut stage = Stage::new();
    let mut raw = stage.raw_welcome().await;
    for id in [1, 2] {
        let line = format!(
            "{{\"request\":{{\"id\":{id},\"call\":{{\"method\":\"complete\",\"params\":{{\"document\":\"d{id}\",\"version\":1,\"prefix\":\"a\"}}}}}}}}\n"
        );
        raw.write(line.as_bytes()).await;
    }
    let (first, second) = (stage.submitted().await, stage.submitted().await);
    raw.write(b"{\"cancel\":1}\n").await;
    assert_eq!(raw.error().await, (Some(1), "cancelled".to_owned()));
    first.cancelled().await;
    second.answer("kept").await;
    assert_eq!(raw.line().await["result"]["reply"]["value"]["text"], "kept");
}

#[tokio::test]
async fn a_client_that_leaves_takes_its_requests_with_it() {
    let mut stage = Stage::new();
    let leaving = stage.launcher().connect().await.unwrap();
    let staying = stage.launcher().connect().await.unwrap();
    let streams: Vec<_> = (0..3)
        .map(|_| leaving.complete(params("a"), None).unwrap())
        .collect();
    let lost = [
        stage.submitted().await,
        stage.submitted().await,
        stage.submitted().await,
    ];
    let kept = staying.complete(params("b"), None).unwrap();
    let kept_submitted = stage.submitted().await;
    drop((leaving, streams));
    for submitted in lost {
        submitted.cancelled().await;
    }
    kept_submitted.answer("b").await;
    assert_eq!(kept.result().await.unwrap().text, "b");
}

#[tokio::test]
async fn a_deadline_that_passes_drops_the_ticket() {
    let mut stage = Stage::new();
    let client = stage.launcher().connect().await.unwrap();
    let late = client
        .complete(params("a"), Some(Duration::from_millis(40)))
        .unwrap();
    let submitted = stage.submitted().await;
    assert!(submitted.deadline.is_some());
    match late.result().await {
        Err(ClientError::Refused(error)) => assert_eq!(error.code, ErrorCode::DeadlineExceeded),
        other => panic!("{other:?}"),
    }
    submitted.cancelled().await;
}

#[tokio::test]
async fn a_request_that_panics_is_answered_internal_and_nobody_else_notices() {
    let mut stage = Stage::new();
    let client = stage.launcher().connect().await.unwrap();
    let doomed = client.complete(params("panic"), None).unwrap();
    stage.submitted().await.answer("never sent").await;
    match doomed.result().await {
        Err(ClientError::Refused(error)) => assert_eq!(error.code, ErrorCode::Internal),
        other => panic!("{other:?}"),
    }
    let next = client.complete(params("a"), None).unwrap();
    stage.submitted().await.answer("fine").await;
    assert_eq!(next.result().await.unwrap().text, "fine");
}

#[tokio::test]
async fn a_client_that_leaves_without_a_word_closes_what_it_had_open() {
    let mut stage = Stage::new();
    let client = stage.launcher().connect().await.unwrap();
    for name in ["a", "b", "a"] {
        let stream = client.complete(
            CompleteParams {
                document: DocumentId(name.to_owned()),
                ..params("text")
            },
            None,
        );
        stage.submitted().await.answer("fine").await;
        stream.unwrap().result().await.unwrap();
    }
    let close = Call::Close {
        document: DocumentId("b".to_owned()),
    };
    client.call(close, WAIT).await.unwrap();
    drop(client);
    let closed = async {
        while stage.notes() != ["close b", "close a"] {
            tokio::task::yield_now().await;
        }
    };
    within("its documents to be closed", closed).await;
}

#[tokio::test]
async fn who_types_without_asking_is_known_too() {
    let stage = Stage::new();
    let client = stage.launcher().connect().await.unwrap();
    assert_eq!(client.status().await.unwrap().typed_ms_ago, None);
    assert_eq!(client.call(Call::Typed, WAIT).await.unwrap(), Reply::Done);
    let ago = client.status().await.unwrap().typed_ms_ago;
    assert!(ago.is_some_and(|ago| ago < 60_000), "{ago:?}");
}

#[tokio::test]
async fn closing_and_completing_keep_the_clients_order() {
    let mut stage = Stage::new();
    let client = stage.launcher().connect().await.unwrap();
    let call = |call| client.call(call, WAIT);
    let close = Call::Close {
        document: DocumentId("d".to_owned()),
    };
    let warm = Call::Warm {
        sample: "今天".to_owned(),
    };
    assert_eq!(call(warm).await.unwrap(), Reply::Done);
    assert_eq!(call(close).await.unwrap(), Reply::Done);
    assert_eq!(stage.notes(), ["warm 今天", "close d"]);
    let streams: Vec<_> = (0..20)
        .map(|n| client.complete(params(&n.to_string()), None).unwrap())
        .collect();
    for n in 0..20 {
        assert_eq!(stage.submitted().await.params.prefix, n.to_string());
    }
    drop(streams);
}

#[tokio::test]
async fn too_many_requests_of_one_client_are_overloaded() {
    let mut stage = Stage::new();
    let mut raw = stage.raw_welcome().await;
    for id in 0..65 {
        let line = format!(
            "{{\"request\":{{\"id\":{id},\"call\":{{\"method\":\"complete\",\"params\":{{\"document\":\"d\",\"version\":1,\"prefix\":\"a\"}}}}}}}}\n"
        );
        raw.write(line.as_bytes()).await;
    }
    assert_eq!(raw.error().await, (Some(64), "overloaded".to_owned()));
    stage.submitted().await.answer("x").await;
    assert_eq!(raw.line().await["result"]["id"], 0);
}

/// On two threads, so that the answer can be read before the session has gone on, and often enough
/// for that to happen.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_id_and_its_place_are_free_once_the_answer_is_read() {
    let mut stage = Stage::new();
    let mut raw = stage.raw_welcome().await;
    let line = |id: usize| {
        format!(
            "{{\"request\":{{\"id\":{id},\"call\":{{\"method\":\"complete\",\"params\":{{\"document\":\"d\",\"version\":1,\"prefix\":\"a\"}}}}}}}}\n"
        )
    };
    // All but one of the places stay taken.
    let mut held = Vec::new();
    for id in 1..64 {
        raw.write(line(id).as_bytes()).await;
        held.push(stage.submitted().await);
    }
    for _ in 0..2_000 {
        raw.write(line(0).as_bytes()).await;
        stage.submitted().await.answer("x").await;
        let answer = raw.line().await;
        assert_eq!(answer["result"]["id"], 0, "{answer}");
    }
}

#[tokio::test]
async fn a_daemon_whose_engine_has_died_ends_as_a_failure() {
    let mut stage = Stage::new();
    let client = stage.launcher().connect().await.unwrap();
    let asked = client.complete(params("a"), None).unwrap();
    // With the engine thread go the requests it had.
    drop(stage.submitted().await);
    match asked.result().await {
        Err(ClientError::Refused(error)) => assert_eq!(error.code, ErrorCode::Internal),
        other => panic!("{other:?}"),
    }
    let socket = stage.directories.socket();
    stage.end_engine();
    within("the client to be let go", client.lost()).await;
    assert_eq!(stage.ended().await, EndReason::EngineFailed);
    assert!(!socket.exists());
}

#[tokio::test]
async fn too_many_clients_are_told_so_and_room_is_made_when_one_leaves() {
    let stage = Stage::new();
    let mut clients = Vec::new();
    for _ in 0..CONNECTIONS_MAX {
        clients.push(stage.launcher().connect().await.unwrap());
    }
    let refused = stage.launcher().connect().await.unwrap_err();
    assert_eq!(refused.code(), Some(ErrorCode::Overloaded), "{refused}");
    clients.pop();
    let connecting = async {
        while let Err(error) = stage.launcher().connect().await {
            assert_eq!(error.code(), Some(ErrorCode::Overloaded), "{error}");
            tokio::task::yield_now().await;
        }
    };
    within("room for one more", connecting).await;
}

#[tokio::test]
async fn a_client_that_does_not_read_is_dropped_and_the_others_are_served() {
    let mut stage = Stage::new();
    let mut deaf = stage.raw_welcome().await;
    let request = r#"{"request":{"id":1,"call":{"method":"complete","params":{"document":"d","version":1,"prefix":"a","stream":true}}}}"#;
    deaf.write(format!("{request}\n").as_bytes()).await;
    let submitted = stage.submitted().await;
    // More than the socket and the queue hold; sending ends when the session has dropped the
    // request, and with it the receiver.
    let piece = "字".repeat(1_000);
    let flood = async {
        while submitted
            .events
            .send(ServingEvent::Text(piece.clone()))
            .await
            .is_ok()
        {}
    };
    within("the deaf client to be dropped", flood).await;
    stage.raw_welcome().await.check_alive(1).await;
}

#[tokio::test]
async fn stopping_finishes_what_is_in_hand_marks_and_removes_the_socket() {
    let mut stage = Stage::new();
    let directories = stage.directories.clone();
    let working = stage.launcher().connect().await.unwrap();
    let stopping = stage.launcher().connect().await.unwrap();
    let idle = stage.launcher().connect().await.unwrap();
    let asked = working.complete(params("a"), None).unwrap();
    let submitted = stage.submitted().await;
    assert_eq!(stopping.call(Call::Stop, WAIT).await.unwrap(), Reply::Done);
    assert!(stopped::is_set(&directories).unwrap());
    within("idle clients to be let go", idle.lost()).await;
    match working.complete(params("b"), None).unwrap().result().await {
        Err(ClientError::Refused(error)) => assert_eq!(error.code, ErrorCode::ShuttingDown),
        other => panic!("{other:?}"),
    }
    submitted.answer("finished").await;
    assert_eq!(asked.result().await.unwrap().text, "finished");
    assert!(stage.notes().contains(&"shutdown".to_owned()));
    assert_eq!(stage.ended().await, EndReason::Stop);
    assert!(!directories.socket().exists());
}

#[tokio::test]
async fn handing_over_ends_without_the_mark() {
    let stage = Stage::new();
    let directories = stage.directories.clone();
    let client = stage.launcher().connect().await.unwrap();
    assert_eq!(
        client.call(Call::HandOver, WAIT).await.unwrap(),
        Reply::Done
    );
    assert_eq!(stage.ended().await, EndReason::HandOver);
    assert!(!stopped::is_set(&directories).unwrap());
    assert!(!directories.socket().exists());
}

#[tokio::test]
async fn a_process_that_is_told_to_end_ends_and_answers_what_it_cannot_finish() {
    let mut stage = Stage::new();
    let client = stage.launcher().connect().await.unwrap();
    let asked = client.complete(params("a"), None).unwrap();
    let _never_answered = stage.submitted().await;
    stage.tell_to_end();
    assert_eq!(stage.ended().await, EndReason::ShutDown);
    assert!(matches!(
        asked.result().await,
        Err(ClientError::Lost { .. })
    ));
}

#[tokio::test]
async fn settings_are_read_again() {
    let stage = Stage::with_config("[completion]\nmax_tokens = 11\n");
    let client = stage.launcher().connect().await.unwrap();
    std::fs::write(
        stage.directories.config_file(),
        "[completion]\nmax_tokens = 12\n",
    )
    .unwrap();
    assert_eq!(client.call(Call::Reload, WAIT).await.unwrap(), Reply::Done);
    assert_eq!(stage.notes(), ["reload 12"]);
}

#[tokio::test]
async fn a_daemon_that_nobody_needs_ends_when_the_settings_say_so() {
    let stage = Stage::with_config("[daemon]\nidle_exit_s = 1\n");
    let client = stage.launcher().connect().await.unwrap();
    // While a client is here it stays.
    let stays = tokio::time::timeout(Duration::from_millis(1_300), client.lost()).await;
    assert!(stays.is_err());
    drop(client);
    assert_eq!(stage.ended().await, EndReason::Idle);
}
