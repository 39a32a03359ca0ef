//! Typst's code as far as it must be known to pass over it: where a call ends, and what its
//! content brackets hold.

use crate::read::searches::Searches;

/// `#name(arguments)[content]…`, or a statement.
pub(super) struct Call<'a> {
    /// Empty for a block of code and for a lone `#`.
    pub(super) name: &'a str,
    /// The bytes within the brackets.
    pub(super) arguments: Option<(usize, usize)>,
    /// The bytes within each content bracket.
    pub(super) contents: Vec<(usize, usize)>,
    /// The byte after all of it.
    pub(super) end: usize,
}

/// Words that start a statement, which goes on to the end of its line and of the brackets in it.
const STATEMENTS: &[&str] = &[
    "let", "set", "show", "import", "include", "if", "for", "while", "return", "context",
];

/// The call or the statement that starts with the `#` at `start`.
pub(super) fn call<'a>(
    text: &'a str,
    start: usize,
    end: usize,
    searches: &mut Searches,
) -> Call<'a> {
    let mut at = start + 1;
    let bytes = text.as_bytes();
    let is_name =
        |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_' || byte >= 0x80;
    while at < end
        && (is_name(bytes[at])
            || bytes[at] == b'.' && bytes.get(at + 1).is_some_and(u8::is_ascii_alphabetic))
    {
        at += 1;
    }
    while at > start + 1 && matches!(bytes[at - 1], b'-' | b'.') {
        at -= 1;
    }
    // Names may hold letters of any script, but a call in Chinese text ends where its ASCII does.
    let whole = &text[start + 1..at];
    let ascii = whole
        .find(|character: char| !character.is_ascii())
        .unwrap_or(whole.len());
    let name = if whole.is_ascii() {
        whole
    } else {
        &whole[..ascii]
    };
    at = start + 1 + name.len();
    let mut call = Call {
        name,
        arguments: None,
        contents: Vec::new(),
        end: at,
    };
    // `#[…]` is content that is a scope of its own.
    let is_scope = name.is_empty() && bytes.get(at) == Some(&b'[');
    if STATEMENTS.contains(&name) || name.is_empty() && !is_scope {
        call.end = statement_end(text, at, end, searches);
        return call;
    }
    while at < end && matches!(bytes[at], b'(' | b'[') {
        let Some(close) = closing(text, at, end, searches) else {
            break;
        };
        if bytes[at] == b'(' {
            call.arguments = call.arguments.or(Some((at + 1, close)));
        } else {
            call.contents.push((at + 1, close));
        }
        at = close + 1;
    }
    call.end = at;
    call
}

/// Where a statement ends: at the end of a line on which no bracket is open.
fn statement_end(text: &str, start: usize, end: usize, searches: &mut Searches) -> usize {
    let bytes = text.as_bytes();
    let mut at = start;
    while at < end {
        match bytes[at] {
            b'\n' => return at,
            b'(' | b'[' | b'{' => match closing(text, at, end, searches) {
                Some(close) => at = close,
                None => return line_end(text, at, end),
            },
            b'"' => match string_end(text, at, end) {
                Some(close) => at = close,
                None => return line_end(text, at, end),
            },
            b'/' if text[at..end].starts_with("//") => return line_end(text, at, end),
            // `#(…)` and `#{…}` end with their bracket.
            _ if at == start && at > 0 && bytes[at - 1] == b'#' => return at,
            _ => {}
        }
        at += 1;
        if start > 0 && bytes[start - 1] == b'#' {
            return at;
        }
    }
    end
}

fn line_end(text: &str, at: usize, end: usize) -> usize {
    text[at..end].find('\n').map_or(end, |length| at + length)
}

/// Where the bracket at `open` is closed, brackets of all kinds and strings within it counted.
fn closing(text: &str, open: usize, end: usize, searches: &mut Searches) -> Option<usize> {
    /// Brackets within brackets; deeper ones were not written by a person.
    const DEPTH_MAX: usize = 256;
    let bytes = text.as_bytes();
    let mut stack: Vec<u8> = Vec::new();
    let end = end.min(open.saturating_add(searches.bytes_left()));
    let mut at = open;
    let mut found = None;
    while at < end {
        let in_content = stack.last() == Some(&b']');
        match bytes[at] {
            b'\\' => at += 1,
            b'(' | b')' if in_content => {}
            b'(' => stack.push(b')'),
            b'[' => stack.push(b']'),
            b'{' if !in_content => stack.push(b'}'),
            b'"' if !in_content => at = string_end(text, at, end).unwrap_or(at),
            byte if stack.last() == Some(&byte) => {
                stack.pop();
            }
            _ => {}
        }
        if stack.is_empty() || stack.len() > DEPTH_MAX {
            found = stack.is_empty().then_some(at);
            break;
        }
        at += 1;
    }
    searches.spend(at.saturating_sub(open));
    found
}

/// Where the string at `open` is closed; a string ends in the text that it stands in.
fn string_end(text: &str, open: usize, end: usize) -> Option<usize> {
    const STRING_BYTES_MAX: usize = 4096;
    let bytes = &text.as_bytes()[..end.min(open + STRING_BYTES_MAX)];
    let mut at = open + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b'"' => return Some(at),
            _ => {}
        }
        at += 1;
    }
    None
}

/// The byte of the value after `name:` among arguments.
pub(super) fn named(arguments: &str, name: &str) -> Option<usize> {
    arguments.match_indices(name).find_map(|(at, _)| {
        let before = arguments[..at].chars().next_back();
        let rest = arguments[at + name.len()..].trim_start();
        let value = rest.strip_prefix(':')?.trim_start();
        let is_word =
            before.is_none_or(|character| !character.is_alphanumeric() && character != '-');
        is_word.then_some(arguments.len() - value.len())
    })
}

/// The string after `name:` among arguments.
pub(super) fn named_string<'a>(arguments: &'a str, name: &str) -> Option<&'a str> {
    let at = named(arguments, name)?;
    let value = &arguments[at..];
    match value.strip_prefix('[') {
        Some(content) => content.split(']').next(),
        None => string_at(value),
    }
}

/// The string that a text starts with.
pub(super) fn string_at(text: &str) -> Option<&str> {
    let text = text.trim_start();
    if !text.starts_with('"') {
        return None;
    }
    let end = string_end(text, 0, text.len())?;
    text.get(1..end)
}
