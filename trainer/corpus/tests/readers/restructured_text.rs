//! What the reader of reStructuredText makes of small texts.

use inkstone_corpus::format::Format::RestructuredText;

use crate::{check, reading};

#[test]
fn a_document_is_read() {
    let text = "==============\nThe Ink Stone\n==============\n\n:Author: Jane\n\nA **bold** line with ``code``\nand `a link <https://example.org>`_ [1]_.\n\n第二节\n------\n\n那天下着\\ *雨*\\ 。\n\n- one\n- two\n  more\n\n.. [1] The note.\n";
    check(
        RestructuredText,
        text,
        &[
            "h1 0-3 The Ink Stone",
            "markup 4-5 :Author: Jane",
            "p 6-8 A bold line with `code`⏎and a link.",
            "h2 9-11 第二节",
            "p 12-13 那天下着雨。",
            "item 14-15 one",
            "item 15-17 two⏎more",
            "footnote 18-19 The note.",
        ],
    );
    assert_eq!(
        reading(RestructuredText, text).title.as_deref(),
        Some("The Ink Stone")
    );
}

#[test]
fn directives_are_told_apart() {
    check(
        RestructuredText,
        ".. note:: Mind this.\n\n   And this.\n\n.. code-block:: sh\n   :linenos:\n\n   ls\n\n.. figure:: a.png\n   :alt: A house\n\n   The house.\n\n.. toctree::\n\n   a\n\n.. A remark.\n\nText.\n\n   Theirs.\n\nLike this::\n\n    code\n\nMore.\n",
        &[
            "p 0-1 Mind this.",
            "p 2-3 And this.",
            "code 4-8    ls",
            "caption 9-11 A house",
            "caption 12-13 The house.",
            "navigation 14-17 .. toctree::⏎⏎   a",
            "markup 18-19 .. A remark.",
            "p 20-21 Text.",
            "quote 22-23 Theirs.",
            "p 24-25 Like this:",
            "code 26-27     code",
            "p 28-29 More.",
        ],
    );
}

#[test]
fn roles_and_references_show_their_text() {
    check(
        RestructuredText,
        "See :ref:`the page <page>`, :func:`~a.b`, :math:`x^2` and words_ in snake_case.\n",
        &["p 0-1 See the page, `a.b`, $x^2$ and words in snake_case."],
    );
}

#[test]
fn tables_and_terms_are_told_apart() {
    check(
        RestructuredText,
        "+---+---+\n| a | b |\n+---+---+\n\n===  ===\na    b\n===  ===\n1    2\n===  ===\n\nInk\n    A black liquid.\n",
        &[
            "table 0-3 +---+---+⏎| a | b |⏎+---+---+",
            "table 4-9 ===  ===⏎a    b⏎===  ===⏎1    2⏎===  ===",
            "p 10-11 Ink",
            "item 11-12 A black liquid.",
        ],
    );
}

#[test]
fn markup_that_is_not_closed_is_read_as_far_as_it_goes() {
    check(
        RestructuredText,
        "A **bold line\nwith `text\n",
        &["p 0-2 A **bold line⏎with `text"],
    );
    check(RestructuredText, "..", &["markup 0-1 .."]);
    check(RestructuredText, "Ends with::\n", &["p 0-1 Ends with:"]);
}

#[test]
fn a_note_goes_on_in_the_line_below_its_name() {
    check(
        RestructuredText,
        "A.\n\n.. note:: Careful\n   of this.\n\n   And more.\n\n.. topic:: Title\n   :class: x\n\n   Body.\n",
        &[
            "p 0-1 A.",
            "p 2-4 Careful⏎of this.",
            "p 5-6 And more.",
            "p 7-9 Title",
            "p 10-11 Body.",
        ],
    );
}
