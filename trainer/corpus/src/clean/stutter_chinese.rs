//! Pronouns and little words that stand twice by mistake in Chinese.

use super::classes::Classes;
use super::findings::Findings;
use super::quoted::Quoted;
use super::rule::{Kind, Rule, RuleId, Subject, zh, zh_same};
use super::words::{char_at, char_before};
use crate::piece::Genre;

pub(super) const RULE: Rule = Rule {
    id: RuleId::new("stutter_chinese"),
    version: 2,
    title: "Chinese pronouns that stand twice",
    why: "我我我觉得 is a slip or a stutter. Only pronouns, 这 and a few conjunctions, three in a row or \
          where a clause begins: within one, the second may begin another (我告诉他他的票). Doubled \
          words of the language (谢谢, 常常, 的的确确), laughter and cries stay, as do fiction, \
          dialogue and quotations.",
    default_on: true,
    kind: Kind::Mend,
    examples: &[
        zh("我我我觉得可以。", "我觉得可以。"),
        zh(
            "他他昨天没来\u{ff0c}我们我们等了很久。",
            "他昨天没来\u{ff0c}我们等了很久。",
        ),
        zh("但是但是这这件事不急。", "但是这件事不急。"),
        zh(
            "因为我我记不清了\u{ff0c}所以他们他们先走。",
            "因为我记不清了\u{ff0c}所以他们先走。",
        ),
        zh_same("我告诉他他的票丢了\u{ff0c}她问我我也不知道\u{ff0c}谁叫你你都不理。"),
        zh_same("老师通知我们我们班得了奖\u{ff0c}比他们他们班还高兴。"),
        zh_same("自我我行我素\u{ff0c}其他他都知道。"),
        zh_same("谢谢\u{ff0c}常常\u{ff0c}的的确确\u{ff0c}哈哈哈\u{ff0c}妈妈看看。"),
        zh_same("他说“我我我不知道”。"),
        zh_same("我我我不去\u{ff01}").genre(Genre::Fiction),
        zh_same("你我他\u{ff0c}这那那这"),
    ],
    needs: Classes::REPEATED_HAN.and(Classes::REPEATED_WORD),
    mends_addresses: false,
    apply,
};

const ONCE: &[&str] = &[
    "我们",
    "他们",
    "她们",
    "你们",
    "但是",
    "如果",
    "我觉得",
    "我",
    "你",
    "他",
    "她",
    "这",
];

fn apply(subject: &Subject<'_>, found: &mut Findings<'_>) {
    if !subject.is_chinese() || subject.context.keeps_speech() {
        return;
    }
    let text = subject.text;
    let mut quoted: Option<Quoted> = None;
    for word in ONCE {
        if word.chars().count() == 1 && !subject.classes.meet(Classes::REPEATED_HAN) {
            continue;
        }
        let mut covered = 0;
        for (start, _) in text.match_indices(word) {
            let end = start + word.len();
            if start < covered || !text[end..].starts_with(word) || begins_inside(text, start, word)
            {
                continue;
            }
            let mut last = start;
            while text[last + word.len()..].starts_with(word) {
                last += word.len();
            }
            covered = last + word.len();
            let is_one_too_many = last > start + word.len() || !is_pronoun(word);
            if !is_one_too_many && !begins_clause(text, start) {
                continue;
            }
            let quoted = quoted.get_or_insert_with(|| Quoted::of(text));
            if !quoted.contains(start) && is_followed(text, covered) {
                found.remove(start..last);
            }
        }
    }
}

/// What may be the object of one verb and the subject of the next.
fn is_pronoun(word: &str) -> bool {
    matches!(
        word,
        "我" | "你" | "他" | "她" | "我们" | "你们" | "他们" | "她们"
    )
}

/// Whether a clause begins here: after a mark, or after a word that leads one.
fn begins_clause(text: &str, at: usize) -> bool {
    const LEADS: &[&str] = &[
        "但是",
        "可是",
        "而且",
        "因为",
        "所以",
        "如果",
        "然后",
        "其实",
        "不过",
        "于是",
        "虽然",
        "就是说",
    ];
    let before = &text[..at];
    before
        .chars()
        .next_back()
        .is_none_or(|c| !inkstone_prose::characters::is_han(c) && !c.is_alphanumeric())
        || LEADS.iter().any(|lead| before.ends_with(lead))
}

/// 自我我行我素: the first belongs to the word before it.
fn begins_inside(text: &str, start: usize, word: &str) -> bool {
    let before = char_before(text, start);
    match word {
        "我" => matches!(before, Some('自' | '本' | '大' | '小' | '忘' | '唯' | '你')),
        "他" => matches!(before, Some('其' | '吉' | '排' | '利' | '维' | '马' | '我')),
        "你" | "她" => matches!(before, Some('我' | '他')),
        "这" => matches!(before, Some('那')),
        _ => false,
    }
}

/// A sentence goes on after it: 就是你你! is a cry.
fn is_followed(text: &str, end: usize) -> bool {
    char_at(text, end).is_some_and(inkstone_prose::characters::is_han)
}
