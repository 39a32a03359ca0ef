//! What the reader of Org mode makes of small texts.

use inkstone_corpus::format::Format::Org;

use crate::{check, reading};

#[test]
fn an_outline_is_read() {
    let text = "#+TITLE: Ink\n* DONE [#A] The /Ink/ Stone :a:b:\n  SCHEDULED: <2024-01-01 Mon>\n  :PROPERTIES:\n  :ID: 1\n  :END:\n  A *bold* line with =code=\n  and [[https://example.org][a link]].\n** 第二节\n   那天下着雨。\n";
    check(
        Org,
        text,
        &[
            "frontmatter 0-1 #+TITLE: Ink",
            "h1 1-2 The Ink Stone",
            "markup 2-3   SCHEDULED: <2024-01-01 Mon>",
            "markup 3-6   :PROPERTIES:⏎  :ID: 1⏎  :END:",
            "p 6-8 A bold line with `code`⏎and a link.",
            "h2 8-9 第二节",
            "p 9-10 那天下着雨。",
        ],
    );
    assert_eq!(reading(Org, text).title.as_deref(), Some("Ink"));
}

#[test]
fn blocks_lists_tables_and_notes_are_told_apart() {
    check(
        Org,
        "- one\n- [X] two\n  more\n1. first\n\n#+BEGIN_SRC sh\nls\n#+END_SRC\n#+BEGIN_QUOTE\nTheirs.\n#+END_QUOTE\n| a | b |\n|---+---|\n: fixed\n# remark\nText[fn:1] with[fn::an inline note] notes.\n\n[fn:1] The note.\n",
        &[
            "item 0-1 one",
            "item 1-3 two⏎more",
            "item 3-4 first",
            "code 5-8 ls",
            "quote 9-10 Theirs.",
            "table 11-13 | a | b |⏎|---+---|",
            "code 13-14 : fixed",
            "markup 14-15 # remark",
            "p 15-16 Text with notes.",
            "footnote 15-16 an inline note",
            "footnote 17-18 The note.",
        ],
    );
}

#[test]
fn signs_that_mark_nothing_are_text() {
    check(
        Org,
        "2*3*4 and/or a_b_c https://a.b/c/d and x = 1.\n",
        &["p 0-1 2*3*4 and/or a_b_c https://a.b/c/d and x = 1."],
    );
}

#[test]
fn markup_that_is_not_closed_is_read_as_far_as_it_goes() {
    check(
        Org,
        "#+BEGIN_SRC sh\nls\n\nText *bold\n",
        &["p 1-2 ls", "p 3-4 Text *bold"],
    );
    check(Org, "[[never closed\n", &["p 0-1 [[never closed"]);
}

#[test]
fn what_is_not_exported_is_no_text_and_terms_stand_apart() {
    check(
        Org,
        "- CPU :: The brain\n\nText @@html:<b>@@x@@html:</b>@@ y.\n\n* COMMENT Hidden\nhidden text\n** Deeper\n* Next\n",
        &[
            "item 0-1 CPU",
            "item 0-1 The brain",
            "p 2-3 Text x y.",
            "markup 4-7 * COMMENT Hidden⏎hidden text⏎** Deeper",
            "h1 7-8 Next",
        ],
    );
}
