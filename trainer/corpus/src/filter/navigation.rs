//! Ways around a document: contents, breadcrumbs, links to the next page.

use super::Verdict;
use super::measure::Measure;
use crate::block::{Block, BlockKind};
use crate::left_out::Reason;

/// Headings and lines over a table of contents, in small letters.
const CONTENTS_TITLES: &[&str] = &[
    "contents",
    "table of contents",
    "toc",
    "on this page",
    "in this article",
    "in this post",
    "list of figures",
    "list of tables",
    "目录",
    "目錄",
    "目次",
    "本页目录",
    "文章目录",
    "本文目录",
    "本文内容",
    "导航",
];

/// What buttons and links between pages say, in small letters.
const WAY_WORDS: &[&str] = &[
    "previous",
    "prev",
    "next",
    "home",
    "up",
    "top",
    "back",
    "back to top",
    "back to contents",
    "contents",
    "index",
    "main page",
    "previous page",
    "next page",
    "previous chapter",
    "next chapter",
    "read more",
    "continue reading",
    "skip to content",
    "skip to main content",
    "menu",
    "search",
    "login",
    "log in",
    "sign in",
    "sign up",
    "share",
    "edit this page",
    "edit on github",
    "view source",
    "上一页",
    "下一页",
    "上一章",
    "下一章",
    "上一篇",
    "下一篇",
    "上一节",
    "下一节",
    "首页",
    "主页",
    "返回",
    "返回首页",
    "返回目录",
    "返回顶部",
    "回到顶部",
    "目录",
    "尾页",
    "末页",
    "上页",
    "下页",
    "阅读全文",
    "阅读更多",
    "查看更多",
    "继续阅读",
    "登录",
    "注册",
    "搜索",
    "分享",
    "收藏",
    "菜单",
    "编辑此页",
    "上一頁",
    "下一頁",
    "上一篇文章",
    "下一篇文章",
];

/// What stands before the title of the next page.
const WAY_LABELS: &[&str] = &[
    "previous:",
    "next:",
    "next up:",
    "previous post:",
    "next post:",
    "上一篇：",
    "下一篇：",
    "上一篇:",
    "下一篇:",
    "上一章：",
    "下一章：",
    "上一页：",
    "下一页：",
    "上一节：",
    "下一节：",
];

/// Marks between the steps of a path or between buttons.
const SEPARATORS: &[char] = &[
    '›', '»', '«', '‹', '>', '<', '|', '·', '•', '→', '←', '/', '\n', '\t', '★',
];

/// The line with the way to other pages is short.
const WAY_UNITS_MAX: usize = 30;

/// A path has as many steps, and each has no more words.
const STEPS_MIN: usize = 3;
const STEP_UNITS_MAX: usize = 4;

/// Dots between an entry and its page.
const LEADER_DOTS_MIN: usize = 4;

/// An entry of a table of contents has no more words.
const ENTRY_UNITS_MAX: usize = 25;

pub(super) fn reason(block: &Block, measure: &Measure) -> Option<Reason> {
    let text = block.text.trim();
    let is_short = measure.units() <= WAY_UNITS_MAX;
    let is = is_contents_title(text)
        || has_leaders(text)
        || (is_short && (is_ways(text) || is_path(text, measure) || is_label(text)));
    is.then_some(Reason::Navigation)
}

/// Under the title of a table of contents, all entries up to the first text.
pub(super) fn mark_contents(blocks: &[Block], verdicts: &mut [Verdict]) {
    let mut is_inside = false;
    for (block, verdict) in blocks.iter().zip(verdicts) {
        if is_contents_title(block.text.trim()) {
            is_inside = true;
        } else if is_inside {
            let measure = Measure::of(&block.text);
            let is_entry = matches!(block.kind, BlockKind::ListItem | BlockKind::Paragraph)
                && !measure.has_sentence_end
                && measure.units() <= ENTRY_UNITS_MAX;
            let is_left_out = matches!(verdict, Verdict::Out(_));
            if is_entry {
                *verdict = Verdict::Out(Reason::Navigation);
            } else if !is_left_out {
                is_inside = false;
            }
        }
    }
}

fn is_contents_title(text: &str) -> bool {
    let text = text
        .trim_matches(|c: char| !c.is_alphanumeric())
        .to_lowercase();
    let text: String = if text.chars().count() <= 8 {
        // "目 录" is spaced to look wide.
        text.split_whitespace().collect()
    } else {
        text
    };
    CONTENTS_TITLES.contains(&text.as_str())
}

/// "Chapter 1 ........ 7", "第一章……7", on most lines.
fn has_leaders(text: &str) -> bool {
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    let leading = lines
        .iter()
        .filter(|line| is_leader_line(line.trim()))
        .count();
    leading > 0 && leading * 2 >= lines.len()
}

fn is_leader_line(line: &str) -> bool {
    let is_page = |c: char| c.is_ascii_digit() || "ivxlc".contains(c);
    let before = line.trim_end_matches(is_page);
    if before.len() == line.len() {
        return false;
    }
    let entry = before
        .trim_end()
        .trim_end_matches(['.', '…', '·', '．', ' ', '-', '_']);
    let leader = &before[entry.len()..];
    // An ellipsis character is three dots.
    let dots: usize = leader
        .chars()
        .map(|c| match c {
            '…' => 3,
            ' ' => 0,
            _ => 1,
        })
        .sum();
    dots >= LEADER_DOTS_MIN && !entry.trim().is_empty()
}

/// « Previous | Home | Next »
fn is_ways(text: &str) -> bool {
    let mut count = 0;
    for step in text.split(SEPARATORS) {
        let step = step
            .trim()
            .trim_matches(['[', ']', '(', ')', '【', '】', ' ', '.', '…'])
            .to_lowercase();
        if step.is_empty() {
            continue;
        }
        let is_way = WAY_WORDS.contains(&step.as_str())
            || step
                .split_whitespace()
                .all(|word| WAY_WORDS.contains(&word));
        if !is_way {
            return false;
        }
        count += 1;
    }
    count > 0
}

fn is_label(text: &str) -> bool {
    let text = text
        .trim_start_matches(['«', '»', '←', '→', '<', '>', ' '])
        .to_lowercase();
    // "Next: the river. We walked down to it.": a title is one sentence at most.
    let goes_on = text.contains(". ") || text.contains(['。', '！', '？']);
    WAY_LABELS.iter().any(|label| text.starts_with(label)) && !goes_on
}

/// Home › Docs › Install
fn is_path(text: &str, measure: &Measure) -> bool {
    if measure.has_sentence_end || text.contains('\n') {
        return false;
    }
    ['›', '»', '>', '→', '|'].into_iter().any(|separator| {
        let steps: Vec<&str> = text.split(separator).map(str::trim).collect();
        let is_step = |step: &&str| {
            let units = Measure::of(step).units();
            (1..=STEP_UNITS_MAX).contains(&units) && !step.contains(['=', '(', '{'])
        };
        steps.len() >= STEPS_MIN && steps.iter().all(is_step)
    })
}
