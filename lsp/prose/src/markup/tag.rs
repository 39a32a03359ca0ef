//! One HTML tag: where it ends, and whether what is being typed is one at all.
//!
//! Not elements (`html.rs`). Called by `html.rs`, and by `markdown.rs` for tags within a line.

/// Attributes that stand without a value.
const BOOLEAN_ATTRIBUTES: [&str; 17] = [
    "allowfullscreen",
    "async",
    "autofocus",
    "autoplay",
    "checked",
    "controls",
    "defer",
    "disabled",
    "hidden",
    "inert",
    "loop",
    "multiple",
    "muted",
    "open",
    "readonly",
    "required",
    "selected",
];

/// Attributes by which a name that is still being typed is told from a word of prose.
const ATTRIBUTES: [&str; 29] = [
    "action",
    "align",
    "alt",
    "aria-",
    "border",
    "charset",
    "class",
    "color",
    "colspan",
    "content",
    "data-",
    "dir",
    "for",
    "height",
    "href",
    "id",
    "lang",
    "method",
    "name",
    "placeholder",
    "rel",
    "role",
    "rowspan",
    "src",
    "style",
    "target",
    "title",
    "type",
    "width",
];

/// What ends a tag.
pub(super) enum TagEnd {
    /// Its `>`, before this byte.
    At(usize),
    /// Nothing. What follows it begins at this byte: another tag, or the next line after a quote
    /// that stays open.
    Missing(usize),
}

/// What ends the tag that begins at the `<` at `start`, quoted values aside.
pub(super) fn tag_end(text: &str, start: usize) -> TagEnd {
    let bytes = text.as_bytes();
    let mut at = start + 1;
    let mut after_equals = false;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'>' => return TagEnd::At(at + 1),
            b'<' => return TagEnd::Missing(at),
            // Elsewhere a quote is an apostrophe: `a<b then it's`.
            b'"' | b'\'' if after_equals => {
                let Some(length) = quoted_length(&text[at..]) else {
                    return TagEnd::Missing(line_end(text, at));
                };
                at += length;
                after_equals = false;
                continue;
            }
            _ => {}
        }
        after_equals = byte == b'=' || (after_equals && byte.is_ascii_whitespace());
        at += 1;
    }
    TagEnd::Missing(text.len())
}

/// The length of the quoted value that `rest` starts with. One that would reach over a tag on
/// another line was not closed: the quote that seems to close it opens another.
fn quoted_length(rest: &str) -> Option<usize> {
    let quote = rest.chars().next()?;
    let inside = &rest[1..];
    let value = &inside[..inside.find(quote)?];
    let reaches_over_a_tag = value
        .split_once('\n')
        .is_some_and(|(_, more)| more.contains('<'));
    (!reaches_over_a_tag).then_some(value.len() + 2)
}

fn line_end(text: &str, from: usize) -> usize {
    text[from..]
        .find('\n')
        .map_or(text.len(), |length| from + length)
}

/// Whether the text from the `<` at `start` to its end, the caret, is a tag being typed: a name,
/// and attributes if anything. `p<q then` is a comparison.
pub(super) fn is_begun(before: &str, start: usize) -> bool {
    let typed = &before[start + 1..];
    if typed.starts_with(['!', '?']) {
        return !typed.contains('\n');
    }
    let (closes, name) = match typed.strip_prefix('/') {
        Some(name) => (true, name),
        None => (false, typed),
    };
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return false;
    }
    let Some(length) =
        name.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | ':' | '.' | '_'))
    else {
        return true;
    };
    let attributes = &name[length..];
    if !attributes.starts_with(|c: char| c.is_ascii_whitespace() || c == '/') {
        return false;
    }
    if attributes.trim().is_empty() {
        // `p<q ` is a comparison as long as nothing tells otherwise.
        let after_word = before[..start].ends_with(char::is_alphanumeric);
        return closes || length > 1 || !after_word;
    }
    !closes && are_attributes(attributes)
}

/// Whether all of `typed` is attributes, the last of them perhaps not complete.
fn are_attributes(typed: &str) -> bool {
    let mut rest = typed;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        if rest.is_empty() {
            return true;
        }
        let length = rest
            .find(|c: char| c.is_ascii_whitespace() || matches!(c, '=' | '/'))
            .unwrap_or(rest.len());
        let name = &rest[..length];
        let after = rest[length..].trim_start();
        if let Some(value) = after.strip_prefix('=') {
            match value_length(value.trim_start()) {
                Some(length) => rest = &value.trim_start()[length..],
                None => return true,
            }
            continue;
        }
        if rest.len() == length {
            return may_become_attribute(name);
        }
        if !BOOLEAN_ATTRIBUTES
            .iter()
            .any(|known| known.eq_ignore_ascii_case(name))
        {
            return false;
        }
        rest = &rest[length..];
    }
}

/// The length of an attribute's value; `None` if it goes on to the caret.
fn value_length(value: &str) -> Option<usize> {
    match value.chars().next()? {
        quote @ ('"' | '\'') => value[1..].find(quote).map(|length| length + 2),
        _ => value.find(|c: char| c.is_ascii_whitespace()),
    }
}

fn may_become_attribute(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    ATTRIBUTES
        .iter()
        .chain(&BOOLEAN_ATTRIBUTES)
        .any(|known| known.starts_with(&word))
        || word.starts_with("data-")
        || word.starts_with("aria-")
        || word.starts_with(['@', ':'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_ends_at_its_own_mark_and_not_in_a_value() {
        let end = |text| match tag_end(text, 0) {
            TagEnd::At(end) => Ok(end),
            TagEnd::Missing(next) => Err(next),
        };
        assert_eq!(end("<a b=\"c > d\">e"), Ok(13));
        assert_eq!(end("<a b = '>' c>"), Ok(13));
        assert_eq!(end("<b then it's</p>"), Err(12));
        assert_eq!(end("<a b=\"c\nd <e f=\"g\">"), Err(7));
        assert_eq!(end("<a 中文"), Err(9));
    }

    #[test]
    fn words_after_a_name_make_no_tag() {
        let begun = |text: &str| is_begun(text, text.find('<').expect("has a tag"));
        for text in [
            "<",
            "p<q then",
            "p<q ",
            "a<b那",
            "</p then",
            "<p class=a then",
            "<p title then",
        ] {
            assert!(!begun(text), "{text}");
        }
        for text in [
            "<p",
            "</p",
            "p<q",
            "<p ",
            "<p cl",
            "<p class=\"a b",
            "<p class='a' ",
            "<br /",
            "<input disabled ty",
        ] {
            assert!(begun(text), "{text}");
        }
    }
}
