//! What somebody says keeps its fillers, unless it is a talk that was taken down.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a test fails"
)]

use inkstone_corpus::authorship::{Claim, Evidence};
use inkstone_corpus::clean::RuleSet;
use inkstone_corpus::document::{Source, clean_document};
use inkstone_corpus::format::Format;
use inkstone_corpus::read::ReadLimits;
use inkstone_corpus::review::wanted::Wanted;
use inkstone_prose::Language;

fn first_piece(path: &str, text: &str) -> String {
    let evidence = Evidence {
        path,
        line_authors: None,
        origin_of: &|_| None,
        claim: Claim::Auto,
        main_language: Language::English,
    };
    let source = Source {
        format: Format::Markdown,
        bytes: text.as_bytes(),
        limits: &ReadLimits::default(),
        evidence,
        rules: &RuleSet::default(),
        wanted: &Wanted::default(),
    };
    clean_document(&source).unwrap().pieces[0].text.clone()
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
