//! Which parts of a text are between quotation marks: what others said is left as they said it.

use std::ops::Range;

/// The quoted places, in order, marks included. A quotation that nothing closes ends with its
/// line: wrongly quoted text is left alone, which harms nothing.
pub(crate) struct Quoted(Vec<Range<usize>>);

impl Quoted {
    pub(crate) fn of(text: &str) -> Self {
        let mut ranges: Vec<Range<usize>> = Vec::new();
        let mut open: Option<(usize, char)> = None;
        let mut before = ' ';
        for (at, c) in text.char_indices() {
            match open {
                Some((start, _)) if c == '\n' => {
                    ranges.push(start..at);
                    open = None;
                }
                Some((start, closer)) if c == closer => {
                    ranges.push(start..at + c.len_utf8());
                    open = None;
                }
                None => open = closer_of(c, before).map(|closer| (at, closer)),
                Some(_) => {}
            }
            before = c;
        }
        if let Some((start, _)) = open {
            ranges.push(start..text.len());
        }
        Self(ranges)
    }

    pub(crate) fn contains(&self, offset: usize) -> bool {
        let next = self.0.partition_point(|range| range.end <= offset);
        self.0.get(next).is_some_and(|range| range.start <= offset)
    }

    /// How many bytes are quoted.
    pub(crate) fn bytes(&self) -> usize {
        self.0.iter().map(Range::len).sum()
    }
}

fn closer_of(c: char, before: char) -> Option<char> {
    Some(match c {
        '\u{201C}' => '\u{201D}',
        '「' => '」',
        '『' => '』',
        '《' => '》',
        '"' => '"',
        // A single mark after a letter is an apostrophe.
        '\u{2018}' => '\u{2019}',
        '\'' if !before.is_alphanumeric() && before != '\'' => '\'',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotations_are_found_in_both_languages_and_apostrophes_are_none() {
        let text = "He said \"um\" and 她说“嗯”，don't you know";
        let quoted = Quoted::of(text);
        for inside in ["um", "嗯"] {
            assert!(quoted.contains(text.find(inside).unwrap()), "{inside}");
        }
        for outside in ["He", "她", "know"] {
            assert!(!quoted.contains(text.find(outside).unwrap()), "{outside}");
        }
    }
}
