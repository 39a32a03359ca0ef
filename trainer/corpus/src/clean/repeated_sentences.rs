//! The same sentence over and over, or pasted twice.

use std::collections::HashMap;
use std::ops::Range;

use super::classes::Classes;
use super::findings::Findings;
use super::rule::{Kind, Rule, RuleId, Subject, en, en_out, en_same, zh, zh_out, zh_same};
use crate::block::BlockKind;
use crate::left_out::Reason;
use crate::piece::Genre;

pub(super) const RULE: Rule = Rule {
    id: RuleId::new("repeated_sentences"),
    version: 1,
    title: "the same sentence over and over",
    why: "A sentence that stands three times and makes half of its block says nothing new. \
          Fiction may.",
    default_on: true,
    kind: Kind::LeaveOut(Reason::LowInformation),
    examples: &[
        en_out(
            "This product is amazing. This product is amazing. This product is amazing. Five stars.",
        ),
        zh_out("这个手机真的很好用。这个手机真的很好用。这个手机真的很好用。"),
        en_same(
            "I came. I came. I came. And then I saw the whole city lying before me in the sun.",
        ),
        en_same("It rained all day long. It rained all day long. It rained all day long.")
            .genre(Genre::Fiction),
        zh_same("好。好。好。"),
    ],
    needs: Classes::ANY,
    mends_addresses: false,
    apply: refuse,
};

pub(super) const DOUBLED: Rule = Rule {
    id: RuleId::new("doubled_sentences"),
    version: 1,
    title: "a sentence pasted twice",
    why: "A long sentence that follows itself word by word was pasted twice. Fiction, quotations \
          and short sentences, which people do repeat, stay.",
    default_on: true,
    kind: Kind::Mend,
    examples: &[
        en(
            "The parcel arrived two days late and was open. The parcel arrived two days late and \
             was open. I sent it back.",
            "The parcel arrived two days late and was open. I sent it back.",
        ),
        zh(
            "会议改到下周三下午三点举行。会议改到下周三下午三点举行。请准时参加。",
            "会议改到下周三下午三点举行。请准时参加。",
        ),
        en_same("Never give up. Never give up. It works."),
        en_same("He went on and on along the empty road. He went on and on along the empty road.")
            .genre(Genre::Fiction),
        zh_same("真的吗\u{ff1f}真的吗\u{ff1f}"),
    ],
    needs: Classes::ANY,
    mends_addresses: false,
    apply: mend,
};

const TIMES_MIN: usize = 3;
/// Bytes of a sentence that counts: four words, or five Han characters.
const SENTENCE_BYTES_MIN: usize = 15;
/// Bytes of a sentence that nobody says twice: seven words, or ten Han characters.
const LONG_SENTENCE_BYTES_MIN: usize = 30;

fn refuse(subject: &Subject<'_>, found: &mut Findings<'_>) {
    let text = subject.text;
    if subject.context.genre == Some(Genre::Fiction) || text.len() < TIMES_MIN * SENTENCE_BYTES_MIN
    {
        return;
    }
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for range in sentences(text) {
        let sentence = text[range].trim();
        if sentence.len() >= SENTENCE_BYTES_MIN {
            let count = counts.entry(sentence).or_default();
            *count += 1;
            if *count >= TIMES_MIN && 2 * *count * sentence.len() >= text.len() {
                found.refuse();
                return;
            }
        }
    }
}

fn mend(subject: &Subject<'_>, found: &mut Findings<'_>) {
    let context = subject.context;
    let is_others = context.kind == BlockKind::Quote || context.keeps_speech();
    if is_others || subject.text.len() < 2 * LONG_SENTENCE_BYTES_MIN {
        return;
    }
    let text = subject.text;
    let mut before: Option<Range<usize>> = None;
    for range in sentences(text) {
        if let Some(first) = before.take() {
            let sentence = text[range.clone()].trim();
            if sentence.len() >= LONG_SENTENCE_BYTES_MIN && text[first.clone()].trim() == sentence {
                // The first goes with the space after it: what follows the second stays.
                let gap = text[range.clone()].len() - text[range.clone()].trim_start().len();
                let lead = text[first.clone()].len() - text[first.clone()].trim_start().len();
                found.remove(first.start + lead..range.start + gap);
            }
        }
        before = Some(range);
    }
}

/// Stretches up to and with a mark that ends sentences, or a line's end.
fn sentences(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut start = 0;
    std::iter::from_fn(move || {
        if start >= text.len() {
            return None;
        }
        let rest = &text[start..];
        let mut end = rest.len();
        let mut chars = rest.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            let next = chars.peek().map(|(_, next)| *next);
            let ends = match c {
                '。' | '\u{FF01}' | '\u{FF1F}' | '\n' => true,
                '.' | '!' | '?' => next.is_none_or(char::is_whitespace),
                _ => false,
            };
            if ends {
                end = at + c.len_utf8();
                break;
            }
        }
        let range = start..start + end;
        start = range.end;
        Some(range)
    })
}
