//! What stays and what is left out, in both languages; to each reason its counter-examples.

use proptest::prelude::*;

use super::*;

fn block(kind: BlockKind, text: &str) -> Block {
    Block {
        kind,
        text: text.to_owned(),
        lines: None,
    }
}

fn filtered(blocks: Vec<Block>) -> (Vec<Prose>, Vec<LeftOut>) {
    filter(Reading {
        blocks,
        ..Reading::default()
    })
}

/// The reason for which a block alone stays out.
fn reason(kind: BlockKind, text: &str) -> Option<Reason> {
    let (_, left_out) = filtered(vec![block(kind, text)]);
    left_out.first().map(|left_out| left_out.reason)
}

/// Paragraphs that stay out for a reason, and paragraphs that stay.
fn check(expected: Reason, out: &[&str], kept: &[&str]) {
    for text in out {
        assert_eq!(reason(BlockKind::Paragraph, text), Some(expected), "{text}");
    }
    for text in kept {
        assert_eq!(reason(BlockKind::Paragraph, text), None, "{text}");
    }
}

#[test]
fn sentences_stay_however_short_and_labels_do_not() {
    check(
        Reason::TooShort,
        &[
            "Note",
            "Figure 3",
            "Anna Miller",
            "注意",
            "图3",
            "。。。",
            "***",
            "1.",
            "",
            "Yes.",
            "👍🏽",
        ],
        &[
            "It rained.",
            "Rain again?",
            "下雨了。",
            "“Yes.”",
            "\"Why?\"",
            "「好。」",
            "“不！”",
            "— No!",
            "您瞧！",
            "“I don’t know a single—”",
            "他正要开口——",
            "“But, gentlemen, the poor thing, she--”",
            "Presently Mike said:",
            "“Certainly--I--”",
            "“Twelve minutes to my train,”",
            "“这不是股本……”",
            "第一煎吃下去，冷汗发出；",
            "[He sees doom impending:]",
            "Here is how it works:",
            "下面是运行它的办法：",
            "Whose woods these are I think I know",
            "床前明月光 疑是地上霜 举头望明月",
            "I chose it\r\nbecause it rains.",
            "It cost 3.50 at noon 😀, no more.",
        ],
    );
}

#[test]
fn dates_and_names_of_authors_are_too_little() {
    check(
        Reason::TooShort,
        &[
            "May 3, 2021",
            "2021-05-03 14:00",
            "Published on 3 May 2021",
            "一九二五年十二月三十一日",
            "十一月十八日。",
            "2024年5月1日 发布",
            "By Anna Miller",
            "作者：鲁迅",
            "来源：新华社",
        ],
        &[
            "By noon it rained.",
            "By the way, it rains in May 2021.",
            "一九二五年十二月三十一日之夜，记于绿林书屋东壁下。",
            "作者：这个词我不喜欢。",
        ],
    );
}

#[test]
fn code_in_a_paragraph_is_code_and_sentences_about_code_are_prose() {
    check(
        Reason::Code,
        &[
            "$ cargo build --release",
            "anna@desk:~/notes$ ls -l",
            "npm install --save-dev eslint",
            "git clone https://example.org/a.git",
            ">>> print(1)\n1",
            "{\"name\": \"rain\", \"days\": 3}",
            "SELECT name, days FROM rain WHERE days > 3",
            "Traceback (most recent call last):\n  File \"a.py\", line 3, in <module>",
            "at com.example.Main.run(Main.java:12)",
            "2024-05-01 12:00:03 ERROR connection lost",
            "let x = foo(bar[0]) || {};",
            "if (a && b) { return c; }",
            "<Sandpack><App /></Sandpack>",
            "goroutine 1 [running]:\nmain.main()",
            "Exception in thread \"main\" java.lang.NullPointerException",
        ],
        &[
            "Run `cargo build --release` (or `make`), then start it.",
            "Make sure that the file is there, and go home.",
            "The function f(x) returns a list of pairs, which is what we want.",
            "Go to the settings and select another model.",
            "Select the rows that you want, then press Enter.",
            "At noon it rained.",
            "使用 `useState()` 来保存状态，然后调用 `setCount(count + 1)`。",
            "At 12:30 we left for home.",
            "I like C# and F#, but not C++.",
            "goroutine 是 Go 语言里很轻的线程，开一千个也不心疼。",
            "goroutine leaks are easy to write and hard to find",
            "Exception in thread handling is what the whole chapter is about",
        ],
    );
}

#[test]
fn tables_are_left_out_with_or_without_their_markup() {
    check(
        Reason::Table,
        &[
            "12 13 14 15\n16 17 18 19",
            "Monday 3.5 4.5 2.1 7",
            "名称 | 数量 | 价格\n雨伞 | 3 | 20",
            "a\tb\tc\nd\te\tf",
            "一月  3  4\n二月  5  6",
        ],
        &[
            "It rained.  It snowed.  It hailed.\nIt rained.  It snowed.  It hailed.",
            "In 1845 I went to the woods, in 1847 I left, and in 1854 the book came out.",
            "三月里下了 12 天雨，四月 9 天，五月 3 天。",
        ],
    );
    assert_eq!(
        reason(BlockKind::Table, "It rained today.\tAnd it snowed."),
        Some(Reason::Table)
    );
}

#[test]
fn addresses_and_files_are_links_and_a_sentence_with_one_is_prose() {
    check(
        Reason::LinkList,
        &[
            "https://example.org/a",
            "Source: https://example.org/a",
            "项目主页：https://example.org/a",
            "src/main.rs README.md Cargo.toml",
            "https://a.example https://b.example",
        ],
        &[
            "My fly app is https://example.org/",
            "I wrote about it at https://example.org/a last year, and it still holds.",
            "Put it into README.md, so that people find it.",
            "详细的说明在 https://example.org/a 里，欢迎指正。",
        ],
    );
}

#[test]
fn items_with_dates_at_their_ends_are_a_list_of_posts() {
    let item = |text: &str| block(BlockKind::ListItem, text);
    let (prose, left_out) = filtered(vec![
        item("How to shave a yak in ten days - 2021-05-01"),
        item("Rain, and what to do about all of it - 2021-05-02"),
        item("为什么今天又下雨，而且下得这么大 - 2021-05-03"),
    ]);
    assert!(prose.is_empty());
    assert!(
        left_out
            .iter()
            .all(|left_out| left_out.reason == Reason::LinkList)
    );
    let (prose, _) = filtered(vec![item("The meeting about the garden is on 2021-05-01")]);
    assert_eq!(prose.len(), 1);
}

#[test]
fn ways_around_a_document_are_navigation() {
    check(
        Reason::Navigation,
        &[
            "« Previous | Home | Next »",
            "Home › Docs › Install",
            "首页 > 文档 > 安装",
            "上一页 下一页",
            "上一篇：雨天",
            "Next: The Pond in Winter",
            "Table of Contents",
            "目 录",
            "Chapter One ........ 7\nChapter Two ........ 19",
            "第一章……………7",
            "Back to top",
        ],
        &[
            "Next, we read the file.",
            "Next: the river. We walked down to it in silence.",
            "He went back to the top of the hill.",
            "The contents of the box were wet.",
            "目录里没有这个文件。",
            "I waited… 7 people came.",
            "我等了很久……来了7个人。",
        ],
    );
}

#[test]
fn entries_under_contents_are_navigation_up_to_the_first_text() {
    let (prose, left_out) = filtered(vec![
        block(BlockKind::Heading(2), "目录"),
        block(BlockKind::ListItem, "一个很长的章节标题，关于雨天的种种"),
        block(BlockKind::ListItem, "雪"),
        block(BlockKind::Paragraph, "今天下雨。"),
        block(BlockKind::ListItem, "一件要做的事情，写得比较长一些"),
    ]);
    assert_eq!(prose.len(), 2);
    assert!(
        left_out
            .iter()
            .all(|left_out| left_out.reason == Reason::Navigation)
    );
}

#[test]
fn licences_and_notices_are_left_out_and_thoughts_about_them_stay() {
    check(
        Reason::Licence,
        &[
            "Copyright (c) 2021 Anna Miller",
            "© 2021 Anna Miller. All rights reserved.",
            "Permission is hereby granted, free of charge, to any person\nobtaining a copy of this software",
            "版权所有，转载请注明出处。",
            "本作品采用知识共享署名 4.0 国际许可协议进行许可。",
            "This project is licensed under the MIT License.",
            "SPDX-License-Identifier: MIT",
            "著作权归作者所有。商业转载请联系作者获得授权。",
            "Released under the GPL, version 3.",
            "未经许可，不得转载。",
        ],
        &[
            "I chose the MIT license because it is short.",
            "Why should a poem have all rights reserved?",
            "我不在乎版权所有这几个字，因为没有人看。",
            "He copied the letter in 1845, and kept the copyright to himself.",
            "The record was released under the name of her brother in 1971, and nobody bought it.",
            "他未经许可就进了房间，把信拿走了。",
            "未经授权的访问会被拒绝，日志里会留下一行。",
        ],
    );
}

#[test]
fn the_frame_of_project_gutenberg_is_a_licence_and_the_book_is_not() {
    let paragraph = |text: &str| block(BlockKind::Paragraph, text);
    let (prose, left_out) = filtered(vec![
        paragraph("This eBook is about many things and begins with words of others."),
        paragraph("*** START OF THE PROJECT GUTENBERG EBOOK WALDEN ***"),
        paragraph("When I wrote the following pages, I lived alone."),
        paragraph("*** END OF THE PROJECT GUTENBERG EBOOK WALDEN ***"),
        paragraph("Updated editions will replace the previous one."),
    ]);
    assert_eq!(prose.len(), 1);
    assert_eq!(left_out.len(), 4);
    assert!(
        left_out
            .iter()
            .all(|left_out| left_out.reason == Reason::Licence)
    );
}

#[test]
fn a_file_that_is_a_licence_has_no_prose() {
    let (prose, _) = filtered(vec![
        block(BlockKind::Heading(1), "Apache License"),
        block(BlockKind::Paragraph, "Version 2.0, January 2004"),
        block(
            BlockKind::Paragraph,
            "\"Licensor\" shall mean the owner that grants this License, and nobody else.",
        ),
        block(
            BlockKind::Paragraph,
            "Subject to the terms of this License, each contributor grants to you a licence.",
        ),
    ]);
    assert!(prose.is_empty(), "{prose:?}");
}

#[test]
fn other_languages_are_left_out_and_foreign_words_in_a_text_are_not() {
    check(
        Reason::OtherLanguage,
        &[
            "Сегодня идёт дождь, и завтра тоже.",
            "今日は雨が降っています。明日も降るでしょう。",
            "오늘은 비가 옵니다.",
            "Es regnet heute, und ich bleibe zu Hause mit der Katze und dem Hund.",
            "Il pleut aujourd'hui et je reste dans la maison avec le chat et les enfants.",
            "Hoy llueve y me quedo en la casa con el gato y los niños para leer.",
        ],
        &[
            "The word дождь means rain, and there is a lot of it.",
            "“雨”这个字，日语里读作 あめ，意思是一样的。",
            "The café near the Champs-Élysées was closed, so we went to the one at the corner of the street.",
            "Rain fell.",
            "今天 deploy 失败了，因为 cluster 没有资源。",
            "Ｎｏｔｅ－ｂｏｏｋ　英语：笔记簿。",
        ],
    );
}

#[test]
fn entries_of_a_bibliography_are_told_from_sentences_with_a_year() {
    check(
        Reason::Bibliography,
        &[
            "[12] Miller, A. (2010). On rain. Journal of Weather, 12(3), 45–67.",
            "Miller, A., & Smith, B. (2010). On rain. doi:10.1000/182",
            "[3] 张三. 论雨[J]. 气象学报, 2010, 12(3): 45-67.",
            "Miller, A. et al. (2010). On rain. University Press.",
        ],
        &[
            "Miller (2010) says that it rains, and he is right.",
            "[1] is where I found it, and it rained.",
            "Vaswani et al. (2017) introduced an architecture that does without recurrence.",
            "This was questioned by Miller et al. (2010), who measured the rain for a year.",
            "Miller et al.'s (2010) numbers are wrong.",
        ],
    );
}

#[test]
fn blocks_that_are_no_text_stay_out_for_what_they_are() {
    let text = "A whole sentence, which would be prose elsewhere.";
    for (kind, expected) in [
        (BlockKind::Quote, Reason::Quotation),
        (BlockKind::Code, Reason::Code),
        (BlockKind::Math, Reason::Math),
        (BlockKind::FrontMatter, Reason::FrontMatter),
        (BlockKind::LinkList, Reason::LinkList),
        (BlockKind::Navigation, Reason::Navigation),
        (BlockKind::QuotedMail, Reason::QuotedMail),
        (BlockKind::Signature, Reason::Signature),
        (BlockKind::EditorsNote, Reason::EditorsNote),
        (BlockKind::Bibliography, Reason::Bibliography),
        (BlockKind::Markup, Reason::Markup),
    ] {
        assert_eq!(reason(kind, text), Some(expected));
    }
    for kind in [
        BlockKind::Paragraph,
        BlockKind::ListItem,
        BlockKind::Footnote,
        BlockKind::Caption,
    ] {
        assert_eq!(reason(kind, text), None);
    }
}

#[test]
fn a_numbered_list_of_sentences_stays_with_its_short_items() {
    let item = |text: &str| block(BlockKind::ListItem, text);
    let (prose, left_out) = filtered(vec![
        item("Open the window."),
        item("Listen to the rain for a while"),
        item("Repeat"),
        item("等雨停了再出门。"),
    ]);
    assert_eq!((prose.len(), left_out.len()), (4, 0));
    let (prose, left_out) = filtered(vec![
        item("Rain"),
        item("Snow"),
        item("雪"),
        item("It hailed too."),
    ]);
    assert_eq!((prose.len(), left_out.len()), (1, 3));
}

#[test]
fn pieces_know_the_headings_above_them() {
    let (prose, left_out) = filtered(vec![
        block(BlockKind::Heading(1), "A book of rain"),
        block(BlockKind::Heading(2), "雨天"),
        block(BlockKind::Paragraph, "今天下雨。"),
        block(BlockKind::Heading(2), "Nothing below but code"),
        block(BlockKind::Code, "rain();"),
        block(BlockKind::Heading(1), "The\nother part of it"),
        block(BlockKind::Heading(3), "A level further down"),
        block(BlockKind::Paragraph, "It snowed."),
    ]);
    let pieces: Vec<(&str, Vec<&str>)> = prose
        .iter()
        .map(|prose| {
            (
                prose.block.text.as_str(),
                prose.headings.iter().map(String::as_str).collect(),
            )
        })
        .collect();
    assert_eq!(
        pieces,
        [
            ("A book of rain", vec![]),
            ("今天下雨。", vec!["A book of rain", "雨天"]),
            ("The\nother part of it", vec![]),
            ("A level further down", vec!["The other part of it"]),
            (
                "It snowed.",
                vec!["The other part of it", "A level further down"]
            ),
        ]
    );
    assert_eq!(left_out.len(), 1);
}

proptest! {
    /// Whatever the blocks, each but a heading is prose or left out, and their order stays.
    #[test]
    fn every_block_goes_one_way(texts in proptest::collection::vec(("\\PC{0,80}", 0_usize..6), 0..30)) {
        let kinds = [BlockKind::Paragraph, BlockKind::ListItem, BlockKind::Heading(2), BlockKind::Table, BlockKind::Footnote, BlockKind::Caption];
        let blocks: Vec<Block> = texts.iter().map(|(text, kind)| block(kinds[*kind], text)).collect();
        let not_headings = blocks.iter().filter(|block| !matches!(block.kind, BlockKind::Heading(_))).count();
        let (prose, left_out) = filtered(blocks.clone());
        let pieces = prose.iter().filter(|prose| !matches!(prose.block.kind, BlockKind::Heading(_))).count();
        prop_assert_eq!(pieces + left_out.len(), not_headings);
        let mut rest = blocks.iter();
        prop_assert!(prose.iter().all(|prose| rest.any(|block| *block == prose.block)));
    }
}
