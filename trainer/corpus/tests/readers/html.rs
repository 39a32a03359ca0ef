//! What the reader of HTML makes of small texts.

use inkstone_corpus::format::Format::Html;
use inkstone_corpus::read::{ReadLimits, read};

use crate::{check, described, reading};

#[test]
fn a_page_is_read_without_its_head_and_menus() {
    let page = "<!DOCTYPE html>\n<html><head><title>The\n Stone</title>\n<style>p { a: b }</style></head>\n<body>\n<nav><a href=a>Home</a></nav>\n<h1>Ink &amp; Stone</h1>\n<p>One <b>bold</b>\n   line&mdash;two.</p>\n<script>let a = '<p>';</script>\n<footer>All rights</footer>\n</body></html>\n";
    check(
        Html,
        page,
        &[
            "navigation 5-6 Home",
            "h1 6-7 Ink & Stone",
            "p 7-9 One bold⏎line—two.",
            "markup 9-10 let a = '<p>';",
            "navigation 10-11 All rights",
        ],
    );
    assert_eq!(reading(Html, page).title.as_deref(), Some("The Stone"));
}

#[test]
fn lists_quotes_code_tables_and_captions_are_told_apart() {
    check(
        Html,
        "<ul><li>one<li>two<ul><li>inner</ul></ul>\n<blockquote><p>Theirs.</p></blockquote>\n<pre><code>a\n  b</code></pre>\n<table><tr><td>1<td>2</tr>\n<tr><td>3</td><td>4</td></tr></table>\n<figure><img src=a alt='A house'><figcaption>The house.</figcaption></figure>\n<p>Use <code>cargo</code>.</p>\n",
        &[
            "item 0-1 one",
            "item 0-1 two",
            "item 0-1 inner",
            "quote 1-2 Theirs.",
            "code 2-4 a⏎  b",
            "table 4-6 1 | 2⏎3 | 4",
            "caption 6-7 A house",
            "caption 6-7 The house.",
            "p 7-8 Use `cargo`.",
        ],
    );
}

#[test]
fn chinese_pages_are_read() {
    check(
        Html,
        "<p>　　那天下着雨，\n他没有回来。<ruby>漢<rt>hàn</rt></ruby>字</p>\n<p>第二段<br>换行</p>",
        &["p 0-2 那天下着雨，⏎他没有回来。漢字", "p 2-3 第二段⏎换行"],
    );
}

#[test]
fn a_table_that_lays_out_a_page_holds_paragraphs() {
    check(
        Html,
        "<table><tr><td>Menu</td>\n<td><p>The text of the page.</p>\n<p>And more.</p></td></tr></table>",
        &[
            "table 0-1 Menu",
            "p 1-2 The text of the page.",
            "p 2-3 And more.",
        ],
    );
}

#[test]
fn two_breaks_part_paragraphs() {
    check(
        Html,
        "<body>One line<br><br>\nanother line<br>its end</body>",
        &["p 0-1 One line", "p 1-2 another line⏎its end"],
    );
}

#[test]
fn references_to_notes_are_dropped_and_powers_are_not() {
    check(
        Html,
        "<p>Word<sup><a href=\"#n\">1</a></sup> and m<sup>2</sup>.</p>\n<div class=footnotes><p>The note.</p></div>",
        &["p 0-1 Word and m2.", "footnote 1-2 The note."],
    );
}

#[test]
fn hidden_text_is_not_shown() {
    check(
        Html,
        "<p>Seen <span style=\"display: none\">hidden</span>.</p><p hidden>Also.</p><p>More.</p>",
        &["p 0-1 Seen .", "p 0-1 More."],
    );
}

#[test]
fn the_header_of_an_article_is_text_and_of_a_page_is_not() {
    check(
        Html,
        "<header><a>Site</a></header>\n<article><header><h1>Title</h1></header>\n<p>Text.</p></article>",
        &["navigation 0-1 Site", "h1 1-2 Title", "p 2-3 Text."],
    );
}

#[test]
fn markup_that_is_not_closed_is_read_as_far_as_it_goes() {
    check(
        Html,
        "<p>One<p>Two <b>bold",
        &["p 0-1 One", "p 0-1 Two bold"],
    );
    check(Html, "text < 3 & more <", &["p 0-1 text < 3 & more <"]);
    check(Html, "<p>Text <!-- never closed", &["p 0-1 Text"]);
}

#[test]
fn a_declared_encoding_is_used_where_the_bytes_leave_a_choice() {
    let mut page = b"<meta charset=\"windows-1251\"><p>".to_vec();
    page.extend([0xCF, 0xF0, 0xE8, 0xE2, 0xE5, 0xF2]);
    let reading = read(Html, &page, &ReadLimits::default()).unwrap();
    assert_eq!(described(&reading), ["p 0-1 Привет"]);
    // A declaration that lies loses against valid UTF-8.
    let lie = "<?xml version=\"1.0\" encoding=\"iso-8859-1\"?><p>雨</p>";
    assert_eq!(
        described(&read(Html, lie.as_bytes(), &ReadLimits::default()).unwrap()),
        ["p 0-1 雨"]
    );
}

#[test]
fn readings_above_characters_are_left_out_however_they_are_closed() {
    check(
        Html,
        "<p><ruby>漢<rt>kan<rb>字<rt>ji</ruby>です。</p>\n<p><ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp>字<rt>じ</rt></ruby>の本。</p>\n<p><ruby><rb>東</rb><rb>京</rb><rtc>とうきょう</rtc></ruby>。</p>\n",
        &["p 0-1 漢字です。", "p 1-2 漢字の本。", "p 2-3 東京。"],
    );
}

#[test]
fn quotations_in_a_line_have_their_marks() {
    check(
        Html,
        "<p>He said <q>hello</q> to me.</p>\n",
        &["p 0-1 He said “hello” to me."],
    );
}

#[test]
fn notes_of_books_are_footnotes_and_page_numbers_part_no_sentence() {
    check(
        Html,
        "<article><p>Text<a epub:type=\"noteref\" href=\"#n\">1</a> on <span epub:type=\"pagebreak\" title=\"3\">3</span>page.</p>\n<aside epub:type=\"footnote\" id=\"n\"><p>The note.</p></aside>\n<aside class=\"admonition note\"><p>Careful here.</p></aside>\n<aside><p>Read also</p></aside></article>\n<section epub:type=\"backmatter footnotes\"><p>Another.</p></section>\n",
        &[
            "p 0-1 Text on page.",
            "footnote 1-2 The note.",
            "p 2-3 Careful here.",
            "navigation 3-4 Read also",
            "footnote 4-5 Another.",
        ],
    );
}

#[test]
fn a_page_in_a_form_and_a_title_in_its_header_are_text() {
    check(
        Html,
        "<form id=\"aspnetForm\"><p>All of an old page.</p></form>\n<header id=\"title-block-header\"><h1>The Title</h1></header>\n<form><p>Search</p></form>\n",
        &[
            "p 0-1 All of an old page.",
            "h1 1-2 The Title",
            "navigation 2-3 Search",
        ],
    );
}
