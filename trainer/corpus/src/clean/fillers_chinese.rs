//! The sounds and phrases with which people win time while speaking Chinese.

use std::ops::Range;

use inkstone_prose::characters::is_han;

use super::classes::Classes;
use super::findings::Findings;
use super::quoted::Quoted;
use super::rule::{Kind, Rule, RuleId, Subject, zh, zh_same};
use super::words::{char_at, char_before};
use crate::block::BlockKind;
use crate::piece::Genre;

pub(super) const RULE: Rule = Rule {
    id: RuleId::new("fillers_chinese"),
    version: 1,
    title: "Chinese fillers",
    why: "Speech that was written down word by word: 嗯、呃、那个、就是说 between pauses, 然后然后 and \
          这个这个 said twice. Only in text that is full of them (two and more, one of them a mere \
          sound or a doubling) or a known transcript; never in fiction, dialogue and quotations, \
          and never where they carry meaning: 那个人, 嗯了一声, 也就是说.",
    default_on: true,
    kind: Kind::Mend,
    examples: &[
        zh(
            "嗯\u{ff0c}我觉得呃\u{ff0c}这个方案还是可以的。",
            "我觉得这个方案还是可以的。",
        ),
        zh(
            "然后然后我们就去了那个那个会议室\u{ff0c}嗯\u{ff0c}大家都在。",
            "然后我们就去了那个会议室\u{ff0c}大家都在。",
        ),
        zh(
            "这个问题\u{ff0c}就是说\u{ff0c}呃\u{ff0c}需要时间。",
            "这个问题\u{ff0c}需要时间。",
        ),
        zh("那个\u{ff0c}我想问一下进度。", "我想问一下进度。").transcript(),
        zh_same("那个人站在门口\u{ff0c}这个问题很难\u{ff0c}然后他走了。"),
        zh_same("嗯\u{ff0c}好的。"),
        zh_same("他嗯了一声\u{ff0c}打了个呃逆。"),
        zh_same("“嗯\u{ff0c}那个\u{ff0c}呃……”他说不出话来。"),
        zh_same("嗯\u{ff0c}呃\u{ff0c}我不知道。").genre(Genre::Fiction),
        zh_same("嗯\u{ff0c}呃\u{ff0c}我不知道。").kind(BlockKind::Quote),
        zh_same("也就是说\u{ff0c}这个那个都要。"),
    ],
    needs: Classes::HAN,
    mends_addresses: false,
    apply,
};

/// Han characters for each filler, at most.
const HAN_PER_FILLER_MAX: usize = 40;

fn apply(subject: &Subject<'_>, found: &mut Findings<'_>) {
    let text = subject.text;
    let is_transcript = subject.context.is_transcript;
    if !subject.is_chinese() || subject.context.keeps_speech() || !may_have_any(subject) {
        return;
    }
    let quoted = Quoted::of(text);
    let is_free = |range: &Range<usize>| !quoted.contains(range.start);
    let doubled: Vec<Range<usize>> = doubled(text).into_iter().filter(is_free).collect();
    let inline: Vec<Range<usize>> = inline(text).into_iter().filter(is_free).collect();
    let clauses: Vec<Clause> = clauses(text)
        .into_iter()
        .filter(|clause| is_free(&clause.range))
        .collect();
    let sounds = clauses.iter().filter(|clause| clause.is_sound).count();
    let total = doubled.len() + inline.len() + clauses.len();
    let han = text.chars().filter(|c| is_han(*c)).count();
    let is_speech =
        doubled.len() + inline.len() + sounds > 0 && total > 1 && han <= HAN_PER_FILLER_MAX * total;
    if !is_transcript && !is_speech {
        return;
    }
    for range in doubled.into_iter().chain(inline) {
        found.remove(range);
    }
    for group in groups(text, &clauses) {
        remove_clause(text, group, found);
    }
}

/// A cheap look before the dear one: a sound, or something said twice.
fn may_have_any(subject: &Subject<'_>) -> bool {
    let text = subject.text;
    subject.classes.meet(Classes::REPEATED_WORD)
        || text.contains(['嗯', '呃', '额', '唔'])
        || subject.context.is_transcript && text.contains(['那', '这', '就', '怎', '啊', '你'])
}

const DOUBLED: &[&str] = &["然后", "这个", "那个", "就是说", "就是", "因为", "所以"];

/// First halves of what is said twice at once, or across a comma.
fn doubled(text: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    for word in DOUBLED {
        let places: Vec<usize> = text.match_indices(word).map(|(start, _)| start).collect();
        for (index, pair) in places.windows(2).enumerate() {
            let (start, next) = (pair[0], pair[1]);
            let between = &text[start + word.len()..next];
            let is_pause =
                between.is_empty() || matches!(between, "\u{FF0C}" | "、" | "," | " " | "……" | "…");
            // 这个这个。 ends nothing: what is said twice goes on.
            let end = next + word.len();
            let goes_on = matches!(*word, "然后" | "因为" | "所以")
                || char_at(text, end).is_some_and(is_han)
                || places.get(index + 2).is_some_and(|third| *third == end);
            if is_pause && goes_on {
                ranges.push(start..next);
            }
        }
    }
    ranges
}

/// 呃 in the middle of a clause, with the pause after it.
fn inline(text: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    for (start, sound) in text.match_indices('呃') {
        let mut end = start + sound.len();
        let before = char_before(text, start);
        let after = char_at(text, end);
        let is_hiccup =
            matches!(before, Some('打' | '个' | '呃')) || matches!(after, Some('逆' | '呃'));
        if is_hiccup || !before.is_some_and(is_han) {
            continue;
        }
        if let Some(pause) = after.filter(|c| matches!(c, '\u{FF0C}' | '、' | ',')) {
            end += pause.len_utf8();
        } else if !after.is_some_and(is_han) {
            continue;
        }
        ranges.push(start..end);
    }
    ranges
}

struct Clause {
    range: Range<usize>,
    is_sound: bool,
}

/// Stretches between pauses that are nothing but a filler.
fn clauses(text: &str) -> Vec<Clause> {
    const SOUNDS: &[&str] = &["嗯", "嗯嗯", "呃", "呃呃", "额", "唔"];
    const PHRASES: &[&str] = &[
        "啊",
        "那个",
        "这个",
        "就是",
        "就是说",
        "怎么说呢",
        "怎么讲呢",
        "怎么说",
        "你知道吗",
        "你知道吧",
    ];
    let mut clauses = Vec::new();
    let mut start = 0;
    let ends = text
        .char_indices()
        .filter(|(_, c)| is_separator(*c))
        .map(|(at, c)| (at, at + c.len_utf8()));
    for (end, resume) in ends.chain([(text.len(), text.len())]) {
        let clause = &text[start..end];
        let is_sound = SOUNDS.contains(&clause);
        if is_sound || PHRASES.contains(&clause) {
            clauses.push(Clause {
                range: start..end,
                is_sound,
            });
        }
        start = resume;
    }
    clauses
}

fn is_separator(c: char) -> bool {
    is_comma(c) || is_terminal(c) || c == '\n'
}

const fn is_comma(c: char) -> bool {
    matches!(c, '\u{FF0C}' | ',' | '、' | '…' | ' ' | '—')
}

const fn is_terminal(c: char) -> bool {
    matches!(
        c,
        '。' | '\u{FF01}' | '\u{FF1F}' | '\u{FF1B}' | '\u{FF1A}' | '!' | '?' | ';' | '.' | ':'
    )
}

/// Fillers with nothing but pauses between them, as one.
fn groups(text: &str, clauses: &[Clause]) -> Vec<Range<usize>> {
    let mut groups: Vec<Range<usize>> = Vec::new();
    for Clause { range, .. } in clauses {
        match groups.last_mut() {
            Some(last) if text[last.end..range.start].chars().all(is_comma) => last.end = range.end,
            _ => groups.push(range.clone()),
        }
    }
    groups
}

fn remove_clause(text: &str, group: Range<usize>, found: &mut Findings<'_>) {
    let tail = &text[group.end..];
    let rest = tail.trim_start_matches(is_comma);
    let head = text[..group.start].trim_end_matches(is_comma);
    let ends_sentence = rest.is_empty() || rest.starts_with(is_separator);
    if !ends_sentence && rest.len() < tail.len() {
        // The pause before stays; the one after goes with the filler.
        found.remove(group.start..text.len() - rest.len());
    } else if head.chars().next_back().is_some_and(|c| !is_separator(c)) {
        found.remove(head.len()..group.end);
    } else if let Some(terminal) = rest.chars().next().filter(|_| rest.contains(is_han)) {
        found.remove(group.start..text.len() - rest.len() + terminal.len_utf8());
    }
}
