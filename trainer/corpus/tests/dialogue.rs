//! What somebody says keeps its fillers, unless it is a talk that was taken down.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a test fails"
)]

mod written;

use written::document_at;

fn first_piece(path: &str, text: &str) -> String {
    document_at(path, text).pieces[0].text.clone()
}

#[test]
fn fillers_stay_where_a_speaker_is_named_and_go_elsewhere() {
    for (speaker, said, mended) in [
        (
            "记者：",
            "嗯，我觉得呃，这个方案还是可以的，您为什么不同意大家的意见呢？",
            "我觉得这个方案还是可以的，您为什么不同意大家的意见呢？",
        ),
        (
            "Q: ",
            "Um, I walked along the harbour, um, because it was, you know, quiet there at last.",
            "I walked along the harbour, because it was quiet there at last.",
        ),
    ] {
        let dialogue = format!("{speaker}{said}");
        assert_eq!(first_piece("notes/talk.md", &dialogue), dialogue);
        assert_eq!(first_piece("notes/talk.md", said), mended);
        let taken_down = first_piece("notes/transcript.md", &dialogue);
        assert_ne!(taken_down, dialogue);
    }
}
