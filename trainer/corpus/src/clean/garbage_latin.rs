//! Letters without sense in Chinese text: a hand on the keyboard, a broken paste.

use inkstone_prose::characters::is_han;

use super::classes::Classes;
use super::findings::Findings;
use super::rule::{Kind, Rule, RuleId, Subject, zh_out, zh_same};
use super::words::{Word, char_at, char_before, words};
use crate::left_out::Reason;
use crate::piece::Genre;

pub(super) const RULE: Rule = Rule {
    id: RuleId::new("garbage_latin"),
    version: 2,
    title: "senseless letters in Chinese",
    why: "A sentence with fjdksl in it is broken. Letters count as senseless by pairs that no \
          English word and no pinyin has, or by six and more without a vowel. Names (nginx, \
          kubectl, jQuery), abbreviations (yyds), one letter many times (hhhhhh) and anything with digits or inner capitals stay, \
          and so does documentation.",
    default_on: true,
    kind: Kind::LeaveOut(Reason::Garbage),
    examples: &[
        zh_out("今天fjdksljf天气不错我们出去走走"),
        zh_out("质量很好sdfsdfsdf推荐购买"),
        zh_out("这个东西#￥%……&*@!不行"),
        zh_out("好吃asdfghjkl还会再来"),
        zh_same("用 nginx、kubectl、jQuery 和 PostgreSQL 部署"),
        zh_same("他真是 yyds\u{ff0c}xswl"),
        zh_same("笑死我了hhhhhhh\u{ff0c}zzzzzz 睡了\u{ff0c}密码写成 xxxxxxxx"),
        zh_same("我们 team 的 deadline 是 next week"),
        zh_same("打开 https://example.com/fjdksljf 看看"),
        zh_same("变量 fjdksljf 没有意义").genre(Genre::Documentation),
        zh_same("提交 a3f9c1bd 之后\u{ff0c}rhythm 变了"),
    ],
    needs: Classes::HAN,
    mends_addresses: false,
    apply,
};

/// Shorter ones are abbreviations.
const TOKEN_CHARS_MIN: usize = 6;
const ODD_PAIRS_MIN: usize = 2;
/// Symbols in a row, and how many different ones.
const SYMBOLS_MIN: usize = 5;
const SYMBOL_KINDS_MIN: usize = 4;

fn apply(subject: &Subject<'_>, found: &mut Findings<'_>) {
    let text = subject.text;
    if !subject.is_chinese() || subject.context.is_documentation() || !text.contains(is_han) {
        return;
    }
    let has_letters =
        subject.classes.meet(Classes::LATIN) && words(text).any(|word| is_senseless(text, &word));
    if has_letters || has_symbols(text) {
        found.refuse();
    }
}

fn is_senseless(text: &str, word: &Word<'_>) -> bool {
    let letters = word.text;
    if letters.len() < TOKEN_CHARS_MIN || !letters.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return false;
    }
    // Of addresses, paths and names with marks, nothing is known.
    let is_part = |c: Option<char>| {
        c.is_some_and(|c| c.is_ascii_punctuation() && !matches!(c, ',' | '.' | '!' | '?'))
    };
    if is_part(char_before(text, word.start)) || is_part(char_at(text, word.end())) {
        return false;
    }
    // Laughter, snores and what stands for a letter are one letter.
    if letters
        .bytes()
        .all(|byte| Some(byte) == letters.bytes().next())
    {
        return false;
    }
    let odd = letters
        .as_bytes()
        .windows(2)
        .filter(|pair| is_odd_pair(pair[0], pair[1]))
        .count();
    let has_vowel = letters.contains(['a', 'e', 'i', 'o', 'u', 'y']);
    let is_row = [
        "asdf", "sdfg", "dfgh", "fghj", "ghjk", "hjkl", "zxcv", "xcvb", "lkjh",
    ]
    .iter()
    .any(|row| letters.contains(row));
    odd >= ODD_PAIRS_MIN || is_row || !has_vowel && !KNOWN.contains(&letters)
}

/// Names without a vowel.
const KNOWN: &[&str] = &[
    "pkgsrc", "fprintf", "sprintf", "printf", "strncmp", "strcmp", "bspwm", "xmlns",
];

/// Pairs of letters that neither English words nor pinyin nor the names of software have.
const fn is_odd_pair(first: u8, second: u8) -> bool {
    let followers: &[u8] = match first {
        b'b' => b"qxfgk",
        b'c' => b"jxvgb",
        b'd' => b"xqk",
        b'f' => b"jkqvxzdhb",
        b'g' => b"jqvxzkf",
        b'h' => b"xzjgf",
        b'j' => b"bcdfghklmnrtvwxz",
        b'k' => b"jqxzgf",
        b'l' => b"qxjh",
        b'm' => b"jzq",
        b'p' | b'w' => b"qvxzj",
        b'q' => b"bcdefghjkmnprtvwxyz",
        b's' => b"jxzv",
        b't' => b"qj",
        b'v' => b"bcdfghjkmnpqtwxz",
        b'x' => b"bdfghjkrvwz",
        b'y' => b"jq",
        b'z' => b"bcdfgjkmnpqrstvwx",
        _ => b"",
    };
    let mut at = 0;
    while at < followers.len() {
        if followers[at] == second {
            return true;
        }
        at += 1;
    }
    false
}

/// The upper row of the keyboard between words.
fn has_symbols(text: &str) -> bool {
    let is_symbol = |c: char| "#￥%…&*@^~$§¤¶¢+=|\\<>{}".contains(c);
    text.split(|c| !is_symbol(c)).any(|run| {
        let mut kinds: Vec<char> = run.chars().collect();
        let n = kinds.len();
        kinds.sort_unstable();
        kinds.dedup();
        n >= SYMBOLS_MIN && kinds.len() >= SYMBOL_KINDS_MIN
    })
}
