//! AsciiDoc's markup in lines: emphasis, links, macros.

use crate::read::emphasis::{Mark, Markup, Special};

pub(super) const MARKUP: Markup = Markup {
    marks: &[
        Mark::text("**").inside_words(),
        Mark::text("__").inside_words(),
        Mark::code("``").inside_words(),
        Mark::text("##").inside_words(),
        Mark::text("*"),
        Mark::text("_"),
        Mark::code("`"),
        Mark::text("#"),
        Mark::text("^").inside_words(),
        Mark::text("~").inside_words(),
        Mark::text("+"),
    ],
    specials: b"<[({hlxfikbmsp\"'",
    special,
    escape: Some(b'\\'),
};

/// Macros with a target before the brackets, or none.
const MACROS: &[&str] = &[
    "link:",
    "xref:",
    "footnote:",
    "image:",
    "icon:",
    "kbd:",
    "btn:",
    "menu:",
    "stem:",
    "pass:",
    "mailto:",
    "latexmath:",
];

fn special(before: Option<char>, text: &str) -> Option<Special<'_>> {
    if let Some(rest) = text.strip_prefix("<<") {
        let close = rest.find(">>")?;
        let reference = &rest[..close];
        return Some(match reference.split_once(',') {
            Some((_, shown)) => Special::Link(close + 4, shown.trim()),
            None => Special::Nothing(close + 4),
        });
    }
    if let Some(rest) = text.strip_prefix("[[") {
        let close = rest.find("]]")?;
        let length = close + 4 + usize::from(rest[close + 2..].starts_with(']'));
        return Some(Special::Nothing(length));
    }
    // A role before a marked word.
    if text.starts_with("[.") || text.starts_with("[#") {
        let close = text.find(']')?;
        return text[close + 1..]
            .starts_with(['#', '*', '_', '`'])
            .then(|| Special::Verbatim(close + 1, String::new()));
    }
    if let Some(rest) = text.strip_prefix("(((") {
        return Some(Special::Nothing(rest.find(")))")? + 6));
    }
    if let Some(rest) = text.strip_prefix("((") {
        let close = rest.find("))")?;
        return Some(Special::Text(close + 4, &rest[..close]));
    }
    // Curved quotation marks.
    for (opening, closing, left, right) in [("\"`", "`\"", "“", "”"), ("'`", "`'", "‘", "’")]
    {
        if let Some(rest) = text.strip_prefix(opening) {
            let close = rest.find(closing)?;
            return Some(Special::Verbatim(
                close + 4,
                format!("{left}{}{right}", &rest[..close]),
            ));
        }
    }
    if before.is_some_and(|character| character.is_ascii_alphanumeric()) {
        return None;
    }
    address(text).or_else(|| inline_macro(text))
}

/// `https://example.org[text]`, and without brackets.
fn address(text: &str) -> Option<Special<'_>> {
    if !text.starts_with("http://") && !text.starts_with("https://") {
        return None;
    }
    let end = text
        .find(|c: char| c.is_whitespace() || "[]<>\"".contains(c) || !c.is_ascii())
        .unwrap_or(text.len());
    if text[end..].starts_with('[') {
        let close = end + text[end..].find(']')?;
        let shown = label(&text[end + 1..close]);
        let shown = if shown.is_empty() {
            &text[..end]
        } else {
            shown
        };
        return Some(Special::Link(close + 1, shown));
    }
    Some(Special::Verbatim(end, text[..end].to_owned()))
}

fn inline_macro(text: &str) -> Option<Special<'_>> {
    let name = MACROS.iter().find(|name| text.starts_with(**name))?;
    let target = &text[name.len()..];
    let open = name.len() + target.find(|c: char| c == '[' || c.is_whitespace())?;
    if !text[open..].starts_with('[') {
        return None;
    }
    let close = open + text[open..].find(']')?;
    let inner = &text[open + 1..close];
    let length = close + 1;
    Some(match *name {
        "footnote:" => Special::Note(length, inner),
        "image:" | "icon:" => {
            Special::Picture(length, inner.split(',').next().unwrap_or("").trim())
        }
        "stem:" | "latexmath:" => Special::Verbatim(length, format!("${inner}$")),
        "link:" | "xref:" | "mailto:" => Special::Link(length, label(inner)),
        _ => Special::Text(length, inner),
    })
}

/// The text of a link, without its window and role.
fn label(inner: &str) -> &str {
    let inner = inner.trim_end_matches('^');
    inner
        .split(",role=")
        .next()
        .unwrap_or(inner)
        .split(",window=")
        .next()
        .unwrap_or(inner)
        .trim_matches('"')
}
