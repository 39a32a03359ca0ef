//! What changed between a text and its cleaned form: words, and single characters where there are no
//! spaces between words. Pure.

use std::ops::Range;

use similar::{Algorithm, DiffTag, capture_diff_slices};
use unicode_segmentation::UnicodeSegmentation as _;

/// Words of one side that are compared; a longer text is shown without marks, as comparing takes the
/// square of it.
const WORDS_MAX: usize = 4_000;

/// The changed parts of both sides, as bytes on character boundaries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) original: Vec<Range<usize>>,
    pub(super) cleaned: Vec<Range<usize>>,
}

impl Difference {
    pub(super) fn of(original: &str, cleaned: &str) -> Self {
        let old: Vec<(usize, &str)> = original.split_word_bound_indices().collect();
        let new: Vec<(usize, &str)> = cleaned.split_word_bound_indices().collect();
        if original == cleaned || old.len() > WORDS_MAX || new.len() > WORDS_MAX {
            return Self::default();
        }
        let words = |side: &[(usize, &'_ str)]| -> Vec<String> {
            side.iter().map(|(_, word)| (*word).to_owned()).collect()
        };
        let mut difference = Self::default();
        for op in capture_diff_slices(Algorithm::Myers, &words(&old), &words(&new)) {
            if op.tag() != DiffTag::Equal {
                add(&mut difference.original, &old, op.old_range());
                add(&mut difference.cleaned, &new, op.new_range());
            }
        }
        difference
    }
}

fn add(ranges: &mut Vec<Range<usize>>, words: &[(usize, &str)], changed: Range<usize>) {
    if let [(start, _), ..] = &words[changed.clone()]
        && let Some((end, last)) = words[changed].last()
    {
        ranges.push(*start..end + last.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(text: &str, ranges: &[Range<usize>]) -> Vec<String> {
        ranges
            .iter()
            .map(|range| text[range.clone()].to_owned())
            .collect()
    }

    #[test]
    fn only_what_changed_is_marked_in_both_languages() {
        // What a word is, Unicode decides: a Chinese character is one.
        for (original, cleaned, old, new) in [
            ("a tea &amp; b", "a tea & b", vec!["amp;"], vec![]),
            ("嗯，我们走吧", "我们走吧", vec!["嗯，"], vec![]),
            ("e\u{301}té  👩‍👩‍👧", "e\u{301}té 👩‍👩‍👧", vec!["  "], vec![" "]),
            ("same", "same", vec![], vec![]),
            ("", "new", vec![], vec!["new"]),
        ] {
            let difference = Difference::of(original, cleaned);
            assert_eq!(marked(original, &difference.original), old, "{original:?}");
            assert_eq!(marked(cleaned, &difference.cleaned), new, "{cleaned:?}");
        }
    }
}
