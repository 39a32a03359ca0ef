//! Reads the message of a commit: subject, body, trailers.
//!
//! What Git writes into the file itself, `#` lines and the diff below the scissors, is no message.
//! A subject is a heading; the body is read as plain text, in which lists and quotes are usual.

use crate::block::{BlockKind, Reading};

use super::page::Page;
use super::source::{Source, lines};
use super::{ReadLimits, plain_text};

/// Git's scissors, after the comment sign and a blank.
const SCISSORS: &str = "------------------------ >8 ------------------------";

/// Keys of trailers that stand without their usual hyphen.
const TRAILER_KEYS: &[&str] = &[
    "fixes", "closes", "refs", "see", "bug", "cc", "link", "resolves", "pr", "issue",
];

/// The blocks of a commit's message.
pub(super) fn read(text: &str, limits: &ReadLimits) -> Reading {
    let source = Source::new(text);
    let mut page = Page::new(limits);
    let end = (0..source.len())
        .find(|&index| {
            source
                .line(index)
                .strip_prefix('#')
                .is_some_and(|rest| rest.trim() == SCISSORS)
        })
        .unwrap_or(source.len());
    let is_comment = |index: usize| source.line(index).starts_with('#');
    let is_blank = |index: usize| source.line(index).trim().is_empty();
    let Some(subject) = (0..end).find(|&index| !is_blank(index) && !is_comment(index)) else {
        page.push(BlockKind::Markup, text, Some(lines(0, source.len())));
        return page.finish();
    };
    page.push(
        BlockKind::Markup,
        source.lines(0, subject),
        Some(lines(0, subject)),
    );
    push_subject(&mut page, &source, subject);
    let mut body_end = end;
    while body_end > subject + 1 && (is_blank(body_end - 1) || is_comment(body_end - 1)) {
        body_end -= 1;
    }
    let trailers = trailers_start(&source, subject + 1, body_end);
    push_body(&mut page, &source, subject + 1, trailers, limits);
    page.push(
        BlockKind::Markup,
        source.lines(trailers, body_end),
        Some(lines(trailers, body_end)),
    );
    page.push(
        BlockKind::Markup,
        source.lines(body_end, source.len()),
        Some(lines(body_end, source.len())),
    );
    page.finish()
}

fn push_subject(page: &mut Page, source: &Source<'_>, subject: usize) {
    let text = source.line(subject).trim();
    page.title(text);
    // `fixup! x` and a merge's subject are Git's words.
    let is_written = ![
        "fixup! ",
        "squash! ",
        "amend! ",
        "Merge branch ",
        "Merge pull request ",
        "Merge remote-tracking ",
        "Merge tag ",
        "Revert \"",
    ]
    .iter()
    .any(|start| text.starts_with(start));
    let kind = if is_written {
        BlockKind::Heading(1)
    } else {
        BlockKind::Markup
    };
    page.push(kind, text, Some(lines(subject, subject + 1)));
}

/// The body between the comment lines that Git put into it.
fn push_body(page: &mut Page, source: &Source<'_>, start: usize, end: usize, limits: &ReadLimits) {
    let mut from = start;
    while from < end {
        let is_comment = source.line(from).starts_with('#');
        let mut to = from + 1;
        while to < end && source.line(to).starts_with('#') == is_comment {
            to += 1;
        }
        let first_line = lines(from, to).start;
        if is_comment {
            page.push(
                BlockKind::Markup,
                source.lines(from, to),
                Some(lines(from, to)),
            );
        } else {
            page.append(
                plain_text::read_body(source.lines(from, to), limits),
                first_line,
            );
        }
        from = to;
    }
}

/// Where the last paragraph starts, if all of it is trailers; `end` otherwise.
fn trailers_start(source: &Source<'_>, start: usize, end: usize) -> usize {
    let mut first = end;
    while first > start && !source.line(first - 1).trim().is_empty() {
        first -= 1;
    }
    let has_key = first < end && is_trailer(source.line(first));
    let all = (first..end)
        .all(|index| is_trailer(source.line(index)) || source.line(index).starts_with([' ', '\t']));
    if has_key && all { first } else { end }
}

/// `Signed-off-by: A`, `Fixes: #1`, `(cherry picked from commit …)`.
fn is_trailer(line: &str) -> bool {
    if line.starts_with("(cherry picked from commit ") {
        return true;
    }
    let Some((key, value)) = line.split_once(": ").or_else(|| line.split_once(" #")) else {
        return false;
    };
    let is_key = !key.is_empty()
        && key
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let is_known = key.contains('-') || TRAILER_KEYS.contains(&key.to_ascii_lowercase().as_str());
    is_key && is_known && !value.trim().is_empty()
}
