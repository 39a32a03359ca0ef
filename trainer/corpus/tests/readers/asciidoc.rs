//! What the reader of AsciiDoc makes of small texts.

use inkstone_corpus::format::Format::Asciidoc;

use crate::{check, reading};

#[test]
fn a_document_is_read() {
    let text = "= The Ink Stone\nJane Doe <jane@example.org>\n:toc:\n\nA *bold* line with `code`\nand https://example.org[a link].\n\n== 第一节\n\n那天下着雨footnote:[他后来说了。]。\n\n* one\n** inner\n. first\n";
    check(
        Asciidoc,
        text,
        &[
            "h1 0-1 The Ink Stone",
            "frontmatter 1-3 Jane Doe <jane@example.org>⏎:toc:",
            "p 4-6 A bold line with `code`⏎and a link.",
            "h2 7-8 第一节",
            "p 9-10 那天下着雨。",
            "footnote 9-10 他后来说了。",
            "item 11-12 one",
            "item 12-13 inner",
            "item 13-14 first",
        ],
    );
    assert_eq!(
        reading(Asciidoc, text).title.as_deref(),
        Some("The Ink Stone")
    );
}

#[test]
fn delimited_blocks_are_told_apart() {
    check(
        Asciidoc,
        "[source,sh]\n----\nls\n----\n\n.The table\n|===\n|a |b\n|===\n\n[quote, Somebody]\n____\nTheirs.\n____\n\n====\nAn example.\n====\n\nNOTE: Mind _this_.\n\n// remark\nimage::a.png[The house]\n\n literal code\n",
        &[
            "markup 0-1 [source,sh]",
            "code 1-4 ls",
            "caption 5-6 The table",
            "table 6-9 |a |b",
            "markup 10-11 [quote, Somebody]",
            "quote 12-13 Theirs.",
            "p 16-17 An example.",
            "p 19-20 Mind this.",
            "markup 21-22 // remark",
            "caption 22-23 The house",
            "code 24-25  literal code",
        ],
    );
}

#[test]
fn markup_that_is_not_closed_is_read_as_far_as_it_goes() {
    check(
        Asciidoc,
        "A *bold line\n\n----\ncode without end\n",
        &["p 0-1 A *bold line", "p 2-4 ----⏎code without end"],
    );
    check(Asciidoc, "link:nowhere[\n", &["p 0-1 link:nowhere["]);
}

#[test]
fn signs_that_mark_nothing_are_text() {
    check(
        Asciidoc,
        "2*3*4 and snake_case_name and C++ are text.\n",
        &["p 0-1 2*3*4 and snake_case_name and C++ are text."],
    );
}

#[test]
fn attributes_have_their_values_and_terms_stand_apart_from_what_they_mean() {
    check(
        Asciidoc,
        "= Doc\n:product: 砚台\n\nUse {product} and {unknown}.\n\nCPU:: The brain.\nRAM::\nThe memory.\n",
        &[
            "h1 0-1 Doc",
            "frontmatter 1-2 :product: 砚台",
            "p 3-4 Use 砚台 and {unknown}.",
            "item 5-6 CPU",
            "item 5-6 The brain.",
            "item 6-7 RAM",
            "item 6-8 The memory.",
        ],
    );
}
