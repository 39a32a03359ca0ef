//! Characters with their classes, and the steps that scanners share.

use super::classes::{CharClass, class_of};

/// A character as scanners see it.
#[derive(Clone, Copy, Debug)]
pub(super) struct CharAt {
    pub(super) character: char,
    pub(super) class: CharClass,
    /// Where it begins in the text, in bytes.
    start: usize,
}

/// The characters of a text.
pub(super) struct Chars {
    all: Vec<CharAt>,
    text_bytes: usize,
}

impl Chars {
    pub(super) fn new(text: &str) -> Self {
        let at = |(start, character)| CharAt {
            character,
            class: class_of(character),
            start,
        };
        Self {
            all: text.char_indices().map(at).collect(),
            text_bytes: text.len(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// Where a character begins in bytes, or the end of the text.
    pub(super) fn byte_offset(&self, index: usize) -> usize {
        self.all.get(index).map_or(self.text_bytes, |at| at.start)
    }

    /// Splits each of the stretches that end at `ends` into smaller ones. `next_end` gets a stretch
    /// and where a word begins in it, and says where the word ends, which is after it begins.
    pub(super) fn split(
        &self,
        ends: &[usize],
        next_end: impl Fn(&[CharAt], usize) -> usize,
    ) -> Vec<usize> {
        let mut split = Vec::with_capacity(ends.len().max(self.len() / 4));
        let mut start = 0;
        for &end in ends {
            let stretch = &self.all[start..end];
            let mut at = 0;
            while at < stretch.len() {
                at = next_end(stretch, at).clamp(at + 1, stretch.len());
                split.push(start + at);
            }
            start = end;
        }
        split
    }
}

/// The class at `index`; none past the end.
pub(super) fn class_at(chars: &[CharAt], index: usize) -> Option<CharClass> {
    chars.get(index).map(|at| at.class)
}

/// Where the run of characters that `belongs` begins at `start` ends.
pub(super) fn run_end(chars: &[CharAt], start: usize, belongs: impl Fn(&CharAt) -> bool) -> usize {
    chars[start..]
        .iter()
        .position(|at| !belongs(at))
        .map_or(chars.len(), |len| start + len)
}

/// Every number alone, what is between them together.
pub(super) fn isolate_numbers(chars: &[CharAt], start: usize) -> usize {
    if chars[start].class == CharClass::Number {
        start + 1
    } else {
        run_end(chars, start, |at| at.class != CharClass::Number)
    }
}

/// Where an English contraction (`'s`, `'re`, …) that begins at `start` ends.
pub(super) fn contraction_end(chars: &[CharAt], start: usize, ignores_case: bool) -> Option<usize> {
    let letter = |index: usize| {
        let character = chars.get(index)?.character;
        Some(if ignores_case {
            character.to_ascii_lowercase()
        } else {
            character
        })
    };
    if letter(start) != Some('\'') {
        return None;
    }
    match (letter(start + 1)?, letter(start + 2)) {
        ('s' | 't' | 'm' | 'd', _) => Some(start + 2),
        ('r' | 'v', Some('e')) | ('l', Some('l')) => Some(start + 3),
        _ => None,
    }
}

/// Where whitespace that begins at `start` ends: all of it at the end of the text, else all but the
/// last, which belongs to the next word.
pub(super) fn whitespace_end(chars: &[CharAt], start: usize) -> usize {
    let end = run_end(chars, start, |at| at.class == CharClass::Whitespace);
    if end - start > 1 && end < chars.len() {
        end - 1
    } else {
        end
    }
}
