//! Passages typed key by key by a writer who takes each right word of a suggestion.
//!
//! Time is virtual: a suggestion counts as displayed when it is ready, and its latency is reported
//! apart. One key types a character, in Chinese too; one key takes a word.

use super::corpus::Document;
use super::desk::{Desk, after_paragraph};
use super::words::begins_alike;
use crate::error::BenchError;
use crate::stage::Stage;

/// Characters of one passage: a few sentences.
const PASSAGE_CHARS: usize = 240;
/// What stands before a passage at least: a writer has begun.
const BEFORE_BYTES_MIN: usize = 400;

/// What typing a passage came to, or several together.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Typed {
    /// Characters written, however they came.
    pub(super) chars: usize,
    /// Keys pressed for them.
    pub(super) keys: usize,
    /// Suggestions of which nothing was right.
    pub(super) wrong_shows: usize,
    /// Characters taken of each suggestion of which something was.
    pub(super) accepted_chars: Vec<f64>,
    /// How long each answer of the daemon took.
    pub(super) latency_ms: Vec<f64>,
}

impl Typed {
    /// All passages together.
    pub(super) fn sum(passages: &[Self]) -> Self {
        let mut sum = Self::default();
        for passage in passages {
            sum.chars += passage.chars;
            sum.keys += passage.keys;
            sum.wrong_shows += passage.wrong_shows;
            sum.accepted_chars.extend(&passage.accepted_chars);
            sum.latency_ms.extend(&passage.latency_ms);
        }
        sum
    }

    /// How many keys of a hundred characters were saved, each passage counted so often.
    pub(super) fn saved_pct(passages: &[Self], draw: &[usize]) -> f64 {
        let (mut chars, mut keys) = (0, 0);
        for (passage, times) in passages.iter().zip(draw) {
            chars += passage.chars * times;
            keys += passage.keys * times;
        }
        100.0 * (chars as f64 - keys as f64) / chars.max(1) as f64
    }
}

/// Types one passage of each document, of at most `passages` documents.
pub(super) fn measure(
    stage: &Stage,
    documents: &[&Document],
    passages: usize,
    progress: &mut dyn FnMut(&str),
) -> Result<Vec<Typed>, BenchError> {
    let mut typed = Vec::new();
    let with_passage = documents
        .iter()
        .filter_map(|document| Some((*document, passage(&document.text)?)));
    // Spread over the documents, not only the first of them.
    let all: Vec<_> = with_passage.collect();
    let step = (all.len() / passages.max(1)).max(1);
    for (index, (document, start)) in all.into_iter().step_by(step).take(passages).enumerate() {
        progress(&format!("passage {} of {passages}", index + 1));
        let mut desk = Desk::open(stage, &format!("typing-{index}"), document)?;
        typed.push(type_passage(&mut desk, &document.text, start)?);
        desk.close()?;
    }
    Ok(typed)
}

/// Where the passage of a document starts: at the first paragraph of enough length with enough
/// before it, after its indentation, which Chinese ones have. None: the document is too short.
fn passage(text: &str) -> Option<usize> {
    let after_indentation = |start: usize| {
        let indented = &text[start..];
        let blanks = |c: char| matches!(c, ' ' | '\t' | '\u{3000}');
        start + indented.len() - indented.trim_start_matches(blanks).len()
    };
    let starts = text.match_indices("\n\n").map(|(at, _)| at + 2);
    let starts = starts.map(after_indentation);
    starts
        .filter(|start| *start >= BEFORE_BYTES_MIN)
        .find(|start| {
            let paragraph = text[*start..].split("\n\n").next().unwrap_or_default();
            let is_prose = paragraph.starts_with(char::is_alphanumeric);
            is_prose && paragraph.chars().count() >= PASSAGE_CHARS
        })
}

fn type_passage(desk: &mut Desk<'_>, text: &str, start: usize) -> Result<Typed, BenchError> {
    let mut typed = Typed::default();
    let length = text[start..]
        .char_indices()
        .nth(PASSAGE_CHARS)
        .map_or(text.len() - start, |(at, _)| at);
    let passage = &text[start..start + length];
    desk.set(&text[..start], after_paragraph(text, start))?;
    let mut at = 0;
    // Characters taken of the suggestion that is shown now.
    let mut accepted = 0;
    while at < passage.len() {
        let asked = desk.ask()?;
        if !asked.is_rest {
            finish_suggestion(&mut accepted, &mut typed);
            if asked.confidence.is_some() {
                typed.latency_ms.push(asked.elapsed_ms);
            }
        }
        let rest = &passage[at..];
        let taken = asked
            .suggestion
            .as_deref()
            .and_then(|suggestion| right_word(suggestion, asked.word_end, rest));
        let step = if let Some(word) = taken {
            accepted += word.chars().count();
            word
        } else {
            let is_wrong = asked.suggestion.is_some() && !asked.is_rest;
            typed.wrong_shows += usize::from(is_wrong);
            // proof of the default: `at` lies before the passage's end.
            let next = rest.chars().next().map_or(0, char::len_utf8);
            &rest[..next]
        };
        desk.insert(step)?;
        typed.keys += 1;
        typed.chars += step.chars().count();
        at += step.len();
    }
    finish_suggestion(&mut accepted, &mut typed);
    Ok(typed)
}

fn finish_suggestion(accepted: &mut usize, typed: &mut Typed) {
    if *accepted > 0 {
        typed.accepted_chars.push(*accepted as f64);
        *accepted = 0;
    }
}

/// The part of the text that taking the suggestion's first word, which ends at `word_end`, would
/// write; none when it would write anything else. Letter case counts: a taken word is not typed over.
fn right_word<'a>(suggestion: &str, word_end: usize, rest: &'a str) -> Option<&'a str> {
    let part = suggestion.get(..word_end)?;
    let is_word = part.contains(char::is_alphanumeric);
    let is_right = rest.starts_with(part) && (!is_word || begins_alike(suggestion, rest));
    is_right.then(|| &rest[..word_end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_word_that_stands_there_to_the_letter_is_taken() {
        // `|` is where the language server says that the first word ends.
        let taken = |suggestion: &str, rest| {
            let end = suggestion.find('|').unwrap();
            right_word(&suggestion.replace('|', ""), end, rest).map(str::to_owned)
        };
        let some = |word: &str| Some(word.to_owned());
        assert_eq!(taken(" their| faces", " their hats"), some(" their"));
        assert_eq!(taken("bour| was", "bour, quiet"), some("bour"));
        assert_eq!(taken("公园|里", "公园散步"), some("公园"));
        assert_eq!(taken("园|散步", "园散步"), some("园"));
        assert_eq!(taken("。|", "。"), some("。"));
        assert_eq!(taken(".| The", ". A"), some("."));
        assert_eq!(taken("Their|", "their"), None);
        assert_eq!(taken("their|", " their"), None);
        assert_eq!(taken("there|", "their"), None);
        assert_eq!(taken("the| boy", "their boy"), None);
    }

    #[test]
    fn passages_add_up_and_count_as_often_as_they_are_drawn() {
        let passage = |keys| Typed {
            chars: 100,
            keys,
            wrong_shows: 1,
            accepted_chars: vec![4.0],
            latency_ms: vec![9.0],
        };
        let passages = [passage(50), passage(100)];
        let sum = Typed::sum(&passages);
        assert_eq!((sum.chars, sum.keys, sum.wrong_shows), (200, 150, 2));
        assert_eq!((sum.accepted_chars.len(), sum.latency_ms.len()), (2, 2));
        let saved = |draw| Typed::saved_pct(&passages, draw);
        assert!((saved(&[1, 1]) - 25.0).abs() < 1e-9);
        assert!((saved(&[2, 0]) - 50.0).abs() < 1e-9);
        assert!(saved(&[0, 0]).abs() < 1e-9);
    }

    #[test]
    fn a_passage_is_a_long_paragraph_of_prose_with_text_before_it() {
        let long = "word ".repeat(80);
        let text = format!("{long}\n\n- {long}\n\nshort\n\n{long}\n");
        let start = passage(&text).unwrap();
        assert!(text[start..].starts_with("word"));
        assert!(start > 2 * long.len());
        let indented = format!("{long}\n\n\u{3000}\u{3000}{}\n", "海港".repeat(150));
        assert!(indented[passage(&indented).unwrap()..].starts_with("海港"));
        assert_eq!(passage("short"), None);
        assert_eq!(passage(&format!("a\n\n{long}")), None);
    }
}
