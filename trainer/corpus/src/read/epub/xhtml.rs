//! XHTML as a reader of HTML takes it.
//!
//! In XML any element may close itself, and books have `<title/>`, `<script/>` and `<a id="p3"/>`.
//! HTML takes such a tag for an opening one, and all that follows for its content.

/// Elements without content, which HTML lets close themselves.
const VOID: &[&str] = &[
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track",
    "wbr",
];

/// `text` with each self-closing tag followed by its closing one, and without what is only XML.
pub(super) fn as_html(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        html.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(content) = rest.strip_prefix("<![CDATA[") {
            let (inside, after) = content.split_once("]]>").unwrap_or((content, ""));
            push_escaped(&mut html, inside);
            rest = after;
            continue;
        }
        // "<?xml … ?>" is a comment to HTML, and no text.
        if rest.starts_with("<?") {
            rest = rest.find("?>").map_or("", |end| &rest[end + 2..]);
            continue;
        }
        let end = if rest.starts_with("<!--") {
            rest.find("-->").map(|end| end + 3)
        } else {
            tag_end(rest)
        };
        let Some(end) = end else {
            break;
        };
        let tag = &rest[..end];
        rest = &rest[end..];
        match self_closing(tag) {
            Some(name) => {
                html.push_str(tag.trim_end_matches('>').trim_end_matches('/'));
                html.push_str("></");
                html.push_str(name);
                html.push('>');
            }
            None => html.push_str(tag),
        }
    }
    html.push_str(rest);
    html
}

/// The end of the tag that `text` begins with; a `>` within quotes does not end it.
fn tag_end(text: &str) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Some(at + 1),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    None
}

/// The name of an element that closes itself and has content in HTML.
fn self_closing(tag: &str) -> Option<&str> {
    let inside = tag.strip_prefix('<')?.strip_suffix("/>")?;
    let name_end = inside
        .find(|c: char| !c.is_ascii_alphanumeric() && c != '-')
        .unwrap_or(inside.len());
    let name = &inside[..name_end];
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic());
    let rest = &inside[name_end..];
    // "<svg:path/>" is of another vocabulary, which nests as it likes.
    let is_whole = rest.is_empty() || rest.starts_with(|c: char| c.is_ascii_whitespace());
    let is_void = VOID.contains(&name.to_ascii_lowercase().as_str());
    (is_name && is_whole && !is_void).then_some(name)
}

fn push_escaped(html: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            _ => html.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_that_close_themselves_hold_nothing_of_what_follows() {
        for (xhtml, html) in [
            ("<title/><p>雨</p>", "<title></title><p>雨</p>"),
            ("<a id=\"p3\"/>rain", "<a id=\"p3\"></a>rain"),
            ("a<br/>b<hr />", "a<br/>b<hr />"),
            ("<i title=\"a/>b\">c</i>", "<i title=\"a/>b\">c</i>"),
            ("<!-- <title/> --><p>x</p>", "<!-- <title/> --><p>x</p>"),
            ("<p><![CDATA[1 < 2 & 3]]></p>", "<p>1 &lt; 2 &amp; 3</p>"),
            ("<?xml version='1.0'?><p>x</p>", "<p>x</p>"),
            ("half a <tag", "half a <tag"),
        ] {
            assert_eq!(as_html(xhtml), html);
        }
    }
}
