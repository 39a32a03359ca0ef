//! What no rule may touch: placeholders of the privacy step, code between backticks, addresses.

use std::borrow::Cow;
use std::ops::Range;

use super::classes::Classes;

/// The protected places of one text, in order.
#[derive(Debug, Default)]
pub(crate) struct Protected {
    ranges: Vec<(Range<usize>, Kind)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// `[EMAIL]`, `[ID_CARD]`: words in capitals between brackets.
    Placeholder,
    /// Between backticks.
    Code,
    /// `https://…`, `www.…`.
    Address,
}

/// Longer than any placeholder's name.
const PLACEHOLDER_BYTES_MAX: usize = 40;

impl Protected {
    pub(crate) fn of(text: &str, classes: Classes) -> Self {
        let mut protected = Self::default();
        let any = Classes::BRACKET
            .and(Classes::BACKTICK)
            .and(Classes::ADDRESS);
        if !classes.meet(any) {
            return protected;
        }
        let mut at = 0;
        while let Some(offset) = text[at..].find(['[', '`', 'h', 'w', 'H']) {
            let start = at + offset;
            if let Some((len, kind)) = protected_at(text, start) {
                protected.ranges.push((start..start + len, kind));
                at = start + len;
            } else {
                // A run of backticks that nothing closes is passed whole: it is one fence (CommonMark,
                // 6.1), and asking at each of them would take the square of their number.
                let run = text[start..]
                    .bytes()
                    .take_while(|byte| *byte == b'`')
                    .count();
                at = start + run.max(1);
            }
        }
        protected
    }

    /// The text with a space for each stretch of code and each address.
    pub(crate) fn without_code<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let code = self
            .ranges
            .iter()
            .filter(|(_, kind)| *kind != Kind::Placeholder);
        let mut prose: Option<String> = None;
        let mut end = 0;
        for (range, _) in code {
            let prose = prose.get_or_insert_with(String::new);
            prose.push_str(&text[end..range.start]);
            prose.push(' ');
            end = range.end;
        }
        match prose {
            Some(mut prose) => {
                prose.push_str(&text[end..]);
                Cow::Owned(prose)
            }
            None => Cow::Borrowed(text),
        }
    }

    /// Whether a change of `range` would change what is protected.
    pub(crate) fn touches(&self, range: &Range<usize>, may_touch_addresses: bool) -> bool {
        // The last that begins before the range ends is the only one that may reach into it.
        let after = self
            .ranges
            .partition_point(|(place, _)| place.start < range.end.max(range.start + 1));
        self.ranges[..after]
            .iter()
            .rev()
            .take_while(|(place, _)| place.end > range.start)
            .any(|(_, kind)| !(may_touch_addresses && *kind == Kind::Address))
    }
}

fn protected_at(text: &str, start: usize) -> Option<(usize, Kind)> {
    let rest = &text[start..];
    match rest.as_bytes()[0] {
        b'[' => placeholder(rest).map(|len| (len, Kind::Placeholder)),
        b'`' => code(rest).map(|len| (len, Kind::Code)),
        _ => address(rest).map(|len| (len, Kind::Address)),
    }
}

fn placeholder(rest: &str) -> Option<usize> {
    let window = &rest.as_bytes()[..rest.len().min(PLACEHOLDER_BYTES_MAX)];
    let end = window.iter().position(|byte| *byte == b']')?;
    let name = &window[1..end];
    let is_name = name.len() > 1
        && name[0].is_ascii_uppercase()
        && name.iter().all(|byte| {
            byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-' | b' ')
        });
    is_name.then_some(end + 1)
}

/// A run of backticks, what it encloses, and a run of the same length (CommonMark, 6.1).
fn code(rest: &str) -> Option<usize> {
    let fence = rest.bytes().take_while(|byte| *byte == b'`').count();
    let mut at = fence;
    while let Some(offset) = rest[at..].find('`') {
        let start = at + offset;
        let len = rest[start..]
            .bytes()
            .take_while(|byte| *byte == b'`')
            .count();
        if len == fence {
            return Some(start + len);
        }
        at = start + len;
    }
    None
}

fn address(rest: &str) -> Option<usize> {
    let bytes = rest.as_bytes();
    let scheme = ["https://", "http://", "www."]
        .iter()
        .find(|scheme| {
            bytes
                .get(..scheme.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(scheme.as_bytes()))
        })?
        .len();
    let is_part =
        |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(byte);
    let len = bytes.iter().take_while(|byte| is_part(byte)).count();
    let end = rest[..len]
        .trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', ')', ']'])
        .len();
    (end > scheme).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(text: &str) -> Vec<&str> {
        let protected = Protected::of(text, Classes::of(text));
        let ranges = protected.ranges.iter();
        ranges.map(|(range, _)| &text[range.clone()]).collect()
    }

    #[test]
    fn placeholders_code_and_addresses_are_found_and_text_around_them_is_not() {
        assert_eq!(
            places("写信给[EMAIL]，或打 [PHONE_2]。See `a  b` at https://a.b/c?d=1."),
            ["[EMAIL]", "[PHONE_2]", "`a  b`", "https://a.b/c?d=1"]
        );
        assert_eq!(places("[see] [1] how ` what [A]"), Vec::<&str>::new());
        // Fences are whole runs: the last two of three close nothing.
        assert_eq!(places("``` a `` b"), Vec::<&str>::new());
        assert_eq!(places("``` a `` b ``"), ["`` b ``"]);
    }

    #[test]
    fn a_change_beside_a_protected_place_is_allowed_and_one_inside_is_not() {
        let text = "a [EMAIL] b";
        let protected = Protected::of(text, Classes::of(text));
        assert!(!protected.touches(&(0..2), false));
        assert!(!protected.touches(&(9..10), false));
        assert!(protected.touches(&(1..3), false));
        assert!(protected.touches(&(4..4), false));
        assert!(protected.touches(&(0..11), true));
    }
}
