//! Tables of numbers, dates and names of authors that stand in a paragraph of their own.

use inkstone_prose::characters::is_han;

use super::measure::Measure;
use crate::block::Block;
use crate::left_out::Reason;
use crate::word;

/// Of numbers and words, so many percent are numbers in a table.
const NUMBERS_PERCENT_MIN: usize = 60;

/// And there are as many.
const NUMBERS_MIN: usize = 4;

/// Cells of a line, between tabs, bars or wide gaps, and lines of as many, are a table.
const CELLS_MIN: usize = 3;
const TABLE_LINES_MIN: usize = 2;

/// A line that is a date or a name has no more words.
const LINE_UNITS_MAX: usize = 8;

/// Year, month, day, hour, minute, second.
const DATE_NUMBERS_MAX: usize = 6;

/// What stands in dates beside the names of months and days, in small letters.
const DATE_WORDS: &[&str] = &[
    "jan",
    "feb",
    "mar",
    "apr",
    "jun",
    "jul",
    "aug",
    "sep",
    "sept",
    "oct",
    "nov",
    "dec",
    "mon",
    "tue",
    "wed",
    "thu",
    "fri",
    "sat",
    "sun",
    "am",
    "pm",
    "th",
    "st",
    "nd",
    "rd",
    "published",
    "updated",
    "posted",
    "created",
    "date",
    "last",
    "on",
    "at",
    "utc",
    "gmt",
    "of",
    "the",
];

/// Characters of Chinese dates.
const DATE_CHARACTERS: &str =
    "〇零一二三四五六七八九十廿卅百年月日号时分秒上下午晨夜周星期发布更新于日期时间创建修改作写";

/// What stands before an author's name, in small letters.
const BYLINE_STARTS: &[&str] = &[
    "by ",
    "author:",
    "authors:",
    "written by ",
    "posted by ",
    "translated by ",
    "edited by ",
    "作者：",
    "作者:",
    "译者：",
    "译者:",
    "文/",
    "文 / ",
    "撰文：",
    "来源：",
    "来源:",
    "编辑：",
    "责任编辑：",
    "记者：",
];

/// Of a block that is a date, or the name of its author.
pub(super) fn date(block: &Block, measure: &Measure) -> Option<Reason> {
    let text = block.text.trim();
    (is_date(text, measure) || is_byline(text, measure)).then_some(Reason::TooShort)
}

/// Of a block that is a table without its markup.
pub(super) fn table(block: &Block, measure: &Measure) -> Option<Reason> {
    is_table(block.text.trim(), measure).then_some(Reason::Table)
}

fn is_table(text: &str, measure: &Measure) -> bool {
    let all = measure.units() + measure.numbers;
    let is_numbers =
        measure.numbers >= NUMBERS_MIN && measure.numbers * 100 >= all * NUMBERS_PERCENT_MIN;
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    let cells = |line: &str| {
        let by_bar = line
            .split('|')
            .filter(|cell| !cell.trim().is_empty())
            .count();
        let by_gap = line
            .trim()
            .split("  ")
            .filter(|cell| !cell.trim().is_empty())
            .count();
        let by_tab = line
            .trim()
            .split('\t')
            .filter(|cell| !cell.trim().is_empty())
            .count();
        // Some put two spaces between sentences.
        by_bar
            .max(by_tab)
            .max(if measure.has_sentence_end { 0 } else { by_gap })
    };
    let of_cells = lines.iter().filter(|line| cells(line) >= CELLS_MIN).count();
    is_numbers || (of_cells >= TABLE_LINES_MIN && of_cells * 4 >= lines.len() * 3)
}

/// "May 3, 2021", "2021-05-03 14:00", "一九二五年十二月三十一日".
fn is_date(text: &str, measure: &Measure) -> bool {
    if measure.units() > LINE_UNITS_MAX * 2 || text.contains('\n') {
        return false;
    }
    let has_digit = text.chars().any(|c| c.is_ascii_digit());
    let is_chinese_date = || {
        let is_of_date = |c: char| !is_han(c) || DATE_CHARACTERS.contains(c);
        let has_two = ['年', '月', '日']
            .into_iter()
            .filter(|unit| text.contains(*unit))
            .count()
            >= 2;
        has_two && text.chars().all(is_of_date)
    };
    if measure.han > 0 {
        return measure.words == 0
            && (is_chinese_date()
                || (has_digit
                    && text
                        .chars()
                        .all(|c| !is_han(c) || DATE_CHARACTERS.contains(c))));
    }
    // "12 13 14" is none: something stands between the numbers of a date.
    let has_form = measure.words > 0 || text.contains(['-', '/', ':', '.']);
    if measure.numbers > DATE_NUMBERS_MAX || !has_form {
        return false;
    }
    let mut words = text
        .split(|c: char| !c.is_alphabetic())
        .filter(|word| !word.is_empty());
    has_digit && words.all(|word| word.len() == 1 || is_of_date(&word.to_lowercase()))
}

fn is_of_date(word: &str) -> bool {
    [DATE_WORDS, &word::MONTHS, &word::WEEKDAYS]
        .iter()
        .any(|words| words.contains(&word))
}

/// "By Anna Miller", "作者：鲁迅".
fn is_byline(text: &str, measure: &Measure) -> bool {
    let small = text.to_lowercase();
    let Some(start) = BYLINE_STARTS
        .iter()
        .find(|start| small.starts_with(**start))
    else {
        return false;
    };
    if measure.units() > LINE_UNITS_MAX || text.contains(['。', '！', '？', '，']) {
        return false;
    }
    // "By the way" and "By noon it rained" begin sentences.
    let names = text.get(start.len()..).unwrap_or_default();
    let is_name = |word: &str| {
        !word.starts_with(|c: char| c.is_lowercase())
            || matches!(word, "and" | "de" | "van" | "von" | "with")
    };
    *start != "by " || (names.split_whitespace().all(is_name) && !measure.has_sentence_end)
}
