//! The sounds and phrases with which people win time while speaking English.

use std::ops::Range;

use super::classes::Classes;
use super::findings::Findings;
use super::quoted::Quoted;
use super::rule::{Kind, Rule, RuleId, Subject, en, en_same};
use super::words::{Word, char_at, char_before, is_stop_word, words};
use crate::block::BlockKind;
use crate::piece::Genre;

pub(super) const RULE: Rule = Rule {
    id: RuleId::new("fillers_english"),
    version: 1,
    title: "English fillers",
    why: "Speech that was written down word by word. Only in text that is full of them (two and \
          more, one of them a mere sound, one in 25 words) or a known transcript; never in \
          fiction, dialogue and quotations, and never where the words carry meaning: `sort of a \
          problem`, `you know the answer`.",
    default_on: true,
    kind: Kind::Mend,
    examples: &[
        en(
            "So, um, we were, uh, thinking about the budget.",
            "So, we were thinking about the budget.",
        ),
        en(
            "Um, the thing is, you know, hard to explain.",
            "The thing is hard to explain.",
        ),
        en(
            "It was uh pretty good um for a first try.",
            "It was pretty good for a first try.",
        ),
        en("It was, like, you know, a long day.", "It was a long day.").transcript(),
        en_same("You know the answer, and it is sort of a problem, like always."),
        en_same("\"Um, well, uh, I don't know,\" she said."),
        en_same("Um, uh, he said nothing.").genre(Genre::Fiction),
        en_same("Um, uh, quoted words.").kind(BlockKind::Quote),
        en_same("Um, I do not think so."),
        en_same("The UM campus, the uh-oh moment, and um-prefixed names."),
    ],
    needs: Classes::LATIN,
    mends_addresses: false,
    apply,
};

/// Words for each filler, at most: fewer fillers are a manner of writing.
const WORDS_PER_FILLER_MAX: usize = 25;

fn apply(subject: &Subject<'_>, found: &mut Findings<'_>) {
    if !subject.is_english() || subject.context.keeps_speech() {
        return;
    }
    let text = subject.text;
    if !has_any(text, subject.context.is_transcript) {
        return;
    }
    let all: Vec<Word<'_>> = words(text).collect();
    if ["filler", "hesitat"].iter().any(|sign| text.contains(sign)) {
        // Text about fillers shows them.
        return;
    }
    let quoted = Quoted::of(text);
    let mut fillers: Vec<Range<usize>> = Vec::new();
    let mut sounds = 0;
    let mut skip = 0;
    for (index, word) in all.iter().enumerate() {
        if index < skip || quoted.contains(word.start) {
            continue;
        }
        if is_sound(text, word) {
            sounds += 1;
            fillers.push(word.start..word.end());
        } else if let Some(n) = phrase(text, &all[index..]) {
            fillers.push(word.start..all[index + n - 1].end());
            skip = index + n;
        }
    }
    let is_dense = all.len() <= WORDS_PER_FILLER_MAX * fillers.len();
    if !(subject.context.is_transcript || sounds > 0 && fillers.len() > 1 && is_dense) {
        return;
    }
    for group in groups(text, fillers) {
        remove(text, group, found);
    }
}

/// A cheap look before the dear one.
fn has_any(text: &str, is_transcript: bool) -> bool {
    let is_sign = |word: Word<'_>| {
        word.text.len() <= 3 && SOUNDS.iter().any(|sound| word.is(sound))
            || is_transcript
                && ["know", "mean", "of", "like"]
                    .iter()
                    .any(|own| word.is(own))
    };
    words(text).any(is_sign)
}

const SOUNDS: &[&str] = &["um", "umm", "uh", "uhh", "uhm", "erm", "er"];

fn is_sound(text: &str, word: &Word<'_>) -> bool {
    if !SOUNDS.iter().any(|sound| word.is(sound)) {
        return false;
    }
    let before = char_before(text, word.start);
    let after = char_at(text, word.end());
    let is_free = |c: Option<char>| c.is_none_or(|c| !matches!(c, '-' | '/' | '_' | '@' | '+'));
    let is_pause = |c: Option<char>| c.is_none_or(|c| matches!(c, ',' | '…' | '.' | '—' | '–'));
    let is_name = word.text.chars().skip(1).any(char::is_uppercase);
    // `er` is a suffix, an abbreviation and a word of other languages: only between pauses.
    let is_er = !word.is("er") || is_pause(after);
    is_free(before) && is_free(after) && !is_name && is_er
}

/// How many words a phrase of fillers has that begins here, parted from the rest by commas.
fn phrase(text: &str, rest: &[Word<'_>]) -> Option<usize> {
    const PHRASES: &[(&[&str], bool)] = &[
        (&["you", "know"], false),
        (&["i", "mean"], false),
        (&["sort", "of"], true),
        (&["kind", "of"], true),
        (&["like"], true),
    ];
    let (phrase, needs_comma) = PHRASES.iter().find(|(phrase, _)| {
        rest.len() >= phrase.len()
            && rest.iter().zip(*phrase).all(|(word, own)| word.is(own))
            && rest[..phrase.len()]
                .windows(2)
                .all(|pair| &text[pair[0].end()..pair[1].start] == " ")
    })?;
    let before = text[..rest[0].start].trim_end().chars().next_back();
    let after = char_at(text, rest[phrase.len() - 1].end());
    let opens = before == Some(',')
        || !needs_comma && before.is_none_or(|c| matches!(c, '.' | '?' | '!' | '…' | '—'));
    (opens && after == Some(',')).then_some(phrase.len())
}

/// Fillers with nothing but pauses between them, as one.
fn groups(text: &str, fillers: Vec<Range<usize>>) -> Vec<Range<usize>> {
    let mut groups: Vec<Range<usize>> = Vec::new();
    for filler in fillers {
        match groups.last_mut() {
            Some(last) if text[last.end..filler.start].chars().all(is_pause) => {
                last.end = filler.end;
            }
            _ => groups.push(filler),
        }
    }
    groups
}

const fn is_pause(c: char) -> bool {
    matches!(c, ' ' | ',' | '…' | '.')
}

fn remove(text: &str, group: Range<usize>, found: &mut Findings<'_>) {
    let head = text[..group.start].trim_end_matches(' ');
    let before = head.chars().next_back().filter(|c| *c != '\n');
    let begins = before.is_none_or(|c| matches!(c, '.' | '?' | '!' | '…' | '—' | ':' | '(' | '['));
    let tail = &text[group.end..];
    let has_pause = tail.starts_with([',', '…']) || tail.starts_with("...");
    let rest = if has_pause {
        tail.trim_start_matches([',', '…', '.'])
            .trim_start_matches(' ')
    } else {
        tail.trim_start_matches(' ')
    };
    let resume = text.len() - rest.len();
    let has_comma = before == Some(',');
    let next = words(rest).next();
    let Some(next) = next.filter(|_| !head.is_empty() || !rest.is_empty()) else {
        // Nothing but marks follows: the comma before the filler goes with it.
        if head.contains(char::is_alphanumeric) && !has_pause {
            let start = head.trim_end_matches(',').len();
            found.remove(start..group.end);
        }
        return;
    };
    if begins {
        let is_capital = text[group.clone()].starts_with(char::is_uppercase);
        let first = char_at(rest, 0).filter(|c| is_capital && c.is_lowercase() && next.start == 0);
        match first {
            Some(c) => found.replace(
                group.start..resume + c.len_utf8(),
                c.to_uppercase().to_string(),
            ),
            None => found.remove(group.start..resume),
        }
    } else if rest.starts_with(['.', '!', '?', ';', ':']) {
        found.remove(head.trim_end_matches(',').len()..resume);
    } else if has_comma
        && has_pause
        && !is_subject(next)
        && (!tail.starts_with(',') || is_inside_clause(head, &text[group]))
    {
        found.replace(head.len() - 1..resume, " ");
    } else {
        found.replace(head.len()..resume, " ");
    }
}

/// Whether the commas around a filler belonged to it: after a little word that no comma follows,
/// and around phrases, which are always set off. Dots mean that the clause goes on. Otherwise the first of them parts two clauses.
fn is_inside_clause(head: &str, filler: &str) -> bool {
    let before = words(head).last();
    let is_phrase = !SOUNDS
        .iter()
        .any(|sound| filler.eq_ignore_ascii_case(sound));
    is_phrase
        || before
            .is_some_and(|word| is_stop_word(word.text) && !ANSWERS.iter().any(|own| word.is(own)))
}

/// Little words that stand alone.
const ANSWERS: &[&str] = &["no", "all", "one", "out", "up"];

/// With these, a new clause begins, which the comma parts from the one before.
fn is_subject(word: Word<'_>) -> bool {
    const SUBJECTS: &[&str] = &[
        "i", "i'm", "i’m", "i'd", "i've", "we", "we're", "he", "she", "they", "it", "it's", "you",
        "there", "this", "that", "but", "so",
    ];
    SUBJECTS.iter().any(|own| word.is(own)) && !word.is("so")
}
