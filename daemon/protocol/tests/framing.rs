//! Properties of the framing: what is written is read, however the stream is cut, and nothing that
//! arrives makes it panic.
#![allow(clippy::unwrap_used)] // A test that fails panics.

use std::num::NonZeroUsize;

use inkstone_protocol::framing::{decode_in_chunks, encode, parse};
use inkstone_protocol::{
    Call, ClientMessage, CompleteParams, DaemonMessage, DocumentId, DocumentVersion, ErrorCode,
    Hello, Judged, Place, RequestId, StopRule, Technique, Trigger, WireError,
};
use proptest::collection::vec;
use proptest::prelude::*;

/// Text with everything that is awkward in a line of JSON.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<char>().prop_map(String::from),
        Just("今天早上，".to_owned()),
        Just("👩‍👩‍👧‍👦".to_owned()),
        Just("e\u{301}\r\n".to_owned()),
        Just("\n\u{0}\"\\".to_owned()),
        "[a-z ]{0,12}",
    ];
    vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn complete() -> impl Strategy<Value = Call> {
    (
        text(),
        text(),
        any::<u64>(),
        proptest::option::of(text()),
        any::<bool>(),
    )
        .prop_map(|(prefix, suffix, number, title, stream)| {
            Call::Complete(Box::new(CompleteParams {
                document: DocumentId(format!("d{number}")),
                version: DocumentVersion(number),
                prefix,
                prefix_start: number / 2,
                suffix,
                headings: title.iter().cloned().collect(),
                title,
                place: stream.then_some(Place::ListItem),
                stop: stream.then_some(StopRule::Paragraph),
                max_tokens: None,
                prompt_tokens: Some(512),
                score_min: Some(0.25),
                alternatives_max: 3,
                model: None,
                adapter: stream.then(|| "none".to_owned()),
                path: stream.then(|| "/港口.md".to_owned()),
                trigger: if stream {
                    Trigger::Invoked
                } else {
                    Trigger::Automatic
                },
                stream,
                without: if stream {
                    Technique::ALL.to_vec()
                } else {
                    Vec::new()
                },
            }))
        })
}

fn client_message() -> impl Strategy<Value = ClientMessage> {
    let call = prop_oneof![
        complete(),
        text().prop_map(|sample| Call::Warm { sample }),
        text().prop_map(|id| Call::Close {
            document: DocumentId(id)
        }),
        Just(Call::Typed),
        Just(Call::Status),
        Just(Call::Reload),
        Just(Call::AdaptersChanged),
        Just(Call::Forgotten),
        (text(), any::<bool>()).prop_map(|(model, is_right)| {
            Call::Judged(Judged {
                adapter: is_right.then(|| "en-3".to_owned()),
                language: "en".to_owned(),
                model,
                is_right,
            })
        }),
        Just(Call::Stop),
        Just(Call::HandOver),
    ];
    prop_oneof![
        (any::<u32>(), text(), text()).prop_map(
            |(protocol, client, version)| ClientMessage::Hello(Hello {
                protocol,
                client,
                version
            })
        ),
        (any::<u64>(), any::<Option<u64>>(), call).prop_map(|(id, deadline_ms, call)| {
            ClientMessage::Request {
                id: RequestId(id),
                deadline_ms,
                call,
            }
        }),
        any::<u64>().prop_map(|id| ClientMessage::Cancel(RequestId(id))),
    ]
}

fn daemon_message() -> impl Strategy<Value = DaemonMessage> {
    prop_oneof![
        (any::<u64>(), text()).prop_map(|(id, piece)| DaemonMessage::Text {
            id: RequestId(id),
            piece
        }),
        (any::<u64>(), text(), 0_u8..=100).prop_map(|(id, model, percent)| {
            DaemonMessage::Loading {
                id: RequestId(id),
                model,
                percent,
            }
        }),
        (any::<Option<u64>>(), text(), any::<Option<bool>>()).prop_map(|(id, message, remedy)| {
            let error = WireError::new(ErrorCode::Overloaded, message);
            let error = if remedy.is_some() {
                error.with_remedy("inkstone doctor")
            } else {
                error
            };
            DaemonMessage::Error {
                id: id.map(RequestId),
                error,
            }
        }),
    ]
}

/// Bytes that are often lines and often not.
fn hostile_bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        vec(any::<u8>(), 0..40),
        Just(b"\n".to_vec()),
        Just(b"\r\n".to_vec()),
        Just("{\"cancel\":3}\n".as_bytes().to_vec()),
        Just(
            "{\"request\":{\"id\":1,\"call\":{\"method\":\"status\"}}}\n"
                .as_bytes()
                .to_vec()
        ),
        (1_usize..300).prop_map(|depth| b"[".repeat(depth)),
        client_message().prop_map(|message| encode(&message).unwrap()),
    ];
    vec(piece, 0..20).prop_map(|pieces| pieces.concat())
}

fn chunk() -> impl Strategy<Value = NonZeroUsize> {
    (1_usize..200).prop_map(|bytes| NonZeroUsize::new(bytes).unwrap())
}

proptest! {
    #[test]
    fn what_a_client_writes_is_read_however_it_is_cut(messages in vec(client_message(), 0..6), chunk in chunk()) {
        let bytes: Vec<u8> = messages.iter().flat_map(|message| encode(message).unwrap()).collect();
        let read: Vec<ClientMessage> = decode_in_chunks(&bytes, chunk)
            .into_iter()
            .map(|line| parse(&line.unwrap()).unwrap())
            .collect();
        prop_assert_eq!(read, messages);
    }

    #[test]
    fn what_the_daemon_writes_is_read_however_it_is_cut(messages in vec(daemon_message(), 0..6), chunk in chunk()) {
        let bytes: Vec<u8> = messages.iter().flat_map(|message| encode(message).unwrap()).collect();
        let read: Vec<DaemonMessage> = decode_in_chunks(&bytes, chunk)
            .into_iter()
            .map(|line| parse(&line.unwrap()).unwrap())
            .collect();
        prop_assert_eq!(read, messages);
    }

    #[test]
    fn hostile_bytes_give_the_same_lines_however_they_are_cut(bytes in hostile_bytes(), chunk in chunk()) {
        let whole = decode_in_chunks(&bytes, NonZeroUsize::new(bytes.len().max(1)).unwrap());
        prop_assert_eq!(&decode_in_chunks(&bytes, chunk), &whole);
        for line in whole.into_iter().flatten() {
            // Neither direction may panic on a line meant for the other, or for nobody.
            let _ = (parse::<ClientMessage>(&line), parse::<DaemonMessage>(&line));
        }
    }
}

#[test]
fn the_wire_form_is_what_a_person_would_type() {
    let check = |message: &ClientMessage, json: &str| {
        assert_eq!(
            String::from_utf8(encode(message).unwrap()).unwrap(),
            format!("{json}\n")
        );
        assert_eq!(&parse::<ClientMessage>(json).unwrap(), message);
    };
    let hello = Hello {
        protocol: 1,
        client: "socat".to_owned(),
        version: "0.1.0".to_owned(),
    };
    check(
        &ClientMessage::Hello(hello),
        r#"{"hello":{"protocol":1,"client":"socat","version":"0.1.0"}}"#,
    );
    check(&ClientMessage::Cancel(RequestId(3)), r#"{"cancel":3}"#);
    check(
        &ClientMessage::Request {
            id: RequestId(1),
            deadline_ms: None,
            call: Call::Status,
        },
        r#"{"request":{"id":1,"call":{"method":"status"}}}"#,
    );
}
