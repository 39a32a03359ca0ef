//! No text and no caret makes this crate panic, and a long document is read in linear time.
//!
//! Not whether the answers are right (the other tests).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a test fails"
)]

use inkstone_prose::{
    CodeFamily, DocumentKind, first_sentence_end, language_around, markup_at, next_sentence_end,
};
use inkstone_text::Utf8Offset;
use proptest::prelude::*;

const KINDS: [DocumentKind; 15] = [
    DocumentKind::Markdown,
    DocumentKind::PlainText,
    DocumentKind::Latex,
    DocumentKind::Typst,
    DocumentKind::Asciidoc,
    DocumentKind::Restructuredtext,
    DocumentKind::Org,
    DocumentKind::Html,
    DocumentKind::GitCommit,
    DocumentKind::Mail,
    DocumentKind::Code(CodeFamily::Slashes),
    DocumentKind::Code(CodeFamily::Hash),
    DocumentKind::Code(CodeFamily::Dashes),
    DocumentKind::Code(CodeFamily::Semicolon),
    DocumentKind::Code(CodeFamily::Unknown),
];

/// Pieces of every markup at once, so that constructs begin and end in the wrong places.
const PIECES: [&str; 56] = [
    "\n",
    "\n\n",
    "\r\n",
    "\r",
    " ",
    "    ",
    "\t",
    "`",
    "```",
    "~~~",
    "$",
    "$$",
    "#",
    "# ",
    "- ",
    "1. ",
    "> ",
    "[",
    "](",
    ")",
    "]:",
    "<",
    ">",
    "<!--",
    "-->",
    "<div ",
    "</",
    "<pre>",
    "<script>",
    "\\",
    "\\begin{",
    "\\section{",
    "}",
    "{",
    "%",
    "#set ",
    "#f(",
    "/*",
    "*/",
    "//",
    "=",
    "==",
    "----",
    "....",
    ":",
    "::",
    ".. ",
    "* ",
    "#+BEGIN_SRC",
    "#+END_SRC",
    "---",
    "|",
    "烧",
    "e\u{301}",
    "👨‍👩‍👧",
    "word",
];

fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        6 => proptest::sample::select(&PIECES[..]).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    proptest::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_text_and_caret_have_a_zone(text in text(), caret in 0_usize..400) {
        for kind in KINDS {
            markup_at(&text, Utf8Offset::new(caret), kind);
        }
    }

    #[test]
    fn any_text_around_a_caret_has_a_language(prefix in text(), suffix in text()) {
        language_around(&prefix, &suffix);
    }

    #[test]
    fn a_sentence_ends_between_characters_and_not_at_once(text in text()) {
        if let Some(end) = first_sentence_end(&text) {
            prop_assert!(text.is_char_boundary(end) && end > 0);
        }
    }

    #[test]
    fn a_certain_end_stays_when_more_follows(
        pieces in proptest::collection::vec(
            proptest::sample::select(&[
                "A", "a ", ". ", ".", "?", "!", "…", "。", "”", "\"", ") ", "Mr", "3", "\n", "好", ",",
            ][..]),
            0..12,
        ),
        more in 0_usize..6,
    ) {
        let cut = pieces.len().saturating_sub(more);
        let (start, whole) = (pieces[..cut].concat(), pieces.concat());
        if let Some(end) = next_sentence_end(&start, 0).certain() {
            prop_assert_eq!(next_sentence_end(&whole, 0).certain(), Some(end));
        }
    }
}

/// A document of about 100 kB in which every construct occurs.
fn long_document() -> String {
    let section = "# Heading 标题\n\nSome *prose* with `code` and [a link](https://example.org), \
                   then 中文。\n\n- item\n- item\n\n```rust\nlet a = 1;\n```\n\n$a + b$\n\n";
    section.repeat(100_000 / section.len())
}

#[test]
fn a_document_of_ten_times_the_size_takes_ten_times_as_long() {
    // A bound on the ratio, not on time: it holds on a slow machine, and quadratic work fails it.
    let short = long_document();
    let long = short.repeat(10);
    let best = |text: &str, kind| {
        let caret = Utf8Offset::new(text.len());
        let times = (0..5).map(|_| {
            let start = std::time::Instant::now();
            std::hint::black_box(markup_at(text, caret, kind));
            start.elapsed()
        });
        times.min().expect("five runs")
    };
    for kind in KINDS {
        let (once, tenfold) = (best(&short, kind), best(&long, kind));
        println!("{kind:?}: {once:?} for {} bytes", short.len());
        let floor = once.max(std::time::Duration::from_micros(50));
        assert!(tenfold < floor * 40, "{kind:?}: {once:?}, then {tenfold:?}");
    }
}
