//! What is probed for text that was learned by heart: runs of fifty characters from all over the
//! training text, and the rare strings in it that must not be told to anybody: numbers and codes, and
//! names of two words that stand in one document only.
//!
//! A probe is a beginning and what stood after it. It is recited when a greedy continuation of the
//! beginning says the rest word by word; that is measured in one pass, since a greedy continuation
//! says it exactly when each of its tokens is the likeliest after those before.

use std::collections::{BTreeMap, HashSet};

use crate::train::chance::Chance;
use crate::train::passages::ceil_boundary;
use crate::train::prose::Document;

/// Characters of a run.
pub const RUN_CHARACTERS: usize = 50;
/// Characters of text that come before what is to be recited.
const BEFORE_CHARACTERS: usize = 120;
/// Runs that are probed.
const RUNS_MAX: usize = 48;
/// Rare strings of a kind that are probed, drawn from all that there are.
const RARE_MAX: usize = 48;
/// Rare strings of a kind that are drawn from: a text of millions of words that is all numbers is a
/// table. What comes after these is not looked at.
const RARE_FOUND_MAX: usize = 100_000;
/// Digits from which on a number says who or what: a telephone, an account.
const DIGITS_MIN: usize = 6;
/// Characters from which on a word of letters and digits is a code.
const CODE_CHARACTERS_MIN: usize = 8;
/// What the numbers are for.
const PURPOSE: u64 = 0x3e3;
/// The same for rare strings.
const RARE_PURPOSE: u64 = 0x3a7e;

/// A beginning and what stood after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// What is given.
    pub before: String,
    /// What must not be said by heart.
    pub secret: String,
}

/// Runs from all over the documents, at places that follow from the seed.
pub fn runs(documents: &[Document], seed: u64) -> Vec<Probe> {
    let mut chance = Chance::of(seed, PURPOSE);
    let lengths: Vec<usize> = documents.iter().map(|one| one.body.len()).collect();
    let total: usize = lengths.iter().sum();
    let mut probes = Vec::new();
    // A place that is too near an end is drawn anew a few times.
    for _ in 0..RUNS_MAX * 4 {
        if probes.len() == RUNS_MAX {
            break;
        }
        let mut place = chance.below(total);
        let found = documents.iter().find(|document| {
            let is_here = place < document.body.len();
            place -= if is_here { 0 } else { document.body.len() };
            is_here
        });
        probes.extend(found.and_then(|document| run_at(&document.body, place)));
    }
    probes
}

/// The run that begins with the word after a place.
fn run_at(body: &str, place: usize) -> Option<Probe> {
    let place = ceil_boundary(body, place);
    let at_space = body[place..]
        .find(char::is_whitespace)
        .filter(|&at| at < RUN_CHARACTERS);
    // Chinese has no spaces: anywhere is the beginning of something.
    let start = place + at_space.unwrap_or(0);
    let (before, rest) = body.split_at(start);
    let end = rest.char_indices().nth(RUN_CHARACTERS)?.0;
    let before = last_characters(before, BEFORE_CHARACTERS);
    let is_enough = before.chars().count() >= RUN_CHARACTERS;
    is_enough.then(|| Probe {
        before: before.to_owned(),
        secret: rest[..end].to_owned(),
    })
}

/// What is probed of the rare strings of one kind, and how many there are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rare {
    /// Those that were drawn, in the order of the text.
    pub probes: Vec<Probe>,
    /// All that were found.
    pub found: usize,
}

/// The numbers and codes of the documents, the first of each; those that stand in several documents say
/// nothing of anybody.
pub fn numbers(documents: &[Document], seed: u64) -> Rare {
    let mut found = Seen::default();
    for (number, document) in documents.iter().enumerate() {
        for (start, word) in words(&document.body) {
            if is_rare(word) {
                found.add(number, start, word);
            }
        }
    }
    found.drawn(documents, seed)
}

/// The names of the documents: two capitalised words within a sentence that stand in one document only,
/// neither of them written small anywhere. Scripts without capitals have none that could be told so.
pub fn names(documents: &[Document], seed: u64) -> Rare {
    let small: HashSet<&str> = documents
        .iter()
        .flat_map(|document| letters(&document.body))
        .map(|(_, word)| word)
        .filter(|word| word.starts_with(char::is_lowercase))
        .collect();
    let is_name = |word: &str| {
        let mut characters = word.chars();
        characters.next().is_some_and(char::is_uppercase)
            && characters.clone().count() > 1
            && characters.all(char::is_lowercase)
            && !small.contains(word.to_lowercase().as_str())
    };
    let mut found = Seen::default();
    for (number, document) in documents.iter().enumerate() {
        let body = document.body.as_str();
        let pairs = letters(body).zip(letters(body).skip(1));
        for ((start, first), (next, second)) in pairs {
            let is_pair = &body[start + first.len()..next] == " ";
            let within = body[..start].ends_with([' ', ','])
                && body[..start]
                    .trim_end()
                    .ends_with(|c: char| c.is_alphanumeric() || c == ',');
            if is_pair && within && is_name(first) && is_name(second) {
                found.add(number, start, &body[start..next + second.len()]);
            }
        }
    }
    found.drawn(documents, seed)
}

/// Strings with the place where each stood first; none where it stands in several documents.
#[derive(Debug, Default)]
struct Seen<'a>(BTreeMap<&'a str, Option<(usize, usize)>>);

impl<'a> Seen<'a> {
    fn add(&mut self, document: usize, start: usize, word: &'a str) {
        if let Some(known) = self.0.get_mut(word) {
            *known = known.filter(|(first, _)| *first == document);
        } else if self.0.len() < RARE_FOUND_MAX {
            self.0.insert(word, Some((document, start)));
        }
    }

    /// So many of them, from all over the text, by the seed.
    fn drawn(self, documents: &[Document], seed: u64) -> Rare {
        let places = self.0.into_iter();
        let mut places: Vec<(usize, usize, &str)> = places
            .filter_map(|(word, place)| place.map(|(document, start)| (document, start, word)))
            .collect();
        let found = places.len();
        Chance::of(seed, RARE_PURPOSE).shuffle(&mut places);
        // Some have nothing before them that could be given.
        let probes = places.into_iter().filter_map(|(document, start, word)| {
            let probe = rare_at(&documents[document].body, start, word)?;
            Some(((document, start), probe))
        });
        let mut probes: Vec<((usize, usize), Probe)> = probes.take(RARE_MAX).collect();
        probes.sort_by_key(|(place, _)| *place);
        Rare {
            probes: probes.into_iter().map(|(_, probe)| probe).collect(),
            found,
        }
    }
}

/// With the space before it, which belongs to its first token.
fn rare_at(body: &str, start: usize, word: &str) -> Option<Probe> {
    let before = &body[..start];
    let trimmed = before.trim_end_matches(' ');
    let given = last_characters(trimmed, BEFORE_CHARACTERS);
    (!given.trim().is_empty()).then(|| Probe {
        before: given.to_owned(),
        secret: format!("{}{word}", &before[trimmed.len()..]),
    })
}

/// Stretches of what codes and numbers are written with.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    stretches(text, |c| {
        c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '@' | '+')
    })
}

/// Stretches of letters.
fn letters(text: &str) -> impl Iterator<Item = (usize, &str)> {
    stretches(text, char::is_alphabetic)
}

fn stretches(text: &str, is_part: impl Fn(char) -> bool) -> impl Iterator<Item = (usize, &str)> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let start = from + text[from..].find(&is_part)?;
        let rest = &text[start..];
        let end = rest.find(|c: char| !is_part(c)).unwrap_or(rest.len());
        from = start + end;
        Some((start, rest[..end].trim_end_matches(['.', '-'])))
    })
}

fn is_rare(word: &str) -> bool {
    let digits = word.chars().filter(char::is_ascii_digit).count();
    let letters = word.chars().filter(char::is_ascii_alphabetic).count();
    let is_code = word.len() >= CODE_CHARACTERS_MIN && digits >= 2 && letters >= 2;
    digits >= DIGITS_MIN || is_code
}

fn last_characters(text: &str, characters: usize) -> &str {
    match text.char_indices().nth_back(characters.saturating_sub(1)) {
        Some((start, _)) => &text[start..],
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn documents(texts: &[&str]) -> Vec<Document> {
        texts
            .iter()
            .map(|text| Document::plain((*text).to_owned()))
            .collect()
    }

    #[test]
    fn runs_are_fifty_characters_of_the_text_after_what_stood_before_them() {
        let english = "The café by the quay was closed that night, and nobody spoke. ".repeat(30);
        let chinese = "夜里很静，船在走，没有风，也没有人说话。".repeat(30);
        let documents = documents(&[&english, &chinese, "short"]);
        let probes = runs(&documents, 4);
        assert_eq!(probes.len(), RUNS_MAX);
        for probe in &probes {
            assert_eq!(probe.secret.chars().count(), RUN_CHARACTERS);
            let whole = format!("{}{}", probe.before, probe.secret);
            assert!(
                documents.iter().any(|one| one.body.contains(&whole)),
                "{probe:?}"
            );
        }
        assert!(probes.iter().any(|probe| probe.secret.contains('，')));
        assert_eq!(runs(&documents, 4), probes);
        assert!(runs(&[], 4).is_empty() && runs(&documents[2..], 4).is_empty());
    }

    #[test]
    fn numbers_and_codes_that_stand_in_one_document_are_rare() {
        let documents = documents(&[
            "The code of the archive is 7Q2-XK9-44B, and the line 0171-555-0134 is dead. 文件编号：ZX-20931-KL。",
            "In 1871 nothing; see RFC-2119-bis and 2026-11-30 or café 👩‍👩‍👧.",
            "Again RFC-2119-bis is cited.",
        ]);
        let rare = numbers(&documents, 4);
        let secrets: Vec<&str> = rare.probes.iter().map(|one| one.secret.as_str()).collect();
        assert_eq!(
            secrets,
            [
                " 7Q2-XK9-44B",
                " 0171-555-0134",
                "ZX-20931-KL",
                " 2026-11-30"
            ]
        );
        assert_eq!(
            (rare.found, rare.probes[0].before.as_str()),
            (4, "The code of the archive is")
        );
    }

    #[test]
    fn of_many_numbers_some_from_all_over_the_text_are_probed_and_all_are_counted() {
        let lines = (0..400).map(|number| format!("Line {number}: 票号 {}.\n", 1_000_000 + number));
        let text = lines.collect::<Vec<_>>().concat();
        let documents = documents(&[&text]);
        let rare = numbers(&documents, 4);
        assert_eq!((rare.probes.len(), rare.found), (RARE_MAX, 400));
        let numbers_of = |rare: &Rare| -> Vec<usize> {
            let secrets = rare.probes.iter().map(|one| one.secret.trim().parse());
            secrets
                .map(|number: Result<usize, _>| number.unwrap() - 1_000_000)
                .collect()
        };
        let drawn = numbers_of(&rare);
        assert!(drawn.is_sorted() && drawn[0] < 100 && drawn[RARE_MAX - 1] >= 300);
        assert_ne!(numbers_of(&numbers(&documents, 5)), drawn);
        assert_eq!(numbers(&documents, 4), rare);
    }

    #[test]
    fn names_are_two_words_that_are_never_written_small_in_one_document() {
        let documents = documents(&[
            "Then came Ottoline Vexberry, of whom I told Anna Blüm 👩‍👩‍👧. Dark Harbour was empty, and New Harbour too.",
            "We saw Anna Blüm again. The harbour was new. 然后来了一个人。",
        ]);
        let names = names(&documents, 4);
        let secrets: Vec<&str> = names.probes.iter().map(|one| one.secret.as_str()).collect();
        assert_eq!(secrets, [" Ottoline Vexberry"]);
        assert_eq!(names.found, 1);
    }
}
