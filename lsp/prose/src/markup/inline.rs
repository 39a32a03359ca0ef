//! Constructs within a line that several kinds of markup share: addresses and code spans.
//!
//! Not blocks. Called by the readers beside it.

/// The longest address looked for: longer ones are data.
const URL_BYTES_MAX: usize = 2048;

/// Whether the text before the caret ends inside an address that was not closed by a space.
///
/// An address ends at any character outside of ASCII, since Chinese text follows one without a
/// space; addresses with such characters in them are rare and usually percent-encoded.
pub(super) fn is_in_url(before: &str) -> bool {
    let mut start = before.len();
    for (at, c) in before.char_indices().rev() {
        let part_of_url = c.is_ascii_graphic() && !matches!(c, '<' | '>' | '"' | '`' | '[' | ']');
        if !part_of_url || before.len() - at > URL_BYTES_MAX {
            break;
        }
        start = at;
    }
    let word = &before[start..];
    if let Some(at) = word.find("://") {
        let scheme = word[..at].bytes().rev();
        return scheme.take_while(u8::is_ascii_alphanumeric).count() >= 2;
    }
    let word = word.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
    word.starts_with("www.") || word.starts_with("mailto:")
}

/// Whether `before`, the line up to the caret, has opened a code span with `marker` that it has
/// not closed. Spans may be delimited by any number of markers, as many at both ends.
pub(super) fn is_in_code_span(before: &str, marker: u8) -> bool {
    let bytes = before.as_bytes();
    let mut open_run = None;
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'\\' && open_run.is_none() {
            at += 2;
            continue;
        }
        let run = bytes[at..]
            .iter()
            .take_while(|&&byte| byte == marker)
            .count();
        if run > 0 {
            open_run = match open_run {
                None => Some(run),
                Some(open) if open == run => None,
                longer_or_shorter => longer_or_shorter,
            };
        }
        at += run.max(1);
    }
    open_run.is_some()
}

/// The span with `marker` in `line` that is open at `caret`, as the byte of the marker that opens it.
/// It opens only before a word and closes only after one. Before a digit or a slash it opens
/// nothing unless the next marker closes it: `$5`, `~20` and `~/notes` are text.
pub(super) fn open_word_span(line: &str, caret: usize, marker: char) -> Option<usize> {
    let mut open = None;
    let mut previous = ' ';
    for (at, c) in line[..caret].char_indices() {
        if c == marker {
            let next = line[at + c.len_utf8()..].chars().next();
            if open.is_some() {
                let goes_on = previous.is_whitespace() || next.is_some_and(char::is_alphanumeric);
                open = open.filter(|_| goes_on);
            } else if !previous.is_alphanumeric() && previous != marker {
                open = match next {
                    Some(next) if next.is_whitespace() || next == marker => None,
                    Some('0'..='9' | '/') if !closes_word_span(line, at, marker) => None,
                    Some(_) if at + c.len_utf8() < caret => Some(at),
                    _ => None,
                };
            }
        }
        previous = c;
    }
    open
}

/// Whether the next marker after the one at `open` closes the span that it may open.
pub(super) fn closes_word_span(line: &str, open: usize, marker: char) -> bool {
    let inside = &line[open + marker.len_utf8()..];
    inside.find(marker).is_some_and(|at| {
        let after = inside[at + marker.len_utf8()..].chars().next();
        !inside[..at].ends_with(char::is_whitespace) && !after.is_some_and(char::is_alphanumeric)
    })
}

/// Whether `typed`, which follows a `$` that nothing has closed yet, becomes a formula: an amount
/// does not, nor does a variable with text after it (`$HOME/bin and`).
pub(super) fn may_become_formula(typed: &str) -> bool {
    typed.starts_with(|c: char| !c.is_whitespace() && !c.is_ascii_digit())
        && typed.contains(['\\', '^', '_', '{', '=', '+'])
        && !is_variable_in_text(typed)
}

fn is_variable_in_text(typed: &str) -> bool {
    let Some(space) = typed.find(char::is_whitespace) else {
        return false;
    };
    let after = typed[space..].trim_start();
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let name = &typed[..typed.find(|c| !part(c)).unwrap_or(typed.len())];
    // `x_1` is a variable of mathematics.
    let letters = name.bytes().take_while(u8::is_ascii_alphabetic).count();
    if letters < 2 {
        return false;
    }
    if !name.contains(|c: char| c.is_ascii_lowercase()) {
        return after.is_empty() || after.starts_with(char::is_alphabetic);
    }
    let mut word = after.chars();
    let starts_word = word.next().is_some_and(char::is_alphabetic);
    starts_word && (!after.is_ascii() || word.next().is_some_and(char::is_alphabetic))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_lasts_until_a_space_or_a_han_character() {
        assert!(is_in_url("see https://example.org/a?b=c"));
        assert!(!is_in_url("请看https://example.org/路/a"));
        assert!(is_in_url("请看https://example.org/a"));
        assert!(is_in_url("(www.example.org"));
        assert!(is_in_url("mailto:ann@example.org"));
        assert!(!is_in_url("https://example.org and"));
        assert!(!is_in_url("either/or"));
        assert!(!is_in_url("看https://example.org,然后"));
    }

    #[test]
    fn a_code_span_is_open_until_as_many_markers_close_it() {
        assert!(is_in_code_span("call `print", b'`'));
        assert!(!is_in_code_span("call `print` and", b'`'));
        assert!(is_in_code_span("call ``a`b", b'`'));
        assert!(!is_in_code_span(r"a \` tick", b'`'));
    }

    #[test]
    fn a_word_span_needs_words_at_its_inner_sides() {
        let open = |line: &str| open_word_span(line, line.len(), '=');
        assert_eq!(open("call =print"), Some(5));
        assert_eq!(open("call =print= and"), None);
        assert_eq!(open("a = b"), None);
        assert_eq!(open("x=y"), None);
    }

    #[test]
    fn a_word_span_before_a_digit_needs_its_end() {
        let open = |line: &str| open_word_span(line, line.find('‸').expect("has a caret"), '~');
        assert_eq!(open("about ~20 people‸"), None);
        assert_eq!(open("about ~20‸1~"), Some(6));
        assert_eq!(open("about ~20 and ~30 people‸"), None);
        assert_eq!(open("about ~20 and ~code‸"), Some(14));
        assert_eq!(open("大约 ~20 人，在 ~/home 里‸"), None);
    }

    #[test]
    fn a_formula_is_told_from_an_amount_and_a_variable() {
        for typed in ["x_1 +", "\\alpha", "dx = ", "AB = C", "ab^2 + c"] {
            assert!(may_become_formula(typed), "{typed}");
        }
        for typed in [
            "5_000",
            "HOME/a_b and",
            "AB_C 是",
            "user_name holds",
            "x and",
        ] {
            assert!(!may_become_formula(typed), "{typed}");
        }
    }
}
