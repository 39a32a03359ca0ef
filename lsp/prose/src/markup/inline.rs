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

/// Whether `before`, the line up to the caret, has opened a span with `marker`, which opens only
/// before a word and closes only after one, and has not closed it.
pub(super) fn is_in_word_span(before: &str, marker: char) -> bool {
    let mut open = false;
    let mut previous = ' ';
    let mut characters = before.chars().peekable();
    while let Some(c) = characters.next() {
        let next = characters.peek().copied();
        if c == marker {
            if open {
                open = previous.is_whitespace() || next.is_some_and(char::is_alphanumeric);
            } else {
                let after_gap = !previous.is_alphanumeric() && previous != marker;
                open = after_gap && next.is_some_and(|c| !c.is_whitespace() && c != marker);
            }
        }
        previous = c;
    }
    open
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
        assert!(is_in_word_span("call =print", '='));
        assert!(!is_in_word_span("call =print= and", '='));
        assert!(!is_in_word_span("a = b", '='));
        assert!(!is_in_word_span("x=y", '='));
    }
}
