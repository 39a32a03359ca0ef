//! Takes the markup out of a line of text, for the formats whose emphasis is a sign before and
//! after words: AsciiDoc, Org, reStructuredText.
//!
//! A sign is markup only where a word starts or ends, as these formats have it; in `2*3*4` and
//! `snake_case_name` it is text. What else stands in lines, links and roles, each format tells here
//! by a function of its own.

use inkstone_prose::characters::is_spaced;

use super::searches::Searches;

/// A sign that stands before and after the words it marks.
pub(super) struct Mark {
    pub(super) sign: &'static str,
    /// What is marked is code: shown between backticks, with no markup in it.
    pub(super) is_code: bool,
    /// It marks parts of words, too.
    pub(super) in_words: bool,
}

impl Mark {
    pub(super) const fn text(sign: &'static str) -> Self {
        Self {
            sign,
            is_code: false,
            in_words: false,
        }
    }

    pub(super) const fn code(sign: &'static str) -> Self {
        Self {
            sign,
            is_code: true,
            in_words: false,
        }
    }

    pub(super) const fn inside_words(mut self) -> Self {
        self.in_words = true;
        self
    }
}

/// What a link, a role or a macro at the start of some text comes to.
pub(super) enum Special<'t> {
    /// So many bytes show this text, in which there is markup again.
    Text(usize, &'t str),
    /// As [`Self::Text`], and it is a link.
    Link(usize, &'t str),
    /// So many bytes show this text as it is.
    Verbatim(usize, String),
    /// So many bytes show nothing, and neither does the blank before them.
    Nothing(usize),
    /// So many bytes are a note with this text, which is shown elsewhere.
    Note(usize, &'t str),
    /// So many bytes are a picture with this description.
    Picture(usize, &'t str),
}

/// A format's markup in lines.
pub(super) struct Markup {
    /// Longer signs first.
    pub(super) marks: &'static [Mark],
    /// Bytes at which `special` is asked.
    pub(super) specials: &'static [u8],
    /// What starts here: the character before it, the text from here on.
    pub(super) special: for<'t> fn(Option<char>, &'t str) -> Option<Special<'t>>,
    /// Takes the meaning of the sign after it away.
    pub(super) escape: Option<u8>,
}

/// A text without its markup.
#[derive(Default)]
pub(super) struct Shown {
    pub(super) text: String,
    pub(super) link_bytes: usize,
    pub(super) notes: Vec<String>,
    pub(super) pictures: Vec<String>,
}

/// Links within links.
const DEPTH_MAX: usize = 4;

/// A link or a macro is no longer: a text that opens many and closes none is looked at this far.
pub(super) const SPECIAL_BYTES_MAX: usize = 2048;

/// `text` without its markup.
pub(super) fn shown(text: &str, markup: &Markup, searches: &mut Searches) -> Shown {
    let mut shown = Shown::default();
    strip(text, markup, searches, &mut shown, 0);
    shown
}

fn strip(text: &str, markup: &Markup, searches: &mut Searches, shown: &mut Shown, depth: usize) {
    // Where the marks that were opened are closed, the innermost last.
    let mut closings: Vec<(usize, usize)> = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let byte = rest.as_bytes()[0];
        if let Some(index) = closings.iter().rposition(|&(close, _)| close == at) {
            at += closings[index].1;
            closings.truncate(index);
            continue;
        }
        if Some(byte) == markup.escape
            && let Some(next) = rest[1..]
                .chars()
                .next()
                .filter(|next| !next.is_alphanumeric())
        {
            if !next.is_whitespace() {
                shown.text.push(next);
            }
            at += 1 + next.len_utf8();
            continue;
        }
        if markup.specials.contains(&byte) {
            let special = (markup.special)(text[..at].chars().next_back(), window(rest));
            searches.spend(1);
            if let Some(special) = special {
                at += take(special, markup, searches, shown, depth);
                continue;
            }
        }
        if let Some((mark, close)) = opened(text, at, markup, searches) {
            let length = mark.sign.len();
            if mark.is_code {
                shown.text.push('`');
                shown.text.push_str(&text[at + length..close]);
                shown.text.push('`');
                at = close + length;
            } else {
                closings.push((close, length));
                at += length;
            }
            continue;
        }
        let plain = plain_length(rest, markup);
        shown.text.push_str(&rest[..plain]);
        at += plain;
        // A mark within a mark may have swallowed the sign that closes the outer one.
        closings.retain(|&(close, _)| close >= at);
    }
}

/// As much of a text as a link may take.
fn window(text: &str) -> &str {
    let mut end = text.len().min(SPECIAL_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

fn take(
    special: Special<'_>,
    markup: &Markup,
    searches: &mut Searches,
    shown: &mut Shown,
    depth: usize,
) -> usize {
    match special {
        Special::Text(length, inner) | Special::Link(length, inner) if depth >= DEPTH_MAX => {
            shown.text.push_str(inner);
            length
        }
        Special::Text(length, inner) => {
            strip(inner, markup, searches, shown, depth + 1);
            length
        }
        Special::Link(length, inner) => {
            let before = shown.text.len();
            strip(inner, markup, searches, shown, depth + 1);
            shown.link_bytes += shown.text.len().saturating_sub(before);
            length
        }
        Special::Verbatim(length, text) => {
            shown.text.push_str(&text);
            length
        }
        Special::Nothing(length) => {
            shown
                .text
                .truncate(shown.text.trim_end_matches([' ', '\t']).len());
            length
        }
        Special::Note(length, inner) => {
            let mut note = Shown::default();
            if depth < DEPTH_MAX {
                strip(inner, markup, searches, &mut note, depth + 1);
            }
            shown.notes.push(note.text);
            shown
                .text
                .truncate(shown.text.trim_end_matches([' ', '\t']).len());
            length
        }
        Special::Picture(length, alt) => {
            shown.pictures.push(alt.to_owned());
            length
        }
    }
}

/// The mark that opens here, and where it is closed.
fn opened<'m>(
    text: &str,
    at: usize,
    markup: &'m Markup,
    searches: &mut Searches,
) -> Option<(&'m Mark, usize)> {
    let mark = markup
        .marks
        .iter()
        .find(|mark| text[at..].starts_with(mark.sign))?;
    let start = at + mark.sign.len();
    let before = text[..at].chars().next_back();
    let after = text[start..].chars().next()?;
    if after.is_whitespace()
        || !mark.in_words && before.is_some_and(is_word)
        || text[start..].starts_with(mark.sign)
    {
        return None;
    }
    let mut from = start + after.len_utf8();
    loop {
        let close = searches.find(text, mark.sign, from)?;
        let inner_end = text[..close].chars().next_back();
        let follows = text[close + mark.sign.len()..].chars().next();
        // A single sign is not closed by a doubled one.
        let is_doubled =
            mark.sign.len() == 1 && follows.is_some_and(|next| mark.sign.starts_with(next));
        let ends_word = mark.in_words || !follows.is_some_and(is_word);
        if inner_end.is_some_and(|last| !last.is_whitespace()) && ends_word && !is_doubled {
            return Some((mark, close));
        }
        from = close + mark.sign.len();
    }
}

/// Letters that make a sign inside a word text; ideographs stand without blanks and make none.
fn is_word(character: char) -> bool {
    is_spaced(character)
}

/// How much text there is up to the next sign; one character at least.
fn plain_length(rest: &str, markup: &Markup) -> usize {
    let first = rest.chars().next().map_or(1, char::len_utf8);
    let is_sign = |byte: u8| {
        Some(byte) == markup.escape
            || markup.specials.contains(&byte)
            || markup
                .marks
                .iter()
                .any(|mark| mark.sign.as_bytes()[0] == byte)
    };
    rest.bytes()
        .skip(first)
        .position(is_sign)
        .map_or(rest.len(), |length| first + length)
}
