//! No text and no caret makes this crate panic, and a long document is read in linear time.
//!
//! Not whether the answers are right (the other tests).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a test fails"
)]

use std::time::Duration;

use inkstone_prose::{
    CodeFamily, DocumentKind, first_sentence_end, language_around, markup_at, next_sentence_end,
};
use inkstone_test_support::effort::least_of_three;
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

/// Asserts that ten times the text takes about ten times as long to compute: a bound on the ratio of
/// processor times, so that it holds on a slow and busy machine, and quadratic work fails it.
fn check_linear(name: &str, short: &str, run: impl Fn(&str)) {
    let long = short.repeat(10);
    let [once, tenfold] = [short, &long].map(|text| least_of_three(|| run(text)));
    println!(
        "{name}: {once:?} for {} bytes, then {tenfold:?}",
        short.len()
    );
    let floor = once.max(Duration::from_micros(100));
    assert!(tenfold < floor * 40, "{name}: {once:?}, then {tenfold:?}");
}

/// Asserts it of everything that reads a text.
fn check_all_linear(name: &str, short: &str) {
    for kind in KINDS {
        check_linear(&format!("{name} as {kind:?}"), short, |text| {
            let caret = Utf8Offset::new(text.len());
            std::hint::black_box(markup_at(text, caret, kind));
        });
    }
    check_linear(&format!("language of {name}"), short, |text| {
        std::hint::black_box(language_around(text, text));
    });
    check_linear(&format!("sentences of {name}"), short, |text| {
        let mut start = 0;
        while let Some(end) = next_sentence_end(text, start).certain() {
            start = end;
        }
        std::hint::black_box(start);
    });
}

#[test]
fn a_document_of_ten_times_the_size_takes_ten_times_as_long() {
    check_all_linear("everything", &long_document());
}

/// What a reader could look for until the end of the text, again and again.
const UNCLOSED: [&str; 37] = [
    "<div>",
    "<div><p><li>",
    "<p>if a<b then ",
    "<a b=\"",
    "<a b='\n",
    "<a b=\"'",
    "<x ",
    "</",
    "<h1>a",
    "</h1><h1>",
    "<code><pre>",
    "<ul><li>",
    "<script>",
    "<!",
    "<!--",
    "<br><img>",
    "<svg></sv",
    "\\a[",
    "\\a[b]{",
    "\\begin{",
    "\\begin{tikzpicture}",
    "\\verb|",
    "\\section*{",
    ":smile:\n",
    ":properties:\n:a: b\n",
    "$1 ~2 =3 ",
    "```\n-->\n</pre>\n----\n",
    "`a ](b <c $d ",
    "a. B! ",
    "a. ",
    "a.",
    "1.",
    "1. 1) ",
    "![a](",
    "- ",
    "> ",
    "\\verb|a|",
];

#[test]
fn what_nothing_closes_is_not_looked_for_again_and_again() {
    for piece in UNCLOSED {
        check_all_linear(piece, &piece.repeat(6_000 / piece.len()));
    }
}
