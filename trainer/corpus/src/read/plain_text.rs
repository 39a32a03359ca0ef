//! Reads text without markup: paragraphs, and the headings, quotes and code that habit marks.
//!
//! Where a line of a paragraph was broken by hand stays a line feed; cleaning joins it. Called for
//! `.txt` files, for the bodies of commits and mails, and for prose that stands in fences.

use inkstone_prose::characters::is_han;

use crate::block::{BlockKind, Reading};

use super::ReadLimits;
use super::edition_notes::{self, Form};
use super::page::Page;
use super::source::{Source, lines};

/// A heading has no more characters.
const HEADING_CHARS_MAX: usize = 60;

/// Blanks from which on a line is indented as code, or centred.
const CODE_INDENT_MIN: usize = 4;

/// A centred title starts no further left, and is no longer; a date stands there, too.
const CENTRED_INDENT_MIN: usize = 8;
const CENTRED_CHARS_MAX: usize = 20;

/// Signs of code, of which indented English prose has few.
const CODE_SIGNS: &str = "{}();=<>$|\\/_*#[]";

/// The blocks of a text; its first line is its title where it is a heading.
pub(crate) fn read(text: &str, limits: &ReadLimits) -> Reading {
    let mut reading = read_body(text, limits);
    if let Some(first) = reading
        .blocks
        .first()
        .filter(|block| matches!(block.kind, BlockKind::Heading(_)))
    {
        reading.title = Some(first.text.replace('\n', " "));
    }
    reading
}

/// The blocks of a text that has no title of its own.
pub(crate) fn read_body(text: &str, limits: &ReadLimits) -> Reading {
    let source = Source::new(text);
    let mut page = Page::new(limits);
    let mut start = 0;
    while start < source.len() && !page.is_full() {
        if is_blank(source.line(start)) {
            start += 1;
            continue;
        }
        let end = group_end(&source, start);
        read_group(&mut page, &source, start, end);
        start = end;
    }
    page.finish()
}

/// The line after a group of lines without a blank one.
fn group_end(source: &Source<'_>, start: usize) -> usize {
    (start..source.len())
        .find(|&index| is_blank(source.line(index)))
        .unwrap_or(source.len())
}

/// Lines without a blank one between them: one paragraph, or several that their indents part.
fn read_group(page: &mut Page, source: &Source<'_>, start: usize, end: usize) {
    if is_code(source, start, end) {
        page.push(
            BlockKind::Code,
            source.lines(start, end),
            Some(lines(start, end)),
        );
        return;
    }
    let mut from = start;
    while from < end {
        from = read_paragraph(page, source, from, end, start);
    }
}

/// One block from the line `from`; returns the line after it.
fn read_paragraph(
    page: &mut Page,
    source: &Source<'_>,
    from: usize,
    end: usize,
    group: usize,
) -> usize {
    let first = source.line(from);
    if is_rule(first) {
        return from + 1;
    }
    if is_quote(first) {
        let to = (from..end)
            .find(|&index| !is_quote(source.line(index)))
            .unwrap_or(end);
        let text = joined(source, from, to, |line| {
            line.trim_start().trim_start_matches(['>', ' ', '|'])
        });
        page.push(BlockKind::Quote, &text, Some(lines(from, to)));
        return to;
    }
    if let Some(level) = underlined_level(source, from, end) {
        page.push(
            BlockKind::Heading(level),
            first.trim(),
            Some(lines(from, from + 2)),
        );
        return from + 2;
    }
    if let Some(text) = first
        .strip_prefix('#')
        .map(|rest| rest.trim_start_matches('#'))
        .filter(|rest| rest.starts_with(' '))
    {
        page.push(BlockKind::Heading(1), text, Some(lines(from, from + 1)));
        return from + 1;
    }
    let is_alone = from == group && from + 1 == end;
    if let Some(level) = heading_level(first, is_alone) {
        page.push(
            BlockKind::Heading(level),
            first.trim(),
            Some(lines(from, from + 1)),
        );
        return from + 1;
    }
    let item = item_marker(first);
    let mut to = from + 1;
    while to < end && !starts_block(source, from, to, end) {
        to += 1;
    }
    let text = joined(source, from, to, str::trim);
    match item {
        Some(marker) => page.push(
            BlockKind::ListItem,
            text.get(marker..).unwrap_or(&text),
            Some(lines(from, to)),
        ),
        None if is_note(&text) => page.push(BlockKind::Footnote, &text, Some(lines(from, to))),
        None => page.push(BlockKind::Paragraph, &text, Some(lines(from, to))),
    }
    to
}

/// Whether the line `at` starts a block of its own after those from `from` on.
fn starts_block(source: &Source<'_>, from: usize, at: usize, end: usize) -> bool {
    let line = source.line(at);
    if is_quote(line) || is_rule(line) || heading_level(line, false) == Some(1) {
        return true;
    }
    if item_marker(line).is_some() {
        // A number that a broken line happens to start with is no item, unless items stand above.
        return item_marker(source.line(from)).is_some()
            || line.trim_start().starts_with(['-', '*', '•', '·']);
    }
    if underlined_level(source, at, end).is_some() {
        return true;
    }
    // A note below another or below its heading; elsewhere a line may break before a reference.
    let (first, text) = (source.line(from).trim(), line.trim());
    if edition_notes::number(text).is_some()
        && (edition_notes::number(first).is_some() || edition_notes::is_heading(first))
    {
        return true;
    }
    // An indent larger than the previous line's starts a paragraph: `　　`, or two blanks and more.
    let previous = source.line(at - 1);
    let is_first_of_item = item_marker(previous).is_some();
    indent(line) > indent(previous) && indent(line) >= 2 && !is_first_of_item
        || line.starts_with("　　") && indent(line) == indent(previous)
}

/// `CHAPTER I`, `第一章 归来`, `IV.`, `一、`: `alone` when no line stands right above or below.
fn heading_level(line: &str, alone: bool) -> Option<u8> {
    let text = line.trim();
    let count = text.chars().count();
    if count > HEADING_CHARS_MAX {
        return None;
    }
    let ends_sentence = text.ends_with([
        '。', '，', '；', '：', ',', ';', '！', '？', '”', '"', '…', '」', '』',
    ]);
    if is_chinese_chapter(text) && !ends_sentence {
        return Some(1);
    }
    let first_word = text
        .split([' ', '.', ':', '\u{2014}'])
        .next()
        .unwrap_or(text);
    let upper = first_word.to_uppercase();
    let names_part = matches!(
        upper.as_str(),
        "CHAPTER" | "BOOK" | "PART" | "VOLUME" | "ACT" | "SCENE" | "SECTION" | "LETTER"
    );
    let second = text[first_word.len()..]
        .trim_start()
        .split([' ', '.', ':', ',', '\u{2014}'])
        .next()
        .unwrap_or("");
    if names_part
        && is_number(second)
        && !ends_sentence
        && (alone || first_word.starts_with(|c: char| c.is_uppercase()))
    {
        return Some(1);
    }
    if !alone || ends_sentence {
        return None;
    }
    let has_letters = text.chars().any(char::is_alphabetic);
    let has_small = text.chars().any(char::is_lowercase);
    let is_capitals = has_letters && !has_small && text.chars().any(char::is_uppercase);
    let is_roman =
        is_number(text.trim_end_matches('.')) && text.chars().all(|c| !c.is_ascii_digit());
    // A centred line in Chinese is the title or its author.
    let is_centred = indent(line) >= CENTRED_INDENT_MIN
        && count <= CENTRED_CHARS_MAX
        && text.chars().any(is_han)
        && !text.ends_with('）')
        && !is_chinese_date(without_note_mark(text));
    (is_capitals && count >= 3 || is_roman || is_centred).then_some(2)
}

/// `秋夜〔１〕` without the mark of its note.
fn without_note_mark(text: &str) -> &str {
    let marked = text
        .strip_suffix('〕')
        .and_then(|text| text.rsplit_once('〔'));
    marked.map_or(text, |(text, _)| text)
}

/// `一九二四年九月十五日`, `九月十五日夜`.
fn is_chinese_date(text: &str) -> bool {
    text.ends_with(['日', '月', '年']) || text.ends_with('夜') && text.contains(['日', '月', '年'])
}

/// `第十二章`, `第3节 开始`, `序章`, `楔子`, `尾声`.
fn is_chinese_chapter(text: &str) -> bool {
    if matches!(
        text,
        "序" | "序章" | "序言" | "前言" | "楔子" | "引子" | "尾声" | "后记" | "後記" | "跋"
    ) {
        return true;
    }
    let Some(rest) = text.strip_prefix('第') else {
        return false;
    };
    let number = rest.trim_start().trim_start_matches(|character: char| {
        character.is_ascii_digit()
            || character == ' '
            || "〇零一二三四五六七八九十百千两０１２３４５６７８９".contains(character)
    });
    let has_number = number.len() < rest.len();
    let unit = number.chars().next();
    let after = number.chars().nth(1);
    has_number
        && unit.is_some_and(|unit| "章回节節卷部篇幕集".contains(unit))
        && after.is_none_or(|after| !is_han(after) || number.chars().count() <= 20)
        && !number.contains(['，', '。'])
}

/// A number in digits, Roman or Chinese.
fn is_number(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 24
        && (text.bytes().all(|byte| byte.is_ascii_digit())
            || text.bytes().all(|byte| b"IVXLCDM".contains(&byte))
            || matches!(
                text.to_lowercase().as_str(),
                "one"
                    | "two"
                    | "three"
                    | "four"
                    | "five"
                    | "six"
                    | "seven"
                    | "eight"
                    | "nine"
                    | "ten"
                    | "eleven"
                    | "twelve"
                    | "first"
                    | "second"
                    | "third"
                    | "the"
            ))
}

/// `〔5〕徐树丕，字武子`: the notes at the end of a Chinese text, its editors' or its writer's.
fn is_note(text: &str) -> bool {
    matches!(
        edition_notes::number(text),
        Some((Form::Bracket(_) | Form::Parenthesis, _))
    )
}

/// Markdown's and reStructuredText's underlines are habit in plain text, too.
fn underlined_level(source: &Source<'_>, at: usize, end: usize) -> Option<u8> {
    if at + 1 >= end
        || is_rule(source.line(at))
        || source.line(at).trim().chars().count() > HEADING_CHARS_MAX * 2
    {
        return None;
    }
    let line = source.line(at + 1).trim_end();
    let level = match line.as_bytes().first()? {
        b'=' => 1,
        b'-' => 2,
        b'~' | b'^' => 3,
        _ => return None,
    };
    let first = line.as_bytes()[0];
    (line.len() >= 3 && line.bytes().all(|byte| byte == first)).then_some(level)
}

/// A line that draws: `* * *`, `-----`, `＊＊＊`.
fn is_rule(line: &str) -> bool {
    let text = line.trim();
    !text.is_empty()
        && text.chars().count() >= 3
        && text
            .chars()
            .all(|character| "*-_=~·•＊－─━—#※ \u{3000}\t".contains(character))
}

fn is_quote(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with('>')
}

/// The bytes of an item's marker and the blank after it, in the trimmed line.
fn item_marker(line: &str) -> Option<usize> {
    let text = line.trim();
    for bullet in ["- ", "* ", "+ ", "• ", "· ", "– ", "●", "○"] {
        if text.starts_with(bullet) {
            return Some(bullet.len());
        }
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let opening = usize::from(text.starts_with('('));
    if opening == 1 {
        let inner = text[1..]
            .bytes()
            .take_while(u8::is_ascii_alphanumeric)
            .count();
        return ((1..=3).contains(&inner) && text[1 + inner..].starts_with(") "))
            .then_some(inner + 3);
    }
    if !(1..=3).contains(&digits) {
        return None;
    }
    let rest = &text[digits..];
    if rest.starts_with(". ") || rest.starts_with(") ") {
        return Some(digits + 2);
    }
    rest.starts_with('、').then_some(digits + '、'.len_utf8())
}

/// Whether a group of lines is indented and looks like code. Chinese indents prose.
fn is_code(source: &Source<'_>, start: usize, end: usize) -> bool {
    let all_indented = (start..end).all(|index| {
        let line = source.line(index);
        line.starts_with('\t') || indent(line) >= CODE_INDENT_MIN && line.starts_with(' ')
    });
    if !all_indented {
        return false;
    }
    let text = source.lines(start, end);
    let (mut shown, mut signs) = (0_usize, 0_usize);
    for character in text.chars().filter(|character| !character.is_whitespace()) {
        if is_han(character) {
            return false;
        }
        shown += 1;
        signs += usize::from(CODE_SIGNS.contains(character));
    }
    // One sign in twenty: verse and block quotations, which are indented alike, have hardly any.
    signs * 20 >= shown
}

/// How many columns the text starts in; a full-width blank is two.
fn indent(line: &str) -> usize {
    let mut columns = 0;
    for character in line.chars() {
        columns += match character {
            ' ' => 1,
            '\t' => 4,
            '\u{3000}' => 2,
            _ => break,
        };
    }
    columns
}

fn is_blank(line: &str) -> bool {
    line.trim().is_empty()
}

fn joined<'a>(
    source: &Source<'a>,
    from: usize,
    to: usize,
    shown: impl Fn(&'a str) -> &'a str,
) -> String {
    let mut text = String::new();
    for index in from..to {
        if index > from {
            text.push('\n');
        }
        text.push_str(shown(source.line(index)).trim());
    }
    text
}
