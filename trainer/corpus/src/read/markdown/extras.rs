//! What stands in Markdown files for other tools than CommonMark's: callouts, directives, MDX,
//! shortcodes.
//!
//! Not a parser of theirs: enough to tell what a reader of the page sees.

use crate::read::source::Source;

/// Whether a line opens more containers than any text: thousands of `>` or `- `.
pub(super) fn nests_too_deep(text: &str, depth_max: usize) -> bool {
    let bytes = text.as_bytes();
    let mut start = 0;
    while start < bytes.len() {
        let end = memchr::memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |at| start + at);
        if end - start > depth_max && containers(&bytes[start..end], depth_max) > depth_max {
            return true;
        }
        start = end + 1;
    }
    false
}

/// How many containers a line opens, counted no further than past the limit.
fn containers(line: &[u8], depth_max: usize) -> usize {
    let mut count = 0;
    for (index, &byte) in line.iter().enumerate() {
        match byte {
            b' ' | b'\t' | b'.' | b')' | b'0'..=b'9' => {}
            b'>' => count += 1,
            b'-' | b'+' | b'*' => {
                let is_marker = line
                    .get(index + 1)
                    .is_none_or(|&next| next == b' ' || next == b'\t');
                if !is_marker {
                    return count;
                }
                count += 1;
            }
            _ => return count,
        }
        if count > depth_max {
            return count;
        }
    }
    count
}

/// Whether a block quotation is a callout: `> [!note] Title`.
pub(super) fn opens_callout(quote: &str) -> bool {
    let inner = quote.trim_start_matches(['>', ' ']);
    let Some(rest) = inner.strip_prefix("[!") else {
        return false;
    };
    let name = rest
        .bytes()
        .take_while(|byte| byte.is_ascii_alphanumeric() || b"-_|".contains(byte))
        .count();
    name > 0 && rest[name..].starts_with(']')
}

/// The text after `[!note]-`.
pub(super) fn without_callout_marker(text: &str) -> &str {
    let Some((_, rest)) = text.split_once(']').filter(|_| text.starts_with("[!")) else {
        return text;
    };
    rest.trim_start_matches(['+', '-']).trim_start_matches(' ')
}

/// The title of `::: tip Title` and `:::note[Title]`, where it has one.
pub(super) fn directive_title(line: &str) -> Option<&str> {
    let rest = line.trim().trim_start_matches(':').trim_start();
    let name = rest
        .find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_')
        .unwrap_or(rest.len());
    let after = rest[name..].trim();
    if name == 0 || after.starts_with('{') || after.is_empty() {
        return None;
    }
    let title = after.strip_prefix('[').map_or(after, |bracketed| {
        bracketed.split(']').next().unwrap_or(bracketed)
    });
    Some(title.split('{').next().unwrap_or(title).trim()).filter(|title| !title.is_empty())
}

/// Whether a paragraph is nothing but another tool's: MDX's imports and expressions, a template's
/// tags, a link reference.
pub(super) fn is_markup_only(text: &str) -> bool {
    let text = text.trim();
    let Some(first) = text.bytes().next() else {
        return true;
    };
    match first {
        b'i' => text.strip_prefix("import ").is_some_and(is_import),
        b'e' => text.strip_prefix("export ").is_some_and(is_export),
        b'{' => text.ends_with('}'),
        // `[[toc]]` and `[TOC]`.
        b'[' => text.eq_ignore_ascii_case("[toc]") || text.eq_ignore_ascii_case("[[toc]]"),
        b't' => text == "toc",
        // An abbreviation and what it is short for.
        b'*' => text.starts_with("*[") && text.contains("]: "),
        // A component of JSX that is no tag of HTML, because an attribute holds an expression.
        b'<' => is_component(text),
        _ => false,
    }
}

fn is_import(rest: &str) -> bool {
    let from = rest.split(" from ").nth(1).unwrap_or(rest).trim_start();
    let is_quoted = from.starts_with(['"', '\'']);
    is_quoted && (rest.len() != from.len() || rest.starts_with(['"', '\'']))
}

fn is_export(rest: &str) -> bool {
    const WORDS: &[&str] = &[
        "default ",
        "const ",
        "let ",
        "var ",
        "function ",
        "async ",
        "class ",
        "{",
        "*",
    ];
    let is_code = rest.contains(['=', '(', '{', '*', ';']);
    is_code && WORDS.iter().any(|word| rest.starts_with(word))
}

fn is_component(text: &str) -> bool {
    let name = text[1..].strip_prefix('/').unwrap_or(&text[1..]);
    name.starts_with(|c: char| c.is_ascii_uppercase())
        && text.ends_with('>')
        && (text.ends_with("/>") || !text.contains("</"))
}

/// Where the lines within a component end, if it starts with a tag of MDX on a line of its own.
pub(super) fn component_end(source: &Source<'_>, first: usize, last: usize) -> Option<usize> {
    let tag = source.line(first).trim();
    let is_start = tag.ends_with('>')
        && !tag.ends_with("/>")
        && tag.matches('<').count() == 1
        && tag[1..].starts_with(|c: char| c.is_ascii_uppercase());
    let is_text = |index: usize| {
        let line = source.line(index);
        !line.trim_start().starts_with('<') && !line.starts_with("    ")
    };
    if !is_start || first + 1 >= last || !is_text(first + 1) {
        return None;
    }
    let close = (first + 1..last)
        .rev()
        .find(|&index| source.line(index).trim_start().starts_with("</"));
    Some(close.unwrap_or(last))
}

/// The bytes of Obsidian's comments of several paragraphs: from a line `%%` to the next one.
///
/// Not within fences, where Octave writes the same line between its cells.
pub(super) fn comments(text: &str) -> Vec<(usize, usize)> {
    let mut comments = Vec::new();
    if memchr::memmem::find(text.as_bytes(), b"%%").is_none() {
        return comments;
    }
    let (mut opened, mut fence, mut at) = (None, None, 0);
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim();
        let sign = trimmed
            .get(..3)
            .filter(|start| matches!(*start, "```" | "~~~"));
        match (fence, sign) {
            (None, Some(sign)) if opened.is_none() => fence = Some(sign),
            (Some(open), Some(sign)) if open == sign => fence = None,
            (None, _) if trimmed == "%%" => match opened.take() {
                Some(start) => comments.push((start, at + line.len())),
                None => opened = Some(at),
            },
            _ => {}
        }
        at += line.len();
    }
    comments
}
