//! Text that says next to nothing: the same again and again, lists of words, rows of digits.

use std::collections::HashSet;

use inkstone_prose::characters::is_han;

use super::classes::Classes;
use super::findings::Findings;
use super::rule::{Kind, Rule, RuleId, Subject, en_out, en_same, zh_out, zh_same};
use super::words::{is_stop_word, words};
use crate::left_out::Reason;

pub(super) const RULE: Rule = Rule {
    id: RuleId::new("low_information"),
    version: 1,
    title: "text that says nothing",
    why: "Default ratings, one word many times over, half of whose phrases repeat, word lists \
          without the little words that make sentences. Refrains and short replies stay.",
    default_on: true,
    kind: Kind::LeaveOut(Reason::LowInformation),
    examples: &[
        zh_out("好评好评好评好评好评"),
        zh_out("此用户没有填写评价。"),
        en_out("good good good good good good"),
        en_out("aaaaaaaaaaaaaaaa"),
        zh_out("哈哈哈哈哈哈哈哈哈哈"),
        en_out("1234 5678 9012 // 4456 ---- 7788"),
        en_same("No, no, no! That is not what I meant at all."),
        zh_same("哈哈哈\u{ff0c}太好笑了。"),
        en_same("Very good."),
        zh_same("好的好的"),
        en_same("Call [PHONE] or [PHONE]."),
    ],
    needs: Classes::ANY,
    mends_addresses: false,
    apply,
};

/// A unit that many times in a row is all the text.
const PERIODS_MIN: usize = 4;
const PERIODIC_CHARS_MIN: usize = 8;
/// Letters among the characters that are no spaces.
const LETTER_SHARE_MIN: f64 = 0.2;
const LETTERLESS_CHARS_MIN: usize = 16;
/// Different ones among all runs of three words or four Han characters.
const DISTINCT_SHARE_MIN: f64 = 0.5;
const RUNS_MIN: usize = 30;
/// Little words among all: running English has 0.35 to 0.6.
const STOP_WORD_SHARE_MIN: f64 = 0.08;
const STOP_WORD_SHARE_MAX: f64 = 0.9;
const STOP_WORDS_OF_MIN: usize = 40;
/// 的, 了, 是 … among all Han characters: running Chinese has 0.1 to 0.25.
const PARTICLE_SHARE_MIN: f64 = 0.02;
const PARTICLES_OF_MIN: usize = 80;

fn apply(subject: &Subject<'_>, found: &mut Findings<'_>) {
    let text = subject.text;
    let is_empty_talk = is_default_comment(text)
        || text.len() < PERIODIC_BYTES_MAX && is_periodic(text)
        || is_letterless(text)
        || repeats_itself(subject)
        || is_word_list(subject);
    if is_empty_talk {
        found.refuse();
    }
}

fn is_default_comment(text: &str) -> bool {
    const DEFAULTS: &[&str] = &[
        "此用户没有填写评价", "此用户没有填写评论", "该用户没有填写评价", "用户未填写评价内容", "此用户未填写评价内容",
        "系统默认好评", "默认好评", "买家没有填写评价", "此用户未及时填写评价内容", "评价方未及时做出评价,系统默认好评",
        "该用户觉得商品较好", "沙发", "顶", "路过", "打卡", "签到", "占位", "first", "bump", "+1", "same",
        "no comment", "n/a", "test", "testing", "asdf", "lorem ipsum",
    ];
    let text = text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '.' | '!' | '。' | '\u{FF01}' | '~'));
    text.len() < 64 && DEFAULTS.iter().any(|own| text.eq_ignore_ascii_case(own))
}

/// Longer text is looked at by its runs.
const PERIODIC_BYTES_MAX: usize = 600;

/// Whether the letters of a text are one unit over and over.
fn is_periodic(text: &str) -> bool {
    let letters: Vec<char> = text
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    let n = letters.len();
    if n < PERIODIC_CHARS_MIN {
        return false;
    }
    (1..=n / PERIODS_MIN).any(|period| (period..n).all(|at| letters[at] == letters[at - period]))
}

fn is_letterless(text: &str) -> bool {
    // A placeholder stands for words.
    let mut letters = 0_usize;
    let mut all = 0_usize;
    for c in text.chars().filter(|c| !c.is_whitespace()) {
        all += 1;
        letters += usize::from(c.is_alphabetic());
    }
    all >= LETTERLESS_CHARS_MIN && (letters as f64) < LETTER_SHARE_MIN * all as f64
}

fn repeats_itself(subject: &Subject<'_>) -> bool {
    let mut seen = HashSet::new();
    let mut n = 0_usize;
    if subject.is_chinese() {
        let mut run = [' '; 4];
        for c in subject.text.chars().filter(|c| is_han(*c)) {
            run.rotate_left(1);
            run[3] = c;
            n += 1;
            if n >= run.len() {
                seen.insert(run);
            }
        }
        n = n.saturating_sub(run.len() - 1);
        return n >= RUNS_MIN && (seen.len() as f64) < DISTINCT_SHARE_MIN * n as f64;
    }
    let mut seen = HashSet::new();
    let mut run = [""; 3];
    for word in words(subject.text) {
        run.rotate_left(1);
        run[2] = word.text;
        n += 1;
        if n >= run.len() {
            seen.insert(run);
        }
    }
    n = n.saturating_sub(run.len() - 1);
    n >= RUNS_MIN && (seen.len() as f64) < DISTINCT_SHARE_MIN * n as f64
}

fn is_word_list(subject: &Subject<'_>) -> bool {
    let text = subject.text;
    if subject.is_chinese() {
        let mut han = 0_usize;
        let mut particles = 0_usize;
        for c in text.chars().filter(|c| is_han(*c)) {
            han += 1;
            particles += usize::from("的了是在不有我他这就也和要你会着那为以到之而其与".contains(c));
        }
        return han >= PARTICLES_OF_MIN && (particles as f64) < PARTICLE_SHARE_MIN * han as f64;
    }
    if !subject.is_english() {
        return false;
    }
    let mut all = 0_usize;
    let mut small = 0_usize;
    for word in words(text) {
        all += 1;
        small += usize::from(is_stop_word(word.text));
    }
    let share = small as f64 / all.max(1) as f64;
    all >= STOP_WORDS_OF_MIN && !(STOP_WORD_SHARE_MIN..=STOP_WORD_SHARE_MAX).contains(&share)
}
