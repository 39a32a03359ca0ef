//! What the reader of Markdown makes of small texts.

use inkstone_corpus::format::Format::Markdown;

use crate::{check, reading};

#[test]
fn headings_paragraphs_and_items_lose_their_markup() {
    check(
        Markdown,
        "# The *Ink* Stone\n\nA **bold** line with `code`\nand a [link](https://example.org \"t\").\n\n- one\n- two\n  more\n\n1. first\n",
        &[
            "h1 0-1 The Ink Stone",
            "p 2-4 A bold line with `code`⏎and a link.",
            "item 5-6 one",
            "item 6-8 two⏎more",
            "item 9-10 first",
        ],
    );
}

#[test]
fn chinese_and_emoji_and_combining_marks_stay_as_they_are() {
    check(
        Markdown,
        "## 第一章　雨\n\n那天下着**雨**，他没有回来。\n她等到了天亮👩‍👩‍👧，cafe\u{301}。\n",
        &[
            "h2 0-1 第一章　雨",
            "p 2-4 那天下着雨，他没有回来。⏎她等到了天亮👩‍👩‍👧，cafe\u{301}。",
        ],
    );
}

#[test]
fn front_matter_gives_the_title_and_a_rule_does_not() {
    let text = "---\ntitle: \"雨夜\"\ntags: [a, b]\n---\n\n正文在这里。\n";
    check(
        Markdown,
        text,
        &[
            "frontmatter 0-4 ---⏎title: \"雨夜\"⏎tags: [a, b]⏎---",
            "p 5-6 正文在这里。",
        ],
    );
    assert_eq!(reading(Markdown, text).title.as_deref(), Some("雨夜"));
    let toml = "+++\ntitle = 'Rain'\n+++\nText.\n";
    assert_eq!(reading(Markdown, toml).title.as_deref(), Some("Rain"));
    check(
        Markdown,
        "---\n\nProse after a rule.\n\n---\n\nMore.\n",
        &["p 2-3 Prose after a rule.", "p 6-7 More."],
    );
    assert_eq!(reading(Markdown, "# A *b*\n").title.as_deref(), Some("A b"));
}

#[test]
fn nested_items_are_blocks_of_their_own() {
    check(
        Markdown,
        "- outer\n  - inner\n    still inner\n- [x] done\n\n  second paragraph\n",
        &[
            "item 0-1 outer",
            "item 1-3 inner⏎still inner",
            "item 3-4 done",
            "item 5-6 second paragraph",
        ],
    );
}

#[test]
fn code_tables_formulas_and_footnotes_are_told_apart() {
    check(
        Markdown,
        "See[^1] $x^2$ here.\n\n```rust\nfn a() {}\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n$$\nE = mc^2\n$$\n\n[^1]: The note.\n",
        &[
            "p 0-1 See $x^2$ here.",
            "code 2-5 fn a() {}",
            "table 6-9 | a | b |⏎|---|---|⏎| 1 | 2 |",
            "math 10-13 $$⏎E = mc^2⏎$$",
            "footnote 14-15 The note.",
        ],
    );
}

#[test]
fn quotes_are_quoted_and_callouts_are_the_writers_own() {
    check(
        Markdown,
        "> Somebody else\n> said this.\n\n> [!note] My title\n> My own words.\n\n> [!WARNING]\n> Mind the gap.\n",
        &[
            "quote 0-2 Somebody else⏎said this.",
            "p 3-4 My title",
            "p 4-5 My own words.",
            "p 7-8 Mind the gap.",
        ],
    );
}

#[test]
fn pictures_are_captions_after_their_paragraph() {
    check(
        Markdown,
        "Before ![the *old* house](house.png) after.\n\n![雨中的街道](street.jpg)\n",
        &[
            "p 0-1 Before  after.",
            "caption 0-1 the old house",
            "caption 2-3 雨中的街道",
        ],
    );
}

#[test]
fn html_in_markdown_is_read_or_left_out() {
    check(
        Markdown,
        "<!-- a remark -->\n\n<div align=\"center\">\n\nInside &amp; read.\n\n</div>\n\n<p>A <b>bold</b> word.</p>\n\nOne<br>two <kbd>Ctrl</kbd>.\n",
        &[
            "markup 0-1  a remark",
            "markup 2-3 <div align=\"center\">",
            "p 4-5 Inside & read.",
            "markup 6-7 </div>",
            "p 8-9 A bold word.",
            "p 10-11 One⏎two Ctrl.",
        ],
    );
    check(
        Markdown,
        "<blockquote>\n\nTheirs.\n\n</blockquote>\n\nMine.\n",
        &[
            "markup 0-1 <blockquote>",
            "quote 2-3 Theirs.",
            "markup 4-5 </blockquote>",
            "p 6-7 Mine.",
        ],
    );
}

#[test]
fn what_other_tools_read_is_markup() {
    check(
        Markdown,
        "import Tabs from '@theme/Tabs';\n\nexport const a = 1;\n\nimport and export are words.\n\n## 标题 {/*heading*/}\n\n::: tip 提示\n正文。\n:::\n\n{{< figure src=\"a.png\" >}}\n\n{% raw %}\n",
        &[
            "markup 0-1 import Tabs from '@theme/Tabs';",
            "markup 2-3 export const a = 1;",
            "p 4-5 import and export are words.",
            "h2 6-7 标题",
            "p 8-9 提示",
            "p 9-10 正文。",
            "markup 10-11 :::",
            "markup 12-13 {{< figure src=\"a.png\" >}}",
            "markup 14-15 {% raw %}",
        ],
    );
}

#[test]
fn wiki_links_show_their_text() {
    check(
        Markdown,
        "See [[Notes|my notes]] and [[Ink]].\n",
        &["p 0-1 See my notes and Ink."],
    );
    check(
        Markdown,
        "As in [[1]](https://example.org).\n",
        &["p 0-1 As in [1]."],
    );
}

#[test]
fn a_list_of_links_is_told_from_a_list_of_text() {
    check(
        Markdown,
        "- [One](a)\n- [Two](b)\n- [Three](c)\n\nText.\n\n- [One](a) is long enough to be text\n- [Two](b)\n",
        &[
            "linklist 0-1 One",
            "linklist 1-2 Two",
            "linklist 2-3 Three",
            "p 4-5 Text.",
            "item 6-7 One is long enough to be text",
            "item 7-8 Two",
        ],
    );
}

#[test]
fn references_are_a_bibliography_up_to_the_next_heading() {
    check(
        Markdown,
        "## 参考文献\n\n1. 鲁迅：《呐喊》。\n\n## 后话\n\n完了。\n",
        &[
            "h2 0-1 参考文献",
            "bibliography 2-3 鲁迅：《呐喊》。",
            "h2 4-5 后话",
            "p 6-7 完了。",
        ],
    );
}

#[test]
fn chinese_prose_in_a_fence_is_read() {
    check(
        Markdown,
        "```\n　　那天下着雨，他没有回\n来。\n　　她等到了天亮。\n```\n",
        &["p 1-3 那天下着雨，他没有回⏎来。", "p 3-4 她等到了天亮。"],
    );
    check(
        Markdown,
        "    他说，明天再来。\n",
        &["p 0-1 他说，明天再来。"],
    );
    check(
        Markdown,
        "```\n$ ls 文件，目录\na.txt b.txt c.txt d.txt\n```\n",
        &["code 0-4 $ ls 文件，目录⏎a.txt b.txt c.txt d.txt"],
    );
}

#[test]
fn definition_lists_are_read() {
    check(
        Markdown,
        "Ink\n: A black liquid.\n",
        &["p 0-1 Ink", "item 1-2 A black liquid."],
    );
}

#[test]
fn markup_that_is_not_closed_is_read_as_far_as_it_goes() {
    check(
        Markdown,
        "A **bold line\n\n```\ncode to the end\n",
        &["p 0-1 A **bold line", "code 2-4 code to the end"],
    );
    check(
        Markdown,
        "A [link](to nowhere\n",
        &["p 0-1 A [link](to nowhere"],
    );
    check(Markdown, "", &[]);
    check(Markdown, "\n\n   \n", &[]);
}

#[test]
fn readings_above_characters_are_no_text_of_the_line() {
    check(
        Markdown,
        "汉字<ruby>漢<rp>(</rp><rt>hàn</rt><rp>)</rp></ruby>好<ruby>字<rt>zì</ruby>。\n\nHe said <q>hello</q>.\n",
        &["p 0-1 汉字漢好字。", "p 2-3 He said “hello”."],
    );
}

#[test]
fn comments_shortcodes_and_attributes_of_other_tools_are_no_text() {
    check(
        Markdown,
        "正文 %%这是注释%% 继续。\n\n%%\n整段注释\n\n第二段\n%%\n\n后文 ^id-1\n\n```\n%%\n```\n\nKept.\n\n~~~\n%%\n~~~\n",
        &[
            "p 0-1 正文 继续。",
            "markup 2-4 %%⏎整段注释",
            "markup 5-7 第二段⏎%%",
            "p 8-9 后文",
            "code 10-13 %%",
            "p 14-15 Kept.",
            "code 16-19 %%",
        ],
    );
    check(
        Markdown,
        "See {{< ref \"a.md\" >}} for more.\n\n{{% notice tip %}}\nBe careful.\n{{% /notice %}}\n\n{% include x.html %}\n\nA [small]{.smallcaps} word.\n{: .note}\n",
        &[
            "p 0-1 See for more.",
            "p 2-5 Be careful.",
            "markup 6-7 {% include x.html %}",
            "p 8-10 A small word.",
        ],
    );
}

#[test]
fn marks_that_commonmark_does_not_see_beside_chinese_are_no_text() {
    check(
        Markdown,
        "**注意：**这是重点。\n\n他说**“你好”**就走了。\n\n这是==重点==。\n",
        &[
            "p 0-1 注意：这是重点。",
            "p 2-3 他说“你好”就走了。",
            "p 4-5 这是重点。",
        ],
    );
}

#[test]
fn a_note_in_the_line_is_a_footnote() {
    check(
        Markdown,
        "Words^[a note] go on.[^1]\n\n[^1]: 〔1〕自己的注。\n",
        &[
            "p 0-1 Words go on.",
            "footnote 0-1 a note",
            "footnote 2-3 〔1〕自己的注。",
        ],
    );
}

#[test]
fn a_table_of_html_that_a_blank_line_cuts_is_a_table() {
    check(
        Markdown,
        "<table>\n<tr><td>a</td>\n\n<td>b</td></tr>\n</table>\n",
        &["table 1-2 a", "table 3-4 b"],
    );
}

#[test]
fn lines_in_a_component_of_mdx_are_markdown() {
    check(
        Markdown,
        "<Note title=\"x\">\nSome **bold** text,\n- one\n- [two](x)\n</Note>\n\nAfter.\n",
        &[
            "markup 0-1 <Note title=\"x\">",
            "p 1-2 Some bold text,",
            "item 2-3 one",
            "item 3-4 two",
            "markup 4-5 </Note>",
            "p 6-7 After.",
        ],
    );
}

#[test]
fn a_title_in_the_front_matter_may_hold_quotation_marks() {
    for (value, title) in [
        ("\"A \\\"b\\\" c\"", "A \"b\" c"),
        ("'雨天'", "雨天"),
        ("\"open", "\"open"),
        ("Ink's stone", "Ink's stone"),
    ] {
        let text = format!("---\ntitle: {value}\n---\n\nText.\n");
        assert_eq!(reading(Markdown, &text).title.as_deref(), Some(title));
    }
}
