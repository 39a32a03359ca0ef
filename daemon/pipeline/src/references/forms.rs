//! What references look like.
//!
//! Not whether the document holds one (`references.rs`). A text is read once from left to right;
//! each form looks a bounded way ahead.

use inkstone_text::first_bytes;

use super::citation::{is_author_year, is_bare_year};

/// No reference is looked for beyond so many bytes after its beginning.
const REFERENCE_BYTES_MAX: usize = 256;

/// Endings of host names that are followed by a path where they are an address.
const HOSTS: [&str; 9] = [
    ".cn", ".com", ".de", ".edu", ".gov", ".io", ".net", ".org", ".uk",
];

/// Names that a number follows.
const NUMBERED: [&str; 4] = ["arxiv", "doi", "isbn", "pmid"];

/// Digits of a mark such as `[12]`; more make a year.
const MARK_DIGITS_MAX: usize = 3;

/// Digits that make a key of a word after an at-sign: the year of a work.
const KEY_DIGITS_MIN: usize = 4;

/// A reference in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reference<'a> {
    /// The byte at which it starts.
    pub(super) start: usize,
    /// The byte after it.
    pub(super) end: usize,
    /// Where the part starts that refers: a link's text before it may be the writer's own.
    pub(super) target: usize,
    /// What the document holds if it holds this; several are divided by commas.
    key: &'a str,
    is_list: bool,
}

impl Reference<'_> {
    /// Whether all that it names is found.
    pub(super) fn is_known(&self, find: impl Fn(&str) -> bool) -> bool {
        if self.is_list {
            let mut keys = self.key.split(',').map(str::trim);
            keys.all(|key| !key.is_empty() && find(key))
        } else {
            !self.key.is_empty() && find(self.key)
        }
    }
}

/// The references of a text, from its start on. None lies within another.
pub(super) fn references(text: &str) -> impl Iterator<Item = Reference<'_>> {
    let mut at = 0;
    let mut previous = None;
    std::iter::from_fn(move || {
        while let Some(c) = text[at..].chars().next() {
            let reader = Reader {
                text,
                at,
                rest: first_bytes(&text[at..], REFERENCE_BYTES_MAX),
                previous,
            };
            let found = reader.read(c);
            let next = at + c.len_utf8();
            at = found.map_or(next, |found| found.end.max(next));
            previous = text[..at].chars().next_back();
            if found.is_some() {
                return found;
            }
        }
        None
    })
}

/// Where the end of a text starts that may become a reference with what follows; its length if
/// nothing may.
pub(super) fn pending_start(text: &str) -> usize {
    let words = text.trim_end();
    let token = token_at_end(words);
    let run = words.len() - token.len();
    // A period or colon may be one of an address.
    let word = token.trim_end_matches([',', ';', '!', '?']);
    let joins = |c: char| c.is_ascii_alphanumeric() || matches!(c, '\'' | '-');
    let is_word = !word.is_empty() && word.chars().all(joins) && !word.eq_ignore_ascii_case("et");
    let pending = if token.is_empty() || is_word {
        numbered_start(words, text.len())
    } else {
        numbered_start(words, run)
    };
    pending.min(open_bracket(text))
}

/// Where the first bracket stands that is not closed, or the length; with what it may be the second
/// part of, as in `[text](`.
fn open_bracket(text: &str) -> usize {
    const KINDS: [(&[char], &[char]); 3] = [
        (&['['], &[']']),
        (&['(', '\u{FF08}'], &[')', '\u{FF09}']),
        (&['\u{FF3B}', '【', '〔'], &['\u{FF3D}', '】', '〕']),
    ];
    let open = KINDS.into_iter().filter_map(|(openers, closers)| {
        let closed = text.rfind(closers).unwrap_or_default();
        Some(closed + text[closed..].find(openers)?)
    });
    let Some(at) = open.min() else {
        return text.len();
    };
    match text[..at].strip_suffix(']') {
        Some(before) => before.rfind('[').unwrap_or(at),
        None => at,
    }
}

/// Where a name stands that the number at the end of `text` belongs to, or may; else `or`.
fn numbered_start(text: &str, or: usize) -> usize {
    let in_number =
        |c: char| c.is_ascii_digit() || c.is_whitespace() || matches!(c, '.' | '-' | ':');
    let name = text.trim_end_matches(in_number);
    let word = token_at_end(name).trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
    let is_name = NUMBERED
        .iter()
        .any(|known| known.eq_ignore_ascii_case(word));
    if is_name {
        or.min(name.len() - word.len())
    } else {
        or
    }
}

/// One place in a text.
struct Reader<'a> {
    text: &'a str,
    at: usize,
    /// The text from there on, as far as a reference may reach.
    rest: &'a str,
    previous: Option<char>,
}

impl<'a> Reader<'a> {
    fn read(&self, c: char) -> Option<Reference<'a>> {
        // Neither is it a bracket to whoever looks for pairs, and so what it opens is not held back.
        let is_escaped = self.previous == Some('\\');
        match c {
            '[' | '!' | '\u{FF3B}' | '【' | '〔' | '(' | '\u{FF08}' if is_escaped => None,
            '[' => self.bracket(),
            '!' if self.rest.starts_with("![") => Some(self.image()),
            '\u{FF3B}' | '【' | '〔' => self.full_width_mark(c),
            '(' | '\u{FF08}' => self.parenthesis(),
            '\\' => self.command(),
            _ if c.is_ascii_alphanumeric() || c == '@' => {
                let goes_on = self.previous.is_some_and(|c| c.is_ascii_alphanumeric());
                if goes_on { None } else { self.word() }
            }
            _ => None,
        }
    }

    /// A reference of so many bytes, known by a part of it.
    fn found(&self, bytes: usize, key: &'a str) -> Reference<'a> {
        Reference {
            start: self.at,
            end: self.at + bytes,
            target: self.at,
            key,
            is_list: false,
        }
    }

    /// A link whose text ends at a byte from here.
    fn link(&self, text_end: usize, bytes: usize, key: &'a str) -> Reference<'a> {
        Reference {
            target: self.at + text_end,
            ..self.found(bytes, key)
        }
    }

    /// A link, a page of a wiki, a key in brackets, a number of a note.
    fn bracket(&self) -> Option<Reference<'a>> {
        if let Some(page) = self.rest.strip_prefix("[[") {
            let closed = page.find("]]");
            let bytes = closed.map_or(self.rest.len(), |length| length + "[[]]".len());
            let name = page[..closed.unwrap_or(0)].split(['|', '#', ']']).next();
            return Some(self.found(bytes, name.unwrap_or_default()));
        }
        let close = self.rest.find(']')?;
        let (content, mark) = (&self.rest[1..close], &self.rest[..=close]);
        let after = &self.rest[close + 1..];
        if let Some(target) = after.strip_prefix('(') {
            let length = target.find(')');
            let bytes = length.map_or(self.rest.len(), |length| close + length + "](x".len());
            return Some(self.link(close, bytes, &target[..length.unwrap_or(0)]));
        }
        if after.starts_with('[') {
            let length = after.find(']').map(|at| at + 1);
            let bytes = length.map_or(self.rest.len(), |length| mark.len() + length);
            return Some(self.link(close, bytes, &after[..length.unwrap_or(0)]));
        }
        if let Some((_, key)) = content.split_once('@')
            && key.starts_with(char::is_alphanumeric)
        {
            let end = key.find([',', ';', ' ']).unwrap_or(key.len());
            return Some(self.found(mark.len(), &key[..end]));
        }
        let is_note = content.starts_with('^') || is_mark_number(content);
        is_note.then(|| self.found(mark.len(), mark))
    }

    /// An image, also without the end of its text: nothing else begins like this.
    fn image(&self) -> Reference<'a> {
        let link = Reader {
            text: self.text,
            at: self.at + 1,
            rest: &self.rest[1..],
            previous: Some('!'),
        };
        let close = self.rest.find(']').map_or(self.rest.len(), |at| at + 1);
        let found = link.bracket().unwrap_or(self.found(close, ""));
        Reference {
            start: self.at,
            ..found
        }
    }

    fn full_width_mark(&self, open: char) -> Option<Reference<'a>> {
        let close = self.rest.find(['\u{FF3D}', '】', '〕'])?;
        let content = &self.rest[open.len_utf8()..close];
        let closer = self.rest[close..].chars().next()?;
        let mark = &self.rest[..close + closer.len_utf8()];
        is_mark_number(content).then(|| self.found(mark.len(), mark))
    }

    fn parenthesis(&self) -> Option<Reference<'a>> {
        let open = self.rest.chars().next()?;
        let close = self.rest.find([')', '\u{FF09}'])?;
        let content = &self.rest[open.len_utf8()..close];
        let closer = self.rest[close..].chars().next()?;
        let whole = &self.rest[..close + closer.len_utf8()];
        let names_before = self.text[..self.at].trim_end().ends_with('等');
        let is_citation = is_author_year(content) || (names_before && is_bare_year(content));
        is_citation.then(|| self.found(whole.len(), whole))
    }

    /// `\cite{…}`, `\ref{…}`, `\url{…}` and their kin.
    fn command(&self) -> Option<Reference<'a>> {
        let after = &self.rest[1..];
        let length = after.find(|c: char| !c.is_ascii_alphabetic());
        let name = after[..length.unwrap_or(after.len())].to_ascii_lowercase();
        if !(name.contains("cite") || name.ends_with("ref") || name == "url") {
            return None;
        }
        let argument = self.rest.find('{').and_then(|open| {
            let close = open + self.rest[open..].find('}')?;
            Some((open + 1, close))
        });
        let Some((start, end)) = argument else {
            return Some(self.found(self.rest.len(), ""));
        };
        Some(Reference {
            is_list: name != "url" && name != "href",
            ..self.found(end + 1, &self.rest[start..end])
        })
    }

    /// What begins with a letter, a digit or an at-sign.
    fn word(&self) -> Option<Reference<'a>> {
        let token = token_at_start(self.rest);
        let bare = token.trim_end_matches(['.', ',', ';', ':', '!', '?', '*', '_', '\'', '\\']);
        if is_address(bare) {
            return Some(self.found(bare.len(), bare));
        }
        if bare.starts_with('@') {
            let digits = bare.bytes().filter(u8::is_ascii_digit).count();
            return (digits >= KEY_DIGITS_MIN).then(|| self.found(bare.len(), bare));
        }
        self.et_al(bare).or_else(|| self.numbered())
    }

    /// `et al.`, known with the name before it.
    fn et_al(&self, word: &str) -> Option<Reference<'a>> {
        let rest = self.rest.strip_prefix("et").filter(|_| word == "et")?;
        let al = rest.trim_start().strip_prefix("al")?;
        if al.starts_with(char::is_alphanumeric) {
            return None;
        }
        let bytes = self.rest.len() - al.len();
        let before = self.text[..self.at].trim_end();
        let name = before.len() - token_at_end(before).len();
        Some(self.found(bytes, &self.text[name..self.at + bytes]))
    }

    /// A name and its number: `ISBN 978-…`, `arXiv:2301.12345`.
    fn numbered(&self) -> Option<Reference<'a>> {
        let name = NUMBERED.iter().find(|name| {
            let start = self.rest.get(..name.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(name))
        })?;
        let after = &self.rest[name.len()..];
        let number = after.trim_start_matches([':', ' ', '-']);
        let gap = after.len() - number.len();
        if gap == 0 || !number.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let in_number = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '/' | ' ');
        let length = number.find(|c| !in_number(c)).unwrap_or(number.len());
        let last_digit = number[..length].rfind(|c: char| c.is_ascii_digit())?;
        let digits = last_digit + 1;
        Some(self.found(name.len() + gap + digits, &number[..digits]))
    }
}

/// The text up to a space, a bracket, a quote or a character outside of ASCII.
fn token_at_start(text: &str) -> &str {
    let divides = |c: char| !c.is_ascii_graphic() || "<>\"`()[]{}".contains(c);
    &text[..text.find(divides).unwrap_or(text.len())]
}

/// The text after the last space or character outside of ASCII.
fn token_at_end(text: &str) -> &str {
    let before = text.trim_end_matches(|c: char| c.is_ascii_graphic());
    &text[before.len()..]
}

/// Digits with commas and dashes, as between the brackets of `[1, 3–5]`.
fn is_mark_number(content: &str) -> bool {
    let is_number = |part: &str| {
        part.len() <= MARK_DIGITS_MAX && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    let divides = [',', '\u{FF0C}', '、', '-', '–', ' '];
    content.split(divides).all(is_number) && content.contains(|c: char| c.is_ascii_digit())
}

/// An address of the web or of mail, or a DOI.
fn is_address(token: &str) -> bool {
    if let Some((scheme, _)) = token.split_once("://") {
        return scheme.len() >= 2 && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric());
    }
    if let Some((mailbox, host)) = token.split_once('@') {
        return !mailbox.is_empty() && host.contains('.') && !host.starts_with('.');
    }
    let lower = token.to_ascii_lowercase();
    if lower.starts_with("www.") {
        return lower.len() > "www.".len();
    }
    let Some((host, path)) = lower.split_once('/') else {
        return false;
    };
    let is_host = |ending: &str| host.len() > ending.len() && host.ends_with(ending);
    let is_doi = host.strip_prefix("10.").is_some_and(|registrant| {
        (4..=9).contains(&registrant.len()) && registrant.bytes().all(|byte| byte.is_ascii_digit())
    });
    !path.is_empty() && (is_doi || HOSTS.iter().any(|ending| is_host(ending)))
}
