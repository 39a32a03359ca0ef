//! What the reader of text without markup makes of small texts.

use inkstone_corpus::format::Format::PlainText;

use crate::{check, reading};

#[test]
fn blank_lines_part_paragraphs_and_line_ends_stay() {
    check(
        PlainText,
        "It was a dark\nand stormy night.\n\nNobody came.\n",
        &[
            "p 0-2 It was a dark⏎and stormy night.",
            "p 3-4 Nobody came.",
        ],
    );
}

#[test]
fn indented_first_lines_part_paragraphs() {
    check(
        PlainText,
        "　　鲁镇的酒店的格局，是和别处不同的：\n都是当街一个柜台。\n　　我从十二岁起。\n",
        &[
            "p 0-2 鲁镇的酒店的格局，是和别处不同的：⏎都是当街一个柜台。",
            "p 2-3 我从十二岁起。",
        ],
    );
    check(
        PlainText,
        "   He came.\nAnd stayed.\n   She went.\n",
        &["p 0-2 He came.⏎And stayed.", "p 2-3 She went."],
    );
}

#[test]
fn chapters_are_headings() {
    check(
        PlainText,
        "CHAPTER I\n\nIt was cold.\n\n第一章 归来\n　　他回来了。\n\nIV.\n\nTHE END OF IT\n\nText Title\n==========\n",
        &[
            "h1 0-1 CHAPTER I",
            "p 2-3 It was cold.",
            "h1 4-5 第一章 归来",
            "p 5-6 他回来了。",
            "h2 7-8 IV.",
            "h2 9-10 THE END OF IT",
            "h1 11-13 Text Title",
        ],
    );
    check(
        PlainText,
        "Part of me wanted to go home that night.\n",
        &["p 0-1 Part of me wanted to go home that night."],
    );
    check(
        PlainText,
        "第一次见面，是在车站。\n",
        &["p 0-1 第一次见面，是在车站。"],
    );
    assert_eq!(
        reading(PlainText, "第一章 归来\n\n他。\n").title.as_deref(),
        Some("第一章 归来")
    );
}

#[test]
fn titles_dates_and_notes_of_a_chinese_edition_are_told_apart() {
    check(
        PlainText,
        "                 秋　夜〔１〕\n\n　　在我的后园，有两株树。\n\n                    一九二四年九月十五日\n\n　　　　※　　　　※\n\n　　〔１〕本篇最初发表于《语丝》。\n　　⑵枣树：树名。\n",
        &[
            "h2 0-1 秋　夜〔１〕",
            "p 2-3 在我的后园，有两株树。",
            "p 4-5 一九二四年九月十五日",
            "editorsnote 8-9 〔１〕本篇最初发表于《语丝》。",
            "editorsnote 9-10 ⑵枣树：树名。",
        ],
    );
}

#[test]
fn quotes_items_rules_and_code_are_told_apart() {
    check(
        PlainText,
        "> quoted\n> twice\nmine\n\n- one\n- two\n  more\n\n* * *\n\n    for (i = 0; i < n; i++) {\n        sum += a[i];\n    }\n\n1. first\n2. second\n",
        &[
            "quote 0-2 quoted⏎twice",
            "p 2-3 mine",
            "item 4-5 one",
            "item 5-7 two⏎more",
            "code 10-13     for (i = 0; i < n; i++) {⏎        sum += a[i];⏎    }",
            "item 14-15 first",
            "item 15-16 second",
        ],
    );
}

#[test]
fn indented_verse_is_no_code() {
    check(
        PlainText,
        "    Shall I compare thee to a day\n    Thou art more lovely\n",
        &["p 0-2 Shall I compare thee to a day⏎Thou art more lovely"],
    );
}

#[test]
fn notes_of_an_edition_are_not_the_writers_and_the_writers_own_are() {
    check(
        PlainText,
        "正文一段〔1〕，他说：\n「走。」\n\n注释：\n[1] 鲁迅，作家，\n原名周树人。\n[2] 某书。\n",
        &[
            "p 0-2 正文一段〔1〕，他说：⏎「走。」",
            "p 3-4 注释：",
            "editorsnote 4-6 [1] 鲁迅，作家，⏎原名周树人。",
            "editorsnote 6-7 [2] 某书。",
        ],
    );
    check(
        PlainText,
        "第一章\n\n正文。\n\n〔1〕本篇最初发表于《晨报》。\n\n〔2〕某地。\n\n第二章\n\n还是正文。\n\n〔1〕我自己的注。\n\n[2] Mine, too.\n",
        &[
            "h1 0-1 第一章",
            "p 2-3 正文。",
            "editorsnote 4-5 〔1〕本篇最初发表于《晨报》。",
            "editorsnote 6-7 〔2〕某地。",
            "h1 8-9 第二章",
            "p 10-11 还是正文。",
            "footnote 12-13 〔1〕我自己的注。",
            "p 14-15 [2] Mine, too.",
        ],
    );
}
