//! The spaces between the text around a caret and a suggestion.
//!
//! Not which words the suggestion has. Called by `trim.rs`, first for the start of a suggestion,
//! and, once overlaps are cut, for its end.

use inkstone_prose::characters::{is_spaced, is_trailing_punctuation, is_unspaced};
use inkstone_text::last_line;

use crate::trim::Surroundings;
use crate::verdict::DropReason;

/// The suggestion without spaces at its start that are there already or do not belong there.
///
/// The model saw the text without the spaces before the caret. If it goes on with the same word
/// all the same, the writer has already said otherwise, and nothing it says fits.
pub fn fit_start<'a>(
    suggestion: &'a str,
    around: &Surroundings<'_>,
) -> Result<&'a str, DropReason> {
    let before = around.prefix.chars().next_back();
    let unindented = suggestion.trim_start_matches([' ', '\t']);
    if last_line(around.prefix).trim().is_empty() {
        return Ok(suggestion.trim_start());
    }
    let starts_with_space = unindented.len() < suggestion.len();
    if !around.held_back.is_empty() {
        let seen = &around.prefix[..around.prefix.len() - around.held_back.len()];
        let joins = seen.ends_with(is_spaced) && unindented.starts_with(is_spaced);
        if joins && !starts_with_space {
            return Err(DropReason::BreaksWord);
        }
        return Ok(unindented);
    }
    if before.is_some_and(char::is_whitespace) {
        return Ok(unindented);
    }
    let first = unindented.chars().next();
    let no_space_wanted = before.is_some_and(is_unspaced) && first.is_some_and(is_unspaced);
    let has_spaces = suggestion.len() - unindented.len();
    Ok(match first {
        Some(_) if no_space_wanted => unindented,
        // Several spaces are one.
        Some(_) if has_spaces > 1 => &suggestion[has_spaces - 1..],
        _ => suggestion,
    })
}

/// The suggestion with the space at its end that the following text needs, if any.
pub fn fit_end(suggestion: &str, around: &Surroundings<'_>) -> String {
    let trimmed = suggestion.trim_end();
    let mut fitted = trimmed.to_owned();
    let between_words = around.prefix.ends_with(char::is_whitespace)
        || suggestion.starts_with(char::is_whitespace)
        || around.prefix.is_empty();
    let last = trimmed.chars().next_back();
    let next = around.suffix.chars().next();
    let ends_word =
        last.is_some_and(|c| is_spaced(c) || (is_trailing_punctuation(c) && !is_unspaced(c)));
    if between_words && ends_word && next.is_some_and(is_spaced) {
        fitted.push(' ');
    }
    fitted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::Place;

    /// `‸` marks the caret; what `fit_start` then `fit_end` make of the suggestion.
    fn check(fixture: &str, suggestion: &str, expected: Result<&str, DropReason>) {
        let (prefix, suffix) = fixture.split_once('‸').expect("fixture has a ‸");
        let held_back = &prefix[prefix.trim_end_matches([' ', '\t']).len()..];
        let around = Surroundings {
            prefix,
            suffix,
            held_back,
            place: Some(Place::Prose),
        };
        let fitted = fit_start(suggestion, &around).map(|text| fit_end(text, &around));
        assert_eq!(
            fitted.as_deref(),
            expected.as_ref().copied(),
            "{fixture} + {suggestion:?}"
        );
    }

    #[test]
    fn a_space_before_the_caret_is_not_doubled() {
        check("The harbour ‸", " was quiet", Ok("was quiet"));
        check("The harbour ‸", " was quiet ", Ok("was quiet"));
        check("- ‸", " an item", Ok("an item"));
    }

    #[test]
    fn a_space_that_the_model_brings_stays_after_a_word() {
        check("The harbour‸", " was quiet", Ok(" was quiet"));
        check("The harbour‸", "   was quiet", Ok(" was quiet"));
        check("The harb‸", "our was quiet", Ok("our was quiet"));
    }

    #[test]
    fn a_word_that_goes_on_after_the_writers_space_does_not_fit() {
        check("The harb ‸", "our was quiet", Err(DropReason::BreaksWord));
        check("他说 ‸", "今天很好", Ok("今天很好"));
        check("1. ‸", "Open it", Ok("Open it"));
    }

    #[test]
    fn nothing_is_indented_at_the_start_of_a_line() {
        check("Quiet.\n‸", " It was", Ok("It was"));
        check("Quiet.\r\n\r\n‸", "\n\nIt was", Ok("It was"));
        check("‸", " It was", Ok("It was"));
        check("  ‸", " It was", Ok("It was"));
    }

    #[test]
    fn chinese_has_no_space_within() {
        check("今天‸", " 天气很好", Ok("天气很好"));
        check("今天‸,他", " 天气很好 ", Ok("天气很好"));
        check("我们用‸", " Rust", Ok(" Rust"));
    }

    #[test]
    fn a_space_after_the_caret_is_not_doubled_and_a_missing_one_is_added() {
        check("The ‸ quiet", " harbour was ", Ok("harbour was"));
        check("The ‸quiet", " harbour was", Ok("harbour was "));
        check("The harb‸quiet", "our was", Ok("our was"));
        check("今天‸很好", "天气", Ok("天气"));
    }
}
