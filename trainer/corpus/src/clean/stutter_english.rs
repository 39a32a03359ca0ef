//! Little words that stand twice by mistake.

use super::classes::Classes;
use super::findings::Findings;
use super::quoted::Quoted;
use super::rule::{Kind, Rule, RuleId, Subject, en, en_same};
use super::words::{Word, words};
use crate::piece::Genre;

pub(super) const RULE: Rule = Rule {
    id: RuleId::new("stutter_english"),
    version: 2,
    title: "little words that stand twice",
    why: "`the the` and `of of` are slips of editing. Only words that no sentence has twice in a \
          row: `had had`, `that that`, `is is` and `very very` stay, as do fiction, dialogue and \
          quotations.",
    default_on: true,
    kind: Kind::Mend,
    examples: &[
        en("This is the the end of of it.", "This is the end of it."),
        en("The the file is is open.", "The file is is open."),
        en("And we we we left.", "And we left."),
        en(
            "Ask for for the report at at the desk.",
            "Ask for the report at the desk.",
        ),
        en_same("He had had enough, and that that was so is is clear."),
        en("Does this this work?", "Does this work?"),
        en_same("We do this this way, and I finished this this morning."),
        en_same("It was what he had looked for for years, and what she looked at at the time."),
        en_same("What these are are the ruins of a mill."),
        en_same("They played The The, then no no no."),
        en_same("I said \"the the\" twice."),
        en_same("I know the, the man.").genre(Genre::Fiction),
        en_same("The the man stammered.").genre(Genre::Fiction),
        en_same("vitamin a A, and to-to"),
    ],
    needs: Classes::LATIN,
    mends_addresses: false,
    apply,
};

const ONCE: &[&str] = &[
    "the", "a", "an", "of", "to", "and", "for", "with", "from", "by", "our", "my", "your", "their",
    "its", "we", "they", "i", "into", "or", "but", "if", "because", "this", "at", "when", "which",
    "these", "those",
];

fn apply(subject: &Subject<'_>, found: &mut Findings<'_>) {
    if !subject.is_english() || subject.context.keeps_speech() {
        return;
    }
    let text = subject.text;
    if ["misprint", "typo", "misspel", "the word "]
        .iter()
        .any(|sign| text.contains(sign))
    {
        // Text about slips shows them.
        return;
    }
    let mut quoted: Option<Quoted> = None;
    let mut before: Option<Word<'_>> = None;
    for word in words(text) {
        if let Some(first) = before.filter(|first| is_stutter(text, first, &word)) {
            let quoted = quoted.get_or_insert_with(|| Quoted::of(text));
            if !quoted.contains(word.start) {
                found.remove(first.end()..word.end());
            }
        }
        before = Some(word);
    }
}

fn is_stutter(text: &str, first: &Word<'_>, second: &Word<'_>) -> bool {
    first.text.len() == second.text.len()
        && first.is(second.text)
        && &text[first.end()..second.start] == " "
        // The second of two names has its capital too: The The, Who Who.
        && (second.text == "I" || !second.text.contains(char::is_uppercase))
        && !text[second.end()..].starts_with(['-', '\'', '’', '/', '.', '_'])
        && !text[..first.start].ends_with(['-', '/', '.', '_'])
        && ONCE.iter().any(|own| second.is(own))
        && !has_own_work(second, &text[second.end()..])
}

/// "Do this this way", "what I looked for for years": here each of the two has its own work. So have
/// `are are` and `were were` in every place, and are not among the words above.
fn has_own_work(word: &Word<'_>, rest: &str) -> bool {
    const OWN: &[(&str, &[&str])] = &[
        (
            "this",
            &[
                "way",
                "time",
                "morning",
                "afternoon",
                "evening",
                "week",
                "weekend",
                "month",
                "year",
                "summer",
                "winter",
                "spring",
                "autumn",
                "fall",
                "once",
                "quickly",
                "early",
                "late",
            ],
        ),
        (
            "for",
            &[
                "years", "months", "weeks", "days", "hours", "decades", "ages", "so", "most",
                "many", "several", "some", "long",
            ],
        ),
        (
            "at",
            &[
                "time", "moment", "first", "last", "once", "all", "home", "night",
            ],
        ),
        ("from", &["time", "then"]),
    ];
    let mut next = words(rest).filter(|word| !word.is("the"));
    next.next().is_some_and(|next| {
        OWN.iter()
            .any(|(own, followers)| word.is(own) && followers.iter().any(|it| next.is(it)))
    })
}
