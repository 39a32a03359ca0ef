//! Text that says next to nothing: the same again and again, lists of words, rows of digits.

use inkstone_prose::characters::is_han;

use super::classes::Classes;
use super::findings::Findings;
use super::rule::{Kind, Rule, RuleId, Subject, en_out, en_same, zh_out, zh_same};
use super::words::{hash, is_stop_word, words};
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
        en_same(
            "The date is `2022-03-05T14:35:00Z` there: https://a.example/?a=1&a=1&a=1&a=1&a=1&a=1",
        ),
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
    let text = &*subject.without_code();
    let is_empty_talk = is_default_comment(text)
        || text.len() < PERIODIC_BYTES_MAX && is_periodic(text)
        || is_letterless(text)
        || repeats_itself(text, subject)
        || is_word_list(text, subject);
    if is_empty_talk {
        found.refuse();
    }
}

fn is_default_comment(text: &str) -> bool {
    const DEFAULTS: &[&str] = &[
        "此用户没有填写评价",
        "此用户没有填写评论",
        "该用户没有填写评价",
        "用户未填写评价内容",
        "此用户未填写评价内容",
        "系统默认好评",
        "默认好评",
        "买家没有填写评价",
        "此用户未及时填写评价内容",
        "评价方未及时做出评价,系统默认好评",
        "该用户觉得商品较好",
        "沙发",
        "顶",
        "路过",
        "打卡",
        "签到",
        "占位",
        "first",
        "bump",
        "+1",
        "same",
        "no comment",
        "n/a",
        "test",
        "testing",
        "asdf",
        "lorem ipsum",
    ];
    let text = text.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, '.' | '!' | '。' | '\u{FF01}' | '~')
    });
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

/// Whether half of all runs of three words, or four Han characters, have stood there before.
fn repeats_itself(text: &str, subject: &Subject<'_>) -> bool {
    if subject.is_chinese() {
        let units = || {
            text.chars()
                .filter(|c| is_han(*c))
                .map(|c| u64::from(u32::from(c)))
        };
        return share_of_new_runs::<4, _>(units) < DISTINCT_SHARE_MIN;
    }
    share_of_new_runs::<3, _>(|| words(text).map(|word| hash(word.text))) < DISTINCT_SHARE_MIN
}

/// How many of all runs of `N` units are new, counted in a field of bits: two in a hundred that
/// are new look old, which at a limit of a half changes nothing. 1 for a short text.
fn share_of_new_runs<const N: usize, I: Iterator<Item = u64>>(units: impl Fn() -> I) -> f64 {
    let n = units().count().saturating_sub(N - 1);
    if n < RUNS_MIN {
        return 1.0;
    }
    let bits = (n * 32).next_power_of_two();
    let mut field = vec![0_u64; bits / 64];
    let mut run = [0_u64; N];
    let mut new = 0_usize;
    for (index, unit) in units().enumerate() {
        run.rotate_left(1);
        run[N - 1] = unit;
        if index + 1 < N {
            continue;
        }
        let hash = run.iter().fold(0_u64, |hash, unit| {
            (hash ^ unit)
                .wrapping_mul(0x9e37_79b9_7f4a_7c15)
                .rotate_left(29)
        });
        let bit = usize::try_from(hash % bits as u64).unwrap_or(0);
        new += usize::from(field[bit / 64] >> (bit % 64) & 1 == 0);
        field[bit / 64] |= 1 << (bit % 64);
    }
    new as f64 / n as f64
}

fn is_word_list(text: &str, subject: &Subject<'_>) -> bool {
    if subject.is_chinese() {
        let mut han = 0_usize;
        let mut particles = 0_usize;
        for c in text.chars().filter(|c| is_han(*c)) {
            han += 1;
            particles +=
                usize::from("的了是在不有我他这就也和要你会着那为以到之而其与".contains(c));
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
