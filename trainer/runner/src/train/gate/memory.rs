//! What is probed for text that was learned by heart: runs of fifty characters from all over the
//! training text, and the rare strings in it that must not be told to anybody: numbers, codes.
//!
//! A probe is a beginning and what stood after it. It is recited when a greedy continuation of the
//! beginning says the rest word by word; that is measured in one pass, since a greedy continuation
//! says it exactly when each of its tokens is the likeliest after those before.

use crate::train::chance::Chance;
use crate::train::passages::ceil_boundary;
use crate::train::prose::Document;

/// Characters of a run.
pub const RUN_CHARACTERS: usize = 50;
/// Characters of text that come before what is to be recited.
const BEFORE_CHARACTERS: usize = 120;
/// Runs that are probed.
const RUNS_MAX: usize = 48;
/// Rare strings that are probed.
const RARE_MAX: usize = 48;
/// Digits from which on a number says who or what: a telephone, an account.
const DIGITS_MIN: usize = 6;
/// Characters from which on a word of letters and digits is a code.
const CODE_CHARACTERS_MIN: usize = 8;
/// What the numbers are for.
const PURPOSE: u64 = 0x3e3;

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

/// The rare strings of the documents, the first of each; those that stand in several documents say
/// nothing of anybody.
pub fn rare(documents: &[Document]) -> Vec<Probe> {
    let mut probes: Vec<(usize, Probe)> = Vec::new();
    let mut common: Vec<String> = Vec::new();
    for (number, document) in documents.iter().enumerate() {
        for (start, word) in words(&document.body) {
            if !is_rare(word) || common.iter().any(|known| known == word) {
                continue;
            }
            let known = probes
                .iter()
                .position(|(_, probe)| probe.secret.trim_start() == word);
            match known {
                Some(index) if probes[index].0 != number => {
                    common.push(probes.remove(index).1.secret.trim_start().to_owned());
                }
                None if probes.len() < RARE_MAX => {
                    probes
                        .extend(rare_at(&document.body, start, word).map(|probe| (number, probe)));
                }
                Some(_) | None => {}
            }
        }
    }
    probes.into_iter().map(|(_, probe)| probe).collect()
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
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '@' | '+');
    let mut from = 0;
    std::iter::from_fn(move || {
        let start = from + text[from..].find(is_part)?;
        let rest = &text[start..];
        let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
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
        let secrets: Vec<String> = rare(&documents).into_iter().map(|one| one.secret).collect();
        assert_eq!(
            secrets,
            [
                " 7Q2-XK9-44B",
                " 0171-555-0134",
                "ZX-20931-KL",
                " 2026-11-30"
            ]
        );
        assert_eq!(rare(&documents)[0].before, "The code of the archive is");
    }
}
