//! Licences, copyright notices, and the frame that Project Gutenberg puts around a book.

use super::Verdict;
use super::measure::Measure;
use crate::block::{Block, BlockKind};
use crate::left_out::Reason;

/// Phrases that stand in licences and nowhere else, in small letters, one space between words.
const PHRASES: &[&str] = &[
    "permission is hereby granted, free of charge",
    "the above copyright notice and this permission notice",
    "the software is provided \"as is\"",
    "the software is provided “as is”",
    "this software is provided by the copyright holders",
    "redistribution and use in source and binary forms",
    "redistributions of source code must retain",
    "redistributions in binary form must reproduce",
    "permission to use, copy, modify, and/or distribute",
    "licensed under the apache license",
    "you may not use this file except in compliance with the license",
    "unless required by applicable law or agreed to in writing",
    "gnu general public license as published by",
    "terms of the gnu general public license",
    "gnu lesser general public license",
    "gnu free documentation license",
    "without even the implied warranty of",
    "this source code form is subject to the terms of the mozilla public license",
    "licensed under a creative commons",
    "licensed under the creative commons",
    "licensed under cc by",
    "creativecommons.org/licenses",
    "project gutenberg license",
    "project gutenberg-tm",
    "project gutenberg™",
    "this ebook is for the use of anyone anywhere",
    "this etext was produced by",
    "produced by the online distributed proofreading team",
    "all rights reserved. no part of this",
    "no part of this publication may be reproduced",
    "this e-mail and any attachments are confidential",
    "this email and any attachments are confidential",
    "知识共享署名",
    "知識共享署名",
    "创作共用",
    "本作品采用",
    "本著作係採用",
    "本软件按“原样”提供",
    "本软件按\"原样\"提供",
    "此邮件及其附件可能包含机密信息",
    "本邮件及其附件含有",
];

/// Phrases that make a short block a notice; in a longer one, somebody writes about them.
const NOTICE_PHRASES: &[&str] = &[
    "all rights reserved",
    "copyright (c)",
    "copyright ©",
    "©",
    "(c) 19",
    "(c) 20",
    "licensed under",
    "mit license",
    "apache-2.0",
    "spdx-license-identifier",
    "版权所有",
    "版權所有",
    "保留所有权利",
    "保留一切权利",
    "转载请注明",
    "轉載請註明",
    "禁止转载",
    "著作权归",
    "版权归",
    "许可协议",
    "授權條款",
    "采用 cc by",
    "cc by-",
];

/// Phrases of notices and of life, and what of the former stands beside them: an album is released
/// under a name, and somebody comes in 未经许可.
const NOTICE_PAIRS: &[(&str, &[&str])] = &[
    (
        "released under the",
        &["licen", "gpl", "bsd", "apache", "creative", "public domain"],
    ),
    (
        "未经许可",
        &["转载", "复制", "使用", "传播", "发布", "改编"],
    ),
    (
        "未经授权",
        &["转载", "复制", "使用", "传播", "发布", "改编"],
    ),
    (
        "未經授權",
        &["轉載", "複製", "使用", "傳播", "發布", "改編"],
    ),
];

/// A notice has no more words.
const NOTICE_UNITS_MAX: usize = 40;

/// Of a block that is only "Copyright 2021 …", as many.
const COPYRIGHT_LINE_UNITS_MAX: usize = 20;

/// Titles of licences, in small letters, for files that are one.
const TITLES: &[&str] = &[
    "gnu general public license",
    "gnu lesser general public license",
    "gnu affero general public license",
    "gnu free documentation license",
    "apache license",
    "mozilla public license",
    "mit license",
    "the mit license",
    "bsd 2-clause license",
    "bsd 3-clause license",
    "isc license",
    "boost software license",
    "creative commons",
    "attribution 4.0 international",
    "attribution-sharealike 4.0 international",
    "the unlicense",
    "eclipse public license",
    "sil open font license",
    "木兰宽松许可证",
];

/// The title stands in one of the first blocks, and is short.
const TITLE_BLOCKS_MAX: usize = 4;
const TITLE_UNITS_MAX: usize = 12;

/// Where the book begins and ends.
const GUTENBERG_STARTS: &[&str] = &[
    "start of the project gutenberg",
    "start of this project gutenberg",
];
const GUTENBERG_ENDS: &[&str] = &[
    "end of the project gutenberg",
    "end of this project gutenberg",
    "end of project gutenberg",
];

/// The frame is told by its first words; a longer block is part of the book.
const GUTENBERG_UNITS_MAX: usize = 60;

pub(super) fn reason(block: &Block, measure: &Measure) -> Option<Reason> {
    let text = folded(&block.text);
    let has = |phrases: &[&str]| phrases.iter().any(|phrase| text.contains(phrase));
    let is_line = text.starts_with("copyright ")
        && measure.units() <= COPYRIGHT_LINE_UNITS_MAX
        && measure.numbers > 0
        && !text.ends_with(['?', '？']);
    // "I chose the MIT license because …": a sentence about one has more than its name.
    let has_pair = || {
        NOTICE_PAIRS.iter().any(|(phrase, others)| {
            text.contains(phrase) && others.iter().any(|other| text.contains(other))
        })
    };
    let is_notice = measure.units() <= NOTICE_UNITS_MAX
        && (has(NOTICE_PHRASES) || has_pair())
        && !is_about(&text);
    (has(PHRASES) || is_line || is_notice).then_some(Reason::Licence)
}

/// Whether somebody speaks of a licence.
fn is_about(text: &str) -> bool {
    let spaced = format!(" {text}");
    [
        " i ",
        " we ",
        " my ",
        " because ",
        " should ",
        " you ",
        " why ",
        " how ",
        "我",
        "你",
        "为什么",
        "因为",
        "吗",
    ]
    .iter()
    .any(|word| spaced.contains(word))
}

/// Marks the frame of Project Gutenberg and files that are a licence.
pub(super) fn mark_documents(blocks: &[Block], verdicts: &mut [Verdict]) {
    let is_mark = |block: &Block, marks: &[&str]| {
        let text = folded(&block.text);
        let is_marked = marks.iter().any(|mark| text.contains(mark));
        is_marked && Measure::of(&block.text).units() <= GUTENBERG_UNITS_MAX
    };
    let start = blocks
        .iter()
        .position(|block| is_mark(block, GUTENBERG_STARTS));
    if let Some(start) = start {
        verdicts[..=start].fill(Verdict::Out(Reason::Licence));
    }
    let after = start.map_or(0, |start| start + 1);
    let end = blocks[after..]
        .iter()
        .position(|block| is_mark(block, GUTENBERG_ENDS));
    if let Some(end) = end {
        verdicts[after + end..].fill(Verdict::Out(Reason::Licence));
    }
    if is_licence(blocks, verdicts) {
        verdicts.fill(Verdict::Out(Reason::Licence));
    }
}

/// Whether a document begins with a licence's title and speaks as one.
fn is_licence(blocks: &[Block], verdicts: &[Verdict]) -> bool {
    let has_title = blocks.iter().take(TITLE_BLOCKS_MAX).any(|block| {
        let is_title = matches!(
            block.kind,
            BlockKind::Heading(_) | BlockKind::Paragraph | BlockKind::Code
        ) && Measure::of(&block.text).units() <= TITLE_UNITS_MAX;
        let text = folded(&block.text);
        is_title
            && TITLES
                .iter()
                .any(|title| text.trim_start_matches(['#', ' ']).starts_with(title))
    });
    let licences = verdicts
        .iter()
        .filter(|verdict| **verdict == Verdict::Out(Reason::Licence))
        .count();
    // Half of a short one; a long one says "this License" in each of its many paragraphs.
    let says_so = |block: &&Block| {
        block.text.contains("this License") || block.text.contains("the Licensed Material")
    };
    has_title
        && (licences * 2 >= blocks.len()
            || blocks.iter().filter(says_so).count() * 4 >= blocks.len())
}

/// In small letters, one space for white space of any kind.
fn folded(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").to_lowercase()
}
