//! Lines of the local socket: the same lines and errors however the bytes arrive.

use std::num::NonZeroUsize;

use inkstone_protocol::framing::decode_in_chunks;
use inkstone_protocol::{ClientMessage, DaemonMessage, FRAME_BYTES_MAX};

/// The first byte says in which pieces the rest arrives.
///
/// # Panics
/// When a promise is broken.
pub fn run(bytes: &[u8]) {
    let Some((&chunk, payload)) = bytes.split_first() else { return };
    let whole = decode_in_chunks(payload, NonZeroUsize::MAX);
    let chunk = NonZeroUsize::new(usize::from(chunk)).unwrap_or(NonZeroUsize::MIN);
    assert_eq!(decode_in_chunks(payload, chunk), whole);
    for line in whole.iter().flatten() {
        assert!(line.len() <= FRAME_BYTES_MAX && !line.contains('\n'));
        // What can be read as a message can be said again and means the same.
        if let Ok(message) = serde_json::from_str::<ClientMessage>(line) {
            let again = serde_json::to_string(&message);
            let back = again.and_then(|again| serde_json::from_str::<ClientMessage>(&again));
            assert_eq!(back.ok(), Some(message));
        }
        let _ = serde_json::from_str::<DaemonMessage>(line);
    }
}
