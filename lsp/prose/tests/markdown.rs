//! What a caret is in, in Markdown.
//!
//! Not the other kinds of document (`formats.rs`).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a test fails"
)]

use inkstone_prose::{DocumentKind, Zone};

mod support;

fn check(cases: &[(&str, Zone)]) {
    for (fixture, zone) in cases {
        assert_eq!(
            support::read(DocumentKind::Markdown, fixture).zone,
            *zone,
            "{fixture}"
        );
    }
}

#[test]
fn running_text_is_prose_in_every_script() {
    check(&[
        ("The morning after the storm‸", Zone::Prose),
        ("今天早上我去公园散步‸,看到", Zone::Prose),
        ("Mixed 中文 and 👨‍👩‍👧 cafe\u{301} ‸", Zone::Prose),
        ("One\r\n\r\nTwo‸\r\n", Zone::Prose),
        ("‸", Zone::Prose),
        ("> quoted by the author‸", Zone::Prose),
        ("5 * 3 = 15‸ and a_b", Zone::Prose),
        ("a < b and c‸", Zone::Prose),
        ("It costs $5 and a bit, or $6 with tip‸", Zone::Prose),
        ("[^1]: A footnote is prose‸", Zone::Prose),
        ("***\n\nAfter a rule‸", Zone::Prose),
        ("---\n\nAfter a rule at the start‸", Zone::Prose),
    ]);
}

#[test]
fn fences_hold_the_caret_from_their_first_line_to_their_last() {
    check(&[
        ("```\nlet a‸ = 1;\n```\n", Zone::CodeFence),
        ("```rust\nlet a = 1;‸\n```\n", Zone::CodeFence),
        ("~~~\ncode‸\n~~~\n", Zone::CodeFence),
        ("‸```\ncode\n```\n", Zone::CodeFence),
        ("```ru‸st\ncode\n```\n", Zone::CodeFence),
        ("```\ncode\n```‸\n", Zone::CodeFence),
        ("```\ncode\n```\n‸", Zone::Prose),
        ("```\ncode\n```\n\nafter‸", Zone::Prose),
        ("```\r\ncode‸\r\n```\r\n", Zone::CodeFence),
        ("```\n代码‸\n```\n\n正文", Zone::CodeFence),
    ]);
}

#[test]
fn a_fence_closes_only_with_as_many_of_its_own_marks() {
    check(&[
        ("````\n```\nstill code‸\n````\n", Zone::CodeFence),
        ("```\n~~~\nstill code‸\n```\n", Zone::CodeFence),
        ("```\ncode\n`````\n\nafter‸", Zone::Prose),
        ("~~~\n```\n~~~\nafter‸", Zone::Prose),
    ]);
}

#[test]
fn an_unclosed_fence_reaches_to_the_end() {
    check(&[
        ("Text\n\n```python\n‸", Zone::CodeFence),
        ("Text\n\n```python\nprint(1)\n\n‸", Zone::CodeFence),
        ("```‸", Zone::CodeFence),
        ("```\ncode\n\nnot prose‸\n\nnor here", Zone::CodeFence),
    ]);
}

#[test]
fn fences_nest_in_lists_and_quotes() {
    check(&[
        ("- item\n\n  ```\n  code‸\n  ```\n", Zone::CodeFence),
        (
            "1. item\n   ```sh\n   ls‸\n   ```\n2. next",
            Zone::CodeFence,
        ),
        ("1. item\n   ```sh\n   ls\n   ```\n2. next‸", Zone::ListItem),
        ("> ```\n> code‸\n> ```\n", Zone::CodeFence),
        ("> ```\n> code\n> ```\n> after‸", Zone::Prose),
    ]);
}

#[test]
fn indented_text_after_a_blank_line_is_code() {
    check(&[
        ("Text\n\n    let a‸ = 1;\n\nmore", Zone::CodeFence),
        ("Text\n    goes on here‸", Zone::Prose),
    ]);
}

#[test]
fn code_spans_hold_the_caret_between_their_backticks() {
    check(&[
        ("call `pri‸nt` here", Zone::InlineCode),
        ("call ``a ` b‸`` here", Zone::InlineCode),
        ("call `over\ntwo‸ lines` here", Zone::InlineCode),
        ("call `print`‸ here", Zone::Prose),
        ("call ‸`print` here", Zone::Prose),
        ("调用`print‸`函数", Zone::InlineCode),
        ("调用`print`函数‸", Zone::Prose),
        ("# The `fn‸` keyword", Zone::InlineCode),
    ]);
}

#[test]
fn a_code_span_that_is_being_typed_counts() {
    check(&[
        ("call `pri‸", Zone::InlineCode),
        ("call `a` and `b‸", Zone::InlineCode),
        ("`over\nlines` and then‸", Zone::Prose),
        ("an escaped \\` tick‸", Zone::Prose),
    ]);
}

#[test]
fn addresses_are_not_prose() {
    check(&[
        ("see https://example.org/pa‸", Zone::Url),
        ("see <https://example.org/pa‸th>", Zone::Url),
        ("see <ann@exam‸ple.org>", Zone::Url),
        ("看https://example.org/a‸", Zone::Url),
        ("see https://example.org/path for‸", Zone::Prose),
    ]);
}

#[test]
fn a_links_text_is_prose_and_its_destination_is_not() {
    check(&[
        ("a [text‸](https://example.org) b", Zone::Prose),
        ("a [text](https://exam‸ple.org) b", Zone::LinkDestination),
        ("a [text](./fi‸le.md \"title\") b", Zone::LinkDestination),
        ("a ![图片](img/‸a.png) b", Zone::LinkDestination),
        ("a [**bold**](de‸st) b", Zone::LinkDestination),
        ("a [text][re‸f]\n\n[ref]: x", Zone::LinkDestination),
        ("a [text](de‸", Zone::LinkDestination),
        ("a [text](‸)", Zone::LinkDestination),
        ("a [text](dest)‸ b", Zone::Prose),
        ("a [text](dest) and (more‸", Zone::Prose),
        ("[ref]: https://exa‸", Zone::LinkDestination),
        ("a [ref‸] b\n\n[ref]: https://example.org\n", Zone::Prose),
    ]);
}

#[test]
fn front_matter_is_metadata_at_the_start_only() {
    check(&[
        ("---\ntitle: Ink‸\n---\n\nText", Zone::FrontMatter),
        ("+++\ntitle = \"Ink‸\"\n+++\n\nText", Zone::FrontMatter),
        ("---\ntitle: Ink\n---‸\n\nText", Zone::FrontMatter),
        ("---\ntitle: Ink\n---\n‸\nText", Zone::Prose),
        ("---\ntitle: Ink\n...\n\nText‸", Zone::Prose),
        ("---\ntitle: Ink\ntags:\n  - a\n‸", Zone::FrontMatter),
        ("---\r\ntitle: 砚‸\r\n---\r\n", Zone::FrontMatter),
        ("Text\n\n---\n\ntitle: x‸\n\n---\n", Zone::Prose),
        (
            "---\nJust a sentence under a rule.\n\nAnd more‸",
            Zone::Prose,
        ),
    ]);
}

#[test]
fn html_tags_and_comments_are_found() {
    check(&[
        ("a <span cla‸ss=\"b\">c</span>", Zone::HtmlTag),
        ("a <span cla‸", Zone::HtmlTag),
        ("<!-- a comment‸ -->\n", Zone::Comment),
        ("text <!-- a comm‸ent --> text", Zone::Comment),
        ("<!--\nlong\n‸\n-->\n\ntext", Zone::Comment),
        ("<div>\ntext in a block‸\n</div>", Zone::Prose),
        ("<div cl‸ass=\"a\">\ntext\n</div>", Zone::HtmlTag),
        ("a <b>bold‸</b>", Zone::Prose),
    ]);
}

#[test]
fn formulas_are_math() {
    check(&[
        ("so $a + b‸ = c$ holds", Zone::Math),
        ("$$\n\\int_0^1 x‸\n$$\n", Zone::Math),
        ("so $\\alpha + ‸", Zone::Math),
        ("so $a$ holds‸", Zone::Prose),
        ("设$x_1 + ‸x_2$为", Zone::Math),
    ]);
}

#[test]
fn headings_lists_and_tables_are_told_apart() {
    check(&[
        ("# The harbour‸\n\ntext", Zone::Heading),
        ("# The harbour‸", Zone::Heading),
        ("The harbour‸\n===========\n", Zone::Heading),
        ("- an item‸", Zone::ListItem),
        ("1. 第一‸项\n2. 第二项", Zone::ListItem),
        ("- [ ] a task‸", Zone::ListItem),
        ("| a | b |\n|---|---|\n| c‸ | d |\n", Zone::Table),
        ("#hashtag is prose‸", Zone::Prose),
    ]);
}

#[test]
fn a_mark_without_text_yet_is_what_it_will_be() {
    check(&[
        ("## ‸", Zone::Heading),
        ("# 砚\n\nText.\n\n## ‸\n\nText.", Zone::Heading),
        ("Text.\r\n### ‸\r\n", Zone::Heading),
        ("#‸", Zone::Heading),
        ("- ‸", Zone::ListItem),
        ("Text.\n\n- 砚\n- ‸\n\nText.", Zone::ListItem),
        ("3. ‸", Zone::ListItem),
        ("- [ ] ‸", Zone::ListItem),
        ("- 砚\r\n- ‸\r\n- 墨", Zone::ListItem),
        ("| a | b |\n|---|---|\n| ‸", Zone::Table),
        ("| a | b |\n|---|---|\n| 一 | ‸", Zone::Table),
    ]);
}

#[test]
fn a_comparison_is_not_a_tag() {
    check(&[
        ("if p<q then we‸", Zone::Prose),
        ("if p<q then ‸", Zone::Prose),
        ("如果 a<b 那么‸", Zone::Prose),
        ("如果a<b那么‸", Zone::Prose),
        ("a <b and c‸", Zone::Prose),
        ("x</y or‸", Zone::Prose),
        ("i<3 of them‸", Zone::Prose),
        ("a <span class=\"b‸", Zone::HtmlTag),
        ("a <span class=\"b c‸", Zone::HtmlTag),
        ("a <span class=b ‸", Zone::HtmlTag),
        ("a <spa‸", Zone::HtmlTag),
        ("a <span ‸", Zone::HtmlTag),
        ("a <input disabled na‸", Zone::HtmlTag),
        ("a <my-tag data-a‸", Zone::HtmlTag),
        ("a </spa‸", Zone::HtmlTag),
        ("水<sub‸", Zone::HtmlTag),
    ]);
}

#[test]
fn a_variable_of_a_shell_is_not_a_formula() {
    check(&[
        ("set $HOME/a_b and‸", Zone::Prose),
        ("set $HOME/a_b ‸", Zone::Prose),
        ("$PATH_NAME 是‸", Zone::Prose),
        ("$user_name holds the‸", Zone::Prose),
        ("so $x_1 + ‸", Zone::Math),
        ("so $dx = ‸", Zone::Math),
        ("so $ab^2 + c‸", Zone::Math),
        ("costs $5_000 and‸", Zone::Prose),
    ]);
}

#[test]
fn prose_zones_are_the_same_in_both_languages() {
    for text in [
        "The quick brown fox",
        "今天早上我们去公园",
        "用 React 写的 app",
    ] {
        let at = |template: &str| template.replace("{}", text);
        for (template, zone) in [
            ("- {}‸", Zone::ListItem),
            ("- {}\n- {}‸\n- {}", Zone::ListItem),
            ("1. {}‸", Zone::ListItem),
            ("| {} | b |\n|---|---|\n| c | {}‸ |\n", Zone::Table),
            ("# {}‸\n\n{}", Zone::Heading),
            ("{}‸\n===\n", Zone::Heading),
            ("> {}‸", Zone::Prose),
            ("> - {}‸", Zone::ListItem),
            ("```\n{}\n```\n{}‸", Zone::Prose),
            ("```\n{}\n```\n‸", Zone::Prose),
            ("```\n{}‸\n```\n", Zone::CodeFence),
            ("{} [{}](a/{}‸) {}", Zone::LinkDestination),
            ("{} [{}‸](a) {}", Zone::Prose),
            ("{} <https://a.b/c‸d> {}", Zone::Url),
            ("{} https://a.b/c‸ {}", Zone::Url),
            ("{} `{}‸` {}", Zone::InlineCode),
            ("{} `{}`{}‸", Zone::Prose),
            ("---\ntitle: {}‸\n---\n", Zone::FrontMatter),
            ("---\ntitle: {}\n---\n{}‸", Zone::Prose),
            ("+++\ntitle = \"{}‸\"\n+++\n", Zone::FrontMatter),
            ("+++\ntitle = \"{}\"\n+++\n\n{}‸", Zone::Prose),
        ] {
            check(&[(&at(template), zone)]);
        }
    }
}
