//! Lines that no client of ours would send: each is answered or refused, and nobody else notices.
#![allow(clippy::unwrap_used)] // A test that fails panics.

mod stage;

use inkstone_protocol::FRAME_BYTES_MAX;
use stage::Stage;

fn code(text: &str) -> String {
    text.to_owned()
}

#[tokio::test]
async fn an_endless_line_ends_its_connection_and_no_other() {
    let stage = Stage::new();
    let mut other = stage.raw_welcome().await;
    let mut hostile = stage.raw_welcome().await;
    hostile.write(&vec![b'['; FRAME_BYTES_MAX]).await;
    hostile.write_until_closed(&[b'['; 4_096]).await;
    other.check_alive(1).await;
    // The same with a line that has an end: now the reason can be read.
    let mut hostile = stage.raw_welcome().await;
    hostile.write(&vec![b'['; FRAME_BYTES_MAX + 1]).await;
    assert_eq!(hostile.error().await, (None, code("message_too_large")));
    hostile.closed().await;
    other.check_alive(2).await;
}

#[tokio::test]
async fn a_client_that_leaves_inside_a_line_is_no_problem() {
    let stage = Stage::new();
    let mut truncated = stage.raw_welcome().await;
    truncated.write(br#"{"request":{"id":1,"call":{"met"#).await;
    drop(truncated);
    drop(stage.raw().await);
    stage.raw_welcome().await.check_alive(1).await;
}

#[tokio::test]
async fn lines_that_are_not_utf8_not_json_or_too_deep_are_answered_and_the_connection_goes_on() {
    let stage = Stage::new();
    let mut raw = stage.raw_welcome().await;
    let deep = "[".repeat(100_000);
    for line in [
        &b"\xff\xfe{}"[..],
        b"hello?",
        "今天".as_bytes(),
        b"{}",
        b"null",
        b"[1,2",
        deep.as_bytes(),
    ] {
        raw.write(&[line, b"\n"].concat()).await;
        assert_eq!(raw.error().await, (None, code("invalid_message")));
    }
    raw.write(b"\n \r\n").await;
    raw.check_alive(1).await;
}

#[tokio::test]
async fn a_request_that_cannot_be_read_fails_by_its_own_id() {
    let stage = Stage::new();
    let mut raw = stage.raw_welcome().await;
    raw.write(b"{\"request\":{\"id\":9,\"call\":{\"method\":\"sing\"}}}\n")
        .await;
    assert_eq!(raw.error().await, (Some(9), code("invalid_message")));
    raw.write(
        b"{\"request\":{\"id\":10,\"call\":{\"method\":\"complete\",\"params\":{\"prefix\":3}}}}\n",
    )
    .await;
    assert_eq!(raw.error().await, (Some(10), code("invalid_message")));
    raw.check_alive(11).await;
}

#[tokio::test]
async fn somebody_who_sends_nothing_but_nonsense_is_cut_off() {
    let stage = Stage::new();
    let mut raw = stage.raw_welcome().await;
    for _ in 0..16 {
        raw.write(b"nonsense\n").await;
        assert_eq!(raw.error().await.1, "invalid_message");
    }
    raw.closed().await;
}

#[tokio::test]
async fn another_protocol_is_refused_with_both_versions() {
    let stage = Stage::new();
    for protocol in [0, 2, u32::MAX] {
        let mut raw = stage.raw().await;
        let hello = format!(
            "{{\"hello\":{{\"protocol\":{protocol},\"client\":\"c\",\"version\":\"1.0.0\"}}}}\n"
        );
        raw.write(hello.as_bytes()).await;
        let line = raw.line().await;
        assert_eq!(line["error"]["error"]["code"], "protocol_mismatch");
        let message = line["error"]["error"]["message"].as_str().unwrap();
        assert!(
            message.contains(&protocol.to_string()) && message.contains("protocol 1"),
            "{message}"
        );
        raw.closed().await;
    }
}

#[tokio::test]
async fn messages_out_of_order_are_refused() {
    let stage = Stage::new();
    for first in [
        &b"{\"request\":{\"id\":1,\"call\":{\"method\":\"status\"}}}\n"[..],
        b"{\"cancel\":1}\n",
        b"?\n",
    ] {
        let mut raw = stage.raw().await;
        raw.write(first).await;
        assert_eq!(raw.error().await, (None, code("invalid_message")));
        raw.closed().await;
    }
    let mut raw = stage.raw_welcome().await;
    raw.write(b"{\"hello\":{\"protocol\":1,\"client\":\"again\",\"version\":\"1.0.0\"}}\n")
        .await;
    assert_eq!(raw.error().await, (None, code("invalid_message")));
    raw.write(b"{\"cancel\":77}\n").await; // of a request that never was: nothing to say
    raw.check_alive(1).await;
}

#[tokio::test]
async fn an_id_in_hand_cannot_be_used_twice() {
    let mut stage = Stage::new();
    let mut raw = stage.raw_welcome().await;
    let request = r#"{"request":{"id":5,"call":{"method":"complete","params":{"document":"d","version":1,"prefix":"a"}}}}"#;
    raw.write(format!("{request}\n{request}\n").as_bytes())
        .await;
    assert_eq!(raw.error().await, (None, code("invalid_message")));
    stage.submitted().await.answer("once").await;
    let line = raw.line().await;
    assert_eq!(line["result"]["id"], 5);
    assert_eq!(line["result"]["reply"]["value"]["text"], "once");
    raw.check_alive(5).await;
}
