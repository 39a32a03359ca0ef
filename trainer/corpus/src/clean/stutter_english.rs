//! Little words that stand twice by mistake.

use super::classes::Classes;
use super::findings::Findings;
use super::quoted::Quoted;
use super::rule::{Kind, Rule, RuleId, Subject, en, en_same};
use super::words::{Word, words};
use crate::piece::Genre;

pub(super) const RULE: Rule = Rule {
    id: RuleId::new("stutter_english"),
    version: 1,
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
        en_same("He had had enough, and that that was so is is clear."),
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
    "its", "we", "they", "i", "into", "or", "but", "if", "because", "this", "are", "were", "at",
    "when", "which", "these", "those",
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
}
