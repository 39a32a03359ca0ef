//! What the reader of Typst makes of small texts.

use inkstone_corpus::format::Format::Typst;

use crate::{check, reading};

#[test]
fn markup_is_read_in_blocks() {
    let text = "#set document(title: \"Ink\")\n#import \"a.typ\": b\n\n= The _Ink_ Stone <top>\n\nA *bold* line,\nand `code`.\n\n- one\n- two\n  more\n\n+ first\n/ Term: text\n";
    check(
        Typst,
        text,
        &[
            "markup 0-1 #set document(title: \"Ink\")",
            "markup 1-2 #import \"a.typ\": b",
            "h1 3-4 The Ink Stone",
            "p 5-7 A bold line,⏎and `code`.",
            "item 8-9 one",
            "item 9-11 two⏎more",
            "item 12-13 first",
            "item 13-14 Term: text",
        ],
    );
    assert_eq!(reading(Typst, text).title.as_deref(), Some("Ink"));
}

#[test]
fn functions_keep_their_content() {
    check(
        Typst,
        "See #link(\"https://example.org\")[the page] and #text(red)[红色]的字#footnote[A note.].\n\n#figure(image(\"a.png\"), caption: [The house.])\n\n#quote(block: true)[Theirs.]\n\n那天下着雨 @key，他没来。\n",
        &[
            "p 0-1 See the page and 红色的字.",
            "footnote 0-1 A note.",
            "caption 2-3 The house.",
            "quote 4-5 Theirs.",
            "p 6-7 那天下着雨，他没来。",
        ],
    );
}

#[test]
fn code_formulas_and_comments_are_told_apart() {
    check(
        Typst,
        "Inline $x^2$ stays. // remark\n\n$ E = m c^2 $\n\n```rust\nfn a() {}\n```\n\n#let f(x) = {\n  x + 1\n}\n\nText /* gone */ here.\n\n#table(columns: 2, [a], [b])\n",
        &[
            "p 0-1 Inline $x^2$ stays.",
            "math 2-3 $ E = m c^2 $",
            "code 4-7 fn a() {}",
            "markup 8-11 #let f(x) = {⏎  x + 1⏎}",
            "p 12-13 Text  here.",
            "table 14-15 #table(columns: 2, [a], [b])",
        ],
    );
}

#[test]
fn signs_that_mark_nothing_are_text() {
    check(
        Typst,
        "snake_case and https://a.b/c and \\#5 -- 3 * 4\n",
        &["p 0-1 snake_case and https://a.b/c and #5 – 3 * 4"],
    );
}

#[test]
fn markup_that_is_not_closed_is_read_as_far_as_it_goes() {
    check(
        Typst,
        "A #emph[word\n\n`code\n",
        &["p 0-1 A [word", "p 2-3 `code"],
    );
    check(Typst, "#", &["p 0-1 #"]);
    check(Typst, "/* never", &[]);
}

#[test]
fn content_with_lines_of_its_own_is_read_in_blocks() {
    check(
        Typst,
        "#align(center)[\n  = Title\n\n  First para.\n\n  - item\n]\n\n#[#set text(red)\nScoped 文字。]\n\nShort #footnote[A note.] end.\n",
        &[
            "h1 1-2 Title",
            "p 3-4 First para.",
            "item 5-6 item",
            "markup 8-9 #set text(red)",
            "p 9-10 Scoped 文字。",
            "p 11-12 Short end.",
            "footnote 11-12 A note.",
        ],
    );
}
