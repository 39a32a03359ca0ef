//! reStructuredText's markup in lines: emphasis, literals, roles, references.

use crate::read::emphasis::{Mark, Markup, Special};

pub(super) const MARKUP: Markup = Markup {
    marks: &[
        Mark::code("``"),
        Mark::text("**"),
        Mark::text("*"),
        Mark::text("|"),
    ],
    specials: b"`:[_",
    special,
    escape: Some(b'\\'),
};

fn special(before: Option<char>, text: &str) -> Option<Special<'_>> {
    match text.as_bytes()[0] {
        b'`' => interpreted(before, text),
        b':' => role(before, text),
        b'[' => {
            let close = text.find("]_")?;
            let label = &text[1..close];
            let is_label = !label.is_empty()
                && label
                    .chars()
                    .all(|c| c.is_alphanumeric() || "#*-_.:".contains(c));
            is_label.then_some(Special::Nothing(close + 2))
        }
        // `word_` and `word__` refer to a target.
        _ => {
            let length = 1 + usize::from(text.starts_with("__"));
            let next = text[length..].chars().next();
            let ends_word = before.is_some_and(char::is_alphanumeric)
                && next.is_none_or(|c| !c.is_alphanumeric() && c != '_');
            ends_word.then(|| Special::Verbatim(length, String::new()))
        }
    }
}

/// `` `text <address>`_ ``, `` `text`_ `` and text in the default role.
fn interpreted(before: Option<char>, text: &str) -> Option<Special<'_>> {
    if text.starts_with("``") || before.is_some_and(|c| c.is_ascii_alphanumeric()) {
        return None;
    }
    let close = 1 + text[1..].find('`')?;
    let inner = &text[1..close];
    let underscores = text[close + 1..]
        .bytes()
        .take(2)
        .take_while(|&byte| byte == b'_')
        .count();
    let length = close + 1 + underscores;
    if underscores == 0 {
        // The default role is code in most projects.
        return Some(Special::Verbatim(length, format!("`{inner}`")));
    }
    Some(Special::Link(length, without_target(inner)))
}

/// `` :role:`text` ``.
fn role(before: Option<char>, text: &str) -> Option<Special<'_>> {
    let close = 1 + text[1..]
        .find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | ':' | '.' | '+'))?;
    let name = text[1..close]
        .strip_suffix(':')
        .filter(|name| !name.is_empty())?;
    if !text[close..].starts_with('`') || before.is_some_and(|c| c.is_ascii_alphanumeric()) {
        return None;
    }
    let end = close + 1 + text[close + 1..].find('`')?;
    let inner = &text[close + 1..end];
    let length = end + 1;
    Some(match name.rsplit(':').next().unwrap_or(name) {
        "math" => Special::Verbatim(length, format!("${inner}$")),
        "ref" | "doc" | "term" | "numref" | "download" | "any" | "pep" | "rfc" | "issue" | "eq" => {
            let shown = without_target(inner);
            // A label without a text of its own is no words.
            if shown.contains(['/', '_']) && shown == inner {
                Special::Nothing(length)
            } else {
                Special::Link(length, shown)
            }
        }
        "sup" | "sub" | "superscript" | "subscript" | "emphasis" | "strong" | "abbr" | "dfn"
        | "title" | "guilabel" | "menuselection" => Special::Text(length, inner),
        "cite" | "footcite" | "index" | "cite:p" | "cite:t" => Special::Nothing(length),
        _ => Special::Verbatim(
            length,
            format!("`{}`", without_target(inner).trim_start_matches(['~', '!'])),
        ),
    })
}

/// The text of `text <target>`.
fn without_target(inner: &str) -> &str {
    match inner.rfind('<') {
        Some(at) if inner.ends_with('>') && at > 0 => inner[..at].trim_end(),
        Some(0) => inner.trim_matches(['<', '>']),
        _ => inner,
    }
}
