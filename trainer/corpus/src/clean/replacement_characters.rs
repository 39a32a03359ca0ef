//! U+FFFD where it is plain what stood there: an apostrophe, or nothing that matters.

use super::classes::Classes;
use super::findings::Findings;
use super::mojibake::speaks_of_encodings;
use super::rule::{Kind, Rule, RuleId, Subject, en, en_same, zh, zh_same};
use super::words::{char_at, char_before};

pub(super) const RULE: Rule = Rule {
    id: RuleId::new("replacement_characters"),
    version: 1,
    title: "replacement characters",
    why: "A decoder wrote U+FFFD for what it could not read. Between `n` and `t`, or before `s`, \
          it was an apostrophe; alone between spaces it was an emoji or a bullet and goes. \
          Anything else is lost, and `mojibake` leaves the block out.",
    default_on: true,
    kind: Kind::Mend,
    examples: &[
        en(
            "I don\u{fffd}t know whether it\u{fffd}s true.",
            "I don’t know whether it’s true.",
        ),
        en(
            "They\u{fffd}re late, we\u{fffd}ll wait.",
            "They’re late, we’ll wait.",
        ),
        en("Great product \u{fffd} really.", "Great product really."),
        zh("质量很好 \u{fffd}", "质量很好"),
        en_same("The na\u{fffd}ve view."),
        zh_same("他\u{fffd}\u{fffd}走了。"),
    ],
    needs: Classes::REPLACEMENT,
    mends_addresses: false,
    apply,
};

const LOST: char = '\u{FFFD}';

fn apply(subject: &Subject<'_>, found: &mut Findings<'_>) {
    let text = subject.text;
    if speaks_of_encodings(text) {
        return;
    }
    for (start, _) in text.match_indices(LOST) {
        let end = start + LOST.len_utf8();
        if is_apostrophe(text, start, end) {
            found.replace(start..end, "\u{2019}");
        } else if stands_alone(text, start, end) {
            // One of the two spaces goes along.
            let has_space = text[..start].ends_with(' ');
            let from = start - usize::from(has_space);
            let to = end + usize::from(!has_space && text[end..].starts_with(' '));
            found.remove(from..to);
        }
    }
}

fn is_apostrophe(text: &str, start: usize, end: usize) -> bool {
    let tail = text[end..]
        .split(|c: char| !c.is_alphabetic())
        .next()
        .unwrap_or_default();
    let head = text[..start]
        .rsplit(|c: char| !c.is_alphabetic())
        .next()
        .unwrap_or_default();
    let is_among = |words: &[&str]| words.iter().any(|word| head.eq_ignore_ascii_case(word));
    match tail {
        "t" => is_among(NEGATED),
        // `caf�s` had another letter there; names and pronouns have none to lose.
        "s" => is_among(SUBJECTS) || head.len() > 1 && head.starts_with(char::is_uppercase),
        "re" | "ll" | "ve" | "d" => is_among(SUBJECTS),
        "m" => head == "I",
        _ => false,
    }
}

const NEGATED: &[&str] = &[
    "don", "doesn", "didn", "isn", "aren", "wasn", "weren", "can", "couldn", "won", "wouldn",
    "shouldn", "haven", "hasn", "hadn", "mustn", "needn", "ain", "mightn",
];

const SUBJECTS: &[&str] = &[
    "i",
    "you",
    "he",
    "she",
    "it",
    "we",
    "they",
    "that",
    "this",
    "there",
    "here",
    "what",
    "who",
    "where",
    "when",
    "how",
    "let",
    "one",
    "everyone",
    "nobody",
    "somebody",
    "everybody",
    "would",
    "could",
    "should",
    "might",
    "must",
    "these",
    "those",
];

fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    char_before(text, start).is_none_or(char::is_whitespace)
        && char_at(text, end).is_none_or(char::is_whitespace)
}
